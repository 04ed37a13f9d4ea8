"""One lab: where it lies, its ports and passwords. What was chosen at `up` is kept in lab.json."""

import contextlib
import fcntl
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from handover_lab import ports, templates
from handover_lab.brokers import Brokers
from handover_lab.errors import LabError
from handover_lab.profiles import PROFILES, Profile

CHECKOUT = Path(__file__).resolve().parents[2]
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
LOCK_SECONDS = 180
# Who connects to a server of the lab. The programs and the connector have the rights of sql/roles.sql and no others.
USERS = (
    "postgres", "replicator", "handover_connector", "handover_writer", "handover_reader", "handover_guard",
    "handover_sink", "handover_evolving_sink", "handover_operator",
)
# Who logs in to the brokers of a lab with --secure-kafka; admin may do everything, the others what rules say.
KAFKA_USERS = ("admin", "sink", "reader", "guard", "debezium")
# How many nodes a cluster may have.
MOST_NODES = 5
# Who keeps the source's slot on the replicas: Patroni, or PostgreSQL itself.
SLOTS = ("patroni", "failover")


@dataclass
class Lab:
    folder: Path
    tools: Path
    offset: int = 0
    profile: Profile = PROFILES["pipeline"]
    # The numbers of the nodes that the cluster has now, and those of them that were added to it while it ran.
    nodes: tuple[int, ...] = (1, 2, 3)
    added: tuple[int, ...] = ()
    sync: bool = False
    # Whether the ways from HAProxy to the nodes are parts of their own, which can be cut.
    links: bool = False
    # Whether the brokers have listeners besides that ask who a client is, and rules about what it may do.
    secure: bool = False
    # Whether `reader guard` decides when capture may reach a new leader; without it a watcher restarts failed tasks.
    guard: bool = True
    # The programs of the cluster's and the destination's PostgreSQL.
    postgres: Path = POSTGRES_BIN
    slots: str = SLOTS[0]
    brokers: Brokers = field(default_factory=Brokers)
    # The folder of a schema registry, for the profile that has one.
    registry: Path | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    was_up: bool = False

    @property
    def ports(self) -> dict[str, int]:
        planned = ports.plan(self.offset)
        return {**planned, "HAPROXY_STATS": planned[self.profile.statistics]}

    @property
    def bootstrap(self) -> str:
        """The brokers, as clients want them."""
        return ",".join(f"127.0.0.1:{self.ports[f'BROKER{number}']}" for number in self.brokers.numbers)

    def listeners(self, kind: str) -> str:
        """The brokers' listeners of one kind, LOGIN or MUTUAL, as clients want them."""
        return ",".join(f"127.0.0.1:{self.ports[f'{kind}{number}']}" for number in self.brokers.numbers)

    @property
    def history(self) -> Path:
        return self.folder / "history.ndjson"

    @property
    def pgpass(self) -> Path:
        return self.folder / "pgpass"

    @property
    def sink_config(self) -> Path:
        return self.folder / "register-sink.json"

    @property
    def patronictl_config(self) -> Path:
        return self.folder / "patronictl.yml"

    @property
    def settings_file(self) -> Path:
        return self.folder / "lab.json"

    @property
    def python(self) -> Path:
        return self.tools / "venv" / "bin" / "python"

    @property
    def sources(self) -> Path:
        """The templates of the parts."""
        return CHECKOUT / "lab"

    def values(self) -> dict[str, object]:
        """What the templates of every part may name."""
        ways = {f"WAY_{name}{node}": self.ports[(f"LINK{node}" + suffix) if self.links else f"{name}{node}"]
                for node in range(1, MOST_NODES + 1) for name, suffix in (("POSTGRES", ""), ("PATRONI", "_REST"))}
        return {
            **self.ports,
            **ways,
            "LAB_DIR": self.folder,
            "DCS": self.dcs,
            "POSTGRES_BIN": self.postgres,
            "BOOTSTRAP": self.bootstrap,
            "REPLICAS": self.brokers.count,
            "FETCH_WAIT_MS": self.brokers.fetch_wait_ms,
            "CONNECT_SECRETS": self.folder / "secrets.properties",
        }

    @property
    def dcs(self) -> str:
        """Where Patroni keeps the leader key, as its configuration names it."""
        return f"{self.profile.dcs}: {{hosts: '{self.dcs_hosts}'}}"

    @property
    def dcs_hosts(self) -> str:
        return ",".join(f"127.0.0.1:{self.ports[name.upper()]}" for name in self.profile.dcs_members)

    def save(self) -> None:
        """Writes what later verbs and the programs need to reach this lab."""
        # A folder of an earlier version lacks some.
        self.passwords = {name: secrets.token_hex(12) for name in (*USERS, *KAFKA_USERS)} | self.passwords
        entry = {
            "offset": self.offset,
            "profile": self.profile.name,
            "nodes": self.nodes,
            "added": self.added,
            "sync": self.sync,
            "links": self.links,
            "secure": self.secure,
            "guard": self.guard,
            "postgres": str(self.postgres),
            "slots": self.slots,
            "brokers": self.brokers.entry(),
            "registry": str(self.registry) if self.registry else None,
            "tools": str(self.tools),
            "passwords": self.passwords,
        }
        lines = [f"127.0.0.1:*:*:{name}:{word}\n" for name, word in self.passwords.items() if name in USERS and name != "replicator"]
        templates.write(self.settings_file, json.dumps(entry, indent=2) + "\n", 0o600)
        templates.write(self.pgpass, "".join(lines), 0o600)
        templates.write(self.folder / "secrets.properties", f"handover_connector={self.passwords['handover_connector']}\n", 0o600)
        control = (self.sources / "patroni" / "patronictl.yml.tmpl").read_text()
        control = templates.fill(control, {**self.values(), "POSTGRES_PASSWORD": self.passwords["postgres"]})
        templates.write(self.patronictl_config, control, 0o600)
        sink = (self.sources / "sink" / "register-sink.json.tmpl").read_text()
        sink = templates.fill(sink, {**self.values(), "SINK_PASSWORD": self.passwords["handover_sink"]})
        templates.write(self.sink_config, sink, 0o600)
        self.was_up = True

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One verb that starts or ends parts at a time; the kernel lets go when its process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            deadline = time.monotonic() + LOCK_SECONDS
            told = False
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not told:
                        print("lab: another verb is at work on this lab; waiting for it", file=sys.stderr, flush=True)
                        told = True
                    if time.monotonic() > deadline:
                        raise LabError(f"another verb still holds {self.folder}/lock") from None
                    time.sleep(0.1)
            yield
        finally:
            os.close(descriptor)


def load(folder: str | None) -> Lab:
    chosen = Path(folder or os.environ.get("LAB_DIR") or CHECKOUT / ".lab").resolve()
    if ":" in str(chosen) or any(letter in str(chosen) for letter in "\n\"'$`\\"):
        raise LabError(f"the lab's folder must not hold colons, quotes, dollars or backslashes: {chosen}")
    wanted_tools = os.environ.get("LAB_TOOLS")
    lab = Lab(folder=chosen, tools=Path(wanted_tools or chosen / "tools").resolve())
    try:
        entry = json.loads(lab.settings_file.read_text())
    except FileNotFoundError:
        return lab
    except (OSError, ValueError) as error:
        raise LabError(f"can't read {lab.settings_file}: {error}") from error
    lab.offset = int(entry["offset"])
    lab.profile = PROFILES[entry.get("profile", "pipeline")]
    lab.nodes = tuple(entry.get("nodes", (1, 2, 3)))
    lab.added = tuple(entry.get("added", ()))
    lab.sync = bool(entry["sync"])
    lab.links = bool(entry.get("links", False))
    lab.secure = bool(entry.get("secure", False))
    lab.guard = bool(entry.get("guard", False))
    lab.postgres = Path(entry.get("postgres", POSTGRES_BIN))
    lab.slots = str(entry.get("slots", SLOTS[0]))
    lab.brokers = Brokers.of(entry.get("brokers", {}))
    lab.registry = Path(entry["registry"]) if entry.get("registry") else None
    lab.passwords = dict(entry["passwords"])
    lab.was_up = True
    if not wanted_tools:
        lab.tools = Path(entry["tools"])
    return lab


def choose(lab: Lab, slots: str | None, postgres: Path | None = None) -> None:
    """What a new lab is made of: its PostgreSQL, who keeps its slots, KAFKA_HOME, DEBEZIUM_HOME and REGISTRY_HOME."""
    lab.brokers = Brokers.chosen()
    registry = os.environ.get("REGISTRY_HOME")
    lab.registry = Path(registry).resolve() if registry else None
    lab.postgres = Path(os.environ.get("LAB_POSTGRES_BIN") or postgres or POSTGRES_BIN).resolve()
    lab.slots = slots or SLOTS[0]
    if lab.slots not in SLOTS:
        raise LabError(f"LAB_SLOTS is {lab.slots}; it must be {' or '.join(SLOTS)}")
    version = _version(lab.postgres)
    if lab.slots == "failover" and version < 17:
        raise LabError(
            f"failover slots need PostgreSQL 17 or later; {lab.postgres} has {version} (--postgres or LAB_POSTGRES_BIN name another)"
        )


def _version(programs: Path) -> int:
    """The major version of the PostgreSQL in a folder."""
    try:
        answer = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True)
        return int(answer.stdout.split(") ", 1)[1].split()[0].split(".")[0].removesuffix("devel"))
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError) as error:
        raise LabError(f"there is no PostgreSQL in {programs}: {error}") from error
