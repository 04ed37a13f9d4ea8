"""The verbs that break the lab, and those that mend it."""

import signal
import sys
import time

from handover_lab import (
    cluster, embedded, interruption, open_faults, parts, ports, process, readiness, rest, starting, stopping, waiting,
)
from handover_lab.brokers import ALL
from handover_lab.cluster import Member
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.process import Identity
from handover_lab.settings import Lab

ROLE_CHANGE_SECONDS = 90


def find(lab: Lab, name: str) -> Part:
    """A part by name; `leader` is the Patroni node that leads now, `replica` one that follows."""
    if name in ("leader", "replica"):
        wanted = [member for member in cluster.members(lab) or [] if member.leads == (name == "leader")]
        if not wanted:
            raise LabError(f"the cluster has no {name} now")
        name = wanted[0].name
    return parts.find(lab, name)


def find_all(lab: Lab, name: str) -> list[Part]:
    """The part of that name; `broker` is all of them, however many the lab has."""
    return [find(lab, each) for each in lab.brokers.named(name)]


def kill(lab: Lab, name: str) -> None:
    with lab.locked():
        for part in find_all(lab, name):
            _must_run(part)
            open_faults.begin(lab, "kill", part.name, _role(lab, part))
            if not stopping.kill(part):
                raise LabError(f"{part.name} is still there after SIGKILL")
            print(f"killed {part.name}")


def stop(lab: Lab, name: str) -> None:
    with lab.locked():
        for part in find_all(lab, name):
            _stop(lab, part)


def _stop(lab: Lab, part: Part) -> None:
    if not part.family():
        code = part.exit_code()
        print(f"{part.name} does not run" + ("" if code is None else f"; it ended with exit code {code}"))
        part.pid_file.unlink(missing_ok=True)
        return
    if not part.program:
        open_faults.begin(lab, "stop", part.name, _role(lab, part))
    begun = time.monotonic()
    killed = stopping.stop([part])
    took = f"in {time.monotonic() - begun:.1f} s"
    if killed:
        raise LabError(f"{part.name} did not end within {part.stop_seconds:.0f} s and was killed")
    code = part.exit_code()
    print(f"stopped {part.name} {took}" + ("" if code is None else f", exit code {code}"))


def start(lab: Lab, names: list[str], arguments: list[str]) -> None:
    interruption.watch()
    with lab.locked():
        found = [parts.find(lab, name, arguments) for name in names]
        begin: list[Part] = []
        for part in found:
            if part.alive():
                print(f"{part.name} runs already")
                continue
            taken = ports.taken(part.ports) if not part.family() else []
            if taken:
                raise LabError(f"port {taken[0]} of {part.name} is in use by something else")
            begin.append(part)
        started: list[Part] = []
        try:
            starting.bring_up(lab, starting.with_workers(lab, begin), started)
        except LabError:
            starting.end(started)
            raise
    if any(part.name == ALL for part in begin):
        print(embedded.TOLD, file=sys.stderr)


def pause(lab: Lab, name: str) -> None:
    with lab.locked():
        for part in find_all(lab, name):
            _must_run(part)
            open_faults.begin(lab, "pause", part.name, _role(lab, part))
            stopping.pause(part)
            print(f"paused {part.name}")


def resume(lab: Lab, name: str) -> None:
    with lab.locked():
        for part in find_all(lab, name):
            _must_run(part)
            stopping.resume(part)
            open_faults.close(lab, part.name, "resume")
            print(f"resumed {part.name}")


def pause_postgres(lab: Lab, name: str) -> None:
    """Only the PostgreSQL of a node stands still: its connections stay open, and its Patroni has to find out."""
    with lab.locked():
        part = find(lab, name)
        if part.postmaster() is None:
            raise LabError(f"{part.name} has no running PostgreSQL")
        open_faults.begin(lab, "pause-postgres", part.name, _role(lab, part))
        stopping.pause_postgres(part)
    print(f"paused the PostgreSQL of {part.name}")


def resume_postgres(lab: Lab, name: str) -> None:
    with lab.locked():
        part = find(lab, name)
        stopping.resume_postgres(part)
        open_faults.close(lab, part.name, "resume-postgres")
    print(f"resumed the PostgreSQL of {part.name}")


def cut(lab: Lab, name: str) -> None:
    """HAProxy no longer reaches a node; packets are lost, connections stay open. Nothing is wrong with the node."""
    with lab.locked():
        part = find(lab, name)
        way = _way(lab, part)
        _must_run(way)
        open_faults.begin(lab, "cut", part.name, _role(lab, part))
        stopping.pause(way)
    print(f"cut {part.name} off from HAProxy")


def heal(lab: Lab, name: str) -> None:
    with lab.locked():
        part = find(lab, name)
        stopping.resume(_way(lab, part))
        open_faults.close(lab, part.name, "heal")
    print(f"HAProxy reaches {part.name} again")


def _way(lab: Lab, part: Part) -> Part:
    if not lab.links or part.cluster is None or not part.name.startswith("patroni"):
        raise LabError(f"there is no way to {part.name} that can be cut: `up --links`, and a node of Patroni's")
    return parts.find(lab, "link" + part.name[-1])


def pause_replication(lab: Lab, name: str) -> None:
    """What the node writes from now on reaches Debezium, and no replica: who is made the leader does not have it."""
    with lab.locked():
        part = find(lab, name)
        replicas = [member for member in cluster.members(lab) or [] if member.healthy and member.name != part.name]
        senders: list[Identity] = []

        def all_follow() -> bool:
            senders[:] = _senders(lab, part)
            return len(senders) >= len(replicas)

        # One that is about to follow would get what the others do not.
        waiting.holds(all_follow, 10, 0.2)
        if not senders:
            raise LabError(f"{part.name} sends its log to no replica")
        open_faults.begin(lab, "pause-replication", part.name, _role(lab, part))
        for sender in senders:
            process.send(sender, signal.SIGSTOP)
    print(f"paused what {part.name} sends to its {len(senders)} replicas")


def resume_replication(lab: Lab, name: str) -> None:
    with lab.locked():
        part = find(lab, name)
        for sender in _senders(lab, part):
            process.send(sender, signal.SIGCONT)
        open_faults.close(lab, part.name, "resume-replication")
    print(f"{part.name} sends to its replicas again")


def _senders(lab: Lab, part: Part) -> list[Identity]:
    """The node's walsenders with a physical slot."""
    if part.cluster is None or not part.name.startswith("patroni"):
        raise LabError(f"{part.name} replicates to nobody: give a node of Patroni's, or leader")
    statement = "select active_pid from pg_replication_slots where slot_type = 'physical' and active_pid is not null"
    rows = cluster.query(lab, cluster.postgres_port(lab, part.name), "postgres", statement)
    if rows is None:
        raise LabError(f"{part.name} does not answer")
    found = (process.identify(int(row[0])) for row in rows)
    return [identity for identity in found if identity is not None]


QUORUM = ("etcd2", "etcd3")


def lose_quorum(lab: Lab) -> None:
    """Two of the three etcd are killed: the leader can't renew its lock and steps down."""
    with lab.locked():
        members = [parts.find(lab, name) for name in QUORUM]
        for part in members:
            _must_run(part)
        open_faults.begin(lab, "lose-quorum", "etcd")
        for part in members:
            if not stopping.kill(part):
                raise LabError(f"{part.name} is still there after SIGKILL")
    print(f"killed {' and '.join(QUORUM)}")


def restore_quorum(lab: Lab) -> None:
    start(lab, list(QUORUM), [])
    with lab.locked():
        open_faults.close(lab, "etcd", "restore-quorum")


def switchover(lab: Lab, to: str | None, now: bool = False) -> None:
    """The leader hands over in order; it asks first whether the node's copy of the slot is ready, unless `now`."""
    _change(lab, "switchover", to, asks=not now)


def failover(lab: Lab, to: str | None) -> None:
    """A replica is made the leader, whatever the leader thinks of it."""
    _change(lab, "failover", to)


def _change(lab: Lab, kind: str, to: str | None, asks: bool = False) -> None:
    interruption.watch()
    members = cluster.members(lab)
    if members is None:
        raise LabError("no Patroni node answers")
    leader = next((member for member in members if member.leads), None)
    if leader is None and kind == "switchover":
        raise LabError("the cluster has no leader now: a switchover needs one, `failover` does not")
    target = _candidate(members, to)
    body = {"candidate": target}
    if leader is not None and kind == "switchover":
        body["leader"] = leader.name
    if asks:
        readiness.wait(lab, target)
    open_faults.record(lab, "begin", kind, target, f"from {leader.name}" if leader else "no leader")
    begun = time.monotonic()
    outcome: str | None = "failed"
    try:
        _ask(lab, [leader.name if leader else target, target], kind, body)
        port = cluster.postgres_port(lab, target)

        def done() -> bool:
            now = cluster.leader(lab)
            return now is not None and now.name == target and cluster.routed_leader_port(lab) == port

        waiting.until(f"{target} as the leader that HAProxy leads to", ROLE_CHANGE_SECONDS, done)
        outcome = None
    finally:
        open_faults.record(lab, "end", kind, target, outcome)
    print(f"{kind}: {leader.name if leader else 'nobody'} -> {target} in {time.monotonic() - begun:.1f} s")


def _candidate(members: list[Member], to: str | None) -> str:
    replicas = [member for member in members if not member.leads and member.healthy]
    if to is not None:
        if to not in {member.name for member in replicas}:
            raise LabError(f"{to} is no healthy replica; there are: {', '.join(m.name for m in replicas) or 'none'}")
        return to
    if not replicas:
        raise LabError("there is no healthy replica to hand over to")
    # The one that is nearest; a synchronous one first.
    return min(replicas, key=lambda member: (member.role != "sync_standby", member.lag is None, member.lag or 0)).name


def _ask(lab: Lab, nodes: list[str], kind: str, body: dict[str, str]) -> None:
    failure = "no Patroni node answers"
    for node in nodes:
        try:
            status, answer = rest.call("POST", f"{cluster.rest_url(lab, node)}/{kind}", body, seconds=60)
        except rest.Unreachable:
            continue
        if status in (200, 202):
            return
        failure = f"Patroni refused the {kind}: {status} {answer}"
    raise LabError(failure)


def _must_run(part: Part) -> None:
    if not part.family():
        raise LabError(f"{part.name} does not run")


def _role(lab: Lab, part: Part) -> str | None:
    if part.cluster is None or part.name == "destination":
        return None
    return next((member.role for member in cluster.members(lab) or [] if member.name == part.name), None)
