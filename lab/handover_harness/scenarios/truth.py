"""What really happened, found out without the reader: from history, topic and tables."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from handover_lab import kafka

from handover_harness.bench import Failed
from handover_harness.scenarios.bench import ScenarioBench


@dataclass
class Attempt:
    previous: int
    timeline: int
    outcome: str = "open"


@dataclass
class Truth:
    # Acknowledged writes that are on the final leader, and not in the topic: (row, token).
    skipped: set[tuple[int, int]] = field(default_factory=set)
    # Acknowledged writes that are on no leader any more.
    lost: set[tuple[int, int]] = field(default_factory=set)
    # Rows whose value in the destination is on no leader any more, or never was.
    phantoms: set[int] = field(default_factory=set)
    # Tokens of such writes in the topic.
    dead_events: set[tuple[int, int]] = field(default_factory=set)


def find_out(bench: ScenarioBench) -> Truth:
    attempts, fences = _history(bench.history)
    values, snapshot = topic()
    source = dict(bench.rows("source", "select id, current_value from debezium_table"))
    destination = dict(bench.rows("destination", "select id, current_value from debezium_table"))
    truth = Truth()
    for id, tried in attempts.items():
        surviving = _chain(source[id], tried, fences.get(id, {}))
        carried = values.get(id, set())
        for token, attempt in tried.items():
            key = (id, token)
            if token not in surviving:
                if attempt.outcome == "ok":
                    truth.lost.add(key)
                if token in carried:
                    truth.dead_events.add(key)
            elif attempt.outcome == "ok" and token not in carried and token > snapshot.get(id, 0):
                truth.skipped.add(key)
        if destination[id] in tried and destination[id] not in surviving:
            truth.phantoms.add(id)
    return truth


def _chain(value: int, tried: dict[int, Attempt], fences: dict[int, int]) -> set[int]:
    """Each write says what it found: from what the row holds now, back to its first value."""
    chain: set[int] = set()
    while value in tried or value in fences:
        if value in chain:
            raise Failed(f"the writes of a row go in a circle at {value}")
        chain.add(value)
        value = tried[value].previous if value in tried else fences[value]
    return chain


def _history(path: Path) -> tuple[dict[int, dict[int, Attempt]], dict[int, dict[int, int]]]:
    attempts: dict[int, dict[int, Attempt]] = {}
    fences: dict[int, dict[int, int]] = {}
    for text in path.read_text().splitlines():
        line = json.loads(text)
        kind = line["type"]
        if kind == "invoke":
            attempts.setdefault(line["id"], {})[line["token"]] = Attempt(line["previous"], line["tl"])
        elif kind in ("ok", "fail", "info"):
            attempts[line["id"]][line["token"]].outcome = kind
        elif kind == "settled":
            attempts[line["id"]][line["token"]].outcome = line["result"]
        elif kind == "fence":
            fences.setdefault(line["id"], {})[line["token"]] = line["previous"]
    return attempts, fences


def topic() -> tuple[dict[int, set[int]], dict[int, int]]:
    """All values that the topic has for each row, and the one that the snapshot read."""
    values: dict[int, set[int]] = {}
    snapshot: dict[int, int] = {}
    consumer = kafka.client(os.environ["HANDOVER_BOOTSTRAP"])
    name = os.environ["HANDOVER_TOPIC"]
    remaining = set(consumer.list_topics(name, timeout=10).topics[name].partitions)
    consumer.assign([TopicPartition(name, number, 0) for number in remaining])
    while remaining:
        message = consumer.poll(10)
        if message is None:
            raise Failed(f"{name} can't be read to its end")
        if message.error() is not None:
            if message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            remaining.discard(message.partition())
            continue
        if message.value() is None:
            continue
        event = json.loads(message.value())
        row = event["after"]
        if row is None:
            continue
        values.setdefault(row["id"], set()).add(row["current_value"])
        if event["op"] == "r":
            snapshot[row["id"]] = row["current_value"]
    consumer.close()
    return values, snapshot
