"""What a run measured: as JSON with every single figure, and as a table of medians and ratios."""

import argparse
import dataclasses
import datetime
import json
import os
import re
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cases import CASES


@dataclass
class Figure:
    case: str
    repetition: int
    contender: str
    events: int
    records: int
    seconds: float
    events_per_second: float
    cpu_seconds: float
    server_cpu_seconds: float
    broker_cpu_seconds: float
    peak_bytes: int | None
    is_right: bool


@dataclass
class Run:
    begun: str
    machine: dict[str, Any]
    options: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)
    latency: list[dict[str, Any]] = field(default_factory=list)
    # Contenders that can't do a case: case, contender, why.
    failed: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of_this_machine(cls, options: argparse.Namespace, root: Path) -> "Run":
        def said(*command: str) -> str:
            answer = subprocess.run(command, capture_output=True, text=True, cwd=root)
            return answer.stdout.strip().splitlines()[0] if answer.returncode == 0 and answer.stdout.strip() else "?"

        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
        memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1))  # type: ignore[union-attr]
        machine = {
            "cpu": model.group(1) if model else "?", "cores": os.cpu_count(), "memory_gb": round(memory / 1e6),
            "kernel": os.uname().release, "postgresql": said("/usr/lib/postgresql/15/bin/postgres", "--version"),
            "swift": said("swift", "--version"), "commit": said("git", "rev-parse", "--short", "HEAD"),
            "changed": said("git", "status", "--porcelain", "--untracked-files=no") != "?",
            "load_before": os.getloadavg()[0],
        }
        chosen = {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()}
        chosen.pop("results")
        return cls(datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), machine, chosen)

    def add(self, case: str, repetition: int, contender: str, workload: Any, measured: Any, is_right: bool) -> None:
        rate = workload.events / measured.seconds
        self.figures.append(Figure(
            case, repetition, contender, workload.events, workload.records, measured.seconds, rate,
            measured.cpu, measured.server_cpu, measured.broker_cpu, measured.peak, is_right,
        ))

    def fail(self, case: str, contender: str, why: str) -> None:
        self.failed.append({"case": case, "contender": contender, "why": why})

    def has_failed(self, case: str, contender: str) -> bool:
        return any(each["case"] == case and each["contender"] == contender for each in self.failed)

    @property
    def void(self) -> list[Figure]:
        return [each for each in self.figures if not each.is_right]

    def json(self) -> str:
        return json.dumps(dataclasses.asdict(self) | {"ratios": ratios(self)}, indent=1) + "\n"


# Whichever of the JDBC sink's settings was the fastest.
JDBC = "best jdbc"
# Case, of what, to which case, of what, at least.
TARGETS: tuple[tuple[str, str, str, str, float], ...] = (
    ("a", "sink", "a", "ceiling-1", 0.75), ("a", "sink", "a", "native-1", 1.6), ("a", "sink", "a", "native-1000", 0.65),
    ("b", "sink", "a", "sink", 0.70),
    ("c", "sink", "c", "ceiling-1", 0.95), ("c", "sink", "c", "native-1", 1.6), ("c", "sink", "c", "native-1000", 1.0),
    ("d", "sink", "d", "consume", 0.50), ("d", "sink", "d", "native-1", 4.0),
    ("e", "sink", "c", "sink", 0.80),
    ("a", "sink", "a", "python", 3.5), ("c", "sink", "c", "python", 2.0),
    ("b", "sink", "b", JDBC, 8.0), ("k", "sink", "k", JDBC, 5.0), ("l", "sink", "l", JDBC, 10.0),
)


def rates(run: Run, case: str, contender: str) -> dict[int, float]:
    """By repetition; figures of a wrong destination do not count."""
    if contender == JDBC:
        found: dict[int, float] = {}
        for name in contenders(run, case):
            if name.startswith("jdbc-"):
                for repetition, rate in rates(run, case, name).items():
                    found[repetition] = max(rate, found.get(repetition, 0))
        return found
    return {each.repetition: each.events_per_second for each in run.figures
            if each.case == case and each.contender == contender and each.is_right}


def ratios(run: Run) -> list[dict[str, Any]]:
    """The median of the ratios of each repetition, whose runs lie close to each other."""
    found = []
    for case, contender, other_case, other, target in TARGETS:
        mine, theirs = rates(run, case, contender), rates(run, other_case, other)
        values = [mine[each] / theirs[each] for each in mine if each in theirs]
        if values:
            what = f"{case}: {contender} / " + (other if case == other_case else f"{other} of {other_case}")
            found.append({"what": what, "median": statistics.median(values), "least": min(values),
                          "greatest": max(values), "target": target})
    return found


def contenders(run: Run, case: str) -> list[str]:
    return list(dict.fromkeys(each.contender for each in run.figures if each.case == case))


def markdown(run: Run) -> str:
    machine, options = run.machine, run.options
    lines = [
        f"# {run.begun[:16].replace('T', ' ')} UTC", "",
        f"{machine['cores']} × {machine['cpu']}, {machine['memory_gb']} GB, Linux {machine['kernel']}; "
        f"{machine['postgresql']}; {machine['swift']}; commit {machine['commit']}"
        + (" with changes" if machine["changed"] else "") + f"; load before {machine['load_before']:.1f}.",
        f"{options['events']:,} events a case, {options['repeat']} repetitions, tasks.max {options['lanes']}."
        + (f" {options['note']}" if options["note"] else ""), "",
    ]
    if run.figures:
        lines += [
            "| case | contender | events/s, median | least | greatest | CPU s | server CPU s | peak MB |",
            "|---|---|---:|---:|---:|---:|---:|---:|",
        ]
    for letter, case in CASES.items():
        for number, name in enumerate(contenders(run, letter)):
            figures = [each for each in run.figures if each.case == letter and each.contender == name]
            right = [each for each in figures if each.is_right]
            title = f"{letter} {case.title}" if number == 0 else ""
            if not right:
                lines.append(f"| {title} | {name} | void: wrong content | | | | | |")
                continue
            found = [each.events_per_second for each in right]
            peak = max((each.peak_bytes or 0) for each in right) / 1e6
            lines.append(
                f"| {title} | {name} | {statistics.median(found):,.0f} | {min(found):,.0f} | {max(found):,.0f} | "
                f"{statistics.median(each.cpu_seconds for each in right):.1f} | "
                f"{statistics.median(each.server_cpu_seconds for each in right):.1f} | "
                f"{f'{peak:.0f}' if peak else ''} |"
            )
        lines += [f"|  | {each['contender']} | fails: the reason is in the .json | | | | | |"
                  for each in run.failed if each["case"] == letter]
    if found := ratios(run):
        lines += ["", "| ratio of events/s | median | least | greatest | target | |", "|---|---:|---:|---:|---:|---|"]
        for each in found:
            verdict = "reached" if each["median"] >= each["target"] else "missed"
            lines.append(f"| {each['what']} | {each['median']:.2f} | {each['least']:.2f} | {each['greatest']:.2f} | "
                         f"≥ {each['target']:.2f} | {verdict} |")
    if run.memory:
        lines += ["", "| i backlog of events | events/s | CPU s | peak MB |", "|---:|---:|---:|---:|"]
        lines += [f"| {each['events']:,} | {each['events_per_second']:,.0f} | {each['cpu_seconds']:.1f} | "
                  f"{each['peak_bytes'] / 1e6:.0f} |" + ("" if each["is_right"] else " void") for each in run.memory]
        growth = run.memory[-1]["peak_bytes"] / run.memory[0]["peak_bytes"]
        lines += ["", f"Peak memory grows by the factor {growth:.2f} (target ≤ 1.2), to "
                  f"{run.memory[-1]['peak_bytes'] / 1e6:.0f} MB (target < 150)."]
    if run.latency:
        lines += ["", "| j events/s, ms from | p50 | p99 | p99.9 | greatest | target for p99 |",
                  "|---|---:|---:|---:|---:|---:|"]
        for each in run.latency:
            others = each.get("jdbc", {})
            # On Kafka the target is a ratio, below.
            target = "" if each["target"] < 1 else f"≤ {each['target']}"
            for what, figures, target in (
                ("append to visible", each, target), ("due to visible", each["due"], ""),
                ("append to a bare consumer", each["bare"], ""), ("begin to end of a commit", each["commit"], ""),
                *((f"{name}, append to visible", other, "") for name, other in others.items()),
            ):
                lines.append(f"| {each['rate']:,}, {what} | {figures['p50']:.1f} | {figures['p99']:.1f} | "
                             f"{figures['p999']:.1f} | {figures['greatest']:.1f} | {target} |")
        for each in run.latency:
            if others := each.get("jdbc"):
                name = min(others, key=lambda other: others[other]["p99"])
                ratio = each["p99"] / others[name]["p99"]
                verdict = "reached" if ratio <= each["target"] else "missed"
                lines += ["", f"At {each['rate']:,} events/s the sink's p99 is {ratio:.2f} of the JDBC sink's best, "
                          f"{name} (target ≤ {each['target']}): {verdict}."]
    return "\n".join(lines)
