"""The connectors, through whichever Kafka Connect worker answers."""

import json
import time
from pathlib import Path
from typing import Any

from handover_lab import cluster, ports, rest, templates, waiting
from handover_lab.errors import LabError
from handover_lab.settings import Lab

WORKERS = ("connect1", "connect2")
# What Debezium stores: each marks a place in the log up to which it believes to be done.
POSITIONS = ("lsn", "lsn_proc", "lsn_commit")


def url(lab: Lab, worker: str) -> str:
    return f"http://127.0.0.1:{lab.ports[worker.upper()]}"


def call(lab: Lab, method: str, path: str, body: object | None = None, seconds: float = 5.0) -> Any:
    """Asks one worker, then the other. During a rebalance both may answer 409 or 500 for a moment."""
    failure = "no Kafka Connect worker answers"
    for attempt in range(4):
        if attempt:
            time.sleep(1)
        for worker in WORKERS:
            try:
                status, answer = rest.call(method, url(lab, worker) + path, body, seconds)
            except rest.Unreachable:
                continue
            if status < 300:
                return answer
            message = answer.get("message") if isinstance(answer, dict) else answer
            failure = f"{worker} refused {method} {path}: {status} {message}"
            if status not in (409, 500, 503, 504):
                raise LabError(failure)
    raise LabError(failure)


def states(lab: Lab, seconds: float = 1.0) -> dict[str, dict[str, Any]] | None:
    """Every connector's status; None when no worker answers. One quick try."""
    for worker in WORKERS:
        try:
            status, answer = rest.call("GET", url(lab, worker) + "/connectors?expand=status", seconds=seconds)
        except rest.Unreachable:
            continue
        if status == 200 and isinstance(answer, dict):
            return {name: entry["status"] for name, entry in answer.items() if "status" in entry}
    return None


def is_running(state: dict[str, Any] | None) -> bool:
    if state is None or state["connector"]["state"] != "RUNNING" or not state["tasks"]:
        return False
    return all(task["state"] == "RUNNING" for task in state["tasks"])


def worker_of(lab: Lab, connector: str) -> str | None:
    """The worker that runs the connector's task; the connector's own while it has no task, as when it is stopped."""
    state = (states(lab) or {}).get(connector)
    if state is None:
        return None
    port = int([*state["tasks"], state["connector"]][0]["worker_id"].rsplit(":", 1)[1])
    return next(name for name in WORKERS if lab.ports[name.upper()] == port)


def stored_position(lab: Lab, connector: str) -> str | None:
    """The offset that the connector begins at when it is started now; None where it is not known."""
    try:
        answer = call(lab, "GET", f"/connectors/{connector}/offsets")
    except LabError:
        return None
    entries = answer.get("offsets") or [] if isinstance(answer, dict) else []
    offsets = (entry["offset"] for entry in entries if entry.get("offset"))
    furthest = max((offset.get(name) or 0 for offset in offsets for name in POSITIONS), default=0)
    return cluster.lsn_text(furthest) if furthest else None


def register(lab: Lab, file: Path) -> str:
    """Makes the connector or changes it to what the file says: the body that one POSTs to Kafka Connect."""
    try:
        body = json.loads(templates.fill(file.read_text(), lab.values()))
        name, config = str(body["name"]), dict(body["config"])
    except OSError as error:
        raise LabError(f"can't read {file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(f"{file} is not a connector ({{\"name\": …, \"config\": {{…}}}}): {error}") from error
    if lab.slots == "failover":
        config.setdefault("slot.failover", "true")
    if lab.brokers.exactly_once:
        config.setdefault("exactly.once.support", "required")
    if config.get("database.port") == str(lab.ports["HAPROXY_CAPTURE"]):
        # Kafka Connect tries the connection before it takes the configuration, and the gate may open in a moment.
        waiting.holds(lambda: ports.accepts(lab.ports["HAPROXY_CAPTURE"]) and _captures(lab), 30, 0.2)
    call(lab, "PUT", f"/connectors/{name}/config", config, seconds=20)
    return name


def _captures(lab: Lab) -> bool:
    """Whether the listener for capture leads to a leader."""
    return bool(cluster.query(lab, lab.ports["HAPROXY_CAPTURE"], "postgres", "select 1 where not pg_is_in_recovery()"))
