"""Case j: from the call that produces a record until a reader of the destination sees its row.

Open loop: records are due at fixed times, and a late one is measured from when it was due. The destination commits
durably. A poller on a connection of its own reads `sink_progress`, which moves in the transaction of the rows: a record
is visible at the first look that finds its partition behind it. The looks are a millisecond apart.
"""

import bisect
import sys
import threading
import time
from typing import Any

from confluent_kafka import Producer

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


def measure(servers: Servers, tools: Tools, seconds: int, lanes: int) -> list[dict[str, Any]]:
    return [_rate(servers, tools, rate, target, seconds, lanes) for rate, target in RATES]


def _rate(servers: Servers, tools: Tools, rate: int, target: int, seconds: int, lanes: int) -> dict[str, Any]:
    case, count = CASES["a"], rate * (seconds + WARM_UP)
    servers.new_broker()
    create_topics(servers, case)
    prepared = list(records(case, count))
    # The poller must not wait for the producer's thread for 5 ms, Python's default.
    sys.setswitchinterval(TICK / 2)
    workload = Workload(case, count, count, 0, tools.folder, tools.folder, tools.folder)
    with servers.destination.connect() as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        make_tables(connection, case, count, "public")
        connection.execute("checkpoint")
    with SinkProcess(servers, tools, workload, lanes, rate) as sink:
        sink.wait_assigned()
        poller = _Poller(servers)
        due = _produce(servers, topics(case)[0], prepared, rate)
        poller.wait(count, sink)
    latencies = sorted(
        poller.seen(partition, offset) - moment
        for partition in range(PARTITIONS)
        for offset, (moment, number) in enumerate(due[partition]) if number >= rate * WARM_UP
    )

    def percentile(part: float) -> float:
        return latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1000

    found = {"rate": rate, "target": target, "seconds": seconds, "p50": percentile(0.5), "p99": percentile(0.99),
             "p999": percentile(0.999), "greatest": latencies[-1] * 1000}
    print(f"j  {rate:,} events/s: p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, "
          f"p99.9 {found['p999']:.1f} ms", flush=True)
    return found


def _produce(servers: Servers, topic: str, prepared: list, rate: int) -> list[list[tuple[float, int]]]:
    """Returns for each partition when each of its records was due, and its number."""
    producer = Producer({"bootstrap.servers": servers.bootstrap, "linger.ms": 0, "acks": 1})
    due: list[list[tuple[float, int]]] = [[] for _ in range(PARTITIONS)]
    begin, sent = time.monotonic() + 0.1, 0
    while sent < len(prepared):
        allowed = min(len(prepared), int((time.monotonic() - begin) * rate) + 1)
        while sent < allowed:
            record = prepared[sent]
            due[record.partition].append((begin + sent / rate, sent))
            producer.produce(topic, record.value, record.key, record.partition)
            sent += 1
        producer.poll(0)
        time.sleep(TICK / 2)
    producer.flush(30)
    return due


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
