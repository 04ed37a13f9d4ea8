"""The brokers of Apache Kafka: three, each of which is a controller of their quorum, too."""

import base64
import subprocess
import uuid
from pathlib import Path

from handover_lab import java, ports, secured, templates
from handover_lab.brokers import KAFKA_COUNT
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.settings import Lab


def broker(lab: Lab, number: int) -> Part:
    name = f"kafka{number}"
    folder = lab.folder / name
    config = folder / "broker.properties"
    listener, controller = lab.ports[f"BROKER{number}"], lab.ports[f"CONTROLLER{number}"]
    more = {name: lab.ports[f"{name}{number}"] for name in ("LOGIN", "MUTUAL", "FRONT")}

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        template = (lab.sources / "kafka" / "broker.properties.tmpl").read_text()
        own: dict[str, object] = {
            "NODE": number, "LISTENER": listener, "CONTROLLER": controller, "DATA": _data(lab, number),
        }
        if lab.secure:
            secured.prepare(lab)
            template += (lab.sources / "kafka" / "secured.properties.tmpl").read_text()
            own |= {**more, "WAY": lab.ports[f"WAY{number}"], "SECURITY": secured.folder(lab)}
        templates.write(config, templates.fill(template, {**lab.values(), **own}))
        if not _meta(lab, number).exists():
            _format(lab, config)

    def command() -> list[str]:
        return [
            *java.command(lab, "-Xms192m", "-Xmx384m"), *_class_path(lab),
            f"-Dlog4j2.configurationFile={lab.sources / 'kafka' / 'log4j2.properties'}", "kafka.Kafka", str(config),
        ]

    return Part(
        name=name,
        folder=folder,
        ports=(listener, controller, *more.values()) if lab.secure else (listener, controller),
        prepare=prepare,
        command=command,
        ready=lambda: ports.accepts(listener),
        stop_seconds=20,
    )


def _class_path(lab: Lab) -> list[str]:
    assert lab.brokers.kafka is not None
    # The star reaches Java as it is: it expands it by itself.
    return ["-cp", str(lab.brokers.kafka / "libs" / "*")]


def _data(lab: Lab, number: int) -> Path:
    return lab.folder / f"kafka{number}" / "data"


def _meta(lab: Lab, number: int) -> Path:
    return _data(lab, number) / "meta.properties"


def _format(lab: Lab, config: Path) -> None:
    """A broker starts only on a folder that was made for its cluster."""
    # What goes wrong is in its output, which logging would fill.
    command = [*java.command(lab), "-Dlog4j2.level=OFF", *_class_path(lab), "kafka.tools.StorageTool",
               "format", "-t", _cluster(lab), "-c", str(config)]
    if lab.secure:
        command.append(f"@{secured.folder(lab) / 'logins'}")
    answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if answer.returncode != 0:
        raise LabError(f"can't format the folder of {config}: {(answer.stdout + answer.stderr).strip()}")


def _cluster(lab: Lab) -> str:
    """The cluster that a broker of this lab belongs to already, or a new one."""
    for number in range(1, KAFKA_COUNT + 1):
        try:
            lines = _meta(lab, number).read_text().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            if line.startswith("cluster.id="):
                return line.partition("=")[2]
    return new_cluster_id()


def new_cluster_id() -> str:
    """A random one. As in Kafka's own Uuid, none begins with a dash: a command line would take it for an option."""
    while True:
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not name.startswith("-"):
            return name
