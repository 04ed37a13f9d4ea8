"""Brings a case's records into the topic and its changes into the publisher's log."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bench.cases import Case
from bench.records import PARTITIONS, records, topics
from bench.servers import Servers

# Schemas of the publisher's and the native subscriber's tables: the same changes in transactions of so many rows.
NATIVE = {"one": 1, "many": 1000}
HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
# How the tables' content is compared, with every value as text.
CONTENT = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {} t"


@dataclass(frozen=True)
class Workload:
    case: Case
    # Changes of rows.
    events: int
    # With the tombstones.
    records: int
    bytes: int
    rows_file: Path
    plan_file: Path
    order_file: Path
    # Of each partition: the rows of its first and of its last change.
    first_rows: tuple[tuple[Any, ...], ...] = ()
    last_rows: tuple[tuple[Any, ...], ...] = ()

    @property
    def destination_tables(self) -> list[str]:
        return [table_name(each.name) for each in self.case.tables]


def table_name(name: str) -> str:
    """As the sink names the table of the topic bench.public.NAME."""
    return f"bench_public_{name}"


def create_topics(servers: Servers, case: Case) -> None:
    admin = AdminClient({"bootstrap.servers": servers.bootstrap})
    # One copy, acknowledged by its leader: what replication takes is no matter of who reads.
    config = {"min.insync.replicas": "1"} if servers.lab.brokers.is_kafka else {}
    made = admin.create_topics([NewTopic(each, PARTITIONS, 1, config=config) for each in topics(case)])
    for future in made.values():
        future.result()


def produce(servers: Servers, case: Case, count: int, folder: Path, with_rows: bool = True) -> Workload:
    """Fills the topic; beside it the rows go to a file in COPY's binary format, one for each record."""
    create_topics(servers, case)
    producer = Producer({
        "bootstrap.servers": servers.bootstrap, "linger.ms": 20, "queue.buffering.max.kbytes": 1_000_000,
        "queue.buffering.max.messages": 1_000_000, "acks": 1,
    })
    names, total, size = topics(case), 0, 0
    first: dict[int, tuple[Any, ...]] = {}
    last: dict[int, tuple[Any, ...]] = {}
    rows_file = folder / "rows.copy"
    columns = case.tables[0].columns
    encoders = [each.element for each in columns]
    prefix = struct.Struct(">hiqi1siiii")
    missing = b"\xff\xff\xff\xff" * (len(columns) - 1)
    with open(rows_file, "wb") as rows:
        rows.write(HEADER)
        for record in records(case, count):
            operation, table, row = record.change
            while True:
                try:
                    producer.produce(names[table], record.value, record.key, record.partition)
                    break
                except BufferError:
                    producer.poll(0.05)
            if total & 1023 == 0:
                producer.poll(0)
            if with_rows:
                kind = b"t" if record.value is None else b"d" if operation == "d" else b"u"
                rows.write(prefix.pack(4 + len(columns), 8, total, 1, kind, 4, table, 4, record.partition))
                if kind == b"u":
                    rows.write(b"".join([encode(value) for encode, value in zip(encoders, row)]))
                else:
                    rows.write(encoders[0](row[0]) + missing)
            first.setdefault(record.partition, row)
            last[record.partition] = row
            total += 1
            size += len(record.key) + len(record.value or b"")
        rows.write(b"\xff\xff")
    if producer.flush(120):
        raise RuntimeError("the broker did not take all records")
    plan = folder / "plan"
    _write_plan(case, plan)
    return Workload(case, count, total, size, rows_file, plan, folder / "order",
                    tuple(first.values()), tuple(last.values()))


def _write_plan(case: Case, path: Path) -> None:
    columns = case.tables[0].columns
    lines = [f"{len(case.tables)} {len(columns)}", *(f"{each.type.oids[0]} {each.type.oids[1]}" for each in columns)]
    for table in case.tables:
        name = table_name(table.name)
        lines += [table.upsert(name), table.delete(name)]
    path.write_text("\n".join(lines) + "\n")


def make_tables(connection: psycopg.Connection, case: Case, count: int, schema: str) -> None:
    """Fresh tables with the rows that are there before the first change."""
    for table in case.tables:
        name = table_name(table.name) if schema == "public" else f"{schema}.{table.name}"
        connection.execute(table.create(name))
        if case.present_rows(count):
            connection.execute(case.fill(name, count))
            connection.execute(f"vacuum analyze {name}")


def content(connection: psycopg.Connection, names: list[str]) -> list[tuple[int, str]]:
    found = []
    for name in names:
        row = connection.execute(CONTENT.format(name)).fetchone()
        found.append((row[0], str(row[1])))
    return found


def publish(servers: Servers, workload: Workload) -> list[tuple[int, str]]:
    """Applies the changes at the publisher in transactions of 1 and of 1,000 rows; each is a log to replay.

    Returns the tables' content afterwards: what every contender must arrive at, made by PostgreSQL itself.
    """
    case, found = workload.case, []
    columns = case.tables[0].columns
    with servers.publisher.connect() as connection:
        for name in ("public", *NATIVE):
            connection.execute(f"drop schema if exists {name} cascade")
            connection.execute(f"create schema {name}")
        for slot, in connection.execute("select slot_name from pg_replication_slots").fetchall():
            connection.execute("select pg_drop_replication_slot(%s)", [slot])
        # Types that travel as text arrive as text.
        definitions = ", ".join(f"{each.name} {'text' if each.type.cast else each.type.sql}" for each in columns)
        connection.execute(f'create table log (number bigint primary key, kind text, tbl int, part int, {definitions})')
        with connection.cursor().copy("copy log from stdin (format binary)") as copy, \
                open(workload.rows_file, "rb") as file:
            while block := file.read(1 << 20):
                copy.write(block)
        connection.execute("vacuum analyze log")
        for schema, rows in NATIVE.items():
            make_tables(connection, case, workload.events, schema)
            connection.execute(f"create table {schema}.finished (id int primary key)")
            connection.execute(f"drop publication if exists {schema}")
            connection.execute(f"create publication {schema} for tables in schema {schema}")
            connection.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", [f"{schema}_base"])
            connection.execute(_replay(case, schema, rows))
            connection.execute(f"insert into {schema}.finished values (1)")
            found.append(content(connection, [f"{schema}.{each.name}" for each in case.tables]))
        connection.execute("checkpoint")
    if found[0] != found[1]:
        raise RuntimeError("the publisher's two logs lead to different content")
    return found[0]


def _replay(case: Case, schema: str, rows: int) -> str:
    branches = []
    for index, table in enumerate(case.tables):
        name, columns = f"{schema}.{table.name}", table.columns
        values = ", ".join(f"r.{each.name}" + (f"::{each.type.cast}" if each.type.cast else "") for each in columns)
        branches.append(f"""
            {'if' if index == 0 else 'elsif'} r.tbl = {index} then
                if r.kind = 'd' then delete from {name} where id = r.id;
                else {_write(name, columns, values)}
                end if;""")
    return f"""
        do $$ declare r record; begin
        for r in select * from log where kind <> 't' order by number loop
            {''.join(branches)} end if;
            if r.number % {rows} = {rows - 1} then commit; end if;
        end loop; end $$"""


def _write(name: str, columns: tuple, values: str) -> str:
    """An update where the row is there, else an insert: an upsert would lock and write more than an application does."""
    changes = ", ".join(
        f"{each.name} = r.{each.name}" + (f"::{each.type.cast}" if each.type.cast else "")
        for each in columns if not each.is_key
    )
    return (f"update {name} set {changes} where id = r.id; "
            f"if not found then insert into {name} values ({values}); end if;")


def sink_configuration(servers: Servers, workload: Workload, lanes: int, name: str,
                       overrides: dict[str, str] | None = None) -> str:
    config = {
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": str(lanes),
        "bootstrap.servers": servers.bootstrap, "topics": ",".join(topics(workload.case)),
        "connection.url": f"jdbc:postgresql://127.0.0.1:{servers.destination.port}/bench",
        "connection.username": "postgres", "connection.password": servers.lab.passwords["postgres"],
        "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
        "time.precision.mode": "adaptive", "schema.evolution": "none", "collection.name.format": "${topic}",
        "key.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "key.converter.schemas.enable": str(workload.case.schemas).lower(),
        "value.converter.schemas.enable": str(workload.case.schemas).lower(),
        **(overrides or {}),
    }
    return json.dumps({"name": name, "config": config})
