"""The two Kafka Connect workers with Debezium."""

import glob

from handover_lab import connectors, rest, templates
from handover_lab.part import Part
from handover_lab.settings import Lab

JETTY = ("server", "servlet", "servlets", "security", "http", "io", "util", "util-ajax", "continuation")
MAIN = "org.apache.kafka.connect.cli.ConnectDistributed"


def worker(lab: Lab, number: int) -> Part:
    name = f"connect{number}"
    folder = lab.folder / name
    config = folder / "worker.properties"
    port = lab.ports[f"CONNECT{number}"]

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        template = (lab.sources / "connect" / "worker.properties.tmpl").read_text()
        templates.write(config, templates.fill(template, {**lab.values(), "REST_PORT": port}))

    def command() -> list[str]:
        java = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java")) or ["java"]
        # Debian's Jetty in place of the wheel's, whose parts are of different versions and do not start.
        classes = [str(lab.tools / "jars" / "*"), "/usr/share/java/reflections.jar"]
        classes += [f"/usr/share/java/jetty9-{module}.jar" for module in JETTY]
        return [
            java[0], "-Xms128m", "-Xmx384m", "-XX:-UsePerfData", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", ":".join(classes),
            f"-Dlog4j2.configurationFile={lab.sources / 'connect' / 'log4j2.properties'}", MAIN, str(config),
        ]

    return Part(
        name=name,
        folder=folder,
        ports=(port,),
        prepare=prepare,
        command=command,
        ready=lambda: rest.succeeds(connectors.url(lab, name) + "/connectors"),
        after=("broker",),
        stop_seconds=10,
    )
