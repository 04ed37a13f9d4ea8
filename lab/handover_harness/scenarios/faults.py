"""The faults at one part each: what is done; `entries` has the list."""

import random
import signal
import threading
import time

from handover_lab import connectors, open_faults, parts, process
from handover_lab.waiting import until

from handover_harness.bench import CONNECTOR, Failed
from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ROWS, ScenarioBench, WRITER_ROWS
from handover_harness.scenarios.survival import survives, told
from handover_harness.scenarios.transactions import Transactions


def control(bench: ScenarioBench, choice: random.Random) -> str:
    with bench.writing(200, choice.randrange(2**31)):
        bench.written(choice.randint(400, 1200))
    return told(expect.passes(bench))


def switchover(bench: ScenarioBench, choice: random.Random) -> str:
    def fault() -> None:
        bench.verb("switchover")

    return survives(bench, choice, fault)


def postmaster_restarts(bench: ScenarioBench, choice: random.Random) -> str:
    """With time for it, Patroni starts the killed postmaster again in its place."""
    leader = bench.leader()
    configure(bench, 300)
    try:
        answer = survives(bench, choice, lambda: kill_postmaster(bench, leader))
    finally:
        configure(bench, 0)
    if bench.leader() != leader:
        raise Failed(f"another node than {leader} leads")
    return answer


def postmaster_fails_over(bench: ScenarioBench, choice: random.Random) -> str:
    return survives(bench, choice, lambda: kill_postmaster(bench, bench.leader()))


def cancelled_wait(bench: ScenarioBench, choice: random.Random) -> str:
    """Told to stop waiting for its standby, a commit answers as if it had been replicated."""
    leader = bench.leader()

    def fault() -> None:
        bench.verb("pause-replication", leader)
        end = time.monotonic() + choice.uniform(2, 4)
        cancelled = 0
        while time.monotonic() < end:
            [(count,)] = bench.rows(
                "source",
                "select count(*) filter (where pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'",
            )
            cancelled += count
            time.sleep(0.2)
        if not cancelled:
            raise Failed("no commit waited for its standby")
        bench.verb("kill", leader)
        until("there is a new leader", 90, bench.has_leader)
        bench.verb("start", leader)
        # Each row is written again, so that no phantom stays.
        bench.written(8 * WRITER_ROWS)

    return survives(bench, choice, fault)


def worker_killed(bench: ScenarioBench, choice: random.Random) -> str:
    """The worker with the task, in the middle of transactions of 1 to 100 rows."""
    stopped = threading.Event()
    transactions = Transactions(bench.history)

    def write() -> None:
        while not stopped.is_set():
            ids = choice_of_rows.sample(range(WRITER_ROWS, ROWS), choice_of_rows.choice((1, 2, 100)))
            if not transactions.write(ids):
                return
            time.sleep(0.05)

    choice_of_rows = random.Random(choice.randrange(2**31))
    thread = threading.Thread(target=write, daemon=True)

    def fault() -> None:
        thread.start()
        time.sleep(choice.uniform(1, 3))
        worker = connectors.worker_of(bench.lab, CONNECTOR)
        if worker is None:
            raise Failed("no worker answers")
        bench.verb("kill", worker)
        time.sleep(choice.uniform(1, 3))
        bench.verb("start", worker)
        until("the connector runs again", 60, lambda: connectors.is_running(bench.connector()))
        stopped.set()
        thread.join(30)

    return survives(bench, choice, fault)


def rebalance(bench: ScenarioBench, choice: random.Random) -> str:
    """A worker leaves in order and comes back."""
    worker = choice.choice(("connect1", "connect2"))

    def fault() -> None:
        bench.verb("stop", worker)
        time.sleep(choice.uniform(2, 5))
        bench.verb("start", worker)
        until("the connector runs again", 60, lambda: connectors.is_running(bench.connector()))

    return survives(bench, choice, fault)


def sink_killed(bench: ScenarioBench, choice: random.Random) -> str:
    def fault() -> None:
        for _ in range(3):
            time.sleep(choice.uniform(0, 1.5))
            bench.verb("kill", "sink1")
            bench.verb("start", "sink1")
            bench.applies("it")

    return survives(bench, choice, fault)


def sink_sleeps(bench: ScenarioBench, choice: random.Random) -> str:
    """Past its session timeout: another has its partitions when it wakes up, and writes with what it holds."""
    def fault() -> None:
        bench.verb("pause", "sink1")
        bench.verb("start", "sink", "2")
        bench.applies("it")
        time.sleep(choice.uniform(0, 2))
        bench.verb("resume", "sink1")
        bench.applies("it")

    try:
        return survives(bench, choice, fault)
    finally:
        # Two that leave a group of this broker together can leave it hanging: one is killed.
        bench.verb("kill", "sink2", quiet=True)


def destination_killed(bench: ScenarioBench, choice: random.Random) -> str:
    def fault() -> None:
        time.sleep(choice.uniform(0, 1.5))
        bench.verb("kill", "destination")
        time.sleep(choice.uniform(0, 3))
        bench.verb("start", "destination")
        bench.applies("it")

    return survives(bench, choice, fault)


def configure(bench: ScenarioBench, seconds: int) -> None:
    bench.verb("patronictl", "edit-config", "--force", "--quiet", "-s", f"primary_start_timeout={seconds}")
    # Patroni reads it with its next loop.
    time.sleep(3)


def kill_postmaster(bench: ScenarioBench, node: str) -> None:
    """The postmaster alone: Patroni lives."""
    lab = bench.lab
    postmaster = parts.find(lab, node).postmaster()
    if postmaster is None:
        raise Failed(f"{node} has no postmaster")
    open_faults.record(lab, "begin", "kill-postmaster", node)
    process.send(postmaster, signal.SIGKILL)
    until("the postmaster is gone", 10, lambda: not process.is_alive(postmaster))
    until("there is a leader", 90, bench.has_leader)
    open_faults.record(lab, "end", "kill-postmaster", node)
