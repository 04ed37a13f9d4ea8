"""ZooKeeper, with one server: holds Patroni's leader key where etcd does not."""

from handover_lab import java, ports, templates
from handover_lab.part import Part
from handover_lab.settings import Lab

JARS = (
    "zookeeper", "zookeeper-jute", "slf4j-api", "slf4j-simple", "netty-all", "commons-io", "commons-cli", "snappy-java",
    "metrics-core", "jackson-core", "jackson-databind", "jackson-annotations",
)
MAIN = "org.apache.zookeeper.server.ZooKeeperServerMain"


def server(lab: Lab) -> Part:
    folder = lab.folder / "zookeeper"
    config = folder / "zoo.cfg"
    port = lab.ports["ZOOKEEPER"]

    def prepare() -> None:
        (folder / "data").mkdir(parents=True, exist_ok=True, mode=0o700)
        template = (lab.sources / "zookeeper" / "zoo.cfg.tmpl").read_text()
        templates.write(config, templates.fill(template, {**lab.values(), "DATA": folder / "data"}))

    return Part(
        name="zookeeper",
        folder=folder,
        ports=(port,),
        prepare=prepare,
        command=lambda: [
            *java.command(lab, "-Xms64m", "-Xmx192m"), "-cp", ":".join(f"/usr/share/java/{jar}.jar" for jar in JARS),
            MAIN, str(config),
        ],
        ready=lambda: ports.accepts(port),
        stop_seconds=5,
    )
