"""Faults × load × expected verdict: every known run, one line each.

A line's function plays it; it is named, not imported, so that the tables can be read without what the functions need."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mode:
    """The lab that an entry needs."""

    sync: bool = True
    # Without it nothing moves a stored offset back that is after a fork.
    guard: bool = True
    # Whether Debezium runs its heartbeat's query.
    beats: bool = True

    @property
    def arguments(self) -> list[str]:
        return ["--no-source", *(["--sync"] if self.sync else []), *([] if self.guard else ["--no-guard"])]


@dataclass(frozen=True)
class Entry:
    # What is broken, in the words of handover_lab.vocabulary.
    faults: tuple[str, ...]
    # What runs meanwhile: a name in LOADS.
    load: str
    # How it must end: a name in VERDICTS.
    expected: str
    # MODULE:FUNCTION, within this package.
    play: str
    mode: Mode = field(default=Mode())
    # How many faults: of the whole soak, and of the part that every run of the tests has.
    counts: tuple[int, int] = (1, 1)
    # For how many seconds a fault lasts: a range to choose from, and what the full length is.
    lasts: tuple[float, float, float] = (0, 0, 0)
    # Whether it takes away what others need, so that it must have the lab for itself.
    alone: bool = False
    # Whether it is about brokers that have each other's records.
    needs_kafka: bool = False
    # Whether it takes ways to the nodes that can be cut.
    needs_links: bool = False

    @property
    def function(self) -> Callable:
        module, _, name = self.play.partition(":")
        return getattr(importlib.import_module(f"handover_harness.{module}"), name)


LOADS = {
    "writer": "`writer run` on debezium_table, through HAProxy",
    "workloads": "`writer run` on one of its workloads, chosen anew for each fault",
    "flows": "events in Debezium's form, into a topic with keys and one without",
    "transactions": "the writer, and beside it transactions of 1 to 100 rows",
    "overlap": "the writer, and beside it transactions of seconds that overlap all the time",
    "documents": "the writer, and beside it rows with values of 30 kB",
    "sql": "statements of the run's own",
}

VERDICTS = {
    "PASS": "the reader's verdict is PASS",
    "FAIL": "it is FAIL, and names what the run found out for itself",
    "FAIL, named": "it is FAIL for each thing that is put in, and names it",
    "PASS, losses counted": "it is PASS with --asynchronous, and counts each acknowledged write that is lost",
    "each once": "the destination has each record of the topic once",
    "each once, or stopped": "the same, and the sink stops, by name of the reason, where it can't go on",
    "account kept": "the history replays to the writer's account, and the leader holds what was acknowledged",
    "equal": "both sides are equal in the end",
}


def _soak(play: str, faults: tuple[str, ...], counts: tuple[int, int], expected: str = "each once", **more: bool) -> Entry:
    return Entry(faults, "flows", expected, f"soak.{play}", counts=counts, **more)


SOAK = {
    "kill": _soak("faults:kill", ("kill",), (50, 3)),
    "sleep": _soak("faults:sleep", ("pause",), (10, 1)),
    "rebalance": _soak("faults:rebalance", ("join", "stop", "kill"), (20, 3)),
    "destination": _soak("faults:destination", ("kill",), (20, 1), alone=True),
    "offsets": _soak("faults:offsets", ("reset-offsets",), (5, 1)),
    "recreate": _soak("faults:recreate", ("recreate-topic",), (3, 1), "each once, or stopped"),
    "retention": _soak("faults:retention", ("lose-records",), (3, 1), "each once, or stopped"),
    "upgrade": _soak("faults:upgrade", ("age-progress",), (2, 1)),
    "brokers": _soak("broker_faults:brokers", ("kill", "pause", "stop"), (20, 2), alone=True, needs_kafka=True),
}
# The last one of the whole soak, on the whole cluster, with a real Debezium.
SOAK_WHOLE = Entry(("kill", "pause"), "writer", "PASS", "soak.debezium:run", Mode(), counts=(20, 20))


def _scenario(
    play: str, *faults: str, load: str = "writer", expected: str = "PASS", mode: Mode = Mode(), needs_kafka: bool = False,
) -> Entry:
    return Entry(faults, load, expected, f"scenarios.{play}", mode, needs_kafka=needs_kafka)


SCENARIOS = {
    "52-control": _scenario("faults:control"),
    "1-switchover": _scenario("faults:switchover", "switchover"),
    "5-postmaster-restarts": _scenario("faults:postmaster_restarts", "kill-postmaster"),
    "6-postmaster-fails-over": _scenario("faults:postmaster_fails_over", "kill-postmaster"),
    "13-partition": _scenario("partition:synchronous", "partition", "pause-replication", load="transactions"),
    "21-cancelled-wait": _scenario("faults:cancelled_wait", "pause-replication", "cancel-wait", "kill"),
    "27-worker-killed": _scenario("faults:worker_killed", "kill", load="transactions"),
    "29-rebalance": _scenario("faults:rebalance", "stop"),
    "32-broker-killed": _scenario("brokers:one_killed", "kill", needs_kafka=True),
    "32-brokers-lost": _scenario("brokers:two_killed", "kill", needs_kafka=True),
    "32-leader-paused": _scenario("brokers:leader_paused", "pause", needs_kafka=True),
    "32-rolling-restart": _scenario("brokers:rolling_restart", "stop", needs_kafka=True),
    "32-broker-and-leader": _scenario("brokers:broker_and_leader", "kill", needs_kafka=True),
    "32-broker-and-workers": _scenario("brokers:broker_and_workers", "kill", needs_kafka=True),
    "35-sink-killed": _scenario("faults:sink_killed", "kill"),
    "36-sink-sleeps": _scenario("faults:sink_sleeps", "pause"),
    "40-destination-killed": _scenario("faults:destination_killed", "kill"),
    "heartbeat": _scenario("drills:heartbeat", load="sql", expected="equal"),
    "snapshot-by-signal": _scenario("drills:snapshot_by_signal", "snapshot", "corrupt"),
    "schema-change": _scenario("drills:schema_change", "change-schema", load="sql", expected="equal"),
    "outbox-router": _scenario("drills:outbox_router", load="sql", expected="equal"),
    "injections": _scenario("checker:injections", "inject", expected="FAIL, named"),
    "corruptions": _scenario("checker:corruptions", "corrupt", expected="FAIL, named"),
    "13-partition-async": _scenario(
        "partition:asynchronous", "partition", "pause-replication", load="transactions", expected="PASS, losses counted",
        mode=Mode(sync=False),
    ),
    "22-shadow": _scenario(
        "shadow:asynchronous", "pause-replication", "kill", expected="FAIL", mode=Mode(sync=False, guard=False),
    ),
    "22-shadow-sync": _scenario(
        "shadow:synchronous", "pause-replication", "kill", load="transactions", expected="FAIL",
        mode=Mode(guard=False, beats=False),
    ),
    "22-shadow-guarded": _scenario("shadow:guarded", "pause-replication", "kill", mode=Mode(sync=False)),
    "23-shadow-converged": _scenario(
        "shadow:converged", "pause-replication", "kill", expected="FAIL", mode=Mode(sync=False, guard=False),
    ),
}

# The steps of the guard after which it may die.
STEPS = ("settled", "stopping", "stopped", "rewound", "cleared", "resumed", "repairing")
# What else happens at a forced fork.
EXTRAS: dict[str, tuple[str, ...]] = {
    "none": (), "guard": ("kill",), "worker": ("kill",), "second": ("pause", "kill"),
    **{step: ("die-at-step",) for step in STEPS},
}
FORKS = {
    "forks": Entry(("pause-replication", "kill"), "documents", "PASS", "forks.fork:run"),
    "switchovers": Entry(("switchover",), "writer", "PASS", "forks.switchover:run"),
    "cold slots": Entry(("kill", "switchover"), "overlap", "PASS", "forks.cold:run"),
}
# What they must end with where there is no guard: nothing moves the stream back to a fork, or holds it at a cold slot.
UNGUARDED = {"forks": "FAIL", "switchovers": "PASS", "cold slots": "FAIL"}


def _random(play: str, fault: str, *lasts: float, **more: bool) -> Entry:
    return Entry(
        (fault,), "workloads", "account kept", f"campaign:{play}", Mode(guard=False), lasts=(*lasts, 0, 0, 0)[:3], **more,
    )


# The random faults of `lab faults`: how long each lasts.
CAMPAIGN = {
    "switchover": _random("switchover", "switchover"),
    "kill-leader": _random("kill_leader", "kill", 0.5, 4, 4),
    "pause-postgres": _random("pause_postgres", "pause-postgres", 1, 30, 60),
    "kill-haproxy": _random("kill_haproxy", "kill", 0.2, 4, 4),
    "cut": _random("cut", "cut", 1, 15, 20, needs_links=True),
    "lose-quorum": _random("lose_quorum", "lose-quorum", 2, 20, 60),
}

KINDS: dict[str, dict[str, Entry]] = {
    "soak": {**SOAK, "debezium": SOAK_WHOLE}, "scenarios": SCENARIOS, "forks": FORKS, "faults": CAMPAIGN,
}
