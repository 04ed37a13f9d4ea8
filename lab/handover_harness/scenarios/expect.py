"""Compares a verdict with what it must be."""

from handover_harness.bench import Failed
from handover_harness.scenarios.bench import ScenarioBench
from handover_harness.scenarios.truth import Truth, find_out


def passes(bench: ScenarioBench, *arguments: str) -> dict:
    verdict = bench.verdict(*arguments)
    if verdict["verdict"] != "PASS":
        bench.is_spoilt = True
        raise Failed(f"expected PASS: {verdict['firstLine']}")
    return verdict


def check(verdict: dict, name: str) -> dict:
    return next(each for each in verdict["checks"] if each["name"] == name)


def keys(verdict: dict, kind: str) -> set[int]:
    return {each["key"] for entry in verdict["checks"] for each in entry["findings"] if each["kind"] == kind}


def count(verdict: dict, kind: str) -> int:
    return sum(each["count"] for entry in verdict["checks"] for each in entry["findings"] if each["kind"] == kind)


def agrees(verdict: dict, truth: Truth, fork: str, stored: str | None, dead: int) -> None:
    """The verdict's figures are those that the test found out for itself."""
    branches = [each for each in verdict["branches"] if each["timeline"] == dead]
    branch = branches[0] if branches else {}
    told = {
        "skipped writes": (count(verdict, "skipped-by-stream"), len(truth.skipped)),
        "rows of skipped writes": (keys(verdict, "skipped-by-stream"), {id for id, _ in truth.skipped}),
        "skipped writes after the fork": (branch.get("skipped", 0), len(truth.skipped)),
        "phantom rows": (keys(verdict, "phantom-row"), truth.phantoms),
        "lost writes": (branch.get("lost", 0), len(truth.lost)),
        "dead events": (branch.get("phantomEvents", 0), len(truth.dead_events)),
        "fork": (branch.get("fork"), fork),
        "unexplained": (count(verdict, "unexplained-loss") + count(verdict, "unexplained-phantom"), 0),
    }
    if stored is not None:
        told["stored offset"] = (branch.get("storedAtRestart"), stored)
    for what, (said, true) in told.items():
        if said != true:
            raise Failed(f"{what}: the verdict says {said}, it is {true}; {verdict['firstLine']}")


__all__ = ["agrees", "check", "count", "find_out", "keys", "passes"]
