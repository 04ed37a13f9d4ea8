"""What `lab env` exports: how the programs reach this lab."""

import os
import shlex

from handover_lab.settings import Lab


def variables(lab: Lab) -> dict[str, str]:
    ports = lab.ports

    def http(*names: str) -> str:
        return ",".join(f"http://127.0.0.1:{ports[name]}" for name in names)

    def database(port: str, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{ports[port]}/{name}"

    return {
        "LAB_DIR": str(lab.folder),
        "LAB_PORT_OFFSET": str(lab.offset),
        "LAB_TOOLS": str(lab.tools),
        "HANDOVER_SOURCE_URL": database("HAPROXY_LEADER", "source_db"),
        "HANDOVER_REPLICA_URL": database("HAPROXY_REPLICAS", "source_db"),
        "HANDOVER_DESTINATION_URL": database("DESTINATION", "destination_db"),
        "HANDOVER_BOOTSTRAP": f"127.0.0.1:{ports['BROKER']}",
        "HANDOVER_CONNECT_URLS": http("CONNECT1", "CONNECT2"),
        "HANDOVER_PATRONI_URLS": http("PATRONI1", "PATRONI2", "PATRONI3"),
        "HANDOVER_HAPROXY_STATS": http("HAPROXY_STATS"),
        "HANDOVER_GUARD_URL": http("GUARD"),
        "HANDOVER_CONNECTOR": "source-connector",
        "HANDOVER_SLOT": "source_slot",
        "HANDOVER_TOPIC": "source.public.debezium_table",
        "HANDOVER_SINK_CONFIG": str(lab.sink_config),
        "HANDOVER_HISTORY": str(lab.history),
        "PGPASSFILE": str(lab.pgpass),
        "LD_LIBRARY_PATH": _library_path(lab),
    }


def _library_path(lab: Lab) -> str:
    """Debian's librdkafka misreads this broker's answers; the one in the wheel does not and fits its headers."""
    ours = str(lab.tools / "lib")
    others = [entry for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry and entry != ours]
    return ":".join([ours, *others])


def exports(lab: Lab) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables(lab).items())
