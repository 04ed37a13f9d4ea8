"""The parts of the lab that need no running lab. /usr/bin/python3 -m unittest discover -s lab/tests"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from handover_lab import (  # noqa: E402
    archive, cluster, environment, history, membership, open_faults, parts, ports, process, roles, routes, secured, settings, stopping, templates, waiting, watch,
)
from handover_harness import campaign  # noqa: E402
from handover_lab.brokers import Brokers  # noqa: E402
from handover_lab.errors import LabError  # noqa: E402
from handover_lab.part import Part  # noqa: E402
from handover_lab.parts import guard, haproxy, kafka, patroni  # noqa: E402
from handover_lab.probe import Probe  # noqa: E402
from handover_lab.process import Identity  # noqa: E402
from handover_lab.profiles import PROFILES  # noqa: E402


class ConnectLab(unittest.TestCase):
    def test_it_has_one_postgresql_and_the_registry_that_it_was_made_with(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"REGISTRY_HOME": folder}, clear=True):
            lab = settings.Lab(folder=Path(folder), tools=Path(folder), profile=PROFILES["connect-lab"], nodes=())
            settings.choose(lab, None)
            lab.save()
            names = ["postgres", "broker", "connect1", "registry"]
            self.assertEqual([part.name for part in parts.infrastructure(lab)], names)
            with mock.patch.dict(os.environ, {}, clear=True):
                # A shell that does not know the variable takes it down all the same.
                again = settings.load(folder)
            self.assertEqual([part.name for part in parts.infrastructure(again)], names)
            self.assertIsNone(cluster.members(again))


class KafkaBrokers(unittest.TestCase):
    def test_no_name_of_a_cluster_is_taken_for_an_option(self) -> None:
        for _ in range(2000):
            self.assertRegex(kafka.new_cluster_id(), r"^[A-Za-z0-9_][A-Za-z0-9_-]{21}$")

    def test_a_lab_has_three_brokers_where_a_distribution_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "libs").mkdir()
            (Path(folder) / "libs" / "kafka-clients-4.3.1.jar").touch()
            with mock.patch.dict(os.environ, {"KAFKA_HOME": folder}, clear=True):
                self.assertEqual(Brokers.chosen().names, ("kafka1", "kafka2", "kafka3"))
                self.assertEqual(Brokers.of(Brokers.chosen().entry()), Brokers.chosen())
            with mock.patch.dict(os.environ, {"KAFKA_HOME": folder, "LAB_BROKER": "embedded"}, clear=True):
                self.assertEqual(Brokers.chosen().names, ("broker",))
        with mock.patch.dict(os.environ, {}, clear=True):
            self.assertEqual(Brokers.chosen().names, ("broker",))

    def test_sources_write_in_transactions_only_where_there_are_some(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "libs").mkdir()
            (Path(folder) / "libs" / "kafka-clients-4.3.1.jar").touch()
            (Path(folder) / "debezium-connector-postgres-3.6.1.jar").touch()
            wanted = {"KAFKA_HOME": folder, "DEBEZIUM_HOME": folder, "LAB_EXACTLY_ONCE_SOURCE": "1"}
            with mock.patch.dict(os.environ, wanted, clear=True):
                self.assertTrue(Brokers.chosen().exactly_once)
                self.assertEqual(Brokers.of(Brokers.chosen().entry()), Brokers.chosen())
            for missing in ("KAFKA_HOME", "DEBEZIUM_HOME"):
                less = {name: value for name, value in wanted.items() if name != missing}
                with mock.patch.dict(os.environ, less, clear=True), self.assertRaises(LabError):
                    Brokers.chosen()

    def test_a_folder_that_is_no_distribution_is_refused_by_name(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for names in ({"KAFKA_HOME": folder}, {"LAB_BROKER": "kafka"}, {"LAB_BROKER": "other"}):
                with mock.patch.dict(os.environ, names, clear=True), self.assertRaises(LabError) as raised:
                    Brokers.chosen()
                self.assertIn(next(iter(names)), str(raised.exception))


class SecuredBrokers(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.lab = settings.Lab(folder=Path(self.folder) / "lab", tools=Path("/tools"), secure=True)
        self.lab.brokers = Brokers(kafka=Path("/kafka"))
        self.lab.folder.mkdir()
        self.lab.save()

    def test_no_login_of_the_brokers_stands_in_a_command_or_is_readable_for_others(self) -> None:
        with mock.patch("subprocess.run", wraps=subprocess.run) as run:
            # Without a distribution the folder of a broker can't be made; its certificates can.
            run.side_effect = lambda command, **more: subprocess.CompletedProcess(command, 0, "", "")
            part = kafka.broker(self.lab, 1)
            part.prepare()
            commands = [str(call.args[0]) for call in run.call_args_list] + [str(part.command())]
        for user in settings.KAFKA_USERS:
            word = self.lab.passwords[user]
            self.assertNotIn(word, " ".join(commands))
            file = secured.folder(self.lab) / f"{user}.properties"
            self.assertIn(word, file.read_text())
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertIn(f"@{secured.folder(self.lab) / 'logins'}", " ".join(commands))
        self.assertEqual((secured.folder(self.lab) / "logins").stat().st_mode & 0o777, 0o600)

    def test_listeners_with_logins_are_there_only_where_they_are_asked_for(self) -> None:
        self.assertEqual(self.lab.listeners("LOGIN"), "127.0.0.1:9292,127.0.0.1:9294,127.0.0.1:9296")
        self.assertIn("HANDOVER_KAFKA_LOGIN", environment.variables(self.lab))
        self.assertEqual(len(kafka.broker(self.lab, 1).ports), 5)
        self.lab.secure = False
        self.assertNotIn("HANDOVER_KAFKA_LOGIN", environment.variables(self.lab))
        self.assertEqual(len(kafka.broker(self.lab, 1).ports), 2)

    def test_logins_are_no_passwords_of_postgresql(self) -> None:
        for user in settings.KAFKA_USERS:
            self.assertNotIn(f":{user}:", self.lab.pgpass.read_text())


class Members(unittest.TestCase):
    def setUp(self) -> None:
        self.lab = settings.Lab(folder=Path(self.enterContext(tempfile.TemporaryDirectory())), tools=Path("/tools"))
        self.lab.save()

    def test_what_is_added_is_checked_as_those_of_the_configuration_are(self) -> None:
        self.lab.nodes = (1, 4)
        haproxy.proxy(self.lab).prepare()
        lines = (self.lab.folder / "haproxy" / "haproxy.cfg").read_text().splitlines()
        for backend in routes.BACKENDS:
            self.assertIn(f"    server patroni4 {routes.server(self.lab, backend, 4)}", lines)
        self.assertEqual(sum("server patroni" in line for line in lines), 2 * len(routes.BACKENDS))
        self.assertIn(f"port {self.lab.ports['GATE']} ", routes.server(self.lab, "capture", 4))
        self.assertIn(f"port {self.lab.ports['PATRONI4']} ", routes.server(self.lab, "leader", 4))
        self.lab.guard = False
        self.assertIn(f"port {self.lab.ports['PATRONI4']} ", routes.server(self.lab, "capture", 4))

    def test_capture_begins_closed_for_each_node(self) -> None:
        self.lab.nodes = (1, 2, 3, 4, 5)
        haproxy.proxy(self.lab).prepare()
        states = (self.lab.folder / "haproxy" / "capture.state").read_text().splitlines()[2:]
        self.assertEqual([line.split()[3:7] for line in states], [[node, "127.0.0.1", "0", "0"] for node in cluster.nodes(self.lab)])

    def test_a_node_that_is_added_has_its_configuration_in_the_environment_only(self) -> None:
        self.lab.nodes, self.lab.added = (1, 2, 3, 4), (4,)
        with mock.patch("handover_lab.privilege.as_root", return_value=False):
            added, founder = patroni.node(self.lab, 4), patroni.node(self.lab, 1)
            self.assertEqual(added.command(), ["/tools/venv/bin/python", "-m", "patroni"])
            self.assertEqual(founder.command()[-1], str(self.lab.folder / "patroni1" / "patroni.yml"))
            added.prepare()
        self.assertEqual(list(added.folder.iterdir()), [])
        self.assertEqual(added.environment["PATRONI_NAME"], "patroni4")
        self.assertEqual(
            added.environment["PATRONI_ETCD3_HOSTS"], "'127.0.0.1:2379','127.0.0.1:2381','127.0.0.1:2383'",
        )
        self.assertEqual(founder.environment, {})

    def test_later_verbs_know_who_is_a_member(self) -> None:
        self.lab.nodes, self.lab.added, self.lab.profile = (1, 2, 4), (4,), PROFILES["zookeeper"]
        self.lab.save()
        loaded = settings.load(str(self.lab.folder))
        self.assertEqual((loaded.nodes, loaded.added, loaded.profile), (self.lab.nodes, self.lab.added, self.lab.profile))
        self.assertEqual(cluster.nodes(loaded), ("patroni1", "patroni2", "patroni4"))
        self.assertIn(f":{loaded.ports['PATRONI4']}", environment.variables(loaded)["HANDOVER_PATRONI_URLS"])

    def test_a_new_replica_is_waited_for_until_it_has_the_slots_that_somebody_keeps_on_it(self) -> None:
        there = [
            cluster.Slot("patroni1", "source_slot", True, "0/1", "0/1", failover=True),
            cluster.Slot("patroni1", "other_slot", True, "0/1", "0/1"),
        ]
        # Patroni makes its permanent slot also where no connector has been yet.
        self.assertEqual(membership.wanted_slots(self.lab, []), {"source_slot"})
        self.lab.slots = "failover"
        self.assertEqual(membership.wanted_slots(self.lab, there), {"source_slot"})
        self.assertEqual(membership.wanted_slots(self.lab, there[1:]), set())
        self.lab.slots, self.lab.profile = "patroni", PROFILES["course"]
        self.assertEqual(membership.wanted_slots(self.lab, there), set())

    def test_a_node_that_is_added_is_reached_as_the_others_are(self) -> None:
        self.lab.nodes, self.lab.links = (1, 4), True
        self.assertEqual([part.name for part in membership.parts_of(self.lab, 4)], ["link4", "patroni4"])
        self.assertIn(f"127.0.0.1:{self.lab.ports['LINK4']} check port {self.lab.ports['LINK4_REST']} ",
                      routes.server(self.lab, "leader", 4))
        self.lab.links = False
        self.assertEqual([part.name for part in membership.parts_of(self.lab, 4)], ["patroni4"])

    def test_a_cluster_has_as_many_nodes_as_were_asked_for(self) -> None:
        for count in range(1, settings.MOST_NODES + 1):
            self.lab.nodes = tuple(range(1, count + 1))
            every = parts.infrastructure(self.lab)
            self.assertEqual(sum(part.name.startswith("patroni") for part in every), count)
            haproxy.proxy(self.lab).prepare()
            lines = (self.lab.folder / "haproxy" / "haproxy.cfg").read_text().splitlines()
            self.assertEqual(sum("server patroni" in line for line in lines), count * len(routes.BACKENDS))
            self.assertEqual(len(environment.variables(self.lab)["HANDOVER_PATRONI_URLS"].split(",")), count)

    def test_patronictl_depends_on_no_node_and_keeps_its_password_to_itself(self) -> None:
        text = self.lab.patronictl_config.read_text()
        self.assertIn("etcd3: {hosts: '127.0.0.1:2379,127.0.0.1:2381,127.0.0.1:2383'}", text)
        self.assertEqual(self.lab.patronictl_config.stat().st_mode & 0o777, 0o600)


class Profiles(unittest.TestCase):
    def test_the_cluster_on_zookeeper_has_these_parts_and_its_own_port_of_statistics(self) -> None:
        profile = PROFILES["zookeeper"]
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"), offset=1000, profile=profile, nodes=(1, 2), guard=False)
        every = parts.infrastructure(lab)
        self.assertEqual([part.name for part in every], ["zookeeper", "patroni1", "patroni2", "haproxy"])
        self.assertLessEqual({name.rstrip("?") for part in every for name in part.after}, {part.name for part in every})
        self.assertEqual(lab.ports["HAPROXY_STATS"], 8007)
        self.assertEqual(lab.dcs, "zookeeper: {hosts: '127.0.0.1:3181'}")

    def test_a_segment_is_archived_once_and_never_replaced_by_another(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            # With a blank and a percent sign, as a folder may have them.
            lab = settings.Lab(folder=Path(name) / "a 50%f", tools=Path("/tools"))
            archive.folder(lab).mkdir(parents=True)
            segment = Path(name) / "0001"

            def put(content: str) -> int:
                segment.write_text(content)
                # As PostgreSQL fills it in.
                command = archive._put(lab).replace("%%", "\0").replace("%p", str(segment)).replace("%f", "0001")
                return subprocess.run(["sh", "-c", command.replace("\0", "%")], capture_output=True).returncode

            self.assertEqual([put("one"), put("one"), put("other")], [0, 0, 1])
            self.assertEqual([file.name for file in archive.folder(lab).iterdir()], ["0001"])
            self.assertEqual((archive.folder(lab) / "0001").read_text(), "one")


class PortPlan(unittest.TestCase):
    def test_no_two_parts_share_a_port(self) -> None:
        planned = list(ports.plan(0).values())
        self.assertEqual(len(planned), len(set(planned)))

    def test_the_offset_moves_every_port(self) -> None:
        self.assertEqual(ports.plan(1000)["HAPROXY_LEADER"], 6000)
        self.assertEqual(ports.plan(1000)["BROKER1"], 10092)

    def test_labs_at_chosen_offsets_share_no_port(self) -> None:
        steps = range(0, ports.FIRST_EPHEMERAL - max(ports.BASE.values()), ports.STEP)
        planned = [port for offset in steps for port in ports.plan(offset).values()]
        self.assertEqual(len(planned), len(set(planned)))

    def test_an_offset_beyond_the_last_port_is_refused(self) -> None:
        for offset in (-1, 60000):
            with self.assertRaises(ValueError):
                ports.plan(offset)

    def test_a_port_somebody_listens_on_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.assertEqual(ports.taken([port]), [port])
        self.assertTrue(ports.is_free(port))

    def test_two_labs_do_not_claim_the_same_offset(self) -> None:
        first, second = ports.OffsetClaim(), ports.OffsetClaim()
        self.assertTrue(first.take(54321))
        self.assertFalse(second.take(54321))
        first.release()
        self.assertTrue(second.take(54321))
        second.release()


class Faults(unittest.TestCase):
    def test_haproxy_goes_through_the_links_only_where_there_are_some(self) -> None:
        lab = settings.Lab(folder=Path("/nowhere"), tools=Path("/nowhere"), offset=1000)
        self.assertEqual(lab.values()["WAY_POSTGRES2"], lab.ports["POSTGRES2"])
        lab.links = True
        self.assertEqual(lab.values()["WAY_POSTGRES2"], lab.ports["LINK2"])
        self.assertEqual(lab.values()["WAY_PATRONI3"], lab.ports["LINK3_REST"])

    def test_each_verb_that_undoes_ends_its_own_fault_only(self) -> None:
        for fault in ("pause-postgres", "pause-replication", "cut", "lose-quorum"):
            undone = [verb for verb, faults in open_faults.UNDOES.items() if fault in faults and verb != "start"]
            self.assertEqual(len(undone), 1, fault)

    def test_the_delay_counts_from_the_end_of_the_longest_gap_that_the_prober_saw(self) -> None:
        probe = Probe(settings.Lab(folder=Path("/nowhere"), tools=Path("/nowhere")), wanted=False)
        second = 10**9
        probe.moments = [0, second // 10, 5 * second, 5 * second + 1]
        self.assertEqual(probe.delay([0, 50, 4 * second, 6 * second]), -1.0)
        self.assertEqual(probe.delay([0, 50, 5 * second + second // 4]), 0.25)
        self.assertIsNone(probe.delay([0, 50]))
        probe.moments = [0, 1, 2]
        self.assertIsNone(probe.delay([0, 50]))

    def test_acknowledgements_are_read_from_a_file_that_still_grows(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "history"
            path.write_text('{"type":"ok","worker":1,"mono":7,"wall":1}\n{"type":"fail","mono":8,"wall":1}\n'
                            '{"type":"ok","worker":1,"mono":9,"wall":1}\n{"type":"ok","worker":1,"mo')
            self.assertEqual(campaign._acknowledgements(path), [7, 9])
            self.assertEqual(campaign._acknowledgements(path, since=7), [9])


class ProcessIdentity(unittest.TestCase):
    def test_a_command_with_parentheses_and_blanks_is_parsed(self) -> None:
        entry = process.parse_stat("42 (a) b (c) S 7 42 41 " + "0 " * 15 + "999 0")
        self.assertEqual((entry.pid, entry.command, entry.state), (42, "a) b (c", "S"))
        self.assertEqual((entry.parent, entry.session, entry.start), (7, 41, 999))

    def test_a_recycled_id_is_not_the_same_process(self) -> None:
        own = process.identify(os.getpid())
        assert own is not None
        self.assertTrue(process.is_alive(own))
        self.assertFalse(process.is_alive(Identity(own.pid, own.start - 1)))

    def test_a_signal_does_not_reach_a_recycled_id(self) -> None:
        child = subprocess.Popen(["sleep", "60"])
        identity = process.identify(child.pid)
        assert identity is not None
        process.send(Identity(identity.pid, identity.start - 1), stopping.signal.SIGKILL)
        self.assertIsNone(child.poll())
        process.send(identity, stopping.signal.SIGKILL)
        self.assertEqual(child.wait(5), -9)

    def test_what_a_dead_part_left_behind_is_still_its_family(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            part = Part(
                name="p", folder=Path(folder), ports=(), ready=lambda: True,
                command=lambda: ["sh", "-c", "setsid sleep 60 & sleep 60 & exit 0"],
            )
            part.spawn()
            self.assertTrue(waiting.holds(lambda: not part.alive(), 5))
            self.assertEqual(part.state(), "dead")
            self.assertTrue(waiting.holds(lambda: len(part.family()) == 2, 5))
            self.assertTrue(stopping.kill(part))
            self.assertEqual(part.family(), {})


class History(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = Path(scratch.name) / "history.ndjson"

    def test_a_line_has_the_fields_of_the_schema(self) -> None:
        history.append(self.path, "fault", edge="begin", fault="kill", target="sink1", by="lab", leader=None, tl=None)
        text = self.path.read_text()
        self.assertTrue(text.endswith("\n"))
        entry = json.loads(text)
        self.assertEqual(list(entry), ["type", "mono", "wall", "edge", "fault", "target", "by"])

    def test_a_torn_line_stays_alone(self) -> None:
        self.path.write_text('{"type":"inv')
        history.append(self.path, "fault", edge="end")
        torn, whole = self.path.read_text().splitlines()
        self.assertEqual(torn, '{"type":"inv')
        self.assertEqual(json.loads(whole)["edge"], "end")

    def test_former_histories_are_kept(self) -> None:
        for text in ("a", "b"):
            self.path.write_text(text)
            history.set_aside(self.path)
        self.assertFalse(self.path.exists())
        self.assertEqual([self.path.with_name(f"history.{n}.ndjson").read_text() for n in (1, 2)], ["a", "b"])

    def test_the_verb_that_undoes_a_fault_writes_its_end_once(self) -> None:
        lab = settings.Lab(folder=self.path.parent, tools=self.path.parent)
        with mock.patch("handover_lab.cluster.leader", return_value=None):
            open_faults.begin(lab, "kill", "sink1")
            for _ in range(2):
                open_faults.close(lab, "sink1", "start")
        self.assertEqual([json.loads(line)["edge"] for line in self.path.read_text().splitlines()], ["begin", "end"])


class Templates(unittest.TestCase):
    def test_capitals_are_filled_and_the_rest_passes_through(self) -> None:
        filled = templates.fill("${PORT} ${file:${FOLDER}/s:k} ${lower}", {"PORT": 5000, "FOLDER": "/x"})
        self.assertEqual(filled, "5000 ${file:/x/s:k} ${lower}")

    def test_an_unknown_name_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "NOPE"):
            templates.fill("${NOPE}", {})

    def test_the_registrations_are_json_with_every_port_filled(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"), offset=1000)
        values = {**lab.values(), "SINK_PASSWORD": "pa55word"}
        source = json.loads(templates.fill((lab.sources / "connect/register-source.json").read_text(), values))
        self.assertEqual(source["config"]["database.port"], "6002")
        self.assertNotIn("pa55word", json.dumps(source))
        sink = json.loads(templates.fill((lab.sources / "sink/register-sink.json.tmpl").read_text(), values))
        self.assertEqual(sink["config"]["connection.url"], "jdbc:postgresql://127.0.0.1:6436/destination_db")
        self.assertEqual(source["config"]["database.user"], "handover_connector")
        self.assertEqual(sink["config"]["connection.username"], "handover_sink")

    def test_a_fetch_waits_shorter_on_the_broker_in_memory_only(self) -> None:
        def wait(brokers: Brokers) -> str:
            lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"), brokers=brokers)
            text = (lab.sources / "sink/register-sink.json.tmpl").read_text()
            config = json.loads(templates.fill(text, {**lab.values(), "SINK_PASSWORD": "x"}))["config"]
            return config["consumer.override.fetch.max.wait.ms"]

        self.assertEqual((wait(Brokers()), wait(Brokers(kafka=Path("/kafka")))), ("100", "500"))


class Interface(unittest.TestCase):
    def test_env_keeps_the_callers_library_path_behind_its_own_and_shows_no_password(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"), passwords={"postgres": "pa55word"})
        with mock.patch.dict(os.environ, {"LD_LIBRARY_PATH": "/theirs:/tools/lib"}):
            text = environment.exports(lab)
        self.assertIn("export LD_LIBRARY_PATH=/tools/lib:/theirs\n", text)
        self.assertNotIn("pa55word", text)

    def test_a_program_gets_its_own_role_and_no_superuser(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"))
        for program, user in (
            ("writer", "handover_writer"), ("reader", "handover_reader"), ("guard", "handover_guard"),
            ("sink", "handover_operator"), (None, "handover_operator"),
        ):
            variables = environment.variables(lab, program)
            self.assertTrue(variables["HANDOVER_SOURCE_URL"].startswith(f"postgresql://{user}@"))
            for name, value in variables.items():
                self.assertEqual("postgresql://postgres@" in value, "ADMIN" in name, name)

    def test_every_role_of_the_two_servers_has_a_password(self) -> None:
        self.assertEqual(set(roles.EVERY) | {"postgres", "replicator"}, set(settings.USERS))

    def test_every_part_names_only_known_ones_to_wait_for(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"))
        every = parts.infrastructure(lab)
        names = {part.name for part in every}
        self.assertEqual(len(names), 12)
        self.assertLessEqual({name.rstrip("?") for part in every for name in part.after}, names)

    def test_a_lab_has_the_guard_or_the_watcher(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"))
        for guarded, there, missing in ((True, "guard", "watcher"), (False, "watcher", "guard")):
            lab.guard = guarded
            names = {part.name for part in parts.infrastructure(lab)}
            self.assertIn(there, names)
            self.assertNotIn(missing, names)

    def test_without_the_reader_the_guard_names_the_ways_out(self) -> None:
        lab = settings.Lab(folder=Path("/lab"), tools=Path("/tools"))
        with mock.patch.dict(os.environ, {"HANDOVER_BIN": "/nowhere"}):
            with self.assertRaisesRegex(LabError, "make build.*--no-guard"):
                guard.require(lab)

    def test_failures_of_connector_and_tasks_are_found(self) -> None:
        state = {
            "connector": {"state": "RUNNING"},
            "tasks": [{"id": 0, "state": "FAILED", "trace": "boom\n\tat x"}, {"id": 1, "state": "RUNNING"}],
        }
        self.assertEqual(watch.failures(state), [(0, "boom")])


if __name__ == "__main__":
    unittest.main()
