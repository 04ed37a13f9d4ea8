"""The lab that a scenario runs on: its verbs, the three programs, and the load."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from handover_lab import cluster, connectors, environment, settings

ROOT = Path(__file__).resolve().parents[3]
# The writer's rows come first; those after them belong to `transactions`.
WRITER_ROWS, ROWS = 200, 900
CONNECTOR = "source-connector"


class Failed(Exception):
    """A scenario did not end as it must."""


@dataclass(frozen=True)
class Mode:
    sync: bool
    # Without it nothing moves a stored offset back that is after a fork.
    guard: bool = True
    # Debezium runs its heartbeat's query between two events: where commits wait for a standby, so does the stream.
    beats: bool = True

    @property
    def arguments(self) -> list[str]:
        return ["--no-source", *(["--sync"] if self.sync else []), *([] if self.guard else ["--no-guard"])]


class Bench:
    def __init__(self) -> None:
        self.mode: Mode | None = None
        # Another run must begin with a new lab: this one's tables or topic are wrong for good.
        self.is_spoilt = False

    def verb(self, *arguments: str, quiet: bool = False) -> str:
        answer = subprocess.run(
            [str(ROOT / "lab" / "lab"), *arguments], capture_output=True, text=True, timeout=400, stdin=subprocess.DEVNULL,
        )
        if answer.returncode != 0 and not quiet:
            raise Failed(f"lab {' '.join(arguments)} ended with {answer.returncode}: {answer.stderr.strip()}")
        return answer.stdout

    def prepare(self, mode: Mode) -> None:
        """A lab of this mode with the pipeline running; a new one where there is none that can be used."""
        if mode == self.mode and not self.is_spoilt:
            self.until("the cluster is whole", 120, self.is_whole)
            return
        self.down()
        self.verb("up", *mode.arguments)
        self.mode, self.is_spoilt = mode, False
        os.environ.update(environment.variables(self.lab))
        self.program("writer", "init", "--rows", str(ROWS))
        source = self._source()
        # A worker that is up may still be joining its group.
        self.until("the source is registered", 60, lambda: "registered" in self.verb("register-source", source, quiet=True))
        self.verb("start", "sink")
        self.verb("start", "reader")
        self.until("the snapshot is in the destination", 120, lambda: self.count("destination") == ROWS)
        self.until("the connector streams", 60, lambda: connectors.is_running(self.connector()))
        self.until("an offset is stored", 60, lambda: connectors.stored_position(self.lab, CONNECTOR) is not None)
        time.sleep(2)

    def _source(self) -> str:
        source = json.loads((ROOT / "lab" / "connect" / "register-source.json").read_text())
        if self.mode is not None and not self.mode.beats:
            del source["config"]["heartbeat.action.query"]
        path = self.lab.folder / "register-source.json"
        path.write_text(json.dumps(source))
        return str(path)

    def down(self) -> None:
        if self.mode is not None:
            self.verb("down")
            self.mode = None

    @property
    def lab(self) -> settings.Lab:
        return settings.load(None)

    @property
    def history(self) -> Path:
        return self.lab.history

    def tells(self, text: str) -> bool:
        """Whether a line of the history has this."""
        with open(self.history) as lines:
            return any(text in line for line in lines)

    def program(self, name: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        binary = Path(os.environ["HANDOVER_BIN"]).resolve() / name
        # Each program as its own role.
        variables = {**os.environ, **environment.variables(self.lab, name)}
        answer = subprocess.run([str(binary), *arguments], capture_output=True, text=True, timeout=600, env=variables)
        if answer.returncode not in codes:
            raise Failed(f"{name} {arguments[0]} ended with {answer.returncode}: {answer.stderr.strip()[-500:]}")
        return answer.stdout

    def verdict(self, *arguments: str) -> dict:
        page = str(self.lab.folder / "report.html")
        return json.loads(self.program(
            "reader", "verify", "--format", "json", "--all", "--report", page, *arguments, codes=(0, 1, 2, 3),
        ))

    @contextmanager
    def load(self, rate: int, seed: int) -> Iterator[None]:
        """The writer runs, and has had a write acknowledged."""
        before = self.acknowledged()
        self.verb("start", "writer", "--", "--rate", str(rate), "--rows", str(WRITER_ROWS), "--workers", "4",
                  "--seed", str(seed))
        try:
            self.until("the writer writes", 60, lambda: self.acknowledged() > before + rate)
            yield
        finally:
            self.verb("stop", "writer", quiet=sys.exc_info()[0] is not None)

    def written(self, count: int) -> None:
        """Waits until that many more writes are acknowledged."""
        before = self.acknowledged()
        self.until(f"{count} more writes are acknowledged", 120, lambda: self.acknowledged() >= before + count)

    def acknowledged(self) -> int:
        try:
            with open(self.history, "rb") as lines:
                return sum(line.startswith(b'{"type":"ok"') for line in lines)
        except FileNotFoundError:
            return 0

    def leader(self) -> str:
        found: list[str] = []

        def asked() -> bool:
            member = cluster.leader(self.lab)
            found[:] = [member.name] if member else []
            return bool(found)

        self.until("there is a leader", 90, asked)
        return found[0]

    def has_leader(self) -> bool:
        return cluster.routed_leader_port(self.lab) is not None

    def is_whole(self) -> bool:
        members = cluster.members(self.lab) or []
        whole = len(members) == 3 and all(member.healthy for member in members)
        synchronous = self.mode is None or not self.mode.sync or any(each.role == "sync_standby" for each in members)
        return whole and synchronous and self.has_leader()

    def connector(self) -> dict | None:
        return (connectors.states(self.lab) or {}).get(CONNECTOR)

    def count(self, which: str) -> int:
        try:
            [(count,)] = self.rows(which, "select count(*) from debezium_table")
            return count
        except psycopg.Error:
            return -1

    def rows(self, which: str, statement: str) -> list[tuple]:
        """What a server answers: `source`, through HAProxy, or `destination`."""
        with self.session(which) as connection:
            return connection.execute(statement).fetchall()

    def session(self, which: str) -> psycopg.Connection:
        """A session in which each statement is a transaction; as a context it is closed at the end."""
        return psycopg.connect(self.url(which), connect_timeout=5, autocommit=True)

    def url(self, which: str) -> str:
        return os.environ[f"HANDOVER_ADMIN_{which.upper()}_URL"]

    def older_values(self, ids: set[int]) -> dict[int, int]:
        """For each row what its last acknowledged write found there."""
        values: dict[int, int] = {}
        with open(self.history) as lines:
            for text in lines:
                if text.startswith('{"type":"invoke"') and (line := json.loads(text))["id"] in ids:
                    values[line["id"]] = line["previous"]
        return values

    def until(self, what: str, seconds: float, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"waited {seconds:.0f} s in vain: {what}")
            time.sleep(0.2)
