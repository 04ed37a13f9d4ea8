"""The verbs that look into the parts. Most become the program that does it."""

import os
import subprocess

from handover_lab import cluster, install, parts
from handover_lab.errors import LabError
from handover_lab.parts import dcs, registry
from handover_lab.settings import POSTGRES_BIN, Lab

DATABASES = {
    "source": ("HAPROXY_LEADER", "source_db"),
    "replica": ("HAPROXY_REPLICAS", "source_db"),
    "destination": ("DESTINATION", "destination_db"),
    "archive": ("POSTGRES1", "archive"),
}


def require_up(lab: Lab) -> None:
    if not lab.was_up:
        raise LabError(f"there is no lab in {lab.folder} yet; `lab up` makes one")


def psql(lab: Lab, which: str, arguments: list[str]) -> None:
    if lab.profile.patroni == (which == "archive"):
        raise LabError(f"a lab of the profile {lab.profile.name} has no database {DATABASES[which][1]}")
    port, database = DATABASES[which]
    program = str(POSTGRES_BIN / "psql")
    command = [program, "-h", "127.0.0.1", "-p", str(lab.ports[port]), "-U", "postgres", "-d", database, *arguments]
    os.execve(program, command, cluster.environment(lab))


def patronictl(lab: Lab, arguments: list[str]) -> None:
    if not any(parts.find(lab, node).alive() for node in cluster.nodes(lab)):
        raise LabError("no node of Patroni's runs; the lab is down")
    code = "from patroni.ctl import ctl; ctl(prog_name='patronictl')"
    command = [str(lab.python), "-c", code, "-c", str(lab.patronictl_config), *arguments]
    os.execve(command[0], command, {**os.environ, **dcs.environment(lab), "LC_ALL": "C.UTF-8"})


def etcdctl(lab: Lab, arguments: list[str]) -> None:
    if lab.profile.dcs != "etcd3":
        raise LabError("this lab has ZooKeeper instead of etcd: `zookeeper ls|get PATH`")
    os.execve("/usr/bin/etcdctl", ["etcdctl", "--endpoints", lab.dcs_hosts, *arguments], {**os.environ, "ETCDCTL_API": "3"})


def zookeeper(lab: Lab, action: str, path: str) -> None:
    if lab.profile.dcs != "zookeeper":
        raise LabError("this lab has etcd instead of ZooKeeper: `etcdctl ARGS`")
    command = [str(lab.python), "-m", "handover_lab.keys", lab.dcs_hosts, action, path]
    path_of_modules = f"{lab.sources}:{dcs.environment(lab)['PYTHONPATH']}"
    os.execve(command[0], command, {**os.environ, "PYTHONPATH": path_of_modules})


def kafka(lab: Lab, arguments: list[str], avro: bool = False) -> None:
    command = [str(lab.python), "-m", "handover_lab.kafka", lab.bootstrap, *arguments]
    path = [str(lab.sources)]
    if avro:
        if lab.registry is None:
            raise LabError("this lab has no registry of schemas; `REGISTRY_HOME=… lab up --profile connect-lab` makes one that has")
        command.append(registry.url(lab))
        path.append(str(install.avro(lab)))
    os.execve(command[0], command, {**os.environ, "PYTHONPATH": ":".join(path)})


def acls(lab: Lab, file: str) -> None:
    if not lab.secure:
        raise LabError("the brokers of this lab let everybody do everything; `lab up --secure-kafka` makes others")
    command = [str(lab.python), "-m", "handover_lab.acls", lab.bootstrap, file]
    os.execv(command[0], command)


def logs(lab: Lab, name: str, lines: int, follow: bool) -> int:
    part = parts.find(lab, name)
    if not part.log.exists():
        raise LabError(f"{part.name} has no log yet ({part.log})")
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), str(part.log)]
    try:
        return subprocess.run(command).returncode
    except KeyboardInterrupt:
        return 130
