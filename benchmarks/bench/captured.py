"""The events that were captured from Debezium, and the changes that made them."""

import datetime
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.columns import ITEM, SECONDS_TO_2000, WIDE, Column, Table

FOLDER = Path(__file__).resolve().parents[1] / "captured"
TABLES = (Table("items", ITEM), Table("wide", WIDE))
MICROS = 1_700_000_000_123_456

# Each is inserted, updated to the next, and the last one deleted.
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "items": [
        (1, "the first note, of about sixty bytes, as in the other tables", MICROS),
        (2, "Zoë's \"note\" \\ with\ttab, line\nfeed and 日本", MICROS - 3456),
        (2, None, SECONDS_TO_2000 * 1_000_000),
        (3_000_000_000, "", None),
    ],
    "wide": [
        (7, -32768, -2147483648, -(2 ** 62), True, 0.125, 1.5, 123456, 'a "quoted" text', "Zoë", "12345678",
         uuid.UUID("6c1b7a1e-0d5c-4c0f-9a53-0f2d5f3b7a11"), 20000, MICROS, MICROS + 7, 45_296_123_456,
         '{"a": 1, "tags": ["x", "y"]}', b"\x00\xff\x10bytes", "10.1.2.3", ["red", 'b"l'], [1, -2],
         32767, 2147483647, 2 ** 62, False, 99999.875, 799999.125, -123456, "", "", "abcdefgh",
         uuid.UUID(int=5), 0, 0, 0, 0, "{}", b"", "192.168.100.200", [], []),
        (8, 0, 0, 0, True, 8.0, 100000.5, 0, "x", "y", "zzzzzzzz", uuid.UUID(int=1), 10957, 1, 1_000_000, 1, "[]",
         b"\x80", "0.0.0.1", ["é"], [0], 1, -1, 1, False, 1.0, 0.125, -1, "q", "w", "e       ",
         uuid.UUID(int=2), 12345, 1_600_000_000_000_001, 1_600_000_000_100_000, 86_399_999_999, "1", b"b",
         "1.2.3.4", ["a", "b"], [7]),
        (8, *[None] * 39),
    ],
}
# What each row after the first does: `c` creates another row, `u` updates the one before.
STEPS = {"items": "ccuc", "wide": "ccu"}


@dataclass(frozen=True)
class Change:
    table: Table
    operation: str
    row: tuple[Any, ...]

    @property
    def sql(self) -> str:
        name, columns = self.table.name, self.table.columns
        if self.operation == "d":
            return f"delete from {name} where id = %s"
        values = ", ".join(f"%s::{each.type.sql}" for each in columns)
        if self.operation == "c":
            return f"insert into {name} values ({values})"
        changes = ", ".join(f"{each.name} = %s::{each.type.sql}" for each in columns)
        return f"update {name} set {changes} where id = {self.row[0]}"

    @property
    def values(self) -> list[str | None]:
        columns = self.table.columns[:1] if self.operation == "d" else self.table.columns
        return [_literal(each, value) for each, value in zip(columns, self.row)]


def _literal(column: Column, value: Any) -> Any:
    """The value as text that PostgreSQL reads."""
    kind = column.type.catalog[0]
    if value is None:
        return None
    if kind == "date":
        return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=value))
    if kind in ("timestamp", "timestamptz"):
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=value)
        return moment.isoformat() + ("Z" if kind == "timestamptz" else "")
    if kind == "time":
        return str((datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=value)).time())
    if kind == "bytea":
        return "\\x" + value.hex()
    if kind in ("numeric", "inet", "_text", "_int4"):
        return column.type.element(value).decode()
    return str(value)


def changes() -> Iterator[Change]:
    for table in TABLES:
        rows = ROWS[table.name]
        for operation, row in zip(STEPS[table.name], rows):
            yield Change(table, operation, row)
        yield Change(table, "d", rows[-1])


def record_count(table: Table) -> int:
    # A delete is followed by its tombstone.
    return len(ROWS[table.name]) + 2


def path(table: Table, form: str) -> Path:
    return FOLDER / f"{table.name}.{form}"
