"""The watcher: a failed task stays failed until somebody restarts it, and after a failover one always fails."""

import signal
import sys
import time

from handover_lab import cluster, connectors, fork, history, rest, settings
from handover_lab.errors import LabError
from handover_lab.settings import Lab

INTERVAL = 1.0
# A restart takes a moment to show; another one within it would only disturb.
BETWEEN_RESTARTS = 2.0


def failures(state: dict) -> list[tuple[int | None, str]]:
    """The failed parts of a connector as (task or None for the connector itself, first line of its trace)."""
    found: list[tuple[int | None, str]] = []
    for number, entry in [(None, state["connector"]), *((task["id"], task) for task in state["tasks"])]:
        if entry["state"] == "FAILED":
            found.append((number, (entry.get("trace") or "no trace").splitlines()[0]))
    return found


def restart(lab: Lab, name: str, failed: list[tuple[int | None, str]], timeline: int | None = None) -> bool:
    stored = fork.stored(lab, name)
    for worker in connectors.WORKERS:
        target = f"{connectors.url(lab, worker)}/connectors/{name}/restart?includeTasks=true&onlyFailed=true"
        try:
            status, _ = rest.call("POST", target, seconds=5)
        except rest.Unreachable:
            continue
        if status < 300:
            for task, reason in failed:
                history.append(
                    lab.history, "restart", connector=name, task=task, reason=reason, by="lab", stored=stored, tl=timeline,
                )
                print(f"{time.strftime('%H:%M:%S')} restarted {name} task {task}: {reason}", flush=True)
            return True
    return False


class Watcher:
    """Restarts what failed, and looks at the stored offset first when another timeline leads since."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.restarted: dict[str, float] = {}
        # By connector: the timeline that it was last seen to stream from.
        self.timelines: dict[str, int] = {}

    def look(self) -> None:
        states = connectors.states(self.lab) or {}
        leader = fork.primary(self.lab)
        # Without a leader a restart fails, and one that meets the new leader unseen would skip its first writes.
        if leader is None:
            return
        for name, state in states.items():
            if connectors.is_running(state):
                if self.timelines.get(name) != leader.timeline and _streams_from(self.lab, leader.node):
                    self.timelines[name] = leader.timeline
                continue
            failed = failures(state)
            if failed and time.monotonic() - self.restarted.get(name, 0) >= BETWEEN_RESTARTS:
                self.repair(name, failed, leader)
                self.restarted[name] = time.monotonic()

    def repair(self, name: str, failed: list[tuple[int | None, str]], leader: fork.Primary) -> None:
        known = self.timelines.get(name)
        try:
            if self.lab.rewinds and known is not None and known < leader.timeline and fork.rewind(self.lab, name, known, leader):
                return
        except (LabError, rest.Unreachable) as error:
            # Not restarted either: the next look tries again.
            print(f"{time.strftime('%H:%M:%S')} {name}: {error}", flush=True)
            return
        restart(self.lab, name, failed, leader.timeline)


def _streams_from(lab: Lab, node: str) -> bool:
    return any(slot.active for slot in cluster.slots(lab) if slot.node == node)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watcher = Watcher(settings.load(None))
    while True:
        watcher.look()
        time.sleep(INTERVAL)


if __name__ == "__main__":
    sys.exit(main())
