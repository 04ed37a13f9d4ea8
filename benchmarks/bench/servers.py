"""What a run needs: the lab's brokers, a PostgreSQL as destination and another one as publisher, started by the lab's code."""

import dataclasses
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from confluent_kafka.admin import AdminClient

from bench.cases import TOPIC_PREFIX
from handover_lab import (
    embedded, install, ports, privilege, process, settings, starting, stopping, templates,
)
from handover_lab.brokers import Brokers
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.parts import kafka, single
from handover_lab.settings import Lab

DESTINATION = """\
listen_addresses = '127.0.0.1'
port = ${PORT}
unix_socket_directories = ''
password_encryption = scram-sha-256
max_connections = 50
shared_buffers = 1GB
max_wal_size = 16GB
checkpoint_timeout = 1h
# Would come at another moment in each run.
autovacuum = off
"""
# What the publisher costs is not measured: it only has to have written its log.
PUBLISHER = DESTINATION + """\
wal_level = logical
fsync = off
synchronous_commit = off
full_page_writes = off
max_replication_slots = 20
max_wal_senders = 20
"""
DATABASE = "bench"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Server:
    lab: Lab
    part: Part
    port: int

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=DATABASE, passfile=str(self.lab.pgpass),
            autocommit=True,
        )

    @property
    def conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={DATABASE} passfile={self.lab.pgpass}"

    def cpu_seconds(self) -> float:
        """Of the postmaster and of all its children, also of those that are gone."""
        postmaster = self.part.main()
        if postmaster is None:
            raise RuntimeError(f"{self.part.name} is not running")
        while True:
            own = cpu_fields(postmaster.pid)
            children = sum(sum(cpu_fields(pid)[:2]) for pid in _children(postmaster.pid))
            # A child that was reaped meanwhile would be counted nowhere.
            if cpu_fields(postmaster.pid)[2:] == own[2:]:
                return (sum(own) + children) / TICKS


def _children(parent: int) -> list[int]:
    """Also those that have ended and wait to be reaped."""
    found = []
    for name in os.listdir("/proc"):
        entry = process.stat(int(name)) if name.isdigit() else None
        if entry is not None and entry.parent == parent:
            found.append(entry.pid)
    return found


def cpu_fields(pid: int) -> list[int]:
    """utime, stime, cutime, cstime in ticks; zeros for a process that has just ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return [0, 0, 0, 0]
    return [int(field) for field in text.rpartition(")")[2].split()[11:15]]


def peak_bytes(pid: int) -> int:
    """VmHWM: the most memory that a process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


@dataclasses.dataclass
class Servers:
    lab: Lab
    brokers: list[Part]
    destination: Server
    publisher: Server
    # Readable for user postgres: where the destination finds the publisher's password.
    passfile: Path

    @property
    def parts(self) -> list[Part]:
        return [*self.brokers, self.destination.part, self.publisher.part]

    @property
    def bootstrap(self) -> str:
        return self.lab.bootstrap

    def broker_cpu_seconds(self) -> float:
        alive = (broker.main() for broker in self.brokers)
        return sum(sum(cpu_fields(each.pid)[:2]) for each in alive if each is not None) / TICKS

    def forget_topics(self) -> None:
        """Those of the case before are gone afterwards."""
        if not self.lab.brokers.is_kafka:
            # It keeps them in memory.
            stopping.stop(self.brokers)
            starting.bring_up(self.lab, self.brokers, [])
            return
        admin = AdminClient({"bootstrap.servers": self.bootstrap})

        def found() -> list[str]:
            return [name for name in admin.list_topics(timeout=30).topics if name.startswith(f"{TOPIC_PREFIX}.")]

        if names := found():
            for future in admin.delete_topics(names, operation_timeout=30).values():
                future.result()
            wait(lambda: not found(), 60, "the end of the topics of the case before", 0.1)


def _postgres(lab: Lab, name: str, port: int, configuration: str) -> Server:
    part = single.server(
        lab, name, port, lambda: single.make_database(lab, port, DATABASE), configuration=configuration, stop_seconds=10,
    )
    return Server(lab, part, port)


@contextmanager
def up(folder: Path, brokers: Brokers) -> Iterator[Servers]:
    """Everything is ended and its data removed at the end, whatever happens."""
    lab = settings.load(str(folder))
    with lab.locked():
        yield from _up(lab, brokers)


def choose(wants_kafka: bool) -> Brokers:
    """The broker in memory, or with `--kafka` those of KAFKA_HOME."""
    if not wants_kafka:
        return Brokers()
    chosen = Brokers.chosen()
    if not chosen.is_kafka:
        raise LabError("--kafka needs KAFKA_HOME, an unpacked distribution of Apache Kafka, and no LAB_BROKER=embedded")
    return chosen


def _up(lab: Lab, brokers: Brokers) -> Iterator[Servers]:
    install.ensure(lab)
    # What a killed run left.
    stopping.stop(_servers(lab).parts)
    for part in _servers(lab).brokers:
        _remove(part.folder)
    lab.brokers = brokers
    claim = ports.OffsetClaim()
    wanted = os.environ.get("LAB_PORT_OFFSET", "auto")
    lab.offset = ports.choose(claim) if wanted == "auto" else int(wanted)
    lab.save()
    servers = _servers(lab)
    try:
        templates.write(servers.passfile, lab.pgpass.read_text(), 0o600)
        privilege.give(servers.passfile, 0o600)
        starting.bring_up(lab, servers.parts, [])
        yield servers
    finally:
        stopping.stop(servers.parts)
        claim.release()
        for part in servers.parts:
            _remove(part.folder)


def _servers(lab: Lab) -> Servers:
    destination = _postgres(lab, "destination", lab.ports["DESTINATION"], DESTINATION)
    publisher = _postgres(lab, "publisher", lab.ports["POSTGRES1"], PUBLISHER)
    brokers = ([kafka.broker(lab, number) for number in lab.brokers.numbers] if lab.brokers.is_kafka
               else [embedded.broker(lab)])
    return Servers(lab, brokers, destination, publisher, lab.folder / "pgpass-postgres")


def _remove(folder: Path) -> None:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name == "log":
            continue
        shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()


def wait(condition, seconds: float, what: str, pause: float = 0.005):
    """The first true answer; an error after the time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not after {seconds:.0f} s")
        time.sleep(pause)
    return answer
