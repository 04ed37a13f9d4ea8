"""What a lab is made of, where it is not the whole pipeline."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    name: str
    text: str
    # Where Patroni keeps the leader key: as the section in its configuration is named.
    dcs: str = "etcd3"
    nodes: int = 3
    sync: bool = False
    # Whether each node archives its log, and fetches from the archive what no other node has any more.
    archive: bool = False
    # Whether PostgreSQL runs under Patroni, with HAProxy in front of it.
    patroni: bool = True
    # Whether there are brokers, Kafka Connect, a destination and a guard.
    pipeline: bool = True
    # The port of HAProxy's statistics, by its name in the plan of ports.
    statistics: str = "HAPROXY_STATS"

    @property
    def dcs_members(self) -> tuple[str, ...]:
        return ("zookeeper",) if self.dcs == "zookeeper" else ("etcd1", "etcd2", "etcd3")


PROFILES = {
    profile.name: profile for profile in (
        Profile("pipeline", "everything"),
        Profile(
            "zookeeper", "two nodes on ZooKeeper, in synchronous mode, with an archive of their log, and HAProxy",
            dcs="zookeeper", nodes=2, sync=True, archive=True, pipeline=False, statistics="HAPROXY_STATS_ZOOKEEPER",
        ),
        Profile("course", "three nodes on etcd, and HAProxy", pipeline=False),
        Profile(
            "connect-lab", "one PostgreSQL with a table of 1,000 rows, brokers, a Connect worker, and with REGISTRY_HOME a registry",
            nodes=0, patroni=False, pipeline=False,
        ),
    )
}
