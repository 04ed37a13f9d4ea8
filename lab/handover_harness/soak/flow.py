"""What goes through a sink: events in Debezium's form, the load that produces them, and the judgement.

The topic is the truth, not what the producer believes: it is read from its first record to its end, and folded."""

import json
import random
import threading
import time
from collections import Counter

from confluent_kafka import Producer

from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.soak.broker import PARTITIONS, Broker, Record
from handover_harness.soak.destination import Destination


class Flow:
    """A topic, its table, and the name of the sink between them."""

    kind = ""
    columns = ""
    settings: dict[str, str] = {}

    def __init__(self, scenario: str, broker: Broker, destination: Destination, seed: str, rate: int) -> None:
        self.name = f"soak-{scenario}-{self.kind}"
        self.topic = f"soak.{scenario}.{self.kind}"
        self.table = f"soak_{scenario}_{self.kind}"
        self.broker, self.destination, self.rate = broker, destination, rate
        self.random = random.Random(f"{seed}/{self.name}")
        # Records of topics that were deleted since, and were applied before.
        self.former: list[Record] = []
        self.produced = 0
        self.refused: list[str] = []
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        # What a former run in the same lab has left.
        broker.forget(self.topic)
        destination.ask(f"drop table if exists {self.table}")
        destination.ask("delete from handover.sink_progress where sink = %s", [self.name])
        broker.create(self.topic)
        destination.ask(f"create table {self.table} ({self.columns})")

    # What an event is, and what the table must hold.

    def next_events(self) -> list[tuple[int, dict, dict | None]]:
        """Partition, key and value of the next change; a delete has two."""
        raise NotImplementedError

    def differences(self, records: list[Record]) -> list[str]:
        raise NotImplementedError

    def envelope(self, op: str, before: dict | None, after: dict | None) -> dict:
        now = time.time_ns()
        return {
            "before": before, "after": after,
            "source": {
                "version": "3.1.1.Final", "connector": "postgresql", "name": "soak", "ts_ms": now // 1_000_000,
                "snapshot": "false", "db": "source_db", "sequence": f'["{now}","{now}"]', "ts_us": now // 1000,
                "ts_ns": now, "schema": "public", "table": self.table, "txId": self.produced, "lsn": now, "xmin": None,
            },
            "transaction": None, "op": op, "ts_ms": now // 1_000_000, "ts_us": now // 1000, "ts_ns": now,
        }

    # Load.

    def start(self) -> None:
        self._halt.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._halt.set()
        if self._thread is not None:
            self._thread.join(180)
            if self._thread.is_alive():
                raise Failed(f"the load of {self.topic} does not end")
            self._thread = None
        if self.refused:
            raise Failed(f"the broker refused records of {self.topic}: {self.refused[0]}")

    def produce(self, count: int) -> None:
        producer = self._producer()
        self._send(producer, count)
        self._flush(producer)

    def _run(self) -> None:
        producer = self._producer()
        begun, sent = time.monotonic(), 0
        while not self._halt.wait(0.05):
            due = int((time.monotonic() - begun) * self.rate) - sent
            self._send(producer, due)
            sent += due
        self._flush(producer)

    def _producer(self) -> Producer:
        return Producer({"bootstrap.servers": self.broker.bootstrap, "acks": "all", "linger.ms": 50})

    def _send(self, producer: Producer, count: int) -> None:
        for _ in range(count):
            for partition, key, value in self.next_events():
                producer.produce(
                    self.topic, None if value is None else json.dumps(value), json.dumps(key), partition,
                    on_delivery=self._delivered,
                )
                self.produced += 1
            producer.poll(0)

    def _flush(self, producer: Producer) -> None:
        if left := producer.flush(150):
            self.refused.append(f"{left} records were not taken within 150 s")

    def _delivered(self, error: object, _message: object) -> None:
        if error is not None:
            self.refused.append(str(error))

    # Judgement.

    def wait_progress(self, what: str, seconds: float = 90) -> None:
        """Every partition is further than it is now."""
        before: dict[int, int] = {}
        until("the destination answers", 60, lambda: self._look(before))

        def moved() -> bool:
            now: dict[int, int] = {}
            return self._look(now) and all(
                now.get(number, -1) > before.get(number, -1) for number in range(PARTITIONS)
            )

        until(f"{self.name} goes on after {what}", seconds, moved)

    def _look(self, into: dict[int, int]) -> bool:
        try:
            into.update(self.destination.progress(self.name))
        except Exception:  # the server may be down, starting, or just killed
            return False
        return True

    def wait_end(self, seconds: float = 180) -> None:
        """Everything in the topic is applied."""
        ends = self.broker.ends(self.topic)
        until(
            f"{self.name} reaches the end of its topic, {ends}", seconds,
            lambda: self._look(now := {}) and now == ends,
        )

    def judge(self, counts_events: bool = True) -> int:
        """Compares the topic with the table; returns how many records there were."""
        records = self.broker.read(self.topic)
        faults = self.differences(self.former + records)
        events = self.destination.events(self.name)
        if counts_events and events != len(records):
            faults.append(f"{events} records were applied, the topic has {len(records)}")
        if faults:
            raise Failed(f"{self.table} is not what {self.topic} says: " + "; ".join(faults[:5]))
        return len(self.former) + len(records)


class Keyed(Flow):
    """Upserts and deletes of rows of the model's table."""

    kind = "debezium_table"
    columns = "id int primary key, current_value bigint not null"
    settings = {"insert.mode": "upsert", "primary.key.mode": "record_key", "primary.key.fields": "id",
                "delete.enabled": "true"}
    rows = 500

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.values: dict[int, int] = {}
        self.token = 0

    def next_events(self) -> list[tuple[int, dict, dict | None]]:
        identity = self.random.randrange(self.rows)
        partition, key = identity % PARTITIONS, {"id": identity}
        previous = self.values.get(identity)
        before = None if previous is None else {"id": identity, "current_value": previous}
        if previous is not None and self.random.random() < 0.1:
            del self.values[identity]
            return [(partition, key, self.envelope("d", before, None)), (partition, key, None)]
        self.token += 1
        self.values[identity] = self.token
        after = {"id": identity, "current_value": self.token}
        return [(partition, key, self.envelope("c" if previous is None else "u", before, after))]

    def differences(self, records: list[Record]) -> list[str]:
        expected: dict[int, int] = {}
        for record in records:
            identity = json.loads(record.key)["id"]
            after = json.loads(record.value)["after"] if record.value is not None else None
            if after is None:
                expected.pop(identity, None)
            else:
                expected[identity] = after["current_value"]
        found = dict(self.destination.ask(f"select id, current_value from {self.table}"))
        return [
            f"id {identity}: {found.get(identity)} instead of {expected.get(identity)}"
            for identity in sorted(expected.keys() | found.keys())
            if expected.get(identity) != found.get(identity)
        ]


class Keyless(Flow):
    """Inserts into a table without a key: what is applied twice stands there twice."""

    kind = "log"
    columns = "seq bigint not null, body text not null"
    settings = {"insert.mode": "insert", "primary.key.mode": "none"}

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.sequence = 0

    def next_events(self) -> list[tuple[int, dict, dict | None]]:
        self.sequence += 1
        after = {"seq": self.sequence, "body": f"{self.random.getrandbits(64):016x}"}
        return [(self.sequence % PARTITIONS, {"seq": self.sequence}, self.envelope("c", None, after))]

    def differences(self, records: list[Record]) -> list[str]:
        events = [json.loads(record.value)["after"] for record in records if record.value is not None]
        expected = Counter((event["seq"], event["body"]) for event in events)
        found = Counter(self.destination.ask(f"select seq, body from {self.table}"))
        return [
            f"seq {row[0]} stands there {found[row]} times instead of {expected[row]}"
            for row in sorted(expected.keys() | found.keys()) if expected[row] != found[row]
        ]
