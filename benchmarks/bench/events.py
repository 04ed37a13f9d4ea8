"""Change events of a table as Debezium and Kafka Connect's JsonConverter write them, byte for byte."""

import json
from dataclasses import dataclass
from typing import Any

from bench.columns import Column, Table

VERSION = "3.1.1.Final"


@dataclass(frozen=True)
class Moment:
    """What differs from event to event besides the row."""

    # When the source committed, in microseconds since 1970.
    committed: int
    # When Debezium handled it, in nanoseconds since 1970.
    handled: int
    transaction: int
    lsn: int
    # The LSN of the last commit that Debezium saw before; none for its first event.
    last_commit: int | None


class Events:
    """Keys and values of one table's events."""

    def __init__(self, table: Table, prefix: str, schemas: bool) -> None:
        self._table = table
        name = f"{prefix}.public.{table.name}"
        self.topic = name
        self._names = [f'"{each.name}":' for each in table.columns]
        self._encoders = [each.json for each in table.columns]
        self._key_name = self._names[0]
        self._rest = "".join(f",{each}null" for each in self._names[1:])
        self._key_head, self._head, self._tail = "", "", ""
        if schemas:
            self._key_head = f'{{"schema":{_compact(_key_schema(table, name))},"payload":'
            self._head = f'{{"schema":{_compact(_value_schema(table, name))},"payload":'
            self._tail = "}"
        self._source = (
            f'"source":{{"version":"{VERSION}","connector":"postgresql","name":"{prefix}","ts_ms":%d,'
            f'"snapshot":"false","db":"source_db","sequence":"[%s,\\"%d\\"]","ts_us":%d,"ts_ns":%d,'
            f'"schema":"public","table":"{table.name}","txId":%d,"lsn":%d,"xmin":null}},"transaction":null,"op":'
        )

    def key(self, row: tuple[Any, ...]) -> bytes:
        return f"{self._key_head}{{{self._key_name}{row[0]}}}{self._tail}".encode()

    def value(self, operation: str, row: tuple[Any, ...], at: Moment) -> bytes:
        """`operation` is c, u or d; of a deleted row only the key is known, as with the default replica identity."""
        if operation == "d":
            change = f'"before":{{{self._key_name}{row[0]}{self._rest}}},"after":null'
        else:
            after = ",".join([
                name + encode(value) for name, encode, value in zip(self._names, self._encoders, row)
            ])
            change = f'"before":null,"after":{{{after}}}'
        last = "null" if at.last_commit is None else f'\\"{at.last_commit}\\"'
        source = self._source % (
            at.committed // 1000, last, at.lsn, at.committed, at.committed * 1000, at.transaction, at.lsn,
        )
        return (
            f'{self._head}{{{change},{source}"{operation}","ts_ms":{at.handled // 1_000_000},'
            f'"ts_us":{at.handled // 1000},"ts_ns":{at.handled}}}{self._tail}'
        ).encode()


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _field(column: Column) -> dict[str, object]:
    kind = column.type
    schema: dict[str, object] = {"type": kind.schema}
    if kind.items is not None:
        schema["items"] = {"type": kind.items, "optional": True}
    schema["optional"] = not column.is_key
    if kind.semantic is not None:
        schema |= {"name": kind.semantic, "version": 1}
    if kind.parameters:
        schema["parameters"] = kind.parameters
    return schema | {"field": column.name}


def _key_schema(table: Table, name: str) -> dict[str, object]:
    return {"type": "struct", "fields": [_field(table.key)], "optional": False, "name": f"{name}.Key"}


def _plain(kind: str, name: str, optional: bool = False) -> dict[str, object]:
    return {"type": kind, "optional": optional, "field": name}


def _value_schema(table: Table, name: str) -> dict[str, object]:
    fields = [_field(each) for each in table.columns]
    row = {"type": "struct", "fields": fields, "optional": True, "name": f"{name}.Value"}
    snapshot = {
        "type": "string", "optional": True, "name": "io.debezium.data.Enum", "version": 1,
        "parameters": {"allowed": "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},
        "default": "false", "field": "snapshot",
    }
    source = [
        *(_plain("string", each) for each in ("version", "connector", "name")), _plain("int64", "ts_ms"), snapshot,
        _plain("string", "db"), _plain("string", "sequence", True), _plain("int64", "ts_us", True),
        _plain("int64", "ts_ns", True), _plain("string", "schema"), _plain("string", "table"),
        *(_plain("int64", each, True) for each in ("txId", "lsn", "xmin")),
    ]
    block = [_plain("string", "id"), _plain("int64", "total_order"), _plain("int64", "data_collection_order")]
    return {
        "type": "struct",
        "fields": [
            row | {"field": "before"}, row | {"field": "after"},
            {"type": "struct", "fields": source, "optional": False,
             "name": "io.debezium.connector.postgresql.Source", "version": 1, "field": "source"},
            {"type": "struct", "fields": block, "optional": True, "name": "event.block", "version": 1,
             "field": "transaction"},
            _plain("string", "op"), *(_plain("int64", each, True) for each in ("ts_ms", "ts_us", "ts_ns")),
        ],
        "optional": False, "name": f"{name}.Envelope", "version": 2,
    }
