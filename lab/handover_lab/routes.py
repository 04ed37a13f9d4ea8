"""The nodes as HAProxy's servers: in its configuration, and in the one that runs, without a restart."""

import csv
import io
import os
import socket
import time
from pathlib import Path

from handover_lab import rest, waiting
from handover_lab.errors import LabError
from handover_lab.settings import Lab

BACKENDS = ("leader", "replicas", "capture")
# Sessions on a server that lost its role are cut, so that no client goes on talking to a former leader.
ROLE = "inter 1s fall 2 rise 1 on-marked-down shutdown-sessions"
CHECK_SECONDS = 15
GATE = "inter 500ms fall 1 rise 1 on-marked-down shutdown-sessions"


def server(lab: Lab, backend: str, number: int) -> str:
    """What stands after `server NAME` in the configuration and after `add server BACKEND/NAME` alike."""
    ways = lab.values()
    if backend == "capture" and lab.guard:
        check = f"check addr 127.0.0.1 port {lab.ports['GATE']} {GATE}"
    else:
        check = f"check port {ways[f'WAY_PATRONI{number}']} {ROLE}"
    return f"127.0.0.1:{ways[f'WAY_POSTGRES{number}']} {check}"


def servers(lab: Lab, backend: str) -> str:
    return "\n".join(f"    server patroni{number} {server(lab, backend, number)}" for number in lab.nodes)


def states(lab: Lab) -> str:
    """Each server of capture as down: lines of HAProxy's state file."""
    ways = lab.values()
    return "\n".join(
        f"4 capture {place} patroni{number} 127.0.0.1 0 0 1 1 0 1 0 0 6 0 0 0 - {ways[f'WAY_POSTGRES{number}']} - 0 0 - - 0"
        for place, number in enumerate(lab.nodes, 1)
    )


def add(lab: Lab, number: int) -> None:
    """The node takes part: no server of it gets a session before its first check has said what it is.

    HAProxy takes a server that leaves maintenance for up, even one whose health was set to down before: for a moment a
    replica would get the clients of the leader, and Debezium a node that the guard has not cleared. A server that drains
    is checked and gets nobody.
    """
    for backend in BACKENDS:
        name = f"{backend}/patroni{number}"
        _expect(lab, f"add server {name} {server(lab, backend, number)}", "New server registered.")
        for command in (f"enable health {name}", f"set server {name} state drain"):
            _expect(lab, command, "")
    if not waiting.holds(lambda: _checked(lab, number), CHECK_SECONDS, 0.1):
        raise LabError(f"HAProxy has not checked patroni{number} after {CHECK_SECONDS} s")
    for backend in BACKENDS:
        _expect(lab, f"set server {backend}/patroni{number} state ready", "")


def _checked(lab: Lab, number: int) -> bool:
    """Whether each server of the node has the answer of a check; `* L7OK` is one that is repeated just now."""
    found = [row["check_status"] for row in _servers(lab, number)]
    return len(found) == len(BACKENDS) and all(status not in ("", "INI", "UNK", "SOCKERR") for status in found)


def drain(lab: Lab, number: int, seconds: float) -> None:
    """No new session reaches the node; those that it has may end by themselves."""
    for backend in BACKENDS:
        command_answer(lab, f"set server {backend}/patroni{number} state drain")
    deadline = time.monotonic() + seconds
    while left := sessions(lab, number):
        if time.monotonic() > deadline:
            for backend in BACKENDS:
                command_answer(lab, f"set server {backend}/patroni{number} state ready")
            raise LabError(
                f"patroni{number} has {left} sessions still after {seconds:.0f} s and stays; "
                "end them, or cut them with --now"
            )
        time.sleep(0.2)


def remove(lab: Lab, number: int) -> None:
    for backend in BACKENDS:
        name = f"{backend}/patroni{number}"
        for command in (f"disable server {name}", f"shutdown sessions server {name}"):
            command_answer(lab, command)
        deadline = time.monotonic() + 10
        # Sessions that were cut take a moment to end.
        while (answer := command_answer(lab, f"del server {name}")) not in ("Server deleted.", "No such server."):
            if time.monotonic() > deadline:
                raise LabError(f"HAProxy does not let go of {name}: {answer}")
            time.sleep(0.1)


def sessions(lab: Lab, number: int) -> int:
    return sum(int(row["scur"] or 0) for row in _servers(lab, number))


def _servers(lab: Lab, number: int) -> list[dict[str, str]]:
    return [row for row in table(lab) if row["svname"] == f"patroni{number}" and row["pxname"] in BACKENDS]


def table(lab: Lab) -> list[dict[str, str]]:
    """HAProxy's statistics; none when it does not answer."""
    try:
        status, body = rest.call("GET", f"http://127.0.0.1:{lab.ports['HAPROXY_STATS']}/;csv", seconds=1)
    except rest.Unreachable:
        return []
    if status != 200 or not isinstance(body, str):
        return []
    return list(csv.DictReader(io.StringIO(body.lstrip("# "))))


def _expect(lab: Lab, command: str, wanted: str) -> None:
    answer = command_answer(lab, command)
    if answer != wanted:
        raise LabError(f"HAProxy answers to `{command}`: {answer or 'nothing'}")


def command_answer(lab: Lab, command: str) -> str:
    folder = lab.folder / "haproxy"
    try:
        # By the folder's descriptor: the name of a socket may have 107 bytes only.
        descriptor = os.open(folder, os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(5)
                line.connect(str(Path("/proc/self/fd") / str(descriptor) / "admin.sock"))
                line.sendall(command.encode() + b"\n")
                parts = []
                while part := line.recv(65536):
                    parts.append(part)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LabError(f"HAProxy takes no commands on {folder}/admin.sock: {error.strerror or error}") from error
    return b"".join(parts).decode(errors="replace").strip()
