"""A forced fork: the leader's log no longer reaches its replicas, Debezium reads on, and the leader dies."""

import random
import subprocess
import time
from dataclasses import dataclass

from handover_lab import connectors, parts
from handover_lab.waiting import until

from handover_harness.bench import CONNECTOR, DEBUG, Failed
from handover_harness.entries import STEPS
from handover_harness.forks.bench import ForkBench, lsn
from handover_harness.forks.capture import CaptureWatch
from handover_harness.forks.documents import Documents

WAITING = """
do $$
begin
    for round in 1..{rounds} loop
        update debezium_table set current_value = current_value where id in (
            select id from debezium_table where id >= {low} and id < {high} for update skip locked
        );
    end loop;
end $$
"""


@dataclass
class Outcome:
    verdict: str
    # Seconds from the first acknowledged write on the new timeline until capture went on.
    gap: float | None
    rewinds: int
    # Columns of documents that are not the same on both sides.
    differences: list[str]
    text: str


def run(bench: ForkBench, documents: Documents, number: int, choice: random.Random, extra: str) -> Outcome:
    documents.fill()
    bench.begin(number, choice.randint(250, 400))
    time.sleep(choice.uniform(0.5, 3))
    if extra in STEPS:
        # The guard will die after the step. Only a debug build can be told to.
        bench.verb("stop", "guard")
        bench.verb("start", "guard", HANDOVER_BIN=str(DEBUG), HANDOVER_GUARD_DIES_AFTER=extra)
    with CaptureWatch(bench) as capture:
        dead, size = fork(bench, documents, choice)
        victims = [dead]
        until("there is a new leader", 90, bench.has_leader)
        documents.go_on()
        if extra in STEPS:
            until(f"the guard died after {extra}", 60, lambda: is_dead(bench, "guard"))
            time.sleep(choice.uniform(0, 2))
            bench.verb("start", "guard")
        elif extra == "guard":
            time.sleep(choice.uniform(0, 6))
            restart(bench, "guard", choice)
        elif extra == "worker":
            time.sleep(choice.uniform(0.5, 4))
            restart(bench, worker(bench), choice)
        elif extra == "second":
            victims.append(second(bench, choice))
            documents.go_on()
        bench.written(choice.randint(2200, 3000))
        for node in victims:
            bench.verb("start", node, quiet=True)
        verdict = bench.end()
    differences = documents.lasting() if bench.mode.guard else []
    promoted = promotion(bench)
    gap = capture.resumed(promoted) if promoted is not None else None
    rewinds = len(bench.lines("rewind"))
    left = sum(line["outcome"] == "left" for line in bench.lines("phantom"))
    text = (
        f"{dead} {size:4d}  rewinds {rewinds}  phantoms {len(bench.lines('phantom')):4d}, left {left}  "
        f"{verdict['firstLine'][:150]}"
    )
    if not bench.mode.guard:
        # What was skipped stays skipped until the rows change again.
        bench.sql("source", "update debezium_table set current_value = current_value")
        time.sleep(3)
    if differences:
        text += f"; documents differ in {len(differences)} columns: {', '.join(differences[:10])}"
    return Outcome(verdict["verdict"], gap, rewinds, differences, text)


def fork(bench: ForkBench, documents: Documents, choice: random.Random) -> tuple[str, int]:
    """Writes that no replica gets and Debezium reads, then the end of the leader: which one, and how many writes."""
    size = choice.randint(300, 1000)
    leader = bench.leader()
    bench.verb("pause-replication", leader)
    documents.die()
    if not bench.mode.sync:
        bench.written(size)
    else:
        # Each waits in COMMIT for a standby until the leader dies; the events are sent all the same. Rows that the
        # writer's own waiting commits hold are left out. Several rounds: the next leader logs whole pages at first, and is
        # to write inside of what the stream has read beyond the fork. But no more than a few megabytes: Patroni elects
        # no member that is further behind than the bench lets it.
        rounds = 3000 // size
        for part in range(2):
            low = part * size // 2
            subprocess.Popen(
                bench.command("psql", "source", "-qc", WAITING.format(rounds=rounds, low=low, high=low + size // 2)),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        size *= rounds
        time.sleep(2)
    time.sleep(choice.random())
    # Not all of it: what the server writes for itself moves no offset.
    written, replicated = bench.sql(
        "source", "select pg_current_wal_flush_lsn(), max(flush_lsn) from pg_stat_replication where usename = 'replicator'",
    ).split("|")
    wanted = lsn(written) - (lsn(written) - lsn(replicated)) // 4
    until("Debezium has what no replica has", 60, lambda: bench.offset() >= wanted)
    bench.verb("kill", leader)
    return leader, size


def second(bench: ForkBench, choice: random.Random) -> str:
    """Another failover before the guard could clear the first one.

    The third node must follow the second leader by then, and the first leader stay away: it has more log than the others, of a
    branch that is dead, and would be elected again."""
    bench.verb("pause", "guard")
    until("a replica follows the new leader", 60, lambda: bench.sql(
        "source", "select count(*) from pg_stat_replication where usename = 'replicator' and state = 'streaming'",
    ) not in ("", "0"))
    time.sleep(choice.uniform(0.5, 2))
    leader = bench.leader()
    bench.verb("kill", leader)
    bench.verb("resume", "guard")
    until("there is a third leader", 120, bench.has_leader)
    return leader


def restart(bench: ForkBench, part: str, choice: random.Random) -> None:
    bench.verb("kill", part)
    time.sleep(choice.uniform(0, 2))
    bench.verb("start", part)


def worker(bench: ForkBench) -> str:
    """The Connect worker that has the connector."""
    found: list[str] = []

    def known() -> bool:
        worker = connectors.worker_of(bench.lab, CONNECTOR)
        found[:] = [worker] if worker else []
        return bool(found)

    until("a worker has the connector", 60, known)
    return found[0]


def is_dead(bench: ForkBench, part: str) -> bool:
    return parts.find(bench.lab, part).main() is None


def promotion(bench: ForkBench) -> float | None:
    """When the last timeline's first write was acknowledged, in seconds since 1970."""
    timelines: dict[tuple[int, int], int] = {}
    first: dict[int, int] = {}
    for line in bench.lines("invoke", "ok"):
        name = (line["id"], line["token"])
        if line["type"] == "invoke":
            timelines[name] = line["tl"]
        elif name in timelines:
            first.setdefault(timelines[name], line["wall"])
    if len(first) < 2:
        raise Failed("nothing was written on a new timeline")
    return first[max(first)] / 1e6
