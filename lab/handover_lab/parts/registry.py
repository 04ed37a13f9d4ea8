"""A schema registry: Apicurio's, in memory, where REGISTRY_HOME names its folder."""

from pathlib import Path

from handover_lab import java, rest
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.settings import Lab


def url(lab: Lab) -> str:
    return f"http://127.0.0.1:{lab.ports['REGISTRY']}"


def server(lab: Lab, home: Path) -> Part:
    def command() -> list[str]:
        found = sorted(home.glob("apicurio-registry-app-*-runner.jar"))
        if not found:
            raise LabError(f"REGISTRY_HOME is {home}, which has no apicurio-registry-app-*-runner.jar")
        return java.command(lab, "-Xmx256m") + ["-jar", str(found[0])]

    return Part(
        name="registry",
        folder=lab.folder / "registry",
        ports=(lab.ports["REGISTRY"],),
        command=command,
        ready=lambda: rest.succeeds(url(lab) + "/apis/ccompat/v7/subjects"),
        environment={"QUARKUS_HTTP_HOST": "127.0.0.1", "QUARKUS_HTTP_PORT": str(lab.ports["REGISTRY"])},
    )
