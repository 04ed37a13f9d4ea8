"""Makes Avro of records that have their schemas with them, as Confluent's converters write it.

    python3 -m bench.avro CASE COUNT FILE
"""

import base64
import json
import struct
import sys
from pathlib import Path
from typing import Any

from bench.cases import CASES, Case
from bench.recording import columns
from bench.records import records

SIMPLE = {"boolean": "boolean", "int32": "int", "int64": "long", "float": "float", "double": "double",
          "string": "string", "bytes": "bytes"}


def write(case: Case, count: int, path: Path) -> None:
    """A recording for `sink measure`: the columns, the schemas of key and value, and records in hexadecimal digits."""
    head = columns(case)
    with open(path, "wb") as file:
        file.writelines(head)
        schemas: dict[str, dict[str, Any]] = {}
        for record in records(case, count):
            parts = []
            for number, (part, text) in enumerate((("key", record.key), ("value", record.value)), 1):
                if not text:
                    parts.append(b"")
                    continue
                document = json.loads(text)
                if part not in schemas:
                    schemas[part] = document["schema"]
                    avro = json.dumps(schema(document["schema"], set()), separators=(",", ":"))
                    file.write(f"schema\t{part}\t{avro}\n".encode())
                data = b"\0" + struct.pack(">I", number) + encode(schemas[part], document["payload"])
                parts.append(data.hex().encode())
            file.write(b"\t".join(parts) + b"\n")


def schema(of: dict[str, Any], known: set[str]) -> Any:
    """What AvroData makes of a schema of Connect's."""
    kind = of["type"]
    if kind == "struct":
        name = of.get("name", f"Struct{len(known)}")
        if name in known:
            return optional(of, name)
        known.add(name)
        space, _, simple = name.rpartition(".")
        fields = [{"name": f["field"], "type": schema(f, known)} for f in of["fields"]]
        made: Any = {"type": "record", "name": simple, "namespace": space, "fields": fields, "connect.name": name}
    elif kind in ("int8", "int16"):
        made = {"type": "int", "connect.type": kind}
    elif kind == "array":
        made = {"type": "array", "items": schema(of["items"], known)}
    else:
        made = {"type": SIMPLE[kind]}
    if kind != "struct" and "name" in of:
        made |= {"connect.name": of["name"], "connect.version": of.get("version", 1)}
        if "parameters" in of:
            made["connect.parameters"] = of["parameters"]
    return optional(of, made)


def optional(of: dict[str, Any], made: Any) -> Any:
    return ["null", made] if of.get("optional") else made


def encode(of: dict[str, Any], value: Any) -> bytes:
    if of.get("optional"):
        if value is None:
            return b"\0"
        return b"\2" + encode({**of, "optional": False}, value)
    kind = of["type"]
    if kind == "struct":
        return b"".join(encode(f, value.get(f["field"])) for f in of["fields"])
    if kind == "array":
        return (number(len(value)) + b"".join(encode(of["items"], one) for one in value) if value else b"") + b"\0"
    if kind == "boolean":
        return bytes([value])
    if kind == "float":
        return struct.pack("<f", value)
    if kind == "double":
        return struct.pack("<d", value)
    if kind in ("string", "bytes"):
        data = value.encode() if kind == "string" else base64.b64decode(value)
        return number(len(data)) + data
    return number(value)


def number(value: int) -> bytes:
    rest = value << 1 if value >= 0 else ((-value) << 1) - 1
    data = bytearray()
    while rest > 0x7F:
        data.append(rest & 0x7F | 0x80)
        rest >>= 7
    data.append(rest)
    return bytes(data)


if __name__ == "__main__":
    write(CASES[sys.argv[1]], int(sys.argv[2]), Path(sys.argv[3]))
