"""What every kind of run works with: the lab and its verbs, the three programs, the load, and the verdict."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from handover_lab import cluster, connectors, environment, settings
from handover_lab.errors import LabError
from handover_lab.waiting import until

ROOT = Path(__file__).resolve().parents[2]
# The programs that a test may let die on purpose.
DEBUG = ROOT / ".build" / "debug"
CONNECTOR = "source-connector"


class Failed(LabError):
    """A run did not end as it must, or could not be made."""


class Bench:
    """A lab, named by LAB_DIR. Its verbs are commands, so that a run breaks what a person would break, in the same way."""

    def command(self, *arguments: str) -> list[str]:
        return [str(ROOT / "lab" / "lab"), *arguments]

    def verb(self, *arguments: str, quiet: bool = False, **variables: str) -> str:
        answer = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL,
            env={**os.environ, **variables},
        )
        if answer.returncode != 0 and not quiet:
            raise Failed(
                f"lab {' '.join(arguments)} ended with {answer.returncode}: {answer.stdout.strip()} {answer.stderr.strip()}"
            )
        return answer.stdout

    def up(self, *arguments: str) -> None:
        self.verb("up", *arguments)
        os.environ.update(environment.variables(self.lab))

    def down(self) -> None:
        self.verb("down", quiet=True)

    @property
    def lab(self) -> settings.Lab:
        return settings.load(None)

    # The programs.

    def binary(self, name: str) -> Path:
        return Path(os.environ["HANDOVER_BIN"]).resolve() / name

    def run_program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of the programs, as its own role."""
        variables = {**os.environ, **environment.variables(self.lab, name)}
        return subprocess.run(
            [str(self.binary(name)), *arguments], capture_output=True, text=True, timeout=600, env=variables,
        )

    def program(self, name: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        answer = self.run_program(name, *arguments)
        if answer.returncode not in codes:
            raise Failed(f"{name} {arguments[0]} ended with {answer.returncode}: {answer.stderr.strip()[-500:]}")
        return answer.stdout

    def verdict(self, *arguments: str) -> dict:
        printed = self.program("reader", "verify", "--format", "json", *arguments, codes=(0, 1, 2, 3))
        try:
            return json.loads(printed)
        except ValueError:
            raise Failed(f"reader verify: {printed}") from None

    # The history and the load.

    @property
    def history(self) -> Path:
        return self.lab.history

    def acknowledged(self) -> int:
        try:
            with open(self.history, "rb") as lines:
                return sum(line.startswith(b'{"type":"ok"') for line in lines)
        except FileNotFoundError:
            return 0

    def written(self, count: int) -> None:
        """Waits until that many more writes are acknowledged."""
        before = self.acknowledged()
        until(f"{count} more writes are acknowledged", 120, lambda: self.acknowledged() >= before + count)

    def lines(self, *types: str) -> list[dict]:
        """The history's lines of some types."""
        marks = tuple(f'{{"type":"{name}"' for name in types)
        with open(self.history) as file:
            return [json.loads(line) for line in file if line.startswith(marks) and line.endswith("}\n")]

    def tells(self, text: str) -> bool:
        """Whether a line of the history has this."""
        with open(self.history) as lines:
            return any(text in line for line in lines)

    @contextmanager
    def load(self, *arguments: str, begun: int) -> Iterator[None]:
        """The writer runs, and has had that many writes acknowledged."""
        before = self.acknowledged()
        self.verb("start", "writer", "--", *arguments)
        try:
            until("the writer writes", 60, lambda: self.acknowledged() > before + begun)
            yield
        finally:
            self.verb("stop", "writer", quiet=sys.exc_info()[0] is not None)

    # The cluster and the connector.

    def leader(self) -> str:
        found: list[str] = []

        def asked() -> bool:
            member = cluster.leader(self.lab)
            found[:] = [member.name] if member else []
            return bool(found)

        until("there is a leader", 90, asked)
        return found[0]

    def has_leader(self) -> bool:
        return cluster.routed_leader_port(self.lab) is not None

    def is_whole(self) -> bool:
        """Whether all nodes are well, and, in synchronous mode, one of them is the leader's synchronous standby."""
        lab = self.lab
        members = cluster.members(lab) or []
        whole = len(members) == len(lab.nodes) and all(member.healthy for member in members)
        synchronous = not lab.sync or any(each.role == "sync_standby" for each in members)
        return whole and synchronous and self.has_leader()

    def connector(self) -> dict | None:
        return (connectors.states(self.lab) or {}).get(CONNECTOR)

    def register(self, document: dict) -> None:
        """Registers a source; a worker that is up may still be joining its group."""
        path = self.lab.folder / f"register-{document['name']}.json"
        path.write_text(json.dumps(document))
        until("the source is registered", 60, lambda: "registered" in self.verb("register-source", str(path), quiet=True))

    def source(self, beats: bool = True) -> dict:
        """The source connector's file.

        Debezium runs the heartbeat's query between two events: where commits wait for a standby, so does the stream."""
        document = json.loads((ROOT / "lab" / "connect" / "register-source.json").read_text())
        if not beats:
            del document["config"]["heartbeat.action.query"]
        return document

    # The databases, as superuser.

    def url(self, which: str) -> str:
        return os.environ[f"HANDOVER_ADMIN_{which.upper()}_URL"]

    def session(self, which: str) -> psycopg.Connection:
        """A session in which each statement is a transaction; as a context it is closed at the end."""
        return psycopg.connect(self.url(which), connect_timeout=5, autocommit=True)

    def rows(self, which: str, statement: str) -> list[tuple]:
        """What a server answers: `source`, through HAProxy, or `destination`."""
        with self.session(which) as connection:
            return connection.execute(statement).fetchall()

    def count(self, which: str) -> int:
        try:
            [(count,)] = self.rows(which, "select count(*) from debezium_table")
            return count
        except psycopg.Error:
            return -1

    def applied(self) -> int:
        """How far the sinks have come, all partitions together; below zero where the destination does not answer."""
        try:
            [(offset,)] = self.rows("destination", "select coalesce(sum(next_offset), 0)::bigint from handover.sink_progress")
            return offset
        except psycopg.Error:
            return -1

    def applies(self, after: str) -> None:
        """Waits until the sink goes on."""
        until("the destination answers", 60, lambda: self.applied() >= 0)
        before = self.applied()
        until(f"the sink goes on after {after}", 120, lambda: self.applied() > before)
