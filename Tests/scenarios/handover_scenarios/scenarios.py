"""The list: number and name of each fault, the lab that it needs, and what is done."""

import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from handover_lab import connectors, open_faults, parts, process

from handover_scenarios import brokers, checker, drills, expect, partition, shadow
from handover_scenarios.bench import CONNECTOR, ROWS, WRITER_ROWS, Bench, Failed, Mode
from handover_scenarios.survival import survives, told
from handover_scenarios.transactions import Transactions

SYNC = Mode(sync=True)


@dataclass(frozen=True)
class Scenario:
    mode: Mode
    expected: str
    run: Callable[[Bench, random.Random], str]
    # Whether it is about brokers that have each other's records.
    needs_kafka: bool = False


def control(bench: Bench, choice: random.Random) -> str:
    with bench.load(200, choice.randrange(2**31)):
        bench.written(choice.randint(400, 1200))
    return told(expect.passes(bench))


def switchover(bench: Bench, choice: random.Random) -> str:
    def fault() -> None:
        bench.verb("switchover")

    return survives(bench, choice, fault)


def postmaster_restarts(bench: Bench, choice: random.Random) -> str:
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


def postmaster_fails_over(bench: Bench, choice: random.Random) -> str:
    return survives(bench, choice, lambda: kill_postmaster(bench, bench.leader()))


def cancelled_wait(bench: Bench, choice: random.Random) -> str:
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
        bench.until("there is a new leader", 90, bench.has_leader)
        bench.verb("start", leader)
        # Each row is written again, so that no phantom stays.
        bench.written(8 * WRITER_ROWS)

    return survives(bench, choice, fault)


def worker_killed(bench: Bench, choice: random.Random) -> str:
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
        bench.until("the connector runs again", 60, lambda: connectors.is_running(bench.connector()))
        stopped.set()
        thread.join(30)

    return survives(bench, choice, fault)


def rebalance(bench: Bench, choice: random.Random) -> str:
    """A worker leaves in order and comes back."""
    worker = choice.choice(("connect1", "connect2"))

    def fault() -> None:
        bench.verb("stop", worker)
        time.sleep(choice.uniform(2, 5))
        bench.verb("start", worker)
        bench.until("the connector runs again", 60, lambda: connectors.is_running(bench.connector()))

    return survives(bench, choice, fault)


def sink_killed(bench: Bench, choice: random.Random) -> str:
    def fault() -> None:
        for _ in range(3):
            time.sleep(choice.uniform(0, 1.5))
            bench.verb("kill", "sink1")
            bench.verb("start", "sink1")
            applies(bench)

    return survives(bench, choice, fault)


def sink_sleeps(bench: Bench, choice: random.Random) -> str:
    """Past its session timeout: another has its partitions when it wakes up, and writes with what it holds."""
    def fault() -> None:
        bench.verb("pause", "sink1")
        bench.verb("start", "sink", "2")
        applies(bench)
        time.sleep(choice.uniform(0, 2))
        bench.verb("resume", "sink1")
        applies(bench)

    try:
        return survives(bench, choice, fault)
    finally:
        # Two that leave a group of this broker together can leave it hanging: one is killed.
        bench.verb("kill", "sink2", quiet=True)


def destination_killed(bench: Bench, choice: random.Random) -> str:
    def fault() -> None:
        time.sleep(choice.uniform(0, 1.5))
        bench.verb("kill", "destination")
        time.sleep(choice.uniform(0, 3))
        bench.verb("start", "destination")
        applies(bench)

    return survives(bench, choice, fault)


SCENARIOS: dict[str, Scenario] = {
    "52-control": Scenario(SYNC, "PASS", control),
    "1-switchover": Scenario(SYNC, "PASS", switchover),
    "5-postmaster-restarts": Scenario(SYNC, "PASS", postmaster_restarts),
    "6-postmaster-fails-over": Scenario(SYNC, "PASS", postmaster_fails_over),
    "13-partition": Scenario(SYNC, "PASS", partition.synchronous),
    "21-cancelled-wait": Scenario(SYNC, "PASS", cancelled_wait),
    "27-worker-killed": Scenario(SYNC, "PASS", worker_killed),
    "29-rebalance": Scenario(SYNC, "PASS", rebalance),
    "32-broker-killed": Scenario(SYNC, "PASS", brokers.one_killed, needs_kafka=True),
    "32-brokers-lost": Scenario(SYNC, "PASS", brokers.two_killed, needs_kafka=True),
    "32-leader-paused": Scenario(SYNC, "PASS", brokers.leader_paused, needs_kafka=True),
    "32-rolling-restart": Scenario(SYNC, "PASS", brokers.rolling_restart, needs_kafka=True),
    "32-broker-and-leader": Scenario(SYNC, "PASS", brokers.broker_and_leader, needs_kafka=True),
    "32-broker-and-workers": Scenario(SYNC, "PASS", brokers.broker_and_workers, needs_kafka=True),
    "35-sink-killed": Scenario(SYNC, "PASS", sink_killed),
    "36-sink-sleeps": Scenario(SYNC, "PASS", sink_sleeps),
    "40-destination-killed": Scenario(SYNC, "PASS", destination_killed),
    "heartbeat": Scenario(SYNC, "PASS", drills.heartbeat),
    "snapshot-by-signal": Scenario(SYNC, "PASS", drills.snapshot_by_signal),
    "schema-change": Scenario(SYNC, "PASS", drills.schema_change),
    "outbox-router": Scenario(SYNC, "PASS", drills.outbox_router),
    "injections": Scenario(SYNC, "FAIL, named", checker.injections),
    "corruptions": Scenario(SYNC, "FAIL, named", checker.corruptions),
    "13-partition-async": Scenario(Mode(sync=False), "PASS, losses counted", partition.asynchronous),
    "22-shadow": Scenario(Mode(sync=False, guard=False), "FAIL", shadow.asynchronous),
    "22-shadow-sync": Scenario(Mode(sync=True, guard=False, beats=False), "FAIL", shadow.synchronous),
    "22-shadow-guarded": Scenario(Mode(sync=False), "PASS", shadow.guarded),
    "23-shadow-converged": Scenario(Mode(sync=False, guard=False), "FAIL", shadow.converged),
}


def applies(bench: Bench) -> None:
    """Waits until the sink goes on."""
    def applied() -> int:
        try:
            return int(bench.rows("destination", "select coalesce(sum(next_offset), 0) from handover.sink_progress")[0][0])
        except psycopg.Error:
            return -1

    bench.until("the destination answers", 60, lambda: applied() >= 0)
    before = applied()
    bench.until("the sink applies again", 90, lambda: applied() > before)


def configure(bench: Bench, seconds: int) -> None:
    bench.verb("patronictl", "edit-config", "--force", "--quiet", "-s", f"primary_start_timeout={seconds}")
    # Patroni reads it with its next loop.
    time.sleep(3)


def kill_postmaster(bench: Bench, node: str) -> None:
    """The postmaster alone: Patroni lives."""
    lab = bench.lab
    postmaster = parts.find(lab, node).postmaster()
    if postmaster is None:
        raise Failed(f"{node} has no postmaster")
    open_faults.record(lab, "begin", "kill-postmaster", node)
    process.send(postmaster, signal.SIGKILL)
    bench.until("the postmaster is gone", 10, lambda: not process.is_alive(postmaster))
    bench.until("there is a leader", 90, bench.has_leader)
    open_faults.record(lab, "end", "kill-postmaster", node)
