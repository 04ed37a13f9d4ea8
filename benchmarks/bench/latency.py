"""Case j: from the append of a record to its topic until a reader of the destination sees its row.

Open loop: records are due at fixed times, and a late one is measured from when it was due, too. The append lies between
the producer's request and the broker's acknowledgement; the clock starts with the acknowledgement, and beside it stands
the time from when the record was due, which has the producer's lingering and the way to the broker in it.

The destination commits durably. A poller on a connection of its own sees when a record's row is visible
(`pollers`), with looks a millisecond apart.

Two floors are measured in the same run: a bare consumer of the same load, from the append until the record is in its
hands, and one row's durable commit.
"""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from bench import jdbc
from bench.cases import CASES, Case
from bench.contenders import SinkProcess, Tools
from bench.pollers import ProgressPoller, RowPoller
from bench.records import PARTITIONS, records, topics
from bench.servers import Servers, wait
from bench.workload import Workload, create_topics, make_tables

TICK = 0.001
# As the lab's Connect worker produces: Debezium hands over what it read in batches.
LINGER_MS = 5

# For how long the brokers work before the first contender, in seconds.
BROKERS_WARM_UP = 40

# By partition and offset: when the record was due, and when the broker had acknowledged it.
Sent = list[list[tuple[float, float]]]
Seen = Callable[[int, int], float]


@dataclass(frozen=True)
class Plan:
    """What is measured on a kind of broker."""

    case: Case
    # Events/s, and the p99 in milliseconds that is wanted; on Kafka its ratio to the best p99 of the JDBC sink.
    rates: tuple[tuple[int, float], ...]
    # What comes before is not counted, in seconds: tables are looked up, memory grows, Java compiles.
    warm_up: int
    # How long a fetch may wait; none is the client's default.
    fetch_wait_ms: int | None


# This broker does not wake a fetch that waits when a record comes: it looks again when half of the wait is over.
IN_MEMORY = Plan(CASES["a"], ((1_000, 10), (10_000, 25)), 2, 2)
# With schemas, without which the JDBC sink reads nothing.
KAFKA = Plan(CASES["b"], ((1_000, 0.2), (5_000, 0.3)), 5, None)


def measure(
    servers: Servers, tools: Tools, seconds: int, lanes: int, worker: jdbc.Worker | None, settings: list[jdbc.Setting],
) -> list[dict[str, Any]]:
    # The poller must not wait for the producer's thread for 5 ms, Python's default.
    sys.setswitchinterval(TICK / 2)
    plan = KAFKA if servers.lab.brokers.is_kafka else IN_MEMORY
    if servers.lab.brokers.is_kafka:
        # The first contender would pay for all: Java compiles for half a minute, on the cores that everything shares.
        _Load(servers, tools, plan, plan.rates[-1][0], BROKERS_WARM_UP, lanes).warm()
    return [
        _Load(servers, tools, plan, rate, seconds, lanes).measure(target, worker, settings)
        for rate, target in plan.rates
    ]


class _Load:
    """One rate, for each contender anew."""

    def __init__(self, servers: Servers, tools: Tools, plan: Plan, rate: int, seconds: int, lanes: int) -> None:
        self._servers, self._tools, self._plan = servers, tools, plan
        self._rate, self._seconds, self._lanes = rate, seconds, lanes
        self._count = rate * (seconds + plan.warm_up)
        self._topic = topics(plan.case)[0]
        self._prepared = list(records(plan.case, self._count))
        self._workload = Workload(
            plan.case, self._count, self._count, 0, tools.folder, tools.folder, tools.folder)

    def measure(
        self, target: float, worker: jdbc.Worker | None, settings: list[jdbc.Setting],
    ) -> dict[str, Any]:
        found: dict[str, Any] = {"rate": self._rate, "target": target, "seconds": self._seconds}
        found |= {"commit": _commits(self._servers), "bare": self._bare()}
        due, appended = self._sink()
        found |= {"due": due, **appended}
        print(f"j  {self._rate:,} events/s: p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, "
              f"p99.9 {found['p999']:.1f} ms; since due p99 {due['p99']:.1f} ms; bare consumer p50 "
              f"{found['bare']['p50']:.1f}, p99 {found['bare']['p99']:.1f} ms; a commit p50 "
              f"{found['commit']['p50']:.1f}, p99 {found['commit']['p99']:.1f} ms", flush=True)
        found["jdbc"] = {}
        for number, setting in enumerate(settings):
            assert worker is not None
            figures = self._jdbc(worker, setting, number)
            found["jdbc"][setting.contender] = figures
            print(f"j  {self._rate:,} events/s, {setting.contender}: p50 {figures['p50']:.1f} ms, "
                  f"p99 {figures['p99']:.1f} ms, p99.9 {figures['p999']:.1f} ms", flush=True)
        return found

    def warm(self) -> None:
        self._bare()

    def _bare(self) -> dict[str, float]:
        self._fresh_topic()
        with _BareConsumer(self._servers, self._topic, self._plan.fetch_wait_ms) as consumer:
            sent = self._produce()
            wait(lambda: consumer.count >= self._count, 120, "the last record at the bare consumer")
        return _percentiles(self._latencies(sent, consumer.seen))

    def _sink(self) -> tuple[dict[str, float], dict[str, float]]:
        self._fresh_topic()
        self._fresh_table()
        fetch_wait = self._plan.fetch_wait_ms
        override = {} if fetch_wait is None else {"consumer.override.fetch.max.wait.ms": str(fetch_wait)}
        number = time.monotonic_ns()
        with SinkProcess(self._servers, self._tools, self._workload, self._lanes, number, override) as sink:
            sink.wait_assigned()
            poller = ProgressPoller(self._servers)
            sent = self._produce()
            poller.wait(self._count, sink.check)
        return (_percentiles(self._latencies(sent, poller.seen, since_due=True)),
                _percentiles(self._latencies(sent, poller.seen)))

    def _jdbc(self, worker: jdbc.Worker, setting: jdbc.Setting, number: int) -> dict[str, float]:
        self._fresh_topic()
        self._fresh_table()
        name = self._rate * 100 + number
        with jdbc.Connector(worker, self._workload, setting, name) as connector:
            connector.wait_assigned()
            poller = RowPoller(self._servers, self._prepared)
            sent = self._produce()
            poller.wait(self._count, connector.check)
        return _percentiles(self._latencies(sent, poller.seen))

    def _fresh_topic(self) -> None:
        self._servers.forget_topics()
        create_topics(self._servers, self._plan.case)

    def _fresh_table(self) -> None:
        with self._servers.destination.connect() as connection:
            for schema in ("public", "handover"):
                connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute("create schema public")
            make_tables(connection, self._plan.case, self._count, "public")
            connection.execute("checkpoint")

    def _produce(self) -> Sent:
        return _produce(self._servers, self._topic, self._prepared, self._rate)

    def _latencies(self, sent: Sent, seen: Seen, since_due: bool = False) -> list[float]:
        first = min(partition[0][0] for partition in sent if partition) + self._plan.warm_up
        return [
            seen(partition, offset) - (due if since_due else appended)
            for partition in range(PARTITIONS) for offset, (due, appended) in enumerate(sent[partition]) if due >= first
        ]


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)

    def percentile(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000

    return {"p50": percentile(0.5), "p99": percentile(0.99), "p999": percentile(0.999), "greatest": ordered[-1] * 1000}


def _commits(servers: Servers) -> dict[str, float]:
    taken = []
    with servers.destination.connect() as connection:
        connection.execute("create table if not exists bench_commit (n int)")
        end = time.monotonic() + 2
        while (begin := time.monotonic()) < end:
            connection.execute("insert into bench_commit values (1)", prepare=True)
            taken.append(time.monotonic() - begin)
        connection.execute("drop table bench_commit")
    return _percentiles(taken)


def _produce(servers: Servers, topic: str, prepared: list, rate: int) -> Sent:
    producer = Producer({"bootstrap.servers": servers.bootstrap, "linger.ms": LINGER_MS, "acks": 1})
    sent: Sent = [[] for _ in range(PARTITIONS)]
    begin, number = time.monotonic() + 0.1, 0

    def acknowledged(partition: int, offset: int) -> Callable:
        def note(error: object, _: object) -> None:
            if error is not None:
                raise RuntimeError(f"a record was not stored: {error}")
            sent[partition][offset] = (sent[partition][offset][0], time.monotonic())
        return note

    while number < len(prepared):
        allowed = min(len(prepared), int((time.monotonic() - begin) * rate) + 1)
        while number < allowed:
            record = prepared[number]
            offset = len(sent[record.partition])
            sent[record.partition].append((begin + number / rate, 0))
            producer.produce(
                topic, record.value, record.key, record.partition,
                on_delivery=acknowledged(record.partition, offset),
            )
            number += 1
        producer.poll(0)
        time.sleep(TICK / 2)
    producer.flush(30)
    return sent


class _BareConsumer:
    """Takes each record from librdkafka and drops it."""

    def __init__(self, servers: Servers, topic: str, fetch_wait_ms: int | None) -> None:
        self.count = 0
        self._times: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._stop = threading.Event()
        self._consumer = Consumer({
            "bootstrap.servers": servers.bootstrap, "group.id": "bare", "enable.auto.commit": False,
            **({} if fetch_wait_ms is None else {"fetch.wait.max.ms": fetch_wait_ms}),
        })
        self._consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> "_BareConsumer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def _poll(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                self._times[message.partition()].append(time.monotonic())
                self.count += 1

    def seen(self, partition: int, offset: int) -> float:
        return self._times[partition][offset]
