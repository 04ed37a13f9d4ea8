"""The lab that the runs need: its verbs, the three programs, and what is to be seen of them."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from handover_lab import cluster, connectors, environment, settings

ROOT = Path(__file__).resolve().parents[3]
# The programs that a test may let die on purpose.
DEBUG = ROOT / ".build" / "debug"
ROWS = 1000
CONNECTOR = "source-connector"
SLOT = "source_slot"


class Failed(Exception):
    """A run could not be made as it was meant: it says nothing about the guard."""


class Bench:
    def __init__(self, mode: str, guarded: bool) -> None:
        self.mode, self.guarded = mode, guarded
        self.environment = {
            **os.environ,
            "LAB_DIR": os.environ.get("LAB_DIR", str(ROOT / ".lab-forks")),
            "LAB_TOOLS": os.environ.get("LAB_TOOLS", str(ROOT / ".lab" / "tools")),
            "LAB_PORT_OFFSET": os.environ.get("LAB_PORT_OFFSET", "auto"),
            "HANDOVER_BIN": os.environ.get("HANDOVER_BIN", str(ROOT / ".build" / "release")),
        }

    def command(self, *arguments: str) -> list[str]:
        return [str(ROOT / "lab" / "lab"), *arguments]

    def verb(self, *arguments: str, check: bool = True, **environment: str) -> str:
        answer = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={**self.environment, **environment},
        )
        if check and answer.returncode != 0:
            raise Failed(f"lab {' '.join(arguments)}: {answer.stdout}{answer.stderr}")
        return answer.stdout

    def up(self, prepare: Callable[[], None] | None = None) -> None:
        """Brings the lab up; `prepare` runs before the connector is registered."""
        arguments = ["up", "--no-source"]
        if self.mode == "sync":
            arguments.append("--sync")
        if not self.guarded:
            arguments.append("--no-guard")
        self.verb(*arguments)
        for line in self.verb("env").splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value.strip("'")
        # On a busy machine more than Patroni's megabyte is written while Debezium reads on: nobody would be elected.
        self.verb("patronictl", "edit-config", "--force", "--quiet", "-s", f"maximum_lag_on_failover={8 << 20}")
        self.program("writer", "init", "--rows", str(ROWS))
        if prepare is not None:
            prepare()
        self.verb("register-source", self.source())
        self.verb("start", "sink")
        count = "select count(*) from debezium_table"
        until("the snapshot is in the destination", 90, lambda: self.sql("destination", count) == str(ROWS))

    def source(self) -> str:
        """The source connector's file, without its heartbeat's query.

        Debezium runs that between two events: where commits wait for a standby, so does the stream."""
        source = json.loads((ROOT / "lab" / "connect" / "register-source.json").read_text())
        source["config"]["table.include.list"] += ",public.fork_documents"
        if self.mode == "sync":
            del source["config"]["heartbeat.action.query"]
        path = Path(self.environment["LAB_DIR"]) / "register-source.json"
        path.write_text(json.dumps(source))
        return str(path)

    def tell(self) -> None:
        """What the programs and the workers said last: why a run could not be made."""
        folder = Path(self.environment["LAB_DIR"])
        for file in [*folder.glob("*.log"), *(folder / part / "log" for part in ("sink1", "guard", "connect1", "connect2"))]:
            lines = file.read_text(errors="replace").splitlines()[-4:] if file.exists() else []
            for line in lines:
                print(f"{file.relative_to(folder)}: {line[:240]}", flush=True)

    def down(self) -> None:
        self.verb("down", check=False)

    def program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [f"{self.environment['HANDOVER_BIN']}/{name}", *arguments],
            capture_output=True, text=True,
            # Each program as its own role.
            env={**self.environment, **environment.variables(self.lab, name)},
        )

    def sql(self, where: str, statement: str) -> str:
        return self.verb("psql", where, "-qAtc", statement, check=False).strip()

    @property
    def lab(self) -> settings.Lab:
        return settings.load(self.environment["LAB_DIR"])

    def offset(self) -> int:
        """The furthest log position that Kafka Connect has stored."""
        position = connectors.stored_position(self.lab, CONNECTOR)
        return lsn(position) if position else 0

    def guard(self) -> dict:
        return get(self.environment["HANDOVER_GUARD_URL"] + "/status")

    def leader(self) -> str:
        member = cluster.leader(self.lab)
        if member is None:
            raise Failed("there is no leader")
        return member.name

    def has_leader(self) -> bool:
        return cluster.routed_leader_port(self.lab) is not None

    def is_captured(self) -> bool:
        return any(slot.active for slot in self.slots())

    def slots(self) -> list[cluster.Slot]:
        return [slot for slot in cluster.slots(self.lab) if slot.name == SLOT]

    def is_whole(self) -> bool:
        """Three members that follow one leader, each with its copy of the slot, and capture at work."""
        members = cluster.members(self.lab) or []
        # One that runs and does not stream yet would come to its log when the others no longer do.
        following = [member for member in members if not member.leads and member.state == "streaming"]
        leading = [member for member in members if member.leads and member.state == "running"]
        if len(following) != len(self.lab.nodes) - 1 or not leading:
            return False
        if self.mode == "sync" and not any(member.role == "sync_standby" for member in members):
            return False
        return len(self.slots()) == len(members) and self.is_captured()

    @property
    def history(self) -> Path:
        return Path(self.environment["HANDOVER_HISTORY"])

    def acknowledged(self) -> int:
        try:
            with open(self.history, "rb") as file:
                return sum(b'"type":"ok"' in line for line in file)
        except FileNotFoundError:
            return 0

    def written(self, count: int) -> None:
        """Waits until that many more writes are acknowledged."""
        before = self.acknowledged()
        until(f"{count} more writes are acknowledged", 120, lambda: self.acknowledged() - before >= count)

    def begin(self, number: int, rate: int) -> None:
        """A whole cluster, a history of its own, and a running writer."""
        until("the cluster is whole", 180, self.is_whole, 1)
        if self.history.exists():
            self.history.rename(self.history.with_name(f"history.run{number}.ndjson"))
        self.verb("start", "writer", "--", "--rate", str(rate))
        until("the writer writes", 30, lambda: self.acknowledged() > 300)

    def end(self) -> dict:
        """Ends the load, lets capture catch up, and asks for the verdict."""
        self.verb("stop", "writer")
        until("capture is at work again", 90, self.is_captured, 0.5)
        if self.guarded:
            until("the phantoms are put right", 90, lambda: self.guard().get("repairs_pending") == 0, 0.5)
        answer = self.program(
            "reader", "verify", "--format", "json", *(["--asynchronous"] if self.mode == "async" else []),
        )
        try:
            return json.loads(answer.stdout)
        except ValueError:
            raise Failed(f"reader verify: {answer.stdout}{answer.stderr}") from None

    def lines(self, *types: str) -> list[dict]:
        """The history's lines of some types."""
        marks = tuple(f'{{"type":"{name}"' for name in types)
        with open(self.history) as file:
            return [json.loads(line) for line in file if line.startswith(marks) and line.endswith("}\n")]


def get(url: str) -> dict:
    """A JSON document; an empty one where nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            document = json.load(answer)
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def until(what: str, seconds: float, condition: Callable[[], bool], pause: float = 0.2) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(pause)


def lsn(text: str) -> int:
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)
