"""Records that a registry's converters wrote as Avro, as JSON: with fastavro, which shares nothing with the project's own reader."""

import io
import json
import urllib.request

import fastavro

SECONDS = 10


class Records:
    """Reads the form of Confluent's converters, which Apicurio's write, too: a zero, the schema's number in four bytes, the data."""

    def __init__(self, registry: str) -> None:
        self._registry = registry
        self._schemas: dict[int, object] = {}

    def text(self, raw: bytes | None) -> str:
        if raw is None:
            return "null"
        if len(raw) < 5 or raw[0] != 0:
            raise ValueError("a record is not in the form of Confluent's converters")
        value = fastavro.schemaless_reader(io.BytesIO(raw[5:]), self._schema(int.from_bytes(raw[1:5], "big")), None)
        return json.dumps(value, separators=(",", ":"), default=str)

    def _schema(self, number: int) -> object:
        if number not in self._schemas:
            with urllib.request.urlopen(f"{self._registry}/apis/ccompat/v7/schemas/ids/{number}", timeout=SECONDS) as answer:
                self._schemas[number] = fastavro.parse_schema(json.loads(json.load(answer)["schema"]))
        return self._schemas[number]
