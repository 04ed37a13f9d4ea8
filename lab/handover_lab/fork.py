"""A failover that was no clean switchover: the stream may be ahead of what the new leader has.

Debezium may have read, and stored as its offset X, what the old leader wrote and no replica received. The new
leader's log forks before it, at F < X. A task that restarts at X is sent nothing of what the new leader commits
between F and X: acknowledged writes would be missing from the topic, without any error. So the offset goes back to F
before the task restarts; the slot on the new leader is never behind it, because Patroni copies it with a delay.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from handover_lab import cluster, connectors, history, rest
from handover_lab.errors import LabError
from handover_lab.settings import Lab

# Each marks a place in the log up to which Debezium believes to be done.
POSITIONS = ("lsn", "lsn_proc", "lsn_commit")


@dataclass(frozen=True)
class Primary:
    node: str
    timeline: int


def primary(lab: Lab) -> Primary | None:
    """The node that holds the leader lock and accepts writes; None while there is none."""
    for node in cluster.NODES:
        if not rest.succeeds(cluster.rest_url(lab, node) + "/primary"):
            continue
        # Patroni still names the old timeline for a moment after a promotion; the log itself does not.
        rows = cluster.query(
            lab, cluster.postgres_port(lab, node), "postgres",
            "select pg_walfile_name(pg_current_wal_lsn()) where not pg_is_in_recovery()",
        )
        if rows:
            return Primary(node, int(rows[0][0][:8], 16))
    return None


def fork_lsn(entries: Sequence[Sequence[object]], since: int, until: int) -> int | None:
    """Where the history left the timeline `since` for good on its way to `until`; entries are Patroni's /history."""
    forks = [entry[1] for entry in entries if isinstance(entry[0], int) and since <= entry[0] < until]
    return min((lsn for lsn in forks if isinstance(lsn, int)), default=None)


def rewound(offsets: Sequence[dict], fork: int) -> list[dict] | None:
    """The connector's offsets with every position behind the fork moved to it; None when none is behind it."""
    moved = [
        {**entry, "offset": {
            **entry["offset"],
            **{name: fork for name in POSITIONS if (entry["offset"].get(name) or 0) > fork},
        }}
        for entry in offsets if entry.get("offset")
    ]
    return moved if moved != list(offsets) else None


def rewind(lab: Lab, connector: str, since: int, leader: Primary) -> bool:
    """Moves the stored offset back to the fork if it is behind it, and starts the connector again.

    False when the offset is on the surviving history, and a plain restart is right."""
    _, entries = rest.call("GET", cluster.rest_url(lab, leader.node) + "/history", seconds=2)
    fork = fork_lsn(entries or [], since, leader.timeline)
    if fork is None:
        raise LabError(f"where timeline {since} ended is not known yet")
    stored = _furthest(_offsets(lab, connector))
    _say(f"{connector} stored {lsn_text(stored)}; timeline {since} ended at {lsn_text(fork)}")
    if stored <= fork:
        return False
    connectors.call(lab, "PUT", f"/connectors/{connector}/stop")
    _wait_until_stopped(lab, connector)
    # Read again: ending the task may have stored a last offset.
    before = _offsets(lab, connector)
    after = rewound(before, fork)
    if after is not None:
        connectors.call(lab, "PATCH", f"/connectors/{connector}/offsets", {"offsets": after})
        history.append(
            lab.history, "rewind", connector=connector, by="lab",
            tl=leader.timeline, **{"from": lsn_text(_furthest(before)), "to": lsn_text(fork)},
        )
        _say(f"rewound {connector} from {lsn_text(_furthest(before))} to {lsn_text(fork)}")
    connectors.call(lab, "PUT", f"/connectors/{connector}/resume")
    return True


def lsn_text(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def stored(lab: Lab, connector: str) -> str | None:
    """The offset that the connector begins at when it is started now; None where it is not known."""
    try:
        furthest = _furthest(_offsets(lab, connector))
    except LabError:
        return None
    return lsn_text(furthest) if furthest else None


def _furthest(offsets: Sequence[dict]) -> int:
    stored = (entry["offset"] for entry in offsets if entry.get("offset"))
    return max((offset.get(name) or 0 for offset in stored for name in POSITIONS), default=0)


def _offsets(lab: Lab, connector: str) -> list[dict]:
    answer = connectors.call(lab, "GET", f"/connectors/{connector}/offsets")
    return list(answer.get("offsets") or []) if isinstance(answer, dict) else []


def _wait_until_stopped(lab: Lab, connector: str) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        state = (connectors.states(lab) or {}).get(connector)
        if state and state["connector"]["state"] == "STOPPED" and not state["tasks"]:
            return
        time.sleep(0.2)
    raise LabError(f"{connector} does not stop; its offset cannot be moved")
