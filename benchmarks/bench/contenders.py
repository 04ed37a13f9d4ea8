"""Who runs: each takes a workload to a fresh destination and says how long it took and what it cost."""

import functools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import jdbc
from bench.records import topics
from bench.servers import TICKS, Servers, cpu_fields, peak_bytes, wait
from bench.workload import NATIVE, Workload, content, make_tables, sink_configuration

HERE = Path(__file__).resolve().parents[1]
SECONDS = 900.0


@dataclass(frozen=True)
class Tools:
    sink: Path
    consume: Path
    ceiling: Path
    folder: Path
    library: Path


@dataclass
class Measurement:
    seconds: float
    # CPU seconds of the contender's own process; of the native one the publisher's.
    cpu: float
    # CPU seconds of the destination's processes meanwhile.
    server_cpu: float
    broker_cpu: float
    # Bytes, of the contender's own process; none for the native one, whose processes are the server's.
    peak: int | None
    # None where nothing is written.
    content: list[tuple[int, str]] | None


class Contest:
    """One case's contenders, one after the other on the same broker and servers."""

    def __init__(
        self, servers: Servers, tools: Tools, workload: Workload, batch: int, lanes: int,
        worker: jdbc.Worker | None = None,
    ) -> None:
        self.servers, self.tools, self.workload = servers, tools, workload
        self.batch, self.lanes, self.worker = batch, lanes, worker
        self._runs = 0

    def contenders(self) -> dict[str, Callable[[], Measurement]]:
        found = {"sink": self.sink, "ceiling-1": lambda: self.ceiling(1)}
        if self.lanes > 1:
            found[f"ceiling-{self.lanes}"] = lambda: self.ceiling(self.lanes)
        found |= {
            "native-1": lambda: self.native("one"), "native-1000": lambda: self.native("many"),
            "consume": self.consume, "python": self.python,
        }
        return found | {each.contender: functools.partial(self.jdbc, each) for each in self.jdbc_settings()}

    def jdbc_settings(self) -> list[jdbc.Setting]:
        """None where Debezium's JDBC sink has no worker, or can't read the records."""
        return jdbc.settings() if self.worker is not None and self.workload.case.schemas else []

    # MARK: The destination

    def fresh(self, connection: psycopg.Connection, schema: str = "public") -> None:
        # The sink's progress goes with the tables.
        for name in ("public", "handover", *NATIVE):
            connection.execute(f"drop schema if exists {name} cascade")
        connection.execute("create schema public")
        if schema != "public":
            connection.execute(f"create schema {schema}")
            connection.execute(f"create table {schema}.finished (id int primary key)")
        make_tables(connection, self.workload.case, self.workload.events, schema)
        connection.execute("checkpoint")

    def _costs(self) -> tuple[float, float]:
        return self.servers.destination.cpu_seconds(), self.servers.broker_cpu_seconds()

    # MARK: Contenders

    def sink(self) -> Measurement:
        """From the moment that partitions are assigned until the stored progress has reached the end."""
        with self.servers.destination.connect() as connection:
            self.fresh(connection)
            with SinkProcess(self.servers, self.tools, self.workload, self.lanes, self._runs) as sink:
                self._runs += 1
                before = self._costs()
                begin = sink.wait_assigned()
                target = [(self.workload.records,)]
                wait(lambda: sink.check() or connection.execute(
                    "select sum(next_offset)::bigint from handover.sink_progress").fetchall() == target,
                    SECONDS, "the sink at the end of the topic")
                end = time.monotonic()
                after = self._costs()
                cpu, peak = sink.cpu(), sink.peak()
            found = content(connection, self.workload.destination_tables)
        return Measurement(end - begin, cpu, after[0] - before[0], after[1] - before[1], peak, found)

    def consume(self) -> Measurement:
        command = [str(self.tools.consume), self.servers.bootstrap, str(self.workload.records),
                   str(self.workload.order_file), *topics(self.workload.case)]
        return self._program(command, None)

    def ceiling(self, connections: int) -> Measurement:
        with self.servers.destination.connect() as connection:
            self.fresh(connection)
            command = [str(self.tools.ceiling), self.servers.destination.conninfo, str(self.workload.plan_file),
                       str(self.workload.rows_file), str(self.workload.order_file), str(self.batch), str(connections)]
            return self._program(command, connection)

    def jdbc(self, setting: jdbc.Setting) -> Measurement:
        """From the first change that is visible until the last one is."""
        assert self.worker is not None
        with self.servers.destination.connect() as connection:
            self.fresh(connection)
            edges = jdbc.Edges(connection, self.workload)
            self._runs += 1
            with jdbc.Connector(self.worker, self.workload, setting, self._runs) as connector:
                wait(lambda: connector.check() or edges.has_begun(), 120, "the connector's first change")
                begin, cpu, before = time.monotonic(), self.worker.cpu(), self._costs()
                wait(lambda: connector.check() or edges.has_ended(), SECONDS, "the connector at the end of the topic")
                end, after = time.monotonic(), self._costs()
                cpu, peak = self.worker.cpu() - cpu, self.worker.peak()
            found = content(connection, self.workload.destination_tables)
        return Measurement(end - begin, cpu, after[0] - before[0], after[1] - before[1], peak, found)

    def python(self) -> Measurement:
        tables = {
            topic: (name, [(column.name, column.type.sql) for column in table.columns])
            for topic, name, table in zip(
                topics(self.workload.case), self.workload.destination_tables, self.workload.case.tables)
        }
        with self.servers.destination.connect() as connection:
            self.fresh(connection)
            command = [sys.executable, str(HERE / "consumer.py"), self.servers.destination.conninfo,
                       self.servers.bootstrap, str(self.workload.records)]
            return self._program(command, connection, json.dumps(tables))

    def _program(
        self, command: list[str], connection: psycopg.Connection | None, text: str = "",
    ) -> Measurement:
        """A program that measures itself, from its first record to the last answer."""
        before = self._costs()
        output = self.tools.folder / "output"
        with open(output, "w") as file:
            started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file,
                                       env={**os.environ, "LD_LIBRARY_PATH": str(self.tools.library)})
            try:
                started.stdin.write(text.encode())  # type: ignore[union-attr]
                started.stdin.close()  # type: ignore[union-attr]
                # Peak and CPU can be read as long as the process is there, the CPU also while it waits to be reaped.
                peak = 0
                while os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                    peak = max(peak, peak_bytes(started.pid))
                    time.sleep(0.01)
                cpu = sum(cpu_fields(started.pid)[:2]) / TICKS
                started.wait()
            finally:
                if started.poll() is None:
                    started.kill()
                    started.wait()
        if started.returncode != 0:
            raise RuntimeError(f"{Path(command[0]).name} ended with {started.returncode}")
        after = self._costs()
        told = json.loads(output.read_text())
        found = None if connection is None else content(connection, self.workload.destination_tables)
        return Measurement(told["end"] - told["begin"], cpu, after[0] - before[0], after[1] - before[1], peak, found)

    def native(self, schema: str) -> Measurement:
        """From the apply worker's start until the last transaction is visible."""
        slot = f"{schema}_run"
        publisher = self.servers.publisher
        with self.servers.destination.connect() as connection, publisher.connect() as source:
            self.fresh(connection, schema)
            source.execute("select pg_copy_logical_replication_slot(%s, %s)", [f"{schema}_base", slot])
            address = f"host=127.0.0.1 port={publisher.port} user=postgres dbname=bench passfile={self.servers.passfile}"
            connection.execute(
                f"create subscription bench connection '{address}' publication {schema} "
                f"with (create_slot = false, slot_name = {slot}, copy_data = false, enabled = false)"
            )
            try:
                before, source_before = self._costs(), publisher.cpu_seconds()
                connection.execute("alter subscription bench enable")
                wait(lambda: connection.execute(
                    "select from pg_stat_subscription where subname = 'bench' and pid is not null").fetchall(),
                    60, "the apply worker", 0.001)
                begin = time.monotonic()
                wait(lambda: connection.execute(f"select from {schema}.finished").fetchall(), SECONDS,
                     "the last replicated transaction")
                end = time.monotonic()
                after, source_after = self._costs(), publisher.cpu_seconds()
            finally:
                connection.execute("alter subscription bench disable")
                connection.execute("alter subscription bench set (slot_name = none)")
                connection.execute("drop subscription bench")
                wait(lambda: source.execute(
                    "select from pg_replication_slots where slot_name = %s and not active", [slot]).fetchall(),
                    60, "the end of the walsender")
                source.execute("select pg_drop_replication_slot(%s)", [slot])
            found = content(connection, [f"{schema}.{each.name}" for each in self.workload.case.tables])
        return Measurement(
            end - begin, source_after - source_before, after[0] - before[0], after[1] - before[1], None, found)


class SinkProcess:
    """`sink run` with a configuration of its own; its log tells when partitions are assigned."""

    def __init__(self, servers: Servers, tools: Tools, workload: Workload, lanes: int, number: int,
                 overrides: dict[str, str] | None = None) -> None:
        self._config = tools.folder / "sink.json"
        self._config.touch(0o600)
        self._config.write_text(sink_configuration(servers, workload, lanes, f"bench-{os.getpid()}-{number}", overrides))
        self._command = [str(tools.sink), "run", str(self._config)]
        self._environment = {**os.environ, "LD_LIBRARY_PATH": str(tools.library)}
        self._assigned: list[float] = []
        self._log: list[str] = []

    def __enter__(self) -> "SinkProcess":
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=self._environment,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)

    def _read(self) -> None:
        for line in self._process.stderr:  # type: ignore[union-attr]
            self._log = [*self._log[-20:], line]
            if "partitions assigned" in line and "offsets=" in line and "@" in line:
                self._assigned.append(time.monotonic())

    def check(self) -> bool:
        """False; an error when the sink has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"the sink ended with {self._process.returncode}:\n{''.join(self._log)}")
        return False

    def wait_assigned(self) -> float:
        return wait(lambda: self.check() or self._assigned, 90, "the sink's partitions", 0.001)[0]

    def cpu(self) -> float:
        return sum(cpu_fields(self._process.pid)[:2]) / TICKS

    def peak(self) -> int:
        return peak_bytes(self._process.pid)
