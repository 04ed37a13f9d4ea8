"""When a client of HAProxy's leader port could write: what the writer's first write after an outage is held against.

A process of its own, in the lab's Python that has a driver. New connections only, one every 25 ms, each in a thread:
one that hangs delays no other. What is written is a row of its own table, committed.
"""

import subprocess
import sys
import threading
import time
from types import TracebackType

from handover_lab import cluster
from handover_lab.settings import CHECKOUT, Lab

INTERVAL = 0.025
AT_ONCE = 30


class Probe:
    """Knocks while the block runs, if it is wanted."""

    def __init__(self, lab: Lab, wanted: bool) -> None:
        self._lab, self._wanted = lab, wanted
        self._process: subprocess.Popen[str] | None = None
        self.moments: list[int] = []

    def __enter__(self) -> "Probe":
        if self._wanted:
            self._process = subprocess.Popen(
                [str(self._lab.python), "-m", "handover_lab.probe", str(self._lab.ports["HAPROXY_LEADER"])],
                stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=CHECKOUT / "lab",
                env=cluster.environment(self._lab),
            )
            assert self._process.stdout is not None
            self._process.stdout.readline()
            time.sleep(0.5)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            # Its standard input ends: so does it.
            printed, _ = self._process.communicate("")
            self.moments = sorted(int(line) for line in printed.split())

    def delay(self, acknowledgements: list[int]) -> float | None:
        """Seconds between the end of the longest gap of the probe's writes and the writer's first write after it."""
        gaps = [(later - earlier, earlier, later) for earlier, later in zip(self.moments, self.moments[1:])]
        if not gaps or max(gaps)[0] < 300_000_000:
            return None
        _, began, ended = max(gaps)
        # The writer's own gap: from its last write before the middle of the probe's to its first one after.
        middle = (began + ended) // 2
        after = min((moment for moment in acknowledgements if moment > middle), default=None)
        return None if after is None else (after - ended) / 1e9


def knock(port: int) -> None:
    import psycopg

    base = f"host=127.0.0.1 port={port} user=postgres dbname=source_db connect_timeout=2 application_name=lab-probe"
    with psycopg.connect(base, autocommit=True) as first:
        first.execute("create table if not exists lab_probe (n bigint)")
    print("ready", flush=True)
    lock, running = threading.Lock(), threading.Semaphore(AT_ONCE)
    ended = threading.Event()

    def once() -> None:
        try:
            with psycopg.connect(base, autocommit=True) as connection:
                connection.execute("insert into lab_probe values (1)")
                moment = time.monotonic_ns()
            with lock:
                print(moment, flush=True)
        except psycopg.Error:
            pass
        finally:
            running.release()

    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.wait(INTERVAL):
        if running.acquire(blocking=False):
            threading.Thread(target=once, daemon=True).start()


if __name__ == "__main__":
    knock(int(sys.argv[1]))
