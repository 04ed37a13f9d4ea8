"""compose/ says nothing else than the lab does, but for the addresses."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = CHECKOUT / "lab"
sys.path.insert(0, str(LAB))

from handover_lab import archive, install, profiles, routes, settings  # noqa: E402
from handover_lab.parts import zookeeper  # noqa: E402

COMPOSE = CHECKOUT / "compose"
FILES = [(COMPOSE / name).read_text() for name in ("docker-compose.yml", "profiles.yml")]


def connector(path: Path) -> dict[str, str]:
    return json.loads(path.read_text())["config"]


def bootstrap(text: str) -> list[str]:
    """The lines below `bootstrap:` and `dcs:`, without comments, placeholders and what differs on purpose."""
    block = text.partition("  dcs:\n")[2].partition("\n  initdb:")[0]
    slots = re.sub(r"\n    slots:\n(      .*\n)+", "\n", block)
    differing = ("#", "$", "synchronous_mode:", "- host ")
    lines = [line for line in slots.splitlines() if not line.lstrip().startswith(differing)]
    return [line for line in lines if line.strip()]


class ComposeTests(unittest.TestCase):
    def differing(self, one: dict[str, str], other: dict[str, str]) -> set[str]:
        return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}

    def test_the_source_connector_is_the_labs(self) -> None:
        ours = connector(COMPOSE / "register-postgres.json")
        labs = connector(LAB / "connect" / "register-source.json")
        self.assertEqual(self.differing(ours, labs), {
            "database.hostname", "database.port", "database.password", "topic.creation.default.replication.factor",
        })

    def test_the_sink_connector_is_the_labs(self) -> None:
        ours = connector(COMPOSE / "register-sink.json")
        labs = connector(LAB / "sink" / "register-sink.json.tmpl")
        self.assertEqual(self.differing(ours, labs), {
            "bootstrap.servers", "connection.url", "connection.password", "consumer.override.fetch.max.wait.ms",
        })

    def test_the_connectors_of_connect_lab_are_the_labs(self) -> None:
        for kind in ("logs", "logs-avro"):
            ours = connector(COMPOSE / f"register-{kind}.json")
            labs = connector(LAB / "connect-lab" / f"{kind}-connector.json")
            expected = {"database.hostname", "database.port", "database.password", "topic.creation.default.replication.factor"}
            expected |= {name for name in labs if name.endswith("registry.url")}
            self.assertEqual(self.differing(ours, labs), expected)

    def test_a_node_of_a_profile_is_the_labs(self) -> None:
        lab = settings.Lab(folder=Path("/home/postgres"), tools=Path("/tools"), profile=profiles.PROFILES["zookeeper"])
        with tempfile.TemporaryDirectory() as scratch:
            script = (COMPOSE / "postgres" / "start-node").read_text().replace("/lab/", f"{LAB}/patroni/")
            script = script.replace("/tmp/", f"{scratch}/").replace("exec /usr/local/bin/start-patroni", "exec cat")
            given = {
                "NAME": "node", "SCOPE": "handover", "DCS": "zookeeper: {}", "SYNCHRONOUS": "true", "ARCHIVE": str(archive.folder(lab)),
                "PATRONICTL_CONFIG_FILE": f"{scratch}/patroni.yml", "PATH": "/usr/bin:/bin",
            }
            made = subprocess.run(["sh", "-c", script], env=given, capture_output=True, text=True, check=True).stdout
        self.assertNotIn("${", made)
        self.assertNotIn("127.0.0.1", made)
        self.assertIn("connect_address: node:5432\n", made)
        labs = (LAB / "patroni" / "patroni.yml.tmpl").read_text()
        labs = labs.replace("${ARCHIVE_SETTINGS}", archive.settings(lab)).replace("${RECOVERY}", archive.recovery(lab))
        # The same YAML, in one kind of quotes and without what differs on purpose.
        plain = [re.sub(r"\\?\"|'", '"', line).replace('""', '"').rstrip('"') for line in bootstrap(labs)]
        self.assertIn("        archive_timeout: 60", plain)
        self.assertEqual([re.sub(r"\\?\"|'", '"', line).replace('""', '"').rstrip('"') for line in bootstrap(made)], plain)

    def test_profiles_are_the_labs(self) -> None:
        text = FILES[1]
        for name in ("zookeeper", "course"):
            profile = profiles.PROFILES[name]
            self.assertEqual(len(re.findall(rf"^    environment: .*NAME: {name}-patroni\d}}$", text, re.MULTILINE)), profile.nodes)
            block = text.partition(f"x-{name}: &{name}\n")[2].partition("\n\n")[0]
            self.assertIn(f'SYNCHRONOUS: "{str(profile.sync).lower()}"', block)
            self.assertIn(f'DCS: "{profile.dcs}: ', block)
            self.assertEqual("ARCHIVE: " in block, profile.archive)
        self.assertIn(f"KAZOO_VERSION={install.KAZOO.partition('==')[2]}\n", (COMPOSE / ".env").read_text())
        start = (COMPOSE / "zookeeper" / "start").read_text().replace("\\\n", " ")
        self.assertEqual(tuple(re.search(r"for jar in (.*); do", start)[1].split()), zookeeper.JARS)

    def test_haproxy_leads_to_each_node_that_there_can_be(self) -> None:
        nodes = re.search(r"NODES: (patroni.*)", FILES[0])[1].split()
        self.assertEqual(nodes, [f"patroni{number}" for number in range(1, settings.MOST_NODES + 1)])
        members = re.search(r"HANDOVER_MEMBERS: (.*)", FILES[0])[1]
        self.assertEqual(members, ",".join(f"{node}={node}:5432" for node in nodes))

    def test_patronis_settings_are_the_labs(self) -> None:
        ours = bootstrap((COMPOSE / "postgres0.yml").read_text())
        self.assertGreater(len(ours), 15)
        self.assertEqual(ours, bootstrap((LAB / "patroni" / "patroni.yml.tmpl").read_text()))

    def test_haproxy_checks_the_nodes_as_the_lab_does(self) -> None:
        start = (COMPOSE / "haproxy" / "start").read_text()
        self.assertIn(f'role="{routes.ROLE}"\n', start)
        self.assertIn(f'gate="{routes.GATE}"\n', start)
        filled = set(re.findall(r"\$\{\w+\}", start))
        for name in ("haproxy.cfg.tmpl", "capture-guarded.cfg.tmpl", "capture.state.tmpl"):
            for placeholder in re.findall(r"\$\{(\w+)\}", (LAB / "haproxy" / name).read_text()):
                known = f"${{{placeholder}}}" in filled or placeholder in ("LEADER_SERVERS", "REPLICAS_SERVERS")
                self.assertTrue(known, f"{placeholder} of {name}")

    def test_the_slot_is_the_connectors(self) -> None:
        slot = connector(COMPOSE / "register-postgres.json")["slot.name"]
        self.assertIn(f"    slots:\n      {slot}:\n        type: logical\n", (COMPOSE / "postgres0.yml").read_text())

    def test_every_port_is_published_on_loopback_and_is_in_env(self) -> None:
        text = "".join(FILES)
        published = re.findall(r"(\S*)\$\{(\w+_PORT)\}:\d+", text)
        given = dict(re.findall(r"^(\w+_PORT)=(\d+)$", (COMPOSE / ".env").read_text(), re.MULTILINE))
        self.assertEqual({name for _, name in published}, given.keys())
        self.assertEqual(len(set(given.values())), len(given))
        self.assertEqual({before.lstrip('["-') for before, _ in published}, {"127.0.0.1:"})

    def test_every_variable_has_its_value_in_env(self) -> None:
        named = set(re.findall(r"\$\{(\w+)\}", "".join(FILES)))
        # What compose itself reads.
        given = set(re.findall(r"^(\w+)=", (COMPOSE / ".env").read_text(), re.MULTILINE)) - {"COMPOSE_FILE", "COMPOSE_PROFILES"}
        self.assertEqual(named, given)


if __name__ == "__main__":
    unittest.main()
