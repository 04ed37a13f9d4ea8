"""The watcher of a lab without the guard: a failed task stays failed until somebody restarts it."""

import signal
import sys
import time

from handover_lab import cluster, connectors, history, rest, settings
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


def restart(lab: Lab, name: str, failed: list[tuple[int | None, str]], timeline: int) -> bool:
    stored = connectors.stored_position(lab, name)
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
    """Restarts what failed, whatever the offset: without the guard nobody looks at it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.restarted: dict[str, float] = {}

    def look(self) -> None:
        leader = cluster.primary(self.lab)
        if leader is None:
            # A task that starts now would only fail again.
            return
        for name, state in (connectors.states(self.lab) or {}).items():
            failed = failures(state)
            if failed and time.monotonic() - self.restarted.get(name, 0) >= BETWEEN_RESTARTS:
                restart(self.lab, name, failed, leader.timeline)
                self.restarted[name] = time.monotonic()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watcher = Watcher(settings.load(None))
    while True:
        watcher.look()
        time.sleep(INTERVAL)


if __name__ == "__main__":
    sys.exit(main())
