"""Column types: how Debezium writes a value and its schema, and how PostgreSQL takes it as an array's element."""

import base64
import datetime
import functools
import json
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
# PostgreSQL counts from 2000-01-01.
SECONDS_TO_2000 = 946_684_800
DAYS_TO_2000 = 10_957


# Non-ASCII characters stand as they are, as Jackson writes them.
_text = json.encoder.encode_basestring


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (EPOCH + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def zoned(micros: int) -> str:
    """Debezium writes as many digits as the column keeps."""
    seconds, fraction = divmod(micros, 1_000_000)
    return f"{_second(seconds)}.{fraction:06d}Z"


def _decimal(unscaled: int) -> bytes:
    """Two's complement, big endian, as short as it goes: Java's BigInteger.toByteArray."""
    return unscaled.to_bytes((unscaled + (unscaled < 0)).bit_length() // 8 + 1, "big", signed=True)


@dataclass(frozen=True)
class Type:
    # As SQL declares it.
    sql: str
    # pg_type.typname, the modifier, and the name without it.
    catalog: tuple[str, int, str]
    # The value in an event, as JSON.
    json: Callable[[Any], str]
    # The value as an array's element in binary format.
    element: Callable[[Any], bytes]
    # The element's type and its array's; text is cast by the statement.
    oids: tuple[int, int]
    # Type, name and the rest of its Connect schema.
    schema: str
    semantic: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    items: str | None = None
    cast: str | None = None


def _as_text(value: Any) -> bytes:
    return str(value).encode()


def _array(values: list[Any]) -> bytes:
    quoted = ('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
              for value in values)
    return ("{" + ",".join(quoted) + "}").encode()


def _money(unscaled: int) -> bytes:
    sign, digits = "-" if unscaled < 0 else "", abs(unscaled)
    return f"{sign}{digits // 100}.{digits % 100:02d}".encode()


TEXT = (25, 1009)

TYPES: dict[str, Type] = {
    "smallint": Type("smallint", ("int2", -1, "smallint"), str, struct.Struct(">h").pack, (21, 1005), "int16"),
    "integer": Type("integer", ("int4", -1, "integer"), str, struct.Struct(">i").pack, (23, 1007), "int32"),
    "bigint": Type("bigint", ("int8", -1, "bigint"), str, struct.Struct(">q").pack, (20, 1016), "int64"),
    "boolean": Type("boolean", ("bool", -1, "boolean"), lambda value: "true" if value else "false",
                    struct.Struct(">?").pack, (16, 1000), "boolean"),
    # Values are eighths, which Java and Python write alike.
    "real": Type("real", ("float4", -1, "real"), repr, struct.Struct(">f").pack, (700, 1021), "float"),
    "double": Type("double precision", ("float8", -1, "double precision"), repr, struct.Struct(">d").pack,
                   (701, 1022), "double"),
    "numeric": Type("numeric(12,2)", ("numeric", (12 << 16 | 2) + 4, "numeric"),
                    lambda value: '"' + base64.b64encode(_decimal(value)).decode() + '"', _money, TEXT, "bytes",
                    "org.apache.kafka.connect.data.Decimal",
                    {"scale": "2", "connect.decimal.precision": "12"}, cast="numeric"),
    "text": Type("text", ("text", -1, "text"), _text, str.encode, TEXT, "string"),
    "varchar": Type("varchar(40)", ("varchar", 44, "character varying"), _text, str.encode, TEXT, "string"),
    "char": Type("char(8)", ("bpchar", 12, "character"), _text, str.encode, TEXT, "string", cast="bpchar"),
    "uuid": Type("uuid", ("uuid", -1, "uuid"), lambda value: f'"{value}"', lambda value: value.bytes, (2950, 2951),
                 "string", "io.debezium.data.Uuid"),
    "date": Type("date", ("date", -1, "date"), str, lambda days: struct.pack(">i", days - DAYS_TO_2000),
                 (1082, 1182), "int32", "io.debezium.time.Date"),
    "timestamp": Type("timestamp", ("timestamp", -1, "timestamp without time zone"), str,
                      lambda micros: struct.pack(">q", micros - SECONDS_TO_2000 * 1_000_000), (1114, 1115), "int64",
                      "io.debezium.time.MicroTimestamp"),
    "timestamptz": Type("timestamptz", ("timestamptz", -1, "timestamp with time zone"),
                        lambda micros: f'"{zoned(micros)}"',
                        lambda micros: struct.pack(">q", micros - SECONDS_TO_2000 * 1_000_000), (1184, 1185),
                        "string", "io.debezium.time.ZonedTimestamp"),
    "time": Type("time", ("time", -1, "time without time zone"), str, struct.Struct(">q").pack, (1083, 1183),
                 "int64", "io.debezium.time.MicroTime"),
    "jsonb": Type("jsonb", ("jsonb", -1, "jsonb"), _text, lambda value: b"\x01" + value.encode(), (3802, 3807),
                  "string", "io.debezium.data.Json"),
    "bytea": Type("bytea", ("bytea", -1, "bytea"), lambda value: '"' + base64.b64encode(value).decode() + '"', bytes,
                  (17, 1001), "bytes"),
    "inet": Type("inet", ("inet", -1, "inet"), _text, _as_text, TEXT, "string", cast="inet"),
    "text[]": Type("text[]", ("_text", -1, "text[]"),
                   lambda values: "[" + ",".join(map(_text, values)) + "]", _array, TEXT, "array", items="string",
                   cast="text[]"),
    "integer[]": Type("integer[]", ("_int4", -1, "integer[]"),
                      lambda values: "[" + ",".join(map(str, values)) + "]", _array, TEXT, "array", items="int32",
                      cast="integer[]"),
}


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    is_key: bool = False

    def json(self, value: Any) -> str:
        return "null" if value is None else self.type.json(value)

    def element(self, value: Any) -> bytes:
        """Length and bytes, as in an array or in COPY's binary format."""
        if value is None:
            return b"\xff\xff\xff\xff"
        data = self.type.element(value)
        return struct.pack(">i", len(data)) + data


def column(name: str, kind: str, is_key: bool = False) -> Column:
    return Column(name, TYPES[kind], is_key)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> Column:
        return self.columns[0]

    def create(self, name: str) -> str:
        columns = ", ".join(f"{each.name} {each.type.sql}" + (" primary key" if each.is_key else "")
                            for each in self.columns)
        return f"create table {name} ({columns})"

    def upsert(self, name: str) -> str:
        """What a ceiling prepares: the statement that writes rows from one array a column."""
        names = ", ".join(each.name for each in self.columns)
        values = ", ".join(f"r.{each.name}" + (f"::{each.type.cast}" if each.type.cast else "")
                           for each in self.columns)
        arrays = ", ".join(f"${number}" for number in range(1, len(self.columns) + 1))
        updates = ", ".join(f"{each.name} = excluded.{each.name}" for each in self.columns if not each.is_key)
        return (f"insert into {name} ({names}) select {values} from unnest({arrays}) as r({names}) "
                f"on conflict ({self.key.name}) do update set {updates}")

    def delete(self, name: str) -> str:
        return f"delete from {name} t using unnest($1) as r(k) where t.{self.key.name} = r.k"


ITEM = (column("id", "bigint", True), column("note", "text"), column("changed_at", "timestamptz"))
PAYLOAD = (column("id", "bigint", True), column("payload", "text"), column("changed_at", "timestamptz"))
KINDS = tuple(kind for kind in TYPES)
# 40 columns: the key, every type once, and all but one of them twice.
WIDE = (column("id", "bigint", True),
        *(column(f"c{number:02d}", kind) for number, kind in enumerate((*KINDS, *KINDS[:-1]), 1)))


def random_value(kind: Type, draw: Any) -> Any:
    """A plausible value; some are NULL."""
    name = kind.catalog[0]
    bits = draw.getrandbits(62)
    if bits & 31 == 0:
        return None
    if name == "int2":
        return (bits >> 5) % 65_536 - 32_768
    if name in ("int4", "int8"):
        return (bits >> 5) % 4_000_000_000 - 2_000_000_000
    if name == "bool":
        return bool(bits & 32)
    if name in ("float4", "float8"):
        return (bits >> 5) % 800_000 / 8 + 0.125
    if name == "numeric":
        return (bits >> 5) % 2_000_000_000 - 1_000_000_000
    if name in ("text", "varchar"):
        return f"order {bits % 100_000} für Zoë, \"express\""
    if name == "bpchar":
        return f"{bits % 100_000_000:08d}"
    if name == "uuid":
        return uuid.UUID(int=(bits << 62) | draw.getrandbits(62))
    if name == "date":
        return 10_000 + bits % 10_000
    if name == "timestamp":
        return 1_600_000_000_000_000 + bits % 150_000_000_000_000
    if name == "timestamptz":
        return 1_600_000_000_000_000 + bits % 150_000_000_000_000
    if name == "time":
        return bits % 86_400_000_000
    if name == "jsonb":
        return f'{{"a": {bits % 1000}, "tags": ["x", "{bits % 77}"]}}'
    if name == "bytea":
        return bits.to_bytes(8, "big") * 2
    if name == "inet":
        return f"10.{bits & 255}.{bits >> 8 & 255}.{bits >> 16 & 255}"
    if name == "_text":
        return ["red", f"nr {bits % 100}"]
    if name == "_int4":
        return [bits % 1000, -(bits >> 10) % 1000]
    raise ValueError(name)
