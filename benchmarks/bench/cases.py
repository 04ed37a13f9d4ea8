"""The cases: tables, what is there before, and the changes, the same at every run."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.columns import ITEM, PAYLOAD, WIDE, Table, random_value

# (operation, table's index, row): operation is c, u or d.
Change = tuple[str, int, tuple[Any, ...]]
MICROS = 1_750_000_000_000_000
TOPIC_PREFIX = "bench"


def _note(number: int) -> str:
    return f"order {number:012d}: two boxes, to be left at the front door"


def _moment(number: int) -> int:
    return MICROS + number * 997


def _item(key: int, number: int) -> tuple[int, str, int]:
    return (key, _note(number), _moment(number))


def inserts(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    return (("c", 0, _item(number, number)) for number in range(1, count + 1))


def updates(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    return (("u", 0, _item(int(draw.random() * present) + 1, number)) for number in range(1, count + 1))


def mixture(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    """60 % update, 25 % insert, 15 % delete, of keys that are there."""
    keys = list(range(1, present + 1))
    for number in range(1, count + 1):
        kind = draw.random()
        if kind < 0.60:
            yield "u", 0, _item(keys[int(draw.random() * len(keys))], number)
        elif kind < 0.85:
            keys.append(present + number)
            yield "c", 0, _item(present + number, number)
        else:
            place = int(draw.random() * len(keys))
            key, keys[place] = keys[place], keys[-1]
            keys.pop()
            yield "d", 0, (key,)


def wide_inserts(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    kinds = [each.type for each in WIDE[1:]]
    # Values are drawn for 1,000 rows; a row is one of them under its own key.
    rows = [tuple(random_value(kind, draw) for kind in kinds) for _ in range(1000)]
    return (("c", 0, (number, *rows[number % 1000])) for number in range(1, count + 1))


def payload_inserts(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    # Does not compress to nothing, so that the server's work is that of text.
    letters = "".join(draw.choices("abcdefghijklmnopqrstuvwxyz    ", k=20_000))
    for number in range(1, count + 1):
        start = number * 37 % 19_000
        yield "c", 0, (number, f"{number:024d}{letters[start:start + 1000]}", _moment(number))


def interleaved_inserts(count: int, present: int, draw: random.Random) -> Iterator[Change]:
    return (("c", number % 20, _item(number, number)) for number in range(1, count + 1))


@dataclass(frozen=True)
class Case:
    letter: str
    title: str
    tables: tuple[Table, ...]
    changes: Callable[[int, int, random.Random], Iterator[Change]]
    # Rows that are there before, as a part of the number of events; at least `least`.
    present: float = 0
    fixed_present: int = 0
    schemas: bool = False
    events: int = 1_000_000

    def present_rows(self, count: int) -> int:
        return self.fixed_present or int(count * self.present)

    def stream(self, count: int) -> Iterator[Change]:
        return self.changes(count, self.present_rows(count), random.Random(f"handover {self.letter}"))

    def fill(self, name: str, count: int) -> str:
        """The statement that makes the rows that are there before."""
        return (
            f"insert into {name} select i, 'order ' || lpad(i::text, 12, '0') || ': as it was before the first change',"
            f" timestamptz '2025-01-01 00:00:00Z' from generate_series(1, {self.present_rows(count)}) i"
        )


ITEMS = (Table("items", ITEM),)

CASES = {
    case.letter: case for case in (
        Case("a", "inserts", ITEMS, inserts),
        Case("b", "inserts, schemas on", ITEMS, inserts, schemas=True),
        Case("c", "updates at random keys", ITEMS, updates, present=1),
        Case("d", "updates of 1,000 hot keys", ITEMS, updates, fixed_present=1000),
        Case("e", "60 % update, 25 % insert, 15 % delete with tombstones", ITEMS, mixture, present=1),
        Case("f", "inserts of 40 columns of 20 types", (Table("wide", WIDE),), wide_inserts),
        Case("g", "inserts with 1 kB of text", (Table("payloads", PAYLOAD),), payload_inserts),
        Case("h", "inserts into 20 tables, interleaved",
             tuple(Table(f"items{number:02d}", ITEM) for number in range(20)), interleaved_inserts),
        # Beside Debezium's JDBC sink, which reads no records without schemas.
        Case("k", "updates at random keys, schemas on", ITEMS, updates, present=1, schemas=True),
        Case("l", "updates of 100 hot keys, schemas on", ITEMS, updates, fixed_present=100, schemas=True),
    )
}
