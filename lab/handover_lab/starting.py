"""Brings parts up, each as soon as those that it needs are ready."""

import os
import time
from collections.abc import Sequence

from handover_lab import connectors, embedded, interruption, open_faults, parts, ports, stopping
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.settings import Lab

SECONDS = float(os.environ.get("LAB_TIMEOUT", "120"))


class PartFailed(LabError):
    """A part ended or was not ready in time; the message ends with its last log lines."""


def failure(part: Part, what: str) -> PartFailed:
    lines = part.last_lines()
    tail = "\n".join(f"    {line}" for line in lines) or "    (nothing in its log)"
    return PartFailed(f"{part.name} {what}; the last lines of {part.log}:\n{tail}")


def spawn(part: Part) -> None:
    """Starts one process, after the remains of the former one are gone."""
    if part.postmaster() is None and part.family():
        stopping.kill(part)
    part.forget_dead_postmaster()
    part.spawn()


def with_workers(lab: Lab, wanted: Sequence[Part]) -> list[Part]:
    """Ends the workers of Kafka Connect, and adds them to what is started, where the broker has forgotten its topics."""
    if not embedded.forgets(wanted):
        return list(wanted)
    others = [part for part in parts.infrastructure(lab) if part.name in connectors.WORKERS and part.family()]
    for part in others:
        open_faults.begin(lab, "stop", part.name, "its topics went with the broker")
    stopping.stop(others)
    return [*wanted, *(part for part in others if part.name not in {each.name for each in wanted})]


def bring_up(lab: Lab, wanted: Sequence[Part], started: list[Part]) -> None:
    """Notes in `started` what it started, right when it did: also after a failure the caller can end it."""
    begun = time.monotonic()
    waiting = {part.name: part for part in wanted}
    spawned: dict[str, tuple[Part, float]] = {}
    ready: set[str] = set()
    for part in wanted:
        if part.alive():
            spawned[part.name] = (part, time.monotonic())
            waiting.pop(part.name)

    def may_start(part: Part) -> bool:
        for name in part.after:
            if name.endswith("?"):
                since = spawned.get(name[:-1])
                if name[:-1] in waiting or (since is not None and not _listening(since[0])):
                    return False
            elif name in waiting or (name in spawned and name not in ready):
                return False
        return True

    while waiting or len(ready) < len(spawned):
        interruption.check()
        for name, part in list(waiting.items()):
            if may_start(part):
                started.append(part)
                spawn(part)
                spawned[name] = (part, time.monotonic())
                del waiting[name]
        for name, (part, since) in spawned.items():
            if name in ready:
                continue
            if not part.alive() and not _ended_well(part):
                code = part.exit_code()
                raise failure(part, "ended right after its start" + ("" if code is None else f" with exit code {code}"))
            if part.ready():
                part.finish()
                ready.add(name)
                if part in started:
                    open_faults.close(lab, part.name, "start")
                    identity = part.main()
                    print(f"{time.monotonic() - begun:6.1f} s  {name} is up"
                          + (f", process {identity.pid}" if identity else "")
                          + (f", port {part.ports[0]}" if part.ports else ""), flush=True)
            elif time.monotonic() - since > SECONDS:
                raise failure(part, f"is not ready after {SECONDS:.0f} s")
        time.sleep(0.1)


def _listening(part: Part) -> bool:
    return ports.accepts(part.ports[0])


def _ended_well(part: Part) -> bool:
    return part.program and part.exit_code() == 0


def end(started: Sequence[Part]) -> None:
    """Ends what a failed or interrupted verb had started, the last first."""
    if started:
        stopping.stop(list(reversed(started)), seconds=5)
