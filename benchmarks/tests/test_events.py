"""The generator writes what Debezium writes: each captured event is made again from its row."""

import json
import unittest

from bench import captured
from bench.events import Events, Moment


class EventTests(unittest.TestCase):
    def test_events_equal_captured_ones_byte_for_byte(self) -> None:
        for table in captured.TABLES:
            for form in ("plain", "schemas"):
                with self.subTest(table=table.name, form=form):
                    self.compare(table, form)

    def compare(self, table, form: str) -> None:
        events = Events(table, form, schemas=form == "schemas")
        lines = captured.path(table, form).read_bytes().split(b"\n")[:-1]
        records = [line.split(b"\t", 1) for line in lines]
        changes = [each for each in captured.changes() if each.table is table]
        self.assertEqual(len(records), len(changes) + 1)
        for (key, value), change in zip(records, changes):
            self.assertEqual(events.key(change.row), key)
            self.assertEqual(events.value(change.operation, change.row, self.moment(value)).decode(), value.decode())
        tombstone = records[-1]
        self.assertEqual(tombstone, [events.key(changes[-1].row), b""])

    def moment(self, value: bytes) -> Moment:
        event = json.loads(value)
        event = event.get("payload", event)
        source = event["source"]
        last_commit, lsn = json.loads(source["sequence"])
        self.assertEqual(int(lsn), source["lsn"])
        return Moment(
            committed=source["ts_us"], handled=event["ts_ns"], transaction=source["txId"], lsn=source["lsn"],
            last_commit=last_commit if last_commit is None else int(last_commit),
        )


if __name__ == "__main__":
    unittest.main()
