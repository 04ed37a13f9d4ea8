"""`lab faults`: random faults under the writer's load, and after each the question whether it kept its account.

Each fault has a run of the writer and a history of its own. After it: the writer went on by itself, every write of
unknown outcome is settled or listed, the history replays to the account that the run printed, and in synchronous
mode the final leader holds every acknowledged write.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from handover_lab import cluster, environment, faults, interruption
from handover_lab.errors import Interrupted, LabError
from handover_lab.parts import programs
from handover_lab.probe import Probe
from handover_lab.settings import Lab
from handover_lab.waiting import until

from handover_harness.entries import CAMPAIGN

WORKLOADS = ("update", "mixed", "transfer", "outbox", "wide")
RECOVERY_SECONDS = 120
# Enough to be in the middle of the load, and for the load to be seen to go on.
BEFORE_SECONDS, AFTER_SECONDS = 1.5, 1.5


@dataclass(frozen=True)
class Deed:
    """How a fault of the table is begun and undone, at the node that leads."""

    begin: Callable[[Lab, str], None]
    end: Callable[[Lab, str], None] = lambda lab, node: None


switchover = Deed(lambda lab, node: faults.switchover(lab, None, now=True))
kill_leader = Deed(faults.kill, lambda lab, node: faults.start(lab, [node], []))
pause_postgres = Deed(faults.pause_postgres, faults.resume_postgres)
kill_haproxy = Deed(lambda lab, node: faults.kill(lab, "haproxy"), lambda lab, node: faults.start(lab, ["haproxy"], []))
cut = Deed(faults.cut, faults.heal)
lose_quorum = Deed(lambda lab, node: faults.lose_quorum(lab), lambda lab, node: faults.restore_quorum(lab))


class RunLab(Lab):
    """The lab, with the history of one run for the faults that it injects."""

    path: Path

    @property
    def history(self) -> Path:
        return self.path


@dataclass
class Outcome:
    problems: list[str]
    summary: dict
    findings: dict
    # Seconds from the first write that anybody could make to the writer's first; None where nothing was measured.
    delay: float | None = None

    def text(self) -> str:
        writes = self.summary.get("writes", {})
        outages = " ".join(f"{outage['seconds']:.1f} s" for outage in self.summary.get("outages", [])) or "none"
        told = ", ".join(self.problems) or "in order"
        delay = "" if self.delay is None else f"  after the first possible write {self.delay:+.2f} s"
        return (
            f"outages {outages}{delay}  ok {writes.get('ok')} fail {writes.get('fail')} info {writes.get('info')}"
            f" (happened {writes.get('settled_ok')}, did not {writes.get('settled_fail')}, open {writes.get('open')})"
            f"  lost {self.findings.get('lost')}  {told}"
        )


def run(lab: Lab, count: int, seed: int, kinds: list[str], workloads: list[str], full: bool, measure: bool) -> None:
    usable = [kind for kind in CAMPAIGN if lab.links or not CAMPAIGN[kind].needs_links]
    for kind in kinds:
        if kind not in usable:
            raise LabError(f"no fault {kind}; there are {', '.join(usable)}" + ("" if lab.links else " (cut: --links)"))
    chosen = kinds or usable
    generator = random.Random(seed)
    folder = lab.folder / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {seed}: {count} faults of {', '.join(chosen)}", flush=True)
    for workload in workloads or WORKLOADS:
        _call(lab, "init", "--workload", workload, "--rows", "200", admin=True)
    interruption.watch()
    bad = 0
    delays: dict[str, list[float]] = {}
    for number in range(1, count + 1):
        # Of each kind about as many, in random order.
        kind = chosen[(number - 1) % len(chosen)] if measure else generator.choice(chosen)
        workload = generator.choice(workloads or WORKLOADS)
        shortest, longest, full_length = CAMPAIGN[kind].lasts
        lasts = full_length if full else generator.uniform(shortest, longest)
        own = RunLab(**{each.name: getattr(lab, each.name) for each in fields(Lab)})
        own.path = folder / f"{seed}-{number:03}-{kind}.ndjson"
        own.path.unlink(missing_ok=True)
        began = time.monotonic()
        outcome = _one(own, CAMPAIGN[kind].function, workload, lasts, generator.randrange(2**31), measure)
        bad += bool(outcome.problems)
        if outcome.delay is not None:
            delays.setdefault(kind, []).append(outcome.delay)
        print(
            f"{number:4}  {kind:14} {lasts:4.1f} s  {workload:8}  {outcome.text()}"
            f"  [{time.monotonic() - began:.0f} s]", flush=True,
        )
    for kind, samples in delays.items():
        ordered = sorted(samples)
        print(
            f"{kind}: first acknowledged write after the first possible one, median {ordered[len(ordered) // 2]:+.3f} s"
            f" of {', '.join(f'{sample:+.3f}' for sample in samples)}"
        )
    if bad:
        raise LabError(f"{bad} of {count} faults ended otherwise than they must; the histories are in {folder}")
    print(f"all {count} in order")


def _one(lab: RunLab, fault: Deed, workload: str, lasts: float, seed: int, measure: bool) -> Outcome:
    until("a leader, its followers and HAProxy's way to it", RECOVERY_SECONDS, lambda: _healthy(lab))
    leader = cluster.leader(lab)
    assert leader is not None
    command = [
        str(programs.binary("writer")), "run", "--workload", workload, "--rows", "200", "--rate", "200",
        "--workers", "4", "--seed", str(seed), "--history", str(lab.path), "--format", "json",
    ]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment(lab))
    problems: list[str] = []
    delay = None
    try:
        _wait_acknowledged(lab, writer, time.monotonic_ns())
        time.sleep(BEFORE_SECONDS)
        with Probe(lab, measure) as probe:
            fault.begin(lab, leader.name)
            time.sleep(lasts)
            fault.end(lab, leader.name)
            undone = time.monotonic_ns()
            _wait_acknowledged(lab, writer, undone)
        time.sleep(AFTER_SECONDS)
        if measure:
            delay = probe.delay(_acknowledgements(lab.path))
    except Interrupted:
        raise
    except LabError as error:
        problems.append(str(error))
    finally:
        writer.send_signal(signal.SIGTERM)
        try:
            printed, _ = writer.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            writer.kill()
            printed, _ = writer.communicate()
            problems.append("the writer did not end")
    if writer.returncode != 0:
        problems.append(f"the writer ended with {writer.returncode}")
    summary = json.loads(printed.splitlines()[-1]) if printed.strip() else {}
    return _judged(lab, summary, problems, delay)


def _judged(lab: RunLab, summary: dict, problems: list[str], delay: float | None) -> Outcome:
    until("the cluster whole again", RECOVERY_SECONDS, lambda: _healthy(lab))
    lines = _call(lab, "history", str(lab.path), "--check", "--format", "json", fails=True).splitlines()
    replayed, findings = (json.loads(line) for line in lines[:2]) if len(lines) >= 2 else ({}, {})
    for name in ("connections", "connections_failed", "causes"):
        if summary.get(name) != replayed.get(name):
            problems.append(f"{name}: printed {summary.get(name)}, replayed {replayed.get(name)}")
    told, read = dict(summary.get("writes", {})), dict(replayed.get("writes", {}))
    for entry in (told, read):
        # What was not written is not in a history.
        entry.pop("backlog", None)
        entry.pop("missed", None)
    if told != read or not told:
        problems.append(f"writes: printed {told}, replayed {read}")
    wrong = {name: value for name, value in findings.items() if value and name not in ("acknowledged", "recovered")}
    if not lab.sync:
        wrong.pop("lost", None)
    if wrong or not findings.get("acknowledged"):
        problems.append(f"the leader holds something else: {wrong or findings}")
    if told.get("open"):
        problems.append(f"{told['open']} of unknown outcome are not settled")
    return Outcome(problems, summary, findings, delay)


def _healthy(lab: Lab) -> bool:
    members = cluster.members(lab) or []
    whole = len(members) == len(lab.nodes) and all(member.healthy for member in members)
    led = any(member.leads for member in members)
    synchronous = not lab.sync or any(member.role == "sync_standby" for member in members)
    return whole and led and synchronous and cluster.routed_leader_port(lab) is not None


def _acknowledgements(path: Path, since: int = 0) -> list[int]:
    """When writes were acknowledged, on the monotonic clock."""
    found = []
    with open(path, errors="replace") as lines:
        for line in lines:
            if line.startswith('{"type":"ok"') and line.endswith("\n"):
                moment = int(line.rsplit('"mono":', 1)[1].split(",", 1)[0])
                if moment > since:
                    found.append(moment)
    return found


def _wait_acknowledged(lab: RunLab, writer: "subprocess.Popen[str]", since: int) -> None:
    def done() -> bool:
        if writer.poll() is not None:
            raise LabError(f"the writer ended with {writer.returncode}")
        return lab.path.exists() and bool(_acknowledgements(lab.path, since))

    until("an acknowledged write", RECOVERY_SECONDS, done)


def _environment(lab: Lab) -> dict[str, str]:
    return {**cluster.environment(lab), **environment.variables(lab, "writer")}


def _call(lab: Lab, *arguments: str, fails: bool = False, admin: bool = False) -> str:
    """Runs the writer; making tables is not among its role's rights."""
    command = [str(programs.binary("writer")), *arguments]
    variables = _environment(lab)
    if admin:
        variables["HANDOVER_SOURCE_URL"] = variables["HANDOVER_ADMIN_SOURCE_URL"]
    answer = subprocess.run(command, capture_output=True, text=True, env=variables)
    if answer.returncode != 0:
        print(answer.stderr, file=sys.stderr, end="")
        if not fails:
            raise LabError(f"writer {arguments[0]} ended with {answer.returncode}")
    return answer.stdout
