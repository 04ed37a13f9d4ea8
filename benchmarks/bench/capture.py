"""Captures events of the benchmark's tables from Debezium in a running lab, with schemas and without.

    eval "$(lab/lab env)"; $LAB_TOOLS/venv/bin/python benchmarks/capture

The rows stand in `captured.ROWS`; a test makes the same events from them.
"""

import sys
import time

import psycopg
from confluent_kafka import Consumer, TopicPartition

from bench import captured
from handover_lab import connectors, settings
from handover_lab.errors import LabError
from handover_lab.settings import Lab

PREFIXES = {"plain": "false", "schemas": "true"}
PUBLICATION = "bench_publication"


def main() -> int:
    lab = settings.load(None)
    password = lab.passwords["postgres"]
    with psycopg.connect(
        host="127.0.0.1", port=lab.ports["HAPROXY_LEADER"], user="postgres", password=password, dbname="source_db",
        autocommit=True,
    ) as source:
        _make_tables(source)
        for prefix, schemas in PREFIXES.items():
            connectors.call(lab, "POST", "/connectors", _connector(lab, prefix, schemas), seconds=20)
        _wait_for_slots(source)
        for change in captured.changes():
            source.execute(change.sql, change.values)
    bootstrap = lab.bootstrap
    for prefix in PREFIXES:
        for table in captured.TABLES:
            records = _consume(bootstrap, f"{prefix}.public.{table.name}", captured.record_count(table))
            path = captured.path(table, prefix)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"".join(key + b"\t" + (value or b"") + b"\n" for key, value in records))
            print(f"{len(records)} records in {path}")
        _forget(lab, f"bench-{prefix}")
    return 0


def _forget(lab: Lab, connector: str) -> None:
    """A worker that answers late is asked again, and then says that there is no such connector."""
    try:
        connectors.call(lab, "DELETE", f"/connectors/{connector}", seconds=20)
    except LabError as error:
        if " 404 " not in str(error):
            raise


def _make_tables(source: psycopg.Connection) -> None:
    source.execute(f"drop publication if exists {PUBLICATION}")
    for table in captured.TABLES:
        source.execute(f"drop table if exists {table.name}")
        source.execute(table.create(table.name))
    source.execute(f"create publication {PUBLICATION} for table {', '.join(each.name for each in captured.TABLES)}")


def _connector(lab: Lab, prefix: str, schemas: str) -> dict[str, object]:
    config = {
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1",
        "database.hostname": "127.0.0.1", "database.port": str(lab.ports["HAPROXY_LEADER"]),
        "database.user": "postgres", "database.password": lab.passwords["postgres"],
        "database.dbname": "source_db", "topic.prefix": prefix, "plugin.name": "pgoutput",
        "slot.name": f"bench_{prefix}", "slot.drop.on.stop": "true", "publication.name": PUBLICATION,
        "publication.autocreate.mode": "disabled", "snapshot.mode": "no_data",
        "table.include.list": ",".join(f"public.{each.name}" for each in captured.TABLES),
        "topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1",
        "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": schemas,
        "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": schemas,
    }
    return {"name": f"bench-{prefix}", "config": config}


def _wait_for_slots(source: psycopg.Connection) -> None:
    deadline = time.monotonic() + 90
    while True:
        row = source.execute(
            "select count(*) from pg_replication_slots where slot_name like 'bench%' and active"
        ).fetchone()
        if row == (len(PREFIXES),):
            return
        if time.monotonic() > deadline:
            sys.exit("the connectors do not stream after 90 s")
        time.sleep(0.2)


def _consume(bootstrap: str, topic: str, count: int) -> list[tuple[bytes, bytes | None]]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-capture", "enable.auto.commit": False})
    deadline = time.monotonic() + 60
    while not consumer.list_topics(topic, timeout=10).topics[topic].partitions:
        time.sleep(0.2)
    consumer.assign([TopicPartition(topic, 0, 0)])
    records: list[tuple[bytes, bytes | None]] = []
    while len(records) < count:
        if time.monotonic() > deadline:
            sys.exit(f"{topic} has {len(records)} records of {count} after 60 s")
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            records.append((message.key(), message.value()))
    consumer.close()
    return records


if __name__ == "__main__":
    sys.exit(main())
