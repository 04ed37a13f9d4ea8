"""A switchover to a node that has just come back, at once after Patroni calls its slot safe (or lets it follow).

Patroni copies the slot's file, not the snapshot that decoding begins with. Until the node has one of its own, a server
that is promoted decodes from the slot's restart_lsn, is consistent only later, and skips in silence what was committed
before that. Transactions of seconds that overlap all the time make the window wide. Whether a write falls into it is
luck, so a run is judged by the two positions in the server's log, and by the verdict as well."""

import os
import random
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from handover_lab import cluster, parts
from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.forks import decoding
from handover_harness.forks.bench import SLOT, ForkBench

SAFE = f"Logical slot {SLOT} is safe to be used after a failover"
SESSIONS = 5
# In turn.
SECONDS = (10, 2)


class Overlap:
    """Sessions that hold a transaction with an id for seconds, one after the other, so that some are always open."""

    def __init__(self, bench: ForkBench, seconds: int) -> None:
        self.bench, self.seconds = bench, seconds
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.hold, args=(number,)) for number in range(SESSIONS)]

    def __enter__(self) -> "Overlap":
        self.bench.sql("source", "create table if not exists overlap (id bigint generated always as identity)")
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def hold(self, number: int) -> None:
        self.ended.wait(self.seconds * number / SESSIONS)
        # The id comes first and the log later: whoever reads from the leader does not wait for the transaction, so its
        # slot is young when it is copied; and the copy has to wait for all of them.
        statement = (
            f"begin; select pg_current_xact_id(); select pg_sleep({self.seconds}); "
            "insert into overlap default values; commit"
        )
        while not self.ended.is_set():
            # Whoever is cut off by the switchover begins anew at the next leader.
            subprocess.run(
                self.bench.command("psql", "source", "-qAtc", statement), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            self.ended.wait(0.2)


@dataclass
class Outcome:
    verdict: str
    # Every start of decoding on the node that was made the leader, in order.
    starts: list[decoding.Start]
    # Gaps that the guard held.
    held: int
    # Whether the verdict names a cold start.
    is_named: bool
    is_guarded: bool
    text: str
    gap: float | None = None

    @property
    def is_cold(self) -> bool:
        return any(start.is_cold for start in self.starts)

    @property
    def kind(self) -> str:
        if self.held:
            return "held"
        return "cold" if self.is_cold else "warm"

    @property
    def is_right(self) -> bool:
        """Guarded: nothing was read from a slot that skips. Unguarded: each slot that skips is named."""
        if self.is_guarded:
            return self.verdict == "PASS" and not self.is_cold and bool(self.starts or self.held)
        return self.is_named if self.is_cold else self.verdict == "PASS"


def run(bench: ForkBench, number: int, choice: random.Random, asks: bool) -> Outcome:
    """One run; `asks`: the switchover asks first whether the node is ready."""
    bench.begin(number, 400)
    returned = False
    with Overlap(bench, SECONDS[number % len(SECONDS)]):
        time.sleep(choice.uniform(8, 12))
        back = bench.leader()
        log = parts.find(bench.lab, back).log
        bench.verb("kill", back)
        until("there is a new leader", 90, bench.has_leader)
        # Long enough that the node's own slot can't be used any more where it can be.
        time.sleep(choice.uniform(20, 30))
        begin = log.stat().st_size
        bench.verb("start", back, quiet=True)
        if bench.lab.slots == "patroni":
            until("Patroni calls the slot safe", 180, lambda: SAFE in tail(log, begin))
        else:
            until(f"{back} follows", 180, lambda: any(
                member.name == back and member.state == "streaming" for member in cluster.members(bench.lab) or []
            ))
        begin, former = log.stat().st_size, bench.leader()
        bench.verb("switchover", "--to", back, *([] if asks else ["--now"]))
        bench.written(choice.randint(2200, 3000))
        if bench.mode.guard and os.environ.get("HANDOVER_GUARD_ON_GAP") != "snapshot":
            until("the guard has decided", 120, lambda: bench.guard().get("gate") == "open" or is_held(bench))
            if is_held(bench):
                # The former leader's slot is whole, and stands where capture stopped.
                bench.verb("switchover", "--to", former, "--now")
                # The verdict wants a write on each timeline.
                bench.written(400)
                returned = True
    verdict = bench.end()
    if bench.leader() != (former if returned else back):
        raise Failed(f"{back} does not lead")
    starts = decoding.starts(log, begin, SLOT)
    held = sum(line["action"] == "gap" for line in bench.lines("guard"))
    shown = "; ".join(start.text for start in starts) or "never read"
    return Outcome(
        verdict["verdict"], starts, held, "cold" in str(verdict), bench.mode.guard,
        f"{back} {shown}  {'held  ' if held else ''}{'back  ' if returned else ''}{verdict['firstLine'][:150]}",
    )


def is_held(bench: ForkBench) -> bool:
    return bench.guard().get("gap") is not None


def tail(log: Path, begin: int) -> str:
    with open(log, errors="replace") as file:
        file.seek(begin)
        return file.read()
