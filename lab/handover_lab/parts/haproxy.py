"""HAProxy: one port for the leader, one for the replicas, one for capture, one for its statistics."""

from handover_lab import ports, routes, templates
from handover_lab.part import Part
from handover_lab.settings import Lab


def proxy(lab: Lab) -> Part:
    folder = lab.folder / "haproxy"
    config = folder / "haproxy.cfg"

    def prepare() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        values = {**lab.values(), "CAPTURE_STATE": folder / "capture.state", "CAPTURE_STATES": routes.states(lab)}
        values |= {f"{backend.upper()}_SERVERS": routes.servers(lab, backend) for backend in routes.BACKENDS}
        templates.write(folder / "capture.state", templates.fill(_template(lab, "capture.state"), values))
        kind = "guarded" if lab.guard else "unguarded"
        values["CAPTURE"] = templates.fill(_template(lab, f"capture-{kind}.cfg"), values)
        templates.write(config, templates.fill(_template(lab, "haproxy.cfg"), values))

    listening = tuple(lab.ports[name] for name in (
        "HAPROXY_LEADER", "HAPROXY_REPLICAS", "HAPROXY_CAPTURE", "HAPROXY_STATS",
    ))
    return Part(
        name="haproxy",
        folder=folder,
        ports=listening,
        prepare=prepare,
        command=lambda: ["/usr/sbin/haproxy", "-db", "-f", str(config)],
        ready=lambda: ports.accepts(lab.ports["HAPROXY_STATS"]),
    )


def _template(lab: Lab, name: str) -> str:
    return (lab.sources / "haproxy" / f"{name}.tmpl").read_text()
