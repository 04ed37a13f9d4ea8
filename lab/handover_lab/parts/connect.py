"""The two Kafka Connect workers with Debezium."""

import os
import re
import shutil
import zipfile
from pathlib import Path

from handover_lab import connectors, embedded, java, rest, templates
from handover_lab.part import Part
from handover_lab.settings import Lab

JETTY = ("server", "servlet", "servlets", "security", "http", "io", "util", "util-ajax", "continuation")
MAIN = "org.apache.kafka.connect.cli.ConnectDistributed"
CONVERTER = "org.apache.kafka.connect.storage.Converter"


def classes(lab: Lab) -> list[str]:
    """Kafka Connect: the distribution's where its Debezium is wanted, too, else the wheel's with both."""
    if lab.brokers.debezium is not None and lab.brokers.kafka is not None:
        return [str(lab.brokers.kafka / "libs" / "*")]
    # Debian's Jetty in place of the wheel's, whose parts are of different versions and do not start.
    jetty = [f"/usr/share/java/jetty9-{module}.jar" for module in JETTY]
    return [str(lab.tools / "jars" / "*"), "/usr/share/java/reflections.jar", *jetty]


def _plugins(folder: Path, debezium: Path) -> Path:
    """A folder with this plugin and those of the variables: what lies beside would be looked through at every start."""
    plugins = folder / "plugins"
    shutil.rmtree(plugins, ignore_errors=True)
    plugins.mkdir()
    wanted = {"debezium": debezium}
    if jdbc := os.environ.get("JDBC_SINK_HOME"):
        wanted["jdbc"] = Path(jdbc).resolve()
    for name, target in wanted.items():
        (plugins / name).symlink_to(target)
    if converters := os.environ.get("CONVERTERS_HOME"):
        _announce(Path(converters).resolve(), plugins / "converters")
    return plugins


def _announce(plugin: Path, folder: Path) -> None:
    """The plugin's jars, with an entry for its converters: without one Connect finds classes by reading all jars, which
    takes longer than anything else at its start (`connect-plugin-path sync-manifests` would change the plugin's own folder)."""
    folder.mkdir()
    found: list[str] = []
    for jar in sorted(plugin.glob("*.jar")):
        (folder / jar.name).symlink_to(jar)
        if "converter" in jar.name:
            with zipfile.ZipFile(jar) as content:
                found += [name for name in content.namelist() if re.fullmatch(r"[\w/]+Converter\.class", name)]
    names = [name.removesuffix(".class").replace("/", ".") for name in found]
    with zipfile.ZipFile(folder / "entries.jar", "w") as entries:
        entries.writestr(f"META-INF/services/{CONVERTER}", "".join(f"{name}\n" for name in names))


def worker(lab: Lab, number: int) -> Part:
    name = f"connect{number}"
    folder = lab.folder / name
    config = folder / "worker.properties"
    port = lab.ports[f"CONNECT{number}"]

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        template = (lab.sources / "connect" / "worker.properties.tmpl").read_text()
        if not lab.brokers.is_kafka:
            template += embedded.WORKER
        if lab.brokers.exactly_once:
            template += "exactly.once.source.support=enabled\n"
        if lab.brokers.debezium is not None:
            template += f"plugin.path={_plugins(folder, lab.brokers.debezium)}\n"
        templates.write(config, templates.fill(template, {**lab.values(), "REST_PORT": port}))

    def command() -> list[str]:
        return [
            *java.command(lab, "-Xms128m", "-Xmx384m"), "-cp", ":".join(classes(lab)),
            f"-Dlog4j2.configurationFile={lab.sources / 'connect' / 'log4j2.properties'}", MAIN, str(config),
        ]

    return Part(
        name=name,
        folder=folder,
        ports=(port,),
        prepare=prepare,
        command=command,
        ready=lambda: rest.succeeds(connectors.url(lab, name) + "/connectors"),
        after=lab.brokers.names,
        stop_seconds=10,
    )
