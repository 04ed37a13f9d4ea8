"""A case's changes as records of Kafka."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bench.cases import TOPIC_PREFIX, Case, Change
from bench.events import Events, Moment

PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Record:
    change: Change
    partition: int
    key: bytes
    # None: a tombstone, which follows the event of a delete.
    value: bytes | None


def partition(key: bytes) -> int:
    """All events of a key go to one partition, the keys evenly to all: which hash does it is no matter here."""
    return zlib.crc32(key) % PARTITIONS


def topics(case: Case) -> list[str]:
    return [f"{TOPIC_PREFIX}.public.{table.name}" for table in case.tables]


def records(case: Case, count: int) -> Iterator[Record]:
    events = [Events(table, TOPIC_PREFIX, case.schemas) for table in case.tables]
    committed, lsn, last_commit = 1_760_000_000_000_000, 25_000_000, 24_999_000
    for number, change in enumerate(case.stream(count)):
        operation, table, row = change
        committed += 11
        lsn += 184
        at = Moment(committed, committed * 1000 + 433_123_456, 1000 + number, lsn, last_commit)
        last_commit = lsn
        key = events[table].key(row)
        place = partition(key)
        yield Record(change, place, key, events[table].value(operation, row, at))
        if operation == "d":
            yield Record(change, place, key, None)
