"""The verbs and their arguments."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from handover_harness import campaign
from handover_harness.entries import CAMPAIGN
from handover_lab import (
    connectors, environment, faults, install, lifecycle, looking, membership, roles, settings,
    signals, status,
)
from handover_lab.errors import LabError
from handover_lab.profiles import PROFILES
from handover_lab.settings import Lab

NAMES = (
    "NAME: etcd1-3 or zookeeper, patroni1-5 (or leader, replica), haproxy, kafka1-3 (broker: all), connect1-2, destination, postgres, registry, guard (or watcher),"
    " writer, sink1…, reader"
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="lab", description="The whole pipeline on one machine.", epilog=NAMES)
    top.add_argument("--dir", help="the lab's folder (LAB_DIR, default .lab in the checkout)")
    top.add_argument("--offset", help="added to every port, or auto (LAB_PORT_OFFSET, default 0)")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, epilog=NAMES if "NAME" in text else None)

    add = verb("install", "install what the lab needs, without starting anything")
    add.add_argument("--browser", action="store_true", help="and the browser of the page's test and pictures")
    up = verb("up", "bring everything up, register the source")
    up.add_argument(
        "--profile", choices=sorted(PROFILES), help="; ".join(f"{each.name}: {each.text}" for each in PROFILES.values()),
    )
    up.add_argument(
        "--nodes", type=int, choices=range(1, settings.MOST_NODES + 1), metavar="N",
        help=f"how many Patroni nodes, 1 to {settings.MOST_NODES} (LAB_NODES; default 3, of zookeeper 2)",
    )
    up.add_argument("--sync", action="store_true", help="Patroni in synchronous mode (LAB_SYNC=1)")
    up.add_argument("--links", action="store_true", help="ways from HAProxy to the nodes that can be cut (LAB_LINKS=1)")
    up.add_argument("--secure-kafka", action="store_true", help="brokers with logins, certificates and rights besides (LAB_SECURE_KAFKA=1)")
    up.add_argument(
        "--slots", choices=settings.SLOTS,
        help="who keeps the source's slot on the replicas: Patroni, or PostgreSQL 17 and later itself (LAB_SLOTS)",
    )
    up.add_argument("--postgres", metavar="N", help="PostgreSQL's version: 15 (Debian's), 17 or 18 (LAB_POSTGRES)")
    up.add_argument("--no-source", action="store_true", help="do not register the source connector")
    up.add_argument("--no-guard", action="store_true", help="no `reader guard`: a watcher restarts failed tasks (LAB_NO_GUARD=1)")
    up.add_argument("--no-cluster", action="store_true", help="broker and destination only: what a sink runs on")
    down = verb("down", "end everything; logs and history stay")
    down.add_argument("--keep", action="store_true", help="keep the data folders, too")
    verb("status", "parts, cluster members, connectors and slots")
    verb("env", "shell exports: eval \"$(lab/lab env)\"")
    logs = verb("logs", "the log of NAME")
    logs.add_argument("name", metavar="NAME")
    logs.add_argument("-f", action="store_true", dest="follow", help="go on as it grows")
    logs.add_argument("-n", type=int, default=100, dest="lines", help="that many last lines (100)")
    verb("patronictl", "patronictl with this lab's configuration").add_argument("arguments", nargs=argparse.REMAINDER)
    verb("etcdctl", "etcdctl with this lab's members").add_argument("arguments", nargs=argparse.REMAINDER)
    keys = verb("zookeeper", "Patroni's keys in ZooKeeper: `zookeeper ls /service/handover`")
    keys.add_argument("action", choices=("ls", "get"))
    keys.add_argument("path", metavar="PATH")
    for name, text in (("switchover", "the leader hands over in order"), ("failover", "make a replica the leader")):
        change = verb(name, text)
        change.add_argument("--to", metavar="NODE", help="the next leader (default: the nearest replica)")
        if name == "switchover":
            change.add_argument("--now", action="store_true", help="do not ask first whether its slot is ready")
    for name, text in (
        ("kill", "SIGKILL to NAME; patroniN with its PostgreSQL"), ("stop", "end NAME in order"),
        ("pause", "SIGSTOP to NAME"), ("resume", "SIGCONT to NAME"),
    ):
        verb(name, text).add_argument("name", metavar="NAME")
    for name, text in (
        ("pause-postgres", "SIGSTOP to the PostgreSQL of NAME, not to its Patroni"),
        ("resume-postgres", "SIGCONT to the PostgreSQL of NAME"),
        ("pause-replication", "SIGSTOP to what sends NAME's log to its replicas, not to what sends it to Debezium"),
        ("resume-replication", "SIGCONT to it"),
        ("cut", "nothing passes between HAProxy and NAME any more, nobody is told (needs `up --links`)"),
        ("heal", "what was cut passes again"),
    ):
        verb(name, text).add_argument("name", metavar="NAME")
    verb("lose-quorum", "SIGKILL to two of the three etcd")
    verb("restore-quorum", "start them again")
    verb("add", "add node NAME, such as patroni4, to the running cluster; HAProxy follows without a restart").add_argument(
        "name", metavar="NAME",
    )
    remove = verb("remove", "remove node NAME from the running cluster, after its sessions have ended")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--now", action="store_true", help="cut its sessions instead")
    many = verb("faults", "random faults under the writer's load, each judged afterwards")
    many.add_argument("--count", type=int, default=10, help="how many (10)")
    many.add_argument("--seed", type=int, default=1, help="the same seed gives the same faults (1)")
    many.add_argument("--kinds", default="", help="some of " + ",".join(CAMPAIGN) + "; default: all")
    many.add_argument("--workloads", default="", help="some of " + ",".join(campaign.WORKLOADS) + "; default: all")
    many.add_argument("--full", action="store_true", help="each lasts its full length, such as 60 s, not a random one")
    many.add_argument("--measure", action="store_true", help="how long after the first possible write the writer's came")
    start = verb("start", "start NAME; `start sink 3` starts three; arguments of a program after --")
    start.add_argument("name", metavar="NAME")
    start.add_argument("count", nargs="?", type=int, default=1, help="how many sinks")
    register = verb("register-source", "register the Debezium source, or the connector in FILE")
    register.add_argument("file", nargs="?", metavar="FILE")
    verb("list-connectors", "connectors and their tasks")
    for name, text in (
        ("connector-config", "a connector's configuration"), ("pause-connector", "pause a connector"),
        ("resume-connector", "resume a connector"), ("restart-connectors", "restart connectors with their tasks"),
        ("delete-connector", "delete a connector"),
    ):
        one = verb(name, text)
        needed = name in ("connector-config", "delete-connector")
        one.add_argument("name", metavar="CONNECTOR", nargs=None if needed else "?")
    signal = verb("signal", "ask the running source for something: `signal snapshot TABLE…` reads tables again, in pieces")
    signal.add_argument("action", choices=("snapshot",))
    signal.add_argument("tables", nargs="+", metavar="TABLE")
    verb("topics", "topics with their partitions and numbers of records")
    consume = verb("consume", "print the records of a topic: partition/offset, key, value")
    consume.add_argument("topic", metavar="TOPIC")
    consume.add_argument("-n", type=int, default=0, dest="count", help="end after that many")
    consume.add_argument("--end", action="store_true", help="end at the topic's present end")
    consume.add_argument("--avro", action="store_true", help="they are Avro, with schemas in the lab's registry")
    consume.add_argument("--from-beginning", action="store_true", help="the default; as the tools of Kafka name it")
    produce = verb("produce", "write the records of FILE: a JSON object a line with topic, key, value")
    produce.add_argument("file", metavar="FILE")
    rules = verb("acls", "carry out the `kafka-acls.sh --add|--remove …` lines of FILE; the other lines are text")
    rules.add_argument("file", metavar="FILE")
    psql = verb("psql", "psql on the source's leader, a replica, the destination, or the archive of connect-lab, as superuser postgres")
    psql.add_argument("which", choices=sorted(looking.DATABASES))
    psql.add_argument("arguments", nargs=argparse.REMAINDER)
    granted = verb("roles", "give the programs' roles their rights in a database that was made by hand")
    granted.add_argument("side", choices=("source", "destination"))
    granted.add_argument("database", metavar="DATABASE")
    return top


def main(arguments: list[str]) -> int:
    # Files must be readable for user postgres, whatever the umask of the shell.
    os.umask(0o022)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # What follows -- belongs to a started program.
    split = arguments.index("--") if "--" in arguments and "start" in arguments else len(arguments)
    options = parser().parse_args(arguments[:split])
    options.extra = arguments[split + 1:]
    try:
        lab = settings.load(options.dir)
        return run(lab, options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def run(lab: Lab, options: argparse.Namespace) -> int:
    if options.verb == "install":
        install.ensure(lab, browser=options.browser)
    elif options.verb == "up":
        offset = options.offset or os.environ.get("LAB_PORT_OFFSET") or None
        sync = options.sync or os.environ.get("LAB_SYNC") == "1"
        links = options.links or os.environ.get("LAB_LINKS") == "1"
        lifecycle.up(
            lab, offset, sync, register=not options.no_source, cluster_too=not options.no_cluster, links=links,
            secure=options.secure_kafka or os.environ.get("LAB_SECURE_KAFKA") == "1",
            guarded=not (options.no_guard or os.environ.get("LAB_NO_GUARD") == "1"),
            slots=options.slots or os.environ.get("LAB_SLOTS") or None,
            postgres=options.postgres or os.environ.get("LAB_POSTGRES") or None,
            profile=PROFILES[options.profile] if options.profile else None,
            nodes=options.nodes or _nodes(os.environ.get("LAB_NODES")),
        )
    elif options.verb == "down":
        lifecycle.down(lab, options.keep)
    elif options.verb == "status":
        print(status.report(lab), end="")
    else:
        looking.require_up(lab)
        return VERBS[options.verb](lab, options) or 0
    return 0


def _nodes(text: str | None) -> int | None:
    if not text:
        return None
    if text not in {str(number) for number in range(1, settings.MOST_NODES + 1)}:
        raise LabError(f"LAB_NODES is {text}; it must be 1 to {settings.MOST_NODES}")
    return int(text)


def _list(text: str) -> list[str]:
    return [entry for entry in text.split(",") if entry]


def start(lab: Lab, options: argparse.Namespace) -> None:
    names = list(lab.brokers.named(options.name))
    if options.name == "sink":
        names = [f"sink{number}" for number in range(1, options.count + 1)]
    elif options.count != 1:
        raise LabError("only `start sink` takes a number")
    faults.start(lab, names, options.extra)


def register(lab: Lab, options: argparse.Namespace) -> None:
    file = Path(options.file) if options.file else lab.sources / "connect" / "register-source.json"
    print(f"registered {connectors.register(lab, file)}")


def list_connectors(lab: Lab, options: argparse.Namespace) -> None:
    states = connectors.states(lab)
    if states is None:
        raise LabError("no Kafka Connect worker answers")
    print(status.connector_table(states), end="")


def connector_config(lab: Lab, options: argparse.Namespace) -> None:
    print(json.dumps(connectors.call(lab, "GET", f"/connectors/{options.name}/config"), indent=2))


def on_connectors(method: str, action: str, done: str) -> Callable[[Lab, argparse.Namespace], None]:
    """The named connector, or all."""
    def act(lab: Lab, options: argparse.Namespace) -> None:
        names = [options.name] if options.name else connectors.call(lab, "GET", "/connectors")
        for name in names:
            connectors.call(lab, method, f"/connectors/{name}{action}", seconds=20)
            print(f"{done} {name}")

    return act


def signal(lab: Lab, options: argparse.Namespace) -> None:
    print(f"asked for a snapshot of {', '.join(options.tables)}: signal {signals.snapshot(lab, options.tables)}")


VERBS: dict[str, Callable[[Lab, argparse.Namespace], int | None]] = {
    "env": lambda lab, options: print(environment.exports(lab), end=""),
    "logs": lambda lab, options: looking.logs(lab, options.name, options.lines, options.follow),
    "patronictl": lambda lab, options: looking.patronictl(lab, options.arguments),
    "etcdctl": lambda lab, options: looking.etcdctl(lab, options.arguments),
    "zookeeper": lambda lab, options: looking.zookeeper(lab, options.action, options.path),
    "switchover": lambda lab, options: faults.switchover(lab, options.to, options.now),
    "failover": lambda lab, options: faults.failover(lab, options.to),
    "kill": lambda lab, options: faults.kill(lab, options.name),
    "stop": lambda lab, options: faults.stop(lab, options.name),
    "pause": lambda lab, options: faults.pause(lab, options.name),
    "resume": lambda lab, options: faults.resume(lab, options.name),
    "pause-postgres": lambda lab, options: faults.pause_postgres(lab, options.name),
    "resume-postgres": lambda lab, options: faults.resume_postgres(lab, options.name),
    "pause-replication": lambda lab, options: faults.pause_replication(lab, options.name),
    "resume-replication": lambda lab, options: faults.resume_replication(lab, options.name),
    "cut": lambda lab, options: faults.cut(lab, options.name),
    "heal": lambda lab, options: faults.heal(lab, options.name),
    "lose-quorum": lambda lab, options: faults.lose_quorum(lab),
    "restore-quorum": lambda lab, options: faults.restore_quorum(lab),
    "add": lambda lab, options: membership.add(lab, options.name),
    "remove": lambda lab, options: membership.remove(lab, options.name, options.now),
    "faults": lambda lab, options: campaign.run(
        lab, options.count, options.seed, _list(options.kinds), _list(options.workloads), options.full,
        options.measure,
    ),
    "start": start,
    "register-source": register,
    "list-connectors": list_connectors,
    "connector-config": connector_config,
    "pause-connector": on_connectors("PUT", "/pause", "paused"),
    "resume-connector": on_connectors("PUT", "/resume", "resumed"),
    "restart-connectors": on_connectors("POST", "/restart?includeTasks=true", "restarted"),
    "delete-connector": on_connectors("DELETE", "", "deleted"),
    "signal": signal,
    "topics": lambda lab, options: looking.kafka(lab, ["topics"]),
    "consume": lambda lab, options: looking.kafka(
        lab, ["consume", options.topic, str(options.count), "once" if options.end else "follow"], options.avro,
    ),
    "acls": lambda lab, options: looking.acls(lab, options.file),
    "produce": lambda lab, options: looking.kafka(lab, ["produce", options.file]),
    "roles": lambda lab, options: roles.apply(lab, options.side, options.database),
    "psql": lambda lab, options: looking.psql(lab, options.which, options.arguments),
}
