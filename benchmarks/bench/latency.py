"""Case j: from the append of a record to its topic until a reader of the destination sees its row.

Open loop: records are due at fixed times, and a late one is measured from when it was due, too. The append lies between
the producer's request and the broker's acknowledgement; the clock starts with the acknowledgement, and beside it stands
the time from when the record was due, which has the producer's lingering and the way to the broker in it.

The destination commits durably. A poller on a connection of its own reads `sink_progress`, which moves in the
transaction of the rows: a record is visible at the first look that finds its partition behind it. The looks are a
millisecond apart.

Two floors are measured in the same run: a bare consumer of the same load, from the append until the record is in its
hands, and one row's durable commit.
"""

import bisect
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.cases import CASES
from bench.contenders import SinkProcess, Tools
from bench.records import PARTITIONS, records, topics
from bench.servers import Servers, wait
from bench.workload import Workload, create_topics, make_tables

# Events/s, and the p99 in milliseconds that is wanted.
RATES = ((1_000, 10), (10_000, 25))
# What comes before is not counted: tables are looked up, memory grows.
WARM_UP = 2
TICK = 0.001
# As the lab's Connect worker produces: Debezium hands over what it read in batches.
LINGER_MS = 5
# This broker does not wake a fetch that waits when a record comes: it looks again when half of the wait is over.
FETCH_WAIT_MS = 2

# By partition and offset: when the record was due, and when the broker had acknowledged it.
Sent = list[list[tuple[float, float]]]
Seen = Callable[[int, int], float]


def measure(servers: Servers, tools: Tools, seconds: int, lanes: int) -> list[dict[str, Any]]:
    # The poller must not wait for the producer's thread for 5 ms, Python's default.
    sys.setswitchinterval(TICK / 2)
    return [_rate(servers, tools, rate, target, seconds, lanes) for rate, target in RATES]


def _rate(servers: Servers, tools: Tools, rate: int, target: int, seconds: int, lanes: int) -> dict[str, Any]:
    case, count = CASES["a"], rate * (seconds + WARM_UP)
    prepared = list(records(case, count))
    found: dict[str, Any] = {"rate": rate, "target": target, "seconds": seconds, "commit": _commits(servers)}

    servers.new_broker()
    create_topics(servers, case)
    with _BareConsumer(servers, topics(case)[0]) as consumer:
        sent = _produce(servers, topics(case)[0], prepared, rate)
        wait(lambda: consumer.count >= count, 120, "the last record at the bare consumer")
    found["bare"] = _percentiles(_latencies(sent, consumer.seen, rate, since_due=False))

    servers.new_broker()
    create_topics(servers, case)
    workload = Workload(case, count, count, 0, tools.folder, tools.folder, tools.folder)
    with servers.destination.connect() as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        make_tables(connection, case, count, "public")
        connection.execute("checkpoint")
    override = {"consumer.override.fetch.max.wait.ms": str(FETCH_WAIT_MS)}
    with SinkProcess(servers, tools, workload, lanes, rate, override) as sink:
        sink.wait_assigned()
        poller = _Poller(servers)
        sent = _produce(servers, topics(case)[0], prepared, rate)
        poller.wait(count, sink)
    found["due"] = _percentiles(_latencies(sent, poller.seen, rate, since_due=True))
    found |= _percentiles(_latencies(sent, poller.seen, rate, since_due=False))
    print(f"j  {rate:,} events/s: p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, p99.9 {found['p999']:.1f} ms; "
          f"since due p99 {found['due']['p99']:.1f} ms; bare consumer p50 {found['bare']['p50']:.1f}, "
          f"p99 {found['bare']['p99']:.1f} ms; a commit p50 {found['commit']['p50']:.1f}, "
          f"p99 {found['commit']['p99']:.1f} ms", flush=True)
    return found


def _latencies(sent: Sent, seen: Seen, rate: int, since_due: bool) -> list[float]:
    first = min(partition[0][0] for partition in sent if partition) + WARM_UP
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

    def __init__(self, servers: Servers, topic: str) -> None:
        self.count = 0
        self._times: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._stop = threading.Event()
        self._consumer = Consumer({
            "bootstrap.servers": servers.bootstrap, "group.id": "bare", "enable.auto.commit": False,
            "fetch.wait.max.ms": FETCH_WAIT_MS,
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


class _Poller:
    """Notes when each partition's stored offset moved."""

    def __init__(self, servers: Servers) -> None:
        self._connection = servers.destination.connect()
        self._offsets: list[list[int]] = [[] for _ in range(PARTITIONS)]
        self._times: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        query = 'select "partition", next_offset from sink_progress'
        while not self._stop.is_set():
            rows = self._connection.execute(query, prepare=True).fetchall()
            now = time.monotonic()
            for partition, offset in rows:
                known = self._offsets[partition]
                if offset > (known[-1] if known else 0):
                    known.append(offset)
                    self._times[partition].append(now)
            time.sleep(TICK)

    def wait(self, count: int, sink: SinkProcess) -> None:
        wait(lambda: sink.check() or sum(each[-1] if each else 0 for each in self._offsets) == count, 120,
             "the last record in the destination")
        self._stop.set()
        self._thread.join()
        rows = self._connection.execute("select count(*) from bench_public_items").fetchone()
        self._connection.close()
        if rows != (count,):
            raise RuntimeError(f"{rows} rows of {count} in the destination")

    def seen(self, partition: int, offset: int) -> float:
        return self._times[partition][bisect.bisect_right(self._offsets[partition], offset)]
