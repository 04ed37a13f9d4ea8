"""The words for faults: in the verbs, in the history, in the tables of handover_harness."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    text: str
    # The lab's verb that begins it; None where a test does it by itself.
    verb: str | None = None
    # The verb that undoes it; None where it ends by itself, or stays.
    undo: str | None = None


FAULTS = {
    # At a part of the lab.
    "switchover": Fault("the leader hands over in order", "switchover"),
    "failover": Fault("a replica is made the leader", "failover"),
    "kill": Fault("SIGKILL to a part", "kill", "start"),
    "stop": Fault("a part is ended in order", "stop", "start"),
    "pause": Fault("SIGSTOP to a part", "pause", "resume"),
    "pause-postgres": Fault("SIGSTOP to the PostgreSQL of a node", "pause-postgres", "resume-postgres"),
    "pause-replication": Fault("a node's log reaches Debezium and no replica", "pause-replication", "resume-replication"),
    "cut": Fault("HAProxy no longer reaches a node", "cut", "heal"),
    "lose-quorum": Fault("two of the three etcd are killed", "lose-quorum", "restore-quorum"),
    "kill-postmaster": Fault("SIGKILL to a postmaster; its Patroni lives"),
    "partition": Fault("neither the replicas nor the DCS hear of the leader; some clients still reach it"),
    # At sessions, groups, topics and tables.
    "cancel-wait": Fault("a COMMIT that waits for its standby is cancelled"),
    "join": Fault("a member joins a group"),
    "reset-offsets": Fault("a group's offsets are set to the earliest"),
    "recreate-topic": Fault("a topic is deleted and made anew"),
    "lose-records": Fault("the stored offset lies in front of the broker's first record"),
    "age-progress": Fault("the progress is one of an earlier version"),
    "die-at-step": Fault("the guard dies after a step of its work"),
    "inject": Fault("something wrong is put into the evidence as it is read"),
    "corrupt": Fault("rows of the destination are changed by hand"),
    # What people do.
    "snapshot": Fault("a running source reads tables again", "signal"),
    "change-schema": Fault("a column comes and goes"),
}

# What undoes what. A new start also ends a pause: the paused process is gone.
UNDOES: dict[str, tuple[str, ...]] = {
    verb: tuple(name for name, fault in FAULTS.items() if fault.undo == verb)
    for verb in {fault.undo for fault in FAULTS.values() if fault.undo is not None}
}
UNDOES["start"] += ("pause", "pause-postgres", "pause-replication")
