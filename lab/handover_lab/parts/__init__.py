"""All parts of a lab, in the order in which they are listed."""

import re
from collections.abc import Sequence

from handover_lab import embedded
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.parts import (
    connect, dcs, destination, guard, haproxy, kafka, link, logs, patroni, programs, registry, watcher,
)
from handover_lab.settings import Lab


def infrastructure(lab: Lab) -> list[Part]:
    """What `up` starts."""
    if not lab.profile.patroni:
        return [
            logs.server(lab), *brokers(lab), connect.worker(lab, 1),
            *([registry.server(lab, lab.registry)] if lab.registry else ()),
        ]
    return [
        *dcs.members(lab),
        *(patroni.node(lab, number) for number in lab.nodes),
        *(link.way(lab, number) for number in (lab.nodes if lab.links else ())),
        haproxy.proxy(lab),
        *(pipeline(lab) if lab.profile.pipeline else ()),
    ]


def pipeline(lab: Lab) -> list[Part]:
    return [
        *brokers(lab),
        *(connect.worker(lab, number) for number in (1, 2)),
        destination.server(lab),
        guard.guard(lab) if lab.guard else watcher.watcher(lab),
    ]


def brokers(lab: Lab) -> list[Part]:
    if not lab.brokers.is_kafka:
        return [embedded.broker(lab)]
    return [kafka.broker(lab, number) for number in lab.brokers.numbers]


def all_programs(lab: Lab) -> list[Part]:
    """writer, reader and every sink that ever ran in this lab."""
    sinks = {"sink1"}
    if lab.folder.is_dir():
        sinks |= {entry.name for entry in lab.folder.iterdir() if re.fullmatch(r"sink[1-9][0-9]*", entry.name)}
    names = ["writer", *sorted(sinks, key=lambda name: int(name[4:])), "reader"]
    return [programs.program(lab, name) for name in names]


def everything(lab: Lab) -> list[Part]:
    return infrastructure(lab) + all_programs(lab)


def find(lab: Lab, name: str, arguments: Sequence[str] = ()) -> Part:
    """The part of that name; the arguments are for a program that is to be started."""
    name = "sink1" if name == "sink" else name
    if re.fullmatch(r"writer|reader|sink[1-9][0-9]*", name):
        return programs.program(lab, name, arguments)
    for part in infrastructure(lab):
        if part.name == name:
            return part
    known = ", ".join(part.name for part in infrastructure(lab))
    raise LabError(f"there is no part {name}; parts are {known}, writer, sink1…, reader")
