"""The LSN shadow, made on purpose: Debezium has read what the next leader does not have."""

import random
import threading
import time
from collections.abc import Callable

from handover_lab import cluster, connectors, rest
from handover_lab.parts import guard
from handover_lab.waiting import until

from handover_harness.bench import CONNECTOR, Failed
from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ROWS, ScenarioBench, WRITER_ROWS
from handover_harness.scenarios.transactions import Transactions
from handover_harness.scenarios.truth import find_out, topic


def asynchronous(bench: ScenarioBench, choice: random.Random) -> str:
    """Without the guard nothing moves the offset back: the new leader's first writes are skipped, and every one is named."""
    bench.is_spoilt = True
    dead, stored = _fork(bench, choice, lambda: bench.written(choice.randint(400, 900)), choice.randint(200, 500))
    verdict = bench.verdict("--asynchronous")
    return _judge(bench, verdict, dead, stored)


def converged(bench: ScenarioBench, choice: random.Random) -> str:
    """The load goes on until every row is right again: no comparison of tables shows what was skipped."""
    bench.is_spoilt = True

    def overwritten() -> bool:
        source = "select count(*) from debezium_table where id < {} and current_value > {}"
        [(count,)] = bench.rows("destination", source.format(WRITER_ROWS, newest))
        return count == WRITER_ROWS

    newest = 0
    leader = bench.leader()
    dead = _timeline(bench)
    with bench.writing(300, choice.randrange(2**31)):
        stored = _break(bench, leader, lambda: bench.written(choice.randint(400, 900)))
        bench.written(300)
        [(newest,)] = bench.rows("source", "select max(current_value) from debezium_table")
        until("every row was written again after the shadow", 120, overwritten)
    verdict = bench.verdict("--asynchronous")
    for name in ("source equals destination", "phantoms", "acknowledged at destination"):
        if expect.check(verdict, name)["status"] != "pass":
            raise Failed(f"the tables were to be equal: {verdict['firstLine']}")
    return _judge(bench, verdict, dead, stored)


def synchronous(bench: ScenarioBench, choice: random.Random) -> str:
    """No acknowledged write is lost at the source; what waits for its standby reaches the topic all the same."""
    bench.is_spoilt = True
    size = choice.randint(300, ROWS - WRITER_ROWS)
    waiting: list[bool] = []

    def hang() -> None:
        transactions = Transactions(bench.history)
        ids = random.Random(size).sample(range(WRITER_ROWS, ROWS), size)
        thread = threading.Thread(target=lambda: waiting.append(transactions.write(ids)), daemon=True)
        thread.start()
        threads.append(thread)
        until("the open transaction is in the topic", 30, lambda: len(_records(ids)) == size)

    threads: list[threading.Thread] = []
    dead, stored = _fork(bench, choice, hang, choice.randint(150, 400))
    threads[0].join(60)
    if waiting != [False]:
        raise Failed("the open transaction was acknowledged")
    verdict = bench.verdict()
    if expect.check(verdict, "acknowledged at source")["status"] != "pass":
        raise Failed(f"a synchronous cluster lost a write: {verdict['firstLine']}")
    return _judge(bench, verdict, dead, stored)


def guarded(bench: ScenarioBench, choice: random.Random) -> str:
    """The guard moves the offset back to the fork and puts the phantoms right: nothing is skipped, nothing stays."""
    bench.is_spoilt = True
    dead, _ = _fork(bench, choice, lambda: bench.written(choice.randint(400, 900)), choice.randint(200, 500))
    until("the phantoms are put right", 60, lambda: _repairs_pending(bench) == 0)
    verdict = expect.passes(bench, "--asynchronous")
    truth = find_out(bench)
    if not truth.dead_events:
        raise Failed("the stream was not beyond the fork: nothing was shown")
    expect.agrees(verdict, truth, _ended(bench, dead), None, dead)
    return f"0 skipped, {len(truth.dead_events)} events of the dead branch, {len(truth.phantoms)} phantom rows"


def _repairs_pending(bench: ScenarioBench) -> int | None:
    """How many forks have phantoms that are not put right; None while the guard has cleared nothing."""
    _, status = rest.call("GET", guard.url(bench.lab) + "/status", seconds=2)
    if status["gate"] != "open":
        return None
    return status["repairs_pending"]


def _fork(bench: ScenarioBench, choice: random.Random, write: Callable[[], None], after: int) -> tuple[int, str | None]:
    leader = bench.leader()
    dead = _timeline(bench)
    with bench.writing(150, choice.randrange(2**31)):
        stored = _break(bench, leader, write)
        bench.written(after)
    return dead, stored


def _break(bench: ScenarioBench, leader: str, write: Callable[[], None]) -> str | None:
    """Stops what goes to the replicas, writes, kills the leader, and waits for the next one and the connector.

    The last offset that was stored before there was a next leader."""
    bench.verb("pause-replication", leader)
    write()
    # The workers store offsets once a second.
    time.sleep(2.5)
    bench.verb("kill", leader)
    stored: list[str] = []

    def led() -> bool:
        if bench.has_leader():
            return True
        offset = connectors.stored_position(bench.lab, CONNECTOR)
        if offset:
            stored[:] = [offset]
        return False

    until("there is a new leader", 90, led)
    until("the connector runs again", 60, lambda: connectors.is_running(bench.connector()))
    return stored[0] if stored else None


def _judge(bench: ScenarioBench, verdict: dict, dead: int, stored: str | None) -> str:
    truth = find_out(bench)
    if not truth.skipped or not truth.dead_events:
        raise Failed(f"no shadow came about: {len(truth.skipped)} skipped, {len(truth.dead_events)} dead events")
    # The newest Debezium comes over a lost server by itself: then there is no restart that the reader could have noted.
    noted = stored if bench.tells('"type":"restart"') else None
    expect.agrees(verdict, truth, _ended(bench, dead), noted, dead)
    if verdict["verdict"] != "FAIL" or not verdict["firstLine"].count("skipped by the stream"):
        raise Failed(f"expected FAIL: … skipped by the stream: {verdict['firstLine']}")
    return (
        f"{len(truth.skipped)} skipped, {len(truth.phantoms)} phantom rows, {len(truth.dead_events)} dead events, "
        f"{len(truth.lost)} lost"
    )


def _timeline(bench: ScenarioBench) -> int:
    leader = cluster.primary(bench.lab)
    if leader is None:
        raise Failed("there is no leader")
    return leader.timeline


def _ended(bench: ScenarioBench, timeline: int) -> str:
    """Patroni learns of a fork some seconds after the promotion."""
    ends: list[str] = []

    def told() -> bool:
        _, entries = rest.call("GET", cluster.rest_url(bench.lab, bench.leader()) + "/history", seconds=2)
        ends[:] = [cluster.lsn_text(entry[1]) for entry in entries if entry[0] == timeline]
        return bool(ends)

    until("Patroni knows the fork", 30, told)
    return ends[0]


def _records(ids: list[int]) -> set[int]:
    values, _ = topic()
    return {id for id in ids if len(values.get(id, ())) > 1}
