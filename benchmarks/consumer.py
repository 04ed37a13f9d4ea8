"""The consumer that a team writes by hand: confluent-kafka, a batch of 1,000 records, psycopg's executemany.

    consumer.py CONNINFO BOOTSTRAP COUNT, then on standard input JSON with topics and their tables

Each batch is folded by key, so that a delete cannot pass an insert, and is one transaction; then the offsets are
committed to Kafka. Killed in between, it applies a batch twice. Prints when the first record came and the last commit
was answered.
"""

import base64
import datetime
import decimal
import json
import sys
import time

import psycopg
from confluent_kafka import Consumer, TopicPartition

BATCH = 1000
EPOCH = datetime.datetime(1970, 1, 1)
DAY = datetime.date(1970, 1, 1)


def number(text):
    data = base64.b64decode(text)
    return decimal.Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-2)


# Debezium's forms that PostgreSQL does not read as they are.
CONVERSIONS = {
    "date": lambda days: DAY + datetime.timedelta(days=days),
    "timestamp": lambda micros: EPOCH + datetime.timedelta(microseconds=micros),
    "time": lambda micros: (EPOCH + datetime.timedelta(microseconds=micros)).time(),
    "numeric(12,2)": number,
    "bytea": base64.b64decode,
}


class Table:
    def __init__(self, name, columns):
        self.columns = [(column, CONVERSIONS.get(kind)) for column, kind in columns]
        names = [column for column, _ in columns]
        updates = ", ".join(f"{column} = excluded.{column}" for column in names[1:])
        self.upsert = (f"insert into {name} ({', '.join(names)}) values ({', '.join(['%s'] * len(names))}) "
                       f"on conflict ({names[0]}) do update set {updates}")
        self.delete = f"delete from {name} where {names[0]} = %s"
        self.key = names[0]
        self.rows = {}

    def take(self, key, value):
        key = json.loads(key)
        key = key.get("payload", key)[self.key]
        if value is None:
            self.rows[key] = None
            return
        event = json.loads(value)
        event = event.get("payload", event)
        after = event["after"]
        if after is None:
            self.rows[key] = None
            return
        self.rows[key] = [
            convert(after[column]) if convert and after[column] is not None else after[column]
            for column, convert in self.columns
        ]

    def write(self, cursor):
        upserts = [row for row in self.rows.values() if row is not None]
        deletes = [(key,) for key, row in self.rows.items() if row is None]
        if upserts:
            cursor.executemany(self.upsert, upserts)
        if deletes:
            cursor.executemany(self.delete, deletes)
        self.rows.clear()


def main():
    conninfo, bootstrap, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tables = {topic: Table(*table) for topic, table in json.load(sys.stdin).items()}
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": "bench-python", "enable.auto.commit": False,
        "auto.offset.reset": "error",
    })
    consumer.assign([TopicPartition(topic, partition, 0) for topic in tables for partition in range(4)])
    connection = psycopg.connect(conninfo)
    begin, seen = None, 0
    while seen < count:
        messages = consumer.consume(BATCH, 0.1)
        if not messages:
            continue
        begin = begin or time.monotonic()
        for message in messages:
            if message.error():
                sys.exit(f"consumer: {message.error()}")
            tables[message.topic()].take(message.key(), message.value())
        with connection.cursor() as cursor:
            for table in tables.values():
                table.write(cursor)
        connection.commit()
        consumer.commit(asynchronous=True)
        seen += len(messages)
    print(json.dumps({"begin": begin, "end": time.monotonic()}), flush=True)


main()
