"""Debezium's JDBC sink, which the sink takes the place of: in a Kafka Connect worker of KAFKA_HOME's distribution.

JDBC_SINK_HOME names its unpacked plugin, which brings PostgreSQL's driver. One worker lives as long as the run, so that
its code is compiled when figures are taken; each figure has a connector of its own.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from confluent_kafka.admin import AdminClient

from bench.records import PARTITIONS, topics
from bench.servers import TICKS, Servers, cpu_fields, peak_bytes, wait
from bench.workload import Workload
from handover_lab import java, rest, starting, stopping, templates
from handover_lab.errors import LabError
from handover_lab.part import Part

MAIN = "org.apache.kafka.connect.cli.ConnectStandalone"
MEMORY = "2g"
# Larger polls, and larger batches: each transaction of the connector is at most one poll.
LARGE = {
    "batch.size": "5000",
    "consumer.override.max.poll.records": "5000",
    "consumer.override.max.partition.fetch.bytes": "16777216",
    "consumer.override.fetch.max.bytes": "67108864",
}
UNNEST = {"dialect.postgres.unnest.insert.enabled": "true"}
REDUCED = {"use.reduction.buffer": "true"}
# What is set beside the connection, by the contender's name.
SETTINGS: dict[str, dict[str, str]] = {
    "jdbc-default": {},
    "jdbc-reduced": LARGE | REDUCED,
    "jdbc-unnest": LARGE | UNNEST,
    "jdbc-both": LARGE | UNNEST | REDUCED,
}
TASKS = (1, 4)


class ConnectorFailed(Exception):
    """Says what the task said."""


@dataclass(frozen=True)
class Setting:
    name: str
    tasks: int

    @property
    def contender(self) -> str:
        return f"{self.name}-{self.tasks}"


def settings() -> list[Setting]:
    return [Setting(name, tasks) for name in SETTINGS for tasks in TASKS]


def plugin() -> Path | None:
    """The plugin's folder; none where the variable is not set."""
    value = os.environ.get("JDBC_SINK_HOME")
    if not value:
        return None
    folder = Path(value).resolve()
    for jar in ("debezium-connector-jdbc-*.jar", "postgresql-*.jar"):
        if not list(folder.glob(jar)):
            raise LabError(f"JDBC_SINK_HOME is {folder}, which has no {jar}")
    return folder


class Worker:
    """The Kafka Connect that the connectors run in."""

    def __init__(self, servers: Servers, plugin: Path) -> None:
        lab, self.servers = servers.lab, servers
        self._warm: set[str] = set()
        assert lab.brokers.kafka is not None
        libraries = lab.brokers.kafka / "libs" / "*"
        folder = lab.folder / "jdbc"
        self.url = f"http://127.0.0.1:{lab.ports['CONNECT1']}"
        self.secrets = folder / "secrets.properties"

        def prepare() -> None:
            plugins = folder / "plugins"
            plugins.mkdir(parents=True, exist_ok=True)
            link = plugins / "jdbc"
            link.unlink(missing_ok=True)
            link.symlink_to(plugin)
            templates.write(self.secrets, f"postgres={lab.passwords['postgres']}\n", 0o600)
            templates.write(folder / "worker.properties", "".join(f"{name}={value}\n" for name, value in {
                "bootstrap.servers": servers.bootstrap, "listeners": self.url, "plugin.path": plugins,
                "offset.storage.file.filename": folder / "offsets",
                "key.converter": "org.apache.kafka.connect.json.JsonConverter",
                "value.converter": "org.apache.kafka.connect.json.JsonConverter",
                "config.providers": "file",
                "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
            }.items()))

        self.part = Part(
            name="jdbc", folder=folder, ports=(lab.ports["CONNECT1"],), prepare=prepare, stop_seconds=10,
            command=lambda: [
                *java.command(lab, f"-Xms{MEMORY}", f"-Xmx{MEMORY}"), "-cp", str(libraries),
                f"-Dlog4j2.configurationFile={lab.sources / 'connect' / 'log4j2.properties'}", MAIN,
                str(folder / "worker.properties"),
            ],
            ready=lambda: rest.succeeds(f"{self.url}/connectors"),
        )

    def __enter__(self) -> "Worker":
        # What a killed run left.
        stopping.stop([self.part])
        starting.bring_up(self.servers.lab, [self.part], [])
        return self

    def __exit__(self, *error: object) -> None:
        stopping.stop([self.part])
        self.secrets.unlink(missing_ok=True)

    def must_warm(self, setting: Setting) -> bool:
        """Whether nothing has run yet with such settings; it says so once."""
        is_first = setting.name not in self._warm
        self._warm.add(setting.name)
        return is_first

    @property
    def pid(self) -> int:
        main = self.part.main()
        if main is None:
            raise ConnectorFailed(f"the worker has ended; its log is {self.part.log}")
        return main.pid

    def cpu(self) -> float:
        return sum(cpu_fields(self.pid)[:2]) / TICKS

    def peak(self) -> int:
        return peak_bytes(self.pid)


class Connector:
    """One connector of the worker, from when its tasks run until it is gone."""

    def __init__(self, worker: Worker, workload: Workload, setting: Setting, number: int) -> None:
        self._worker, self._setting = worker, setting
        self.name = f"jdbc-{os.getpid()}-{number}"
        self._place = f"{worker.url}/connectors/{self.name}"
        port = worker.servers.destination.port
        # Only where no two changes of a batch have the same key: one statement must not meet a row twice.
        rewrite = "?reWriteBatchedInserts=true" if "use.reduction.buffer" in SETTINGS[setting.name] else ""
        self._config = {
            "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": str(setting.tasks),
            "topics": ",".join(topics(workload.case)),
            "connection.url": f"jdbc:postgresql://127.0.0.1:{port}/bench{rewrite}",
            "connection.username": "postgres", "connection.password": f"${{file:{worker.secrets}:postgres}}",
            "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            "schema.evolution": "none", "collection.name.format": "${topic}",
            "key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true",
            **SETTINGS[setting.name],
        }
        self._topics = len(topics(workload.case))
        self._next_look = 0.0

    def __enter__(self) -> "Connector":
        try:
            self._call("PUT", "/config", self._config)
            wait(lambda: self.check() or self._running() == self._setting.tasks, 60, "the connector's tasks", 0.05)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        rest.call("DELETE", self._place, seconds=30)
        wait(lambda: rest.call("GET", self._place)[0] == 404, 60, "the connector's end", 0.05)

    def wait_assigned(self) -> None:
        """Until the group of its tasks has all partitions."""
        admin, group = AdminClient({"bootstrap.servers": self._worker.servers.bootstrap}), f"connect-{self.name}"

        def assigned() -> int:
            found = admin.describe_consumer_groups([group])[group].result(30)
            return sum(len(member.assignment.topic_partitions) for member in found.members)

        wait(lambda: self.check() or assigned() == PARTITIONS * self._topics, 60, "the tasks' partitions", 0.1)

    def _call(self, method: str, path: str, body: object | None = None) -> dict:
        status, answer = rest.call(method, self._place + path, body, seconds=30)
        if status >= 300:
            raise ConnectorFailed(f"{method} {path}: {status} {answer}")
        return answer

    def _tasks(self) -> list[dict]:
        status, answer = rest.call("GET", f"{self._place}/status", seconds=10)
        return answer["tasks"] if status == 200 else []

    def _running(self) -> int:
        return sum(task["state"] == "RUNNING" for task in self._tasks())

    def check(self) -> bool:
        """False; an error when a task has failed. It asks twice a second."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + 0.5
            for task in self._tasks():
                if task["state"] == "FAILED":
                    causes = [line for line in task.get("trace", "").splitlines() if not line.startswith("\t")]
                    raise ConnectorFailed(" / ".join(causes[:6]))
        return False


class Edges:
    """When the first and the last change of a topic are seen in the destination.

    A partition's changes are applied in their order: all are there when the last one of each partition is.
    """

    def __init__(self, connection: psycopg.Connection, workload: Workload) -> None:
        self._connection = connection
        table = workload.destination_tables[0]
        self._last = (
            f"select count(*) from {table} where (id, note) in (select * from unnest(%s::bigint[], %s::text[]))",
            [[row[0] for row in workload.last_rows], [row[1] for row in workload.last_rows]],
        )
        self._first = (
            f"select 1 from {table} where id = any(%s) and note not like '%%: as it was before the first change' limit 1",
            [[row[0] for row in workload.first_rows]],
        )
        self._partitions = len(workload.last_rows)

    def has_begun(self) -> bool:
        return bool(self._connection.execute(*self._first, prepare=True).fetchall())

    def has_ended(self) -> bool:
        return self._connection.execute(*self._last, prepare=True).fetchone() == (self._partitions,)
