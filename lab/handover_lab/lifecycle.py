"""`up` and `down`: the whole lab."""

import os
import shutil
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from handover_lab import (
    archive, cluster, connectors, history, install, interruption, open_faults, parts, ports, secured, settings, starting,
    stopping, waiting,
)
from handover_lab.errors import LabError
from handover_lab.part import Part
from handover_lab.parts import guard
from handover_lab.profiles import PROFILES, Profile
from handover_lab.settings import Lab

SOURCE = "source-connector"
SLOT = "source_slot"
# Those that use a part end before it, so that each can finish what it does.
ORDER_OF_END = (
    ("writer", "sink", "reader", "watcher", "guard"), ("connect", "haproxy"), ("link",), ("patroni", "destination", "postgres", "registry"), ("etcd", "zookeeper", "broker", "kafka"),
)


def up(
    lab: Lab, offset: str | None, sync: bool, register: bool, cluster_too: bool = True, links: bool = False,
    guarded: bool = True, slots: str | None = None, postgres: str | None = None, secure: bool = False,
    profile: Profile | None = None, nodes: int | None = None,
) -> None:
    interruption.watch()
    with lab.locked():
        install.ensure(lab)
        # What is up or keeps data goes on as what it is.
        install.profile(lab, profile or lab.profile)
        server = install.postgres(lab, postgres)
        interruption.check()
        claim = ports.OffsetClaim()
        running = [part for part in parts.everything(lab) if part.family()] if lab.was_up else []
        started: list[Part] = []
        try:
            _settle(lab, offset, sync, links, guarded, secure, slots, server, running, claim, profile, nodes)
            if cluster_too and lab.guard:
                guard.require(lab)
            every = parts.infrastructure(lab)
            wanted = starting.with_workers(
                lab, every if cluster_too else [part for part in every if part.name in (*lab.brokers.names, "destination")],
            )
            _check_ports(lab, wanted)
            if cluster_too:
                _bring_up(lab, wanted, started, register and lab.profile.pipeline)
            else:
                starting.bring_up(lab, wanted, started)
        except BaseException as error:
            told = str(error) if isinstance(error, LabError) else traceback.format_exc()
            print(f"lab: {told}", file=sys.stderr, flush=True)
            if running:
                print("lab: ending what this `up` had started", file=sys.stderr, flush=True)
                starting.end(started)
            elif started:
                print("lab: taking everything down again", file=sys.stderr, flush=True)
                _down(lab, keep=False)
            raise LabError("the lab is not up") from error
        finally:
            claim.release()


def _settle(
    lab: Lab, offset: str | None, sync: bool, links: bool, guarded: bool, secure: bool, slots: str | None,
    server: Path | None, running: Sequence[Part], claim: ports.OffsetClaim, profile: Profile | None, nodes: int | None,
) -> None:
    """Decides on the ports and begins anew when there is nothing to go on with."""
    kept = lab.was_up and any((part.folder / "data").exists() for part in parts.infrastructure(lab))
    if running or kept:
        if offset not in (None, "auto", str(lab.offset)):
            what = "is running" if running else "keeps data"
            raise LabError(f"this lab {what} under port offset {lab.offset}; `lab down` first to use {offset}")
        if sync and not lab.sync:
            raise LabError("this lab was made without --sync; `lab down` first")
        if links and not lab.links:
            raise LabError("this lab was made without --links; `lab down` first")
        if secure and not lab.secure:
            raise LabError("this lab was made without --secure-kafka; `lab down` first")
        if not guarded and lab.guard:
            raise LabError("this lab was made with the guard; `lab down` first")
        if profile not in (None, lab.profile):
            raise LabError(f"this lab was made with the profile {lab.profile.name}; `lab down` first")
        if nodes not in (None, len(lab.nodes)):
            raise LabError(f"this lab has {len(lab.nodes)} nodes; `lab add` and `lab remove` change that")
        if slots not in (None, lab.slots):
            raise LabError(f"this lab was made with slots kept by {lab.slots}; `lab down` first")
        if server not in (None, lab.postgres):
            raise LabError(f"this lab was made with {lab.postgres}; `lab down` first")
        return
    try:
        if offset == "auto":
            lab.offset = ports.choose(claim)
        else:
            lab.offset = int(offset or 0)
            ports.plan(lab.offset)
            claim.take(lab.offset)
    except ValueError as error:
        raise LabError(f"port offset: {error}") from error
    lab.profile = profile or PROFILES["pipeline"]
    if nodes is not None and not lab.profile.patroni:
        raise LabError(f"a lab of the profile {lab.profile.name} has no Patroni nodes; leave --nodes and LAB_NODES out")
    lab.nodes, lab.added = tuple(range(1, (nodes or lab.profile.nodes) + 1)), ()
    lab.sync, lab.links, lab.guard = sync or lab.profile.sync, links, guarded and lab.profile.pipeline
    settings.choose(lab, slots, server)
    if secure and not lab.brokers.is_kafka:
        raise LabError("--secure-kafka needs Apache Kafka; KAFKA_HOME must name a distribution")
    lab.secure = secure
    secured.forget(lab)
    history.set_aside(lab.history)
    open_faults.forget(lab)
    for part in parts.everything(lab):
        if part.log.exists():
            part.log.replace(part.folder / "log.1")
    lab.save()


def _check_ports(lab: Lab, wanted: Sequence[Part]) -> None:
    taken = [
        f"port {port} of {part.name}" for part in wanted if not part.family() for port in ports.taken(part.ports)
    ]
    if taken:
        shown = ", ".join(taken[:3]) + (f" and {len(taken) - 3} more" if len(taken) > 3 else "")
        raise LabError(
            f"already in use: {shown}. Set LAB_PORT_OFFSET (for instance 1000, or auto) to use others"
        )


def _bring_up(lab: Lab, wanted: Sequence[Part], started: list[Part], register: bool) -> None:
    begun = time.monotonic()
    there = [part.name for part in wanted if part.alive()]
    if there:
        print(f"already up: {', '.join(there)}", flush=True)
    starting.bring_up(lab, wanted, started)

    def told(what: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)

    def routed() -> bool:
        return cluster.routed_leader_port(lab) is not None

    if lab.profile.patroni:
        waiting.until("HAProxy's way to the leader", starting.SECONDS, routed)
        told(f"haproxy leads to the leader on port {lab.ports['HAPROXY_LEADER']}")
    if register and SOURCE not in (connectors.states(lab) or {}):
        connectors.register(lab, lab.sources / "connect" / "register-source.json")
    if register:
        _wait_connector(lab)
        told(f"{SOURCE} runs, {SLOT} is active")
    if len(lab.nodes) > 1:
        waiting.until("HAProxy's way to a replica", starting.SECONDS, lambda: bool(cluster.routed_replicas(lab)))
    told("the lab is up")


def _wait_connector(lab: Lab) -> None:
    def runs() -> bool:
        return connectors.is_running((connectors.states(lab) or {}).get(SOURCE))

    def streams() -> bool:
        return any(slot.active for slot in cluster.slots(lab) if slot.name == SLOT)

    try:
        waiting.until(f"{SOURCE} with its task RUNNING", starting.SECONDS, runs)
        waiting.until(f"the slot {SLOT} in use", starting.SECONDS, streams)
    except interruption.Interrupted:
        raise
    except LabError as error:
        state = (connectors.states(lab) or {}).get(SOURCE)
        raise starting.failure(parts.find(lab, "connect1"), f"{error}; its state is {state}") from error


def down(lab: Lab, keep: bool) -> None:
    interruption.watch()
    if not lab.was_up and not lab.folder.exists():
        print("nothing is up")
        return
    with lab.locked():
        count = _down(lab, keep)
    print(f"down: {count} parts ended" if count else "down: nothing was up")


def _down(lab: Lab, keep: bool) -> int:
    every = parts.everything(lab)
    count = sum(1 for part in every if part.family())
    for kinds in ORDER_OF_END:
        stopping.stop([part for part in every if part.name.rstrip("0123456789") in kinds])
    left = [part.name for part in every if part.family()]
    if left:
        raise LabError(f"these could not be ended: {', '.join(left)}; their folders are kept")
    if not keep:
        open_faults.forget(lab)
        for part in every:
            clear(part)
        archive.clear(lab)
    return count


def clear(part: Part) -> None:
    """Leaves the logs."""
    if not part.folder.is_dir():
        return
    for entry in os.scandir(part.folder):
        if entry.name in ("log", "log.1"):
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)
