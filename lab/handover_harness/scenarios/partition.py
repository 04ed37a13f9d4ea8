"""The classic split brain: a leader that the others take for dead, and that some clients still reach."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from handover_lab import cluster, open_faults, parts, process
from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ROWS, ScenarioBench, WRITER_ROWS
from handover_harness.scenarios.transactions import Transactions
from handover_harness.scenarios.truth import find_out


def synchronous(bench: ScenarioBench, choice: random.Random) -> str:
    """Whoever still reaches the old leader waits in COMMIT: nothing is acknowledged there, and nothing lost."""
    with bench.writing(200, choice.randrange(2**31)):
        bench.written(choice.randint(100, 400))
        with _partitioned(bench) as direct:
            acknowledged: list[bool] = []
            ids = choice.sample(range(WRITER_ROWS, ROWS), choice.randint(1, 100))
            waiting = threading.Thread(target=lambda: acknowledged.append(direct.write(ids)), daemon=True)
            waiting.start()
            _wait_for_another_leader(bench, direct)
            bench.written(choice.randint(400, 800))
            if acknowledged:
                raise Failed("the old leader ended a commit without its standby")
        waiting.join(60)
        if acknowledged != [False]:
            raise Failed("the old leader acknowledged a write that no standby has")
    until("the cluster is whole", 120, bench.is_whole)
    writes = expect.passes(bench)["writes"]
    return f"{writes['ok']} ok, none of {len(ids)} on the old side"


def asynchronous(bench: ScenarioBench, choice: random.Random) -> str:
    """The old leader goes on acknowledging: each of these writes is lost, and counted."""
    acknowledged = 0
    with bench.writing(200, choice.randrange(2**31)):
        bench.written(choice.randint(100, 400))
        with _partitioned(bench) as direct:
            _wait_for_another_leader(bench, direct)
            for _ in range(choice.randint(20, 60)):
                # Rows that nobody else writes, each once.
                ids = [WRITER_ROWS + acknowledged]
                acknowledged += direct.write(ids)
            bench.written(choice.randint(400, 800))
    until("the cluster is whole", 120, bench.is_whole)
    # What is lost here would be counted with the next one's.
    bench.is_spoilt = True
    verdict = bench.verdict("--asynchronous")
    lost = find_out(bench).lost
    told = sum(branch["lost"] for branch in verdict["branches"])
    if acknowledged == 0 or len(lost) < acknowledged or told != len(lost):
        raise Failed(f"{acknowledged} were acknowledged by the old leader, {len(lost)} are lost, the verdict says {told}")
    if verdict["verdict"] != "PASS":
        raise Failed(f"expected PASS, with losses that the fork explains: {verdict['firstLine']}")
    return f"{told} acknowledged writes lost, {acknowledged} of them after the promotion"


@contextmanager
def _partitioned(bench: ScenarioBench) -> Iterator[Transactions]:
    """Neither the replicas nor the DCS hear anything of the leader; the session that is handed out reaches it.

    Its Patroni stands still: one that runs would end PostgreSQL when it can't renew its lock, which is the lucky case."""
    lab, leader = bench.lab, bench.leader()
    port = lab.ports["POSTGRES" + leader[-1]]
    direct = Transactions(bench.history, bench.url("source").replace(f":{lab.ports['HAPROXY_LEADER']}", f":{port}"))
    patroni = parts.find(lab, leader).main()
    if patroni is None:
        raise Failed(f"{leader} does not run")
    bench.verb("pause-replication", leader)
    open_faults.record(lab, "begin", "partition", leader)
    process.send(patroni, signal.SIGSTOP)
    try:
        yield direct
    finally:
        # PostgreSQL can't end before its walsenders.
        bench.verb("resume-replication", leader, quiet=True)
        process.send(patroni, signal.SIGCONT)
        open_faults.record(lab, "end", "partition", leader)


def _wait_for_another_leader(bench: ScenarioBench, direct: Transactions) -> None:
    def led() -> bool:
        return cluster.routed_leader_port(bench.lab) not in (None, direct.connection.info.port)

    until("another node leads", 90, led)
    time.sleep(1)
