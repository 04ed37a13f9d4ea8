"""compose/ says nothing else than the lab does, but for the addresses."""

import json
import re
import sys
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = CHECKOUT / "lab"
sys.path.insert(0, str(LAB))

from handover_lab import routes  # noqa: E402

COMPOSE = CHECKOUT / "compose"


def connector(path: Path) -> dict[str, str]:
    return json.loads(path.read_text())["config"]


def bootstrap(path: Path) -> list[str]:
    """The lines below `bootstrap:` and `dcs:`, without comments, placeholders and what differs on purpose."""
    block = path.read_text().partition("  dcs:\n")[2].partition("\n  initdb:")[0]
    # The lab's nodes take rules of access, base backups and sockets from here, those of compose/ from their own files.
    shared = re.sub(r"      (?:pg_hba|basebackup):\n(?:        - .*\n)+", "", block)
    slots = re.sub(r"\n    slots:\n(      .*\n)+", "\n", shared)
    differing = ("#", "$", "synchronous_mode:", "unix_socket_directories:")
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

    def test_patronis_settings_are_the_labs(self) -> None:
        ours = bootstrap(COMPOSE / "postgres0.yml")
        self.assertGreater(len(ours), 15)
        self.assertEqual(ours, bootstrap(LAB / "patroni" / "patroni.yml.tmpl"))

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
        text = (COMPOSE / "docker-compose.yml").read_text()
        published = re.findall(r"(\S*)\$\{(\w+_PORT)\}:\d+", text)
        given = dict(re.findall(r"^(\w+_PORT)=(\d+)$", (COMPOSE / ".env").read_text(), re.MULTILINE))
        self.assertEqual({name for _, name in published}, given.keys())
        self.assertEqual(len(set(given.values())), len(given))
        self.assertEqual({before.lstrip('["-') for before, _ in published}, {"127.0.0.1:"})

    def test_every_variable_has_its_value_in_env(self) -> None:
        named = set(re.findall(r"\$\{(\w+)\}", (COMPOSE / "docker-compose.yml").read_text()))
        given = set(re.findall(r"^(\w+)=", (COMPOSE / ".env").read_text(), re.MULTILINE))
        self.assertEqual(named, given)


if __name__ == "__main__":
    unittest.main()
