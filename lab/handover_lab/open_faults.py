"""Which faults have begun and not ended, so that the verb that undoes one writes its end."""

import json

from handover_lab import cluster, history, templates
from handover_lab.settings import Lab
from handover_lab.vocabulary import UNDOES


def record(lab: Lab, edge: str, fault: str, target: str, detail: str | None = None) -> None:
    leader = cluster.leader(lab)
    history.append(
        lab.history, "fault", edge=edge, fault=fault, target=target, by="lab",
        leader=leader.name if leader else None, tl=leader.timeline if leader else None, detail=detail,
    )


def begin(lab: Lab, fault: str, target: str, detail: str | None = None) -> None:
    """Written before the deed: what the writer sees from then on may be its effect."""
    record(lab, "begin", fault, target, detail)
    entries = _load(lab)
    _save(lab, [*entries, [target, fault]])


def close(lab: Lab, target: str, verb: str) -> None:
    entries = _load(lab)
    ended = [entry for entry in entries if entry[0] == target and entry[1] in UNDOES[verb]]
    if not ended:
        return
    _save(lab, [entry for entry in entries if entry not in ended])
    for _, fault in ended:
        record(lab, "end", fault, target)


def forget(lab: Lab) -> None:
    (lab.folder / "faults.json").unlink(missing_ok=True)


def _load(lab: Lab) -> list[list[str]]:
    try:
        return list(json.loads((lab.folder / "faults.json").read_text()))
    except (OSError, ValueError):
        return []


def _save(lab: Lab, entries: list[list[str]]) -> None:
    templates.write(lab.folder / "faults.json", json.dumps(entries) + "\n")
