"""What `lab env` exports: how the programs reach this lab."""

import os
import shlex

from handover_lab import cluster, secured
from handover_lab.parts import registry
from handover_lab.settings import Lab


def variables(lab: Lab, program: str | None = None) -> dict[str, str]:
    """For one of the programs, or for a shell, in which a person calls any of them."""
    ports = lab.ports

    def http(*names: str) -> str:
        return ",".join(f"http://127.0.0.1:{ports[name]}" for name in names)

    def database(port: str, name: str, user: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{ports[port]}/{name}"

    return {
        "LAB_DIR": str(lab.folder),
        "LAB_PORT_OFFSET": str(lab.offset),
        "LAB_TOOLS": str(lab.tools),
        "HANDOVER_SOURCE_URL": database("HAPROXY_LEADER", "source_db", _USERS.get(program or "", "handover_operator")),
        "HANDOVER_REPLICA_URL": database("HAPROXY_REPLICAS", "source_db", "handover_reader"),
        "HANDOVER_DESTINATION_URL": database("DESTINATION", "destination_db", "handover_reader"),
        # For what takes a superuser, such as making tables; no program is meant to get them.
        "HANDOVER_ADMIN_SOURCE_URL": database("HAPROXY_LEADER", "source_db", "postgres"),
        "HANDOVER_ADMIN_DESTINATION_URL": database("DESTINATION", "destination_db", "postgres"),
        "HANDOVER_BOOTSTRAP": lab.bootstrap,
        **_secured(lab),
        "HANDOVER_CONNECT_URLS": http("CONNECT1", "CONNECT2"),
        **({} if lab.profile.patroni else {"HANDOVER_REGISTRY_URL": registry.url(lab)}),
        "HANDOVER_PATRONI_URLS": http(*(f"PATRONI{number}" for number in lab.nodes)),
        "HANDOVER_HAPROXY_STATS": http("HAPROXY_STATS"),
        "HANDOVER_GUARD_URL": http("GUARD"),
        "HANDOVER_CONNECTOR": "source-connector",
        "HANDOVER_SLOT": "source_slot",
        "HANDOVER_TOPIC": "source.public.debezium_table",
        "HANDOVER_SINK_CONFIG": str(lab.sink_config),
        "HANDOVER_SERVER_LOGS": ",".join(str(lab.folder / node / "log") for node in cluster.nodes(lab)),
        "HANDOVER_HISTORY": str(lab.history),
        "PGPASSFILE": str(lab.pgpass),
        "LD_LIBRARY_PATH": _library_path(lab),
    }


def _secured(lab: Lab) -> dict[str, str]:
    """Where the brokers ask who somebody is, and the folder with what users answer; USER.properties is a client's file."""
    if not lab.secure:
        return {}
    return {
        "HANDOVER_KAFKA_LOGIN": lab.listeners("LOGIN"), "HANDOVER_KAFKA_MUTUAL": lab.listeners("MUTUAL"),
        "HANDOVER_KAFKA_FRONTS": lab.listeners("FRONT"), "HANDOVER_KAFKA_WAYS": lab.listeners("WAY"),
        "HANDOVER_KAFKA_SECURITY": str(secured.folder(lab)),
    }


# The roles of the programs at the source.
_USERS = {"writer": "handover_writer", "reader": "handover_reader", "guard": "handover_guard"}


def _library_path(lab: Lab) -> str:
    """Debian's librdkafka misreads this broker's answers; the one in the wheel does not and fits its headers."""
    ours = str(lab.tools / "lib")
    others = [entry for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry and entry != ours]
    return ":".join([ours, *others])


def exports(lab: Lab) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables(lab).items())
