"""`status`: what runs, and what the cluster, the connectors and the slot say about themselves."""

from collections.abc import Sequence

from handover_lab import cluster, connectors, parts
from handover_lab.settings import Lab


def report(lab: Lab) -> str:
    if not lab.was_up:
        return f"no lab in {lab.folder} yet; `lab up` makes one\n"
    has_workers = any(part.name in connectors.WORKERS for part in parts.infrastructure(lab))
    sections = [
        _parts(lab), *([_members(lab)] if lab.profile.patroni else []), *([_connectors(lab)] if has_workers else []),
        *([_slots(lab)] if lab.profile.pipeline else []),
    ]
    return "\n".join(sections)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() + "\n" for line in lines
    )


def _parts(lab: Lab) -> str:
    rows = []
    for part in parts.everything(lab):
        identity = part.main()
        where = " ".join(str(port) for port in part.ports) or "-"
        rows.append((part.name, part.state(), identity.pid if identity else "-", where))
    return table(("PART", "STATE", "PID", "PORT"), rows)


def _members(lab: Lab) -> str:
    members = cluster.members(lab)
    if members is None:
        return "Patroni: no node answers\n"
    rows = [
        (member.name, member.role, member.state, _shown(member.timeline), "-" if member.leads else _bytes(member.lag))
        for member in members
    ]
    return table(("MEMBER", "ROLE", "STATE", "TIMELINE", "LAG"), rows)


def _connectors(lab: Lab) -> str:
    states = connectors.states(lab)
    if states is None:
        return "Kafka Connect: no worker answers\n"
    if not states:
        return "Kafka Connect: no connector is registered\n"
    return connector_table(states)


def connector_table(states: dict[str, dict]) -> str:
    rows = []
    for name, state in sorted(states.items()):
        rows.append((name, "connector", state["connector"]["state"], state["connector"].get("worker_id", "-")))
        for task in state["tasks"]:
            rows.append((name, f"task {task['id']}", task["state"], task.get("worker_id", "-")))
    return table(("CONNECTOR", "WHAT", "STATE", "WORKER"), rows)


def _slots(lab: Lab) -> str:
    slots = cluster.slots(lab)
    if not slots:
        return "slots: no node that answers has one\n"
    rows = [
        (slot.name, slot.node, "active" if slot.active else "idle", slot.confirmed, slot.restart) for slot in slots
    ]
    return table(("SLOT", "NODE", "STATE", "CONFIRMED", "RESTART"), rows)


def _shown(value: object | None) -> object:
    return "-" if value is None else value


def _bytes(value: int | None) -> str:
    return "unknown" if value is None else f"{value} B"
