"""Case j: who sees when a record's row is visible, on a connection of its own, with looks a millisecond apart."""

import bisect
import threading
import time
from collections.abc import Callable, Iterable

from bench.records import PARTITIONS, Record
from bench.servers import Servers, wait
from bench.workload import table_name

PAUSE = 0.001
TABLE = table_name("items")


class Poller:
    """Notes when more of each partition is visible."""

    def __init__(self, servers: Servers) -> None:
        self._connection = servers.destination.connect()
        self._offsets: list[list[int]] = [[] for _ in range(PARTITIONS)]
        self._times: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()

    def _look(self) -> Iterable[tuple[int, int]]:
        """Partitions with the offset up to which their records are visible."""
        raise NotImplementedError

    def _poll(self) -> None:
        while not self._stop.is_set():
            now = None
            for partition, offset in self._look():
                # A look that asks several times counts from its first answer.
                now = now or time.monotonic()
                known = self._offsets[partition]
                if offset > (known[-1] if known else 0):
                    known.append(offset)
                    self._times[partition].append(now)
            time.sleep(PAUSE)

    def wait(self, count: int, check: Callable[[], bool]) -> None:
        wait(lambda: check() or sum(each[-1] if each else 0 for each in self._offsets) == count, 120,
             "the last record in the destination")
        self._stop.set()
        self._thread.join()
        rows = self._connection.execute(f"select count(*) from {TABLE}").fetchone()
        self._connection.close()
        if rows != (count,):
            raise RuntimeError(f"{rows} rows of {count} in the destination")

    def seen(self, partition: int, offset: int) -> float:
        return self._times[partition][bisect.bisect_right(self._offsets[partition], offset)]


class ProgressPoller(Poller):
    """Reads `sink_progress`, which moves in the transaction of the rows."""

    def _look(self) -> Iterable[tuple[int, int]]:
        query = 'select "partition", next_offset from handover.sink_progress'
        return self._connection.execute(query, prepare=True).fetchall()


class RowPoller(Poller):
    """Looks for the rows themselves, of whoever has no progress in the destination.

    A partition's rows come in their order. It asks for the next one of each partition, for the second, the fourth …
    after it, and again until nothing more is there.
    """

    def __init__(self, servers: Servers, prepared: list[Record]) -> None:
        self._keys: list[list[int]] = [[] for _ in range(PARTITIONS)]
        for record in prepared:
            self._keys[record.partition].append(record.change[2][0])
        self._next = [0] * PARTITIONS
        super().__init__(servers)

    def _look(self) -> Iterable[tuple[int, int]]:
        while True:
            places = {}
            for partition, keys in enumerate(self._keys):
                step = 1
                while (place := self._next[partition] + step) <= len(keys):
                    places[keys[place - 1]] = (partition, place)
                    step *= 2
            rows = self._connection.execute(
                f"select id from {TABLE} where id = any(%s)", [list(places)], prepare=True).fetchall()
            if not rows:
                return
            for key, in rows:
                partition, place = places[key]
                self._next[partition] = max(self._next[partition], place)
            yield from enumerate(self._next)
