"""Nodes that come to a running cluster and leave it: HAProxy follows without a restart, and no session is lost."""

import re
import time
from collections.abc import Sequence

from handover_lab import cluster, interruption, parts, ports, routes, starting, stopping, waiting
from handover_lab.cluster import Slot
from handover_lab.errors import LabError
from handover_lab.lifecycle import SLOT, clear
from handover_lab.part import Part
from handover_lab.parts.patroni import keeps_slots
from handover_lab.settings import MOST_NODES, Lab

SECONDS = 60


def add(lab: Lab, name: str) -> None:
    """Starts the node, waits until it streams, then lets HAProxy lead to it."""
    interruption.watch()
    number = _number(name)
    with lab.locked():
        if number in lab.nodes:
            raise LabError(f"{name} is a member already")
        _require_leader(lab)
        begun = time.monotonic()
        former, former_added = lab.nodes, lab.added
        lab.nodes, lab.added = tuple(sorted((*former, number))), tuple(sorted((*former_added, number)))
        # Before anything is started: a verb that dies leaves what `remove` can take away.
        lab.save()
        wanted = parts_of(lab, number)
        started: list[Part] = []
        try:
            for part in wanted:
                if taken := ports.taken(part.ports):
                    raise LabError(f"port {taken[0]} of {part.name} is in use by something else")
            starting.bring_up(lab, wanted, started)
            waiting.until(f"{name} with its copy of {SLOT}", starting.SECONDS, lambda: _is_settled(lab, number))
            routes.add(lab, number)
            waiting.until(
                f"HAProxy's way to {name}", starting.SECONDS, lambda: name in cluster.routed_replicas(lab),
            )
        except BaseException:
            routes.remove(lab, number)
            starting.end(started)
            for part in started:
                clear(part)
            lab.nodes, lab.added = former, former_added
            lab.save()
            raise
        print(f"added {name} in {time.monotonic() - begun:.1f} s; HAProxy leads to {', '.join(cluster.nodes(lab))}")


def remove(lab: Lab, name: str, now: bool = False) -> None:
    """Lets the node's sessions end, takes it from HAProxy, then ends it in order and clears its data."""
    interruption.watch()
    number = _number(name)
    with lab.locked():
        if number not in lab.nodes:
            raise LabError(f"{name} is no member; there are {', '.join(cluster.nodes(lab))}")
        if _require_leader(lab) == name:
            raise LabError(f"{name} leads; `switchover` to another node first")
        begun = time.monotonic()
        wanted = parts_of(lab, number)
        if not now:
            routes.drain(lab, number, SECONDS)
        routes.remove(lab, number)
        stopping.stop(wanted)
        for part in wanted:
            clear(part)
        lab.nodes = tuple(other for other in lab.nodes if other != number)
        lab.added = tuple(other for other in lab.added if other != number)
        lab.save()
        waiting.until(
            f"{name} out of the cluster", SECONDS, lambda: name not in {member.name for member in cluster.members(lab) or []},
        )
        print(f"removed {name} in {time.monotonic() - begun:.1f} s; HAProxy leads to {', '.join(cluster.nodes(lab))}")


def _is_settled(lab: Lab, number: int) -> bool:
    """Patroni restarts a new replica once, to copy the slots; who was connected to it would be cut."""
    node = f"patroni{number}"
    found = cluster.slots(lab)
    if not wanted_slots(lab, found) <= {slot.name for slot in found if slot.node == node}:
        return False
    # As the cluster knows it: a node's own word comes up to `loop_wait` seconds earlier.
    streaming = {member.name for member in cluster.members(lab) or [] if member.state == "streaming"}
    return node in streaming and parts.find(lab, node).ready()


def wanted_slots(lab: Lab, found: Sequence[Slot]) -> set[str]:
    """The slots of which a new replica gets a copy: Patroni's permanent one, or those that PostgreSQL itself keeps in step,
    which are there as soon as Debezium has made them on the leader."""
    if keeps_slots(lab):
        return {SLOT}
    return {slot.name for slot in found if slot.failover} if lab.slots == "failover" else set()


def _number(name: str) -> int:
    match = re.fullmatch(r"patroni([1-9])", name)
    if match is None or int(match[1]) > MOST_NODES:
        raise LabError(f"{name} is no node; they are patroni1 to patroni{MOST_NODES}")
    return int(match[1])


def _require_leader(lab: Lab) -> str:
    leader = cluster.leader(lab)
    if leader is None:
        raise LabError("the cluster has no leader now; members come and go while there is one")
    return leader.name


def parts_of(lab: Lab, number: int) -> list[Part]:
    """A node, and HAProxy's way to it where that is a part of its own."""
    names = [f"link{number}"] if lab.links else []
    return [parts.find(lab, name) for name in (*names, f"patroni{number}")]
