"""`reader guard`: decides when capture may reach a new leader, and restarts failed tasks."""

import sys

from handover_lab import environment, rest
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.parts import programs
from handover_lab.settings import Lab


def url(lab: Lab) -> str:
    return f"http://127.0.0.1:{lab.ports['GUARD']}"


def require(lab: Lab) -> None:
    """Before anything is started: the guard is a program of this project, and has to be built."""
    try:
        programs.binary("reader")
    except LabError as error:
        raise LabError(
            f"{error}; the lab needs it for `reader guard`: `make build` makes it, `up --no-guard` does without"
        ) from error


def guard(lab: Lab) -> Part:
    folder = lab.folder / "guard"

    def command() -> list[str]:
        called = [
            str(programs.binary("reader")), "guard", "--history", str(lab.history),
            "--listen", f"127.0.0.1:{lab.ports['GUARD']}",
            "--gate-listen", f"127.0.0.1:{lab.ports['GATE']}",
        ]
        return [sys.executable, "-s", "-m", "handover_lab.supervise", str(folder), *called]

    return Part(
        name="guard",
        folder=folder,
        ports=(lab.ports["GUARD"], lab.ports["GATE"]),
        command=command,
        ready=lambda: rest.succeeds(url(lab) + "/metrics"),
        environment=environment.variables(lab, "guard"),
        stop_seconds=5,
    )
