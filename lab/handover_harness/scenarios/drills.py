"""What people do to a running pipeline without any fault: each must leave both sides equal."""

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ROWS, ScenarioBench, WRITER_ROWS
from handover_harness.scenarios.survival import told


CONFIRMED = "select coalesce(max(confirmed_flush_lsn), '0/0') >= %s::pg_lsn from pg_replication_slots where active"


def heartbeat(bench: ScenarioBench, choice: random.Random) -> str:
    """A source that writes what nobody captures: the heartbeat moves the slot all the same, and no WAL piles up."""
    megabytes = choice.randint(4, 12)
    with bench.session("source") as source:
        source.execute("create table if not exists uncaptured (content text)")
        # Not compressed.
        source.execute("alter table uncaptured alter content set storage plain")
        source.execute("insert into uncaptured select repeat('x', 8000) from generate_series(1, %s)", [megabytes * 128])
        [(end,)] = source.execute("select pg_current_wal_lsn()::text").fetchall()
        began = time.monotonic()
        until("the slot has passed it", 60, lambda: source.execute(CONFIRMED, [end]).fetchone() == (True,))
    return f"{megabytes} MB that nobody captures are passed after {time.monotonic() - began:.1f} s"


def snapshot_by_signal(bench: ScenarioBench, choice: random.Random) -> str:
    """Rows that somebody has spoilt in the destination are put right by an incremental snapshot, under load."""
    quiet = choice.sample(range(WRITER_ROWS, ROWS), 200)
    with bench.session("destination") as destination:
        destination.execute("delete from debezium_table where id = any(%s)", [quiet[:100]])
        destination.execute("update debezium_table set current_value = -1 where id = any(%s)", [quiet[100:]])
    everything = f"select id, current_value from debezium_table where id >= {WRITER_ROWS} order by id"
    with bench.writing(200, choice.randrange(2**31)):
        bench.written(100)
        bench.verb("signal", "snapshot", "debezium_table")
        until(
            "the spoilt rows are right", 120, lambda: bench.rows("source", everything) == bench.rows("destination", everything),
        )
        bench.written(200)
    return f"100 rows that were deleted and 100 that were changed are back, {told(expect.passes(bench))}"


def schema_change(bench: ScenarioBench, choice: random.Random) -> str:
    """A column comes and goes under load; the sink makes the table, and adds the column by itself."""
    name = f"drill{choice.randrange(10**9)}"
    copy = f"{name}_public_drill"
    with bench.session("source") as source:
        source.execute("drop table if exists drill")
        source.execute("create table drill (id int primary key, value int not null)")
        source.execute(f"create publication {name}_publication for table drill")
    noted = 0

    def write(source: psycopg.Connection, number: int) -> None:
        source.execute("insert into drill (id, value) values (%s, %s)", [number, number])
        source.execute("update drill set value = value + 1 where id = %s", [choice.randrange(number + 1)])

    with connector(bench, name, {"table.include.list": "public.drill"}), sink(bench, name, [f"{name}.public.drill"]):
        with session_load(bench, write), bench.session("source") as source:
            time.sleep(2)
            source.execute("alter table drill add column note text")
            for _ in range(20):
                noted += source.execute("update drill set note = 'noted ' || id where id % 7 = 3").rowcount
                time.sleep(0.1)
            notes = "select id, note from drill where note is not null order by id"
            arrived = f"select id, note from {copy} where note is not null order by id"
            until("the notes are there", 60, lambda: same(bench, notes, arrived) > 0)
            source.execute("alter table drill drop column note")
            time.sleep(2)
        rows = "select id, value from {} order by id"
        until("both sides are equal", 60, lambda: same(bench, rows.format("drill"), rows.format(copy)) > 0)
        count = same(bench, rows.format("drill"), rows.format(copy))
    return f"{count} rows equal, {noted} changes while the column was there"


def outbox_router(bench: ScenarioBench, choice: random.Random) -> str:
    """Events of an outbox go into a topic for each kind, by Debezium's router, and from there into a table each."""
    name = f"outbox{choice.randrange(10**9)}"
    with bench.session("source") as source:
        source.execute(f"create publication {name}_publication for table outbox")
    # Their topics have no prefix: each run has kinds of its own.
    written = {f"{name}-order": 0, f"{name}-customer": 0}

    def write(source: psycopg.Connection, number: int) -> None:
        kind = choice.choice(list(written))
        event = json.dumps({"id": number, "kind": kind, "amount": number * 3})
        with source.transaction():
            [(id,)] = source.execute(
                "insert into outbox (aggregatetype, aggregateid, type, payload) values (%s, %s, 'made', %s) returning id",
                [kind, str(number), event],
            ).fetchall()
            # The event is in the log: the row itself nobody needs.
            source.execute("delete from outbox where id = %s", [id])
        written[kind] += 1

    router = {
        "table.include.list": "public.outbox", "tombstones.on.delete": "false",
        "transforms": "outbox", "transforms.outbox.type": "io.debezium.transforms.outbox.EventRouter",
        "transforms.outbox.table.expand.json.payload": "true",
    }
    topics = [f"outbox.event.{kind}" for kind in written]
    key = {"primary.key.mode": "record_value", "primary.key.fields": "id", "delete.enabled": "false"}
    with connector(bench, name, router), sink(bench, name, topics, key):
        with session_load(bench, write):
            time.sleep(5)
        for kind, count in written.items():
            rows = f"select count(*), count(distinct id), bool_and(kind = '{kind}' and amount = id * 3) from \"outbox_event_{kind}\""
            until(f"the events of kind {kind} are in a table", 60, lambda: seen(bench, rows) == (count, count, True))
    return ", ".join(f"{count} events of kind {kind.split('-')[1]}" for kind, count in written.items())


def same(bench: ScenarioBench, source: str, destination: str) -> int:
    """How many rows both sides have, if they have the same."""
    try:
        rows = bench.rows("source", source)
        return len(rows) if rows == bench.rows("destination", destination) else 0
    except psycopg.Error:
        # The sink has not made the table, or the column, yet.
        return 0


def seen(bench: ScenarioBench, question: str) -> tuple | None:
    try:
        return bench.rows("destination", question)[0]
    except psycopg.Error:
        return None


@contextmanager
def session_load(bench: ScenarioBench, write: Callable[[psycopg.Connection, int], None]) -> Iterator[None]:
    """Calls `write` some hundred times a second, with a number that grows, until the block is left."""
    ended = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with bench.session("source") as source:
                number = 0
                while not ended.wait(0.004):
                    write(source, number)
                    number += 1
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(30)
    if failures:
        raise Failed(f"the load ended: {failures[0]}")


@contextmanager
def connector(bench: ScenarioBench, name: str, config: dict[str, str]) -> Iterator[None]:
    """A second source, whose events have schemas."""
    base = json.loads((bench.lab.sources / "connect" / "register-source.json").read_text())["config"]
    for key in ("signal.data.collection", "heartbeat.action.query", "heartbeat.interval.ms"):
        base.pop(key)
    converters = {
        f"{side}.converter{suffix}": value
        for side in ("key", "value")
        for suffix, value in (("", "org.apache.kafka.connect.json.JsonConverter"), (".schemas.enable", "true"))
    }
    # Beside the guard: it follows the leader by itself, for nothing fails over here.
    own = {
        "database.port": "${HAPROXY_LEADER}", "topic.prefix": name, "slot.name": f"{name}_slot",
        "slot.drop.on.stop": "true", "publication.name": f"{name}_publication",
    }
    path = bench.lab.folder / f"register-{name}.json"
    path.write_text(json.dumps({"name": f"{name}-connector", "config": {**base, **converters, **own, **config}}))
    bench.verb("register-source", str(path))
    try:
        streams = f"select active from pg_replication_slots where slot_name = '{name}_slot'"
        until("the connector streams", 60, lambda: bench.rows("source", streams) == [(True,)])
        yield
    finally:
        bench.verb("delete-connector", f"{name}-connector", quiet=True)


@contextmanager
def sink(bench: ScenarioBench, name: str, topics: list[str], config: dict[str, str] | None = None) -> Iterator[None]:
    """A sink of its own that makes its tables; it must run until the block is left, and end in order."""
    document = json.loads((bench.lab.folder / "register-sink.json").read_text())
    document["name"] = f"{name}-sink"
    base = document["config"]
    for key in ("primary.key.fields", "connection.password"):
        base.pop(key, None)
    base |= {
        "topics": ",".join(topics), "connection.username": "handover_evolving_sink", "schema.evolution": "basic",
        "collection.name.format": "${topic}", "key.converter.schemas.enable": "true",
        "value.converter.schemas.enable": "true", **(config or {}),
    }
    path = bench.lab.folder / f"{name}-sink.json"
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    program = os.path.join(os.environ["HANDOVER_BIN"], "sink")
    with open(bench.lab.folder / f"{name}-sink.log", "w") as log:
        process = subprocess.Popen([program, "run", str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield
        if process.poll() is not None:
            raise Failed(f"the sink has ended with {process.returncode}: {log.name}")
    finally:
        process.terminate()
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
    if code != 0:
        raise Failed(f"the sink ended with {code}: {log.name}")
