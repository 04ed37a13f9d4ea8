"""What holds Patroni's leader key: three members of etcd, or one ZooKeeper."""

from handover_lab import install
from handover_lab.part import Part
from handover_lab.parts import etcd, zookeeper
from handover_lab.settings import Lab


def members(lab: Lab) -> list[Part]:
    if lab.profile.dcs == "zookeeper":
        return [zookeeper.server(lab)]
    return [etcd.member(lab, number) for number in (1, 2, 3)]


def environment(lab: Lab) -> dict[str, str]:
    """With which Patroni and patronictl find the client that they need."""
    return {"PYTHONPATH": str(install.kazoo(lab))} if lab.profile.dcs == "zookeeper" else {}
