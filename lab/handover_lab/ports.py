"""Which part listens where, and whether those ports are free."""

import socket
from collections.abc import Iterable

BASE: dict[str, int] = {
    "ETCD1": 2379, "ETCD1_PEER": 2380,
    "ETCD2": 2381, "ETCD2_PEER": 2382,
    "ETCD3": 2383, "ETCD3_PEER": 2384,
    "ZOOKEEPER": 2181,
    "HAPROXY_LEADER": 5000, "HAPROXY_REPLICAS": 5001, "HAPROXY_CAPTURE": 5002, "HAPROXY_STATS": 7000,
    "HAPROXY_STATS_ZOOKEEPER": 7007,
    # As many nodes as a cluster of a lab may have: settings.MOST_NODES.
    "POSTGRES1": 5433, "POSTGRES2": 5434, "POSTGRES3": 5435, "POSTGRES4": 5437, "POSTGRES5": 5438,
    "DESTINATION": 5436,
    "PATRONI1": 8008, "PATRONI2": 8009, "PATRONI3": 8010, "PATRONI4": 8011, "PATRONI5": 8012,
    "CONNECT1": 8083, "CONNECT2": 8084, "REGISTRY": 8081,
    "GATE": 8094, "GUARD": 8095,
    # One broker in memory has the first of these; three of Apache Kafka have one each, and one for their quorum.
    "BROKER1": 9092, "BROKER2": 9094, "BROKER3": 9096,
    "CONTROLLER1": 9192, "CONTROLLER2": 9194, "CONTROLLER3": 9196,
    # With --secure-kafka each has one more for logins, and one for clients' certificates.
    "LOGIN1": 9292, "LOGIN2": 9294, "LOGIN3": 9296,
    "MUTUAL1": 9392, "MUTUAL2": 9394, "MUTUAL3": 9396,
    # And one that sends its clients to the port after it, for a test's own way to that broker.
    "FRONT1": 9492, "FRONT2": 9494, "FRONT3": 9496,
    "WAY1": 9493, "WAY2": 9495, "WAY3": 9497,
    "LINK1": 5443, "LINK2": 5444, "LINK3": 5445, "LINK4": 5446, "LINK5": 5447,
    "LINK1_REST": 8018, "LINK2_REST": 8019, "LINK3_REST": 8020, "LINK4_REST": 8021, "LINK5_REST": 8022,
}
# No part of a lab listens where another part of another lab does: a port is free, too, while its part is down for a test.
STEP = 1050
HIGHEST = 65535
# From here on the kernel gives ports to outgoing connections: a listener may find its own taken by one.
FIRST_EPHEMERAL = 32768


def plan(offset: int) -> dict[str, int]:
    """Every port of a lab, by name."""
    ports = {name: port + offset for name, port in BASE.items()}
    if offset < 0 or max(ports.values()) > HIGHEST:
        raise ValueError(f"a port offset is between 0 and {HIGHEST - max(BASE.values())}, not {offset}")
    return ports


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a former lab that linger in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def taken(ports: Iterable[int]) -> list[int]:
    return [port for port in ports if not is_free(port)]


def accepts(port: int, seconds: float = 0.5) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds):
            return True
    except OSError:
        return False


class OffsetClaim:
    """Holds an offset while its lab comes up, so that two labs that start together do not choose the same.

    An abstract socket is a name that goes away with its process and leaves no file.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def take(self, offset: int) -> bool:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0handover-lab-offset-{offset}")
        except OSError:
            claim.close()
            return False
        self.release()
        self._socket = claim
        return True

    def release(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def choose(claim: OffsetClaim) -> int:
    """The first offset under which every port is free."""
    for offset in range(0, FIRST_EPHEMERAL - max(BASE.values()), STEP):
        if not taken(plan(offset).values()) and claim.take(offset):
            return offset
    raise ValueError("no port offset has all its ports free")
