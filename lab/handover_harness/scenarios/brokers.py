"""Faults of Kafka's brokers under load: nothing may be lost or come twice, and no process may end.

Each record is on three brokers and acknowledged by two, so one may be missed; with two away nothing is acknowledged, and
everything waits. The broker in memory has no replicas: these scenarios need Apache Kafka.
"""

import random
import time
from collections.abc import Callable

from confluent_kafka.admin import AdminClient

from handover_lab import connectors, parts
from handover_lab.waiting import until

from handover_harness.bench import Failed
from handover_harness.scenarios import survival
from handover_harness.scenarios.bench import ScenarioBench


TOPIC = "source.public.debezium_table"


def survives(bench: ScenarioBench, choice: random.Random, fault: Callable[[], None]) -> str:
    """As any fault, and nobody has ended."""
    def settle() -> None:
        until("every record is on every broker", 120, lambda: in_sync(bench))
        until("the connector runs", 90, lambda: connectors.is_running(bench.connector()))

    answer = survival.survives(bench, choice, fault, settle)
    for name in ("sink1", "reader", *connectors.WORKERS, *bench.lab.brokers.names):
        if not parts.find(bench.lab, name).alive():
            raise Failed(f"{name} has ended")
    return answer


def one_killed(bench: ScenarioBench, choice: random.Random) -> str:
    name = choice.choice(bench.lab.brokers.names)

    def fault() -> None:
        bench.verb("kill", name)
        time.sleep(choice.uniform(8, 15))
        bench.verb("start", name)

    return survives(bench, choice, fault)


def two_killed(bench: ScenarioBench, choice: random.Random) -> str:
    names = choice.sample(bench.lab.brokers.names, 2)

    def fault() -> None:
        for name in names:
            bench.verb("kill", name)
        time.sleep(choice.uniform(10, 20))
        for name in names:
            bench.verb("start", name)

    return survives(bench, choice, fault)


def leader_paused(bench: ScenarioBench, choice: random.Random) -> str:
    """The broker that leads a partition of the topic stands still for longer than its session."""
    partition = choice.randrange(4)

    def fault() -> None:
        name = f"kafka{metadata(bench).topics[TOPIC].partitions[partition].leader}"
        bench.verb("pause", name)
        time.sleep(30)
        bench.verb("resume", name)

    return survives(bench, choice, fault)


def rolling_restart(bench: ScenarioBench, choice: random.Random) -> str:
    """One after the other, in order, each when the one before has caught up."""
    names = choice.sample(bench.lab.brokers.names, len(bench.lab.brokers.names))

    def fault() -> None:
        for name in names:
            bench.verb("stop", name)
            time.sleep(choice.uniform(0, 2))
            bench.verb("start", name)
            until(f"{name} has caught up", 90, lambda: in_sync(bench))

    return survives(bench, choice, fault)


def broker_and_leader(bench: ScenarioBench, choice: random.Random) -> str:
    """A broker and PostgreSQL's leader are killed at the same moment."""
    name = choice.choice(bench.lab.brokers.names)

    def fault() -> None:
        leader = bench.leader()
        bench.verb("kill", name)
        bench.verb("kill", leader)
        until("there is a new leader", 90, bench.has_leader)
        bench.verb("start", name)
        bench.verb("start", leader)

    return survives(bench, choice, fault)


def broker_and_workers(bench: ScenarioBench, choice: random.Random) -> str:
    name = choice.choice(bench.lab.brokers.names)

    def fault() -> None:
        for each in (name, *connectors.WORKERS):
            bench.verb("kill", each)
        time.sleep(choice.uniform(3, 8))
        for each in (*connectors.WORKERS, name):
            bench.verb("start", each)
        until("the connector runs again", 120, lambda: connectors.is_running(bench.connector()))

    return survives(bench, choice, fault)


def metadata(bench: ScenarioBench):  # noqa: ANN201 (confluent_kafka has no name for it)
    return AdminClient({"bootstrap.servers": bench.lab.bootstrap, "log_level": 0}).list_topics(timeout=10)


def in_sync(bench: ScenarioBench) -> bool:
    """Whether each partition of each topic has all its replicas."""
    try:
        topics = metadata(bench).topics.values()
    except Exception:  # noqa: BLE001 (whatever it is, they do not answer)
        return False
    return all(len(each.isrs) == len(each.replicas) for topic in topics for each in topic.partitions.values())
