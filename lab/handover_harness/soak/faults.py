"""The faults, one function each: it makes `count` of them under load and returns how many records were judged."""

import signal
import time

from handover_lab.waiting import TimedOut, until

from handover_harness.bench import Failed
from handover_harness.soak.bench import SinkBench
from handover_harness.soak.broker import PARTITIONS
from handover_harness.soak.flow import Flow


def kill(bench: SinkBench, count: int) -> int:
    """SIGKILL at random moments, with one to three lanes, in the same group or a new one."""
    groups = {flow.name: f"{flow.name}-group" for flow in bench.flows}
    with bench.under_load():
        for _ in range(count):
            # A killed member is missed by its group after the session timeout; a new group has no such wait.
            same, lanes = bench.random.random() < 0.3, bench.random.randint(1, 3)
            started = [(flow, bench.start(flow, lanes, groups[flow.name] if same else None)) for flow in bench.flows]
            if bench.random.random() < 0.8:
                for flow, _ in started:
                    flow.wait_progress("a kill")
            bench.pause(0, 1.5)
            for flow, instance in started:
                bench.kill(flow, instance)
                bench.pause(0, 0.1)
        bench.each(lambda flow: bench.start(flow, 2))
        bench.each(lambda flow: flow.wait_progress("the last kill"))
    return bench.settle()


def sleep(bench: SinkBench, count: int) -> int:
    """SIGSTOP until another instance has taken over, then SIGCONT."""
    members = {flow.name: [bench.start(flow, 1, f"{flow.name}-group") for _ in range(2)] for flow in bench.flows}
    with bench.under_load():
        for _ in range(count):
            bench.each(lambda flow: flow.wait_progress("a start or a wake-up"))
            bench.pause(0, 1.5)
            sleepers = [(flow, bench.random.choice(members[flow.name])) for flow in bench.flows]
            for _, instance in sleepers:
                instance.sleep()
            # All partitions go on: those of the sleeper belong to the other one now.
            bench.each(lambda flow: flow.wait_progress("the sleeper's session timeout"))
            bench.pause(0, 1)
            for _, instance in sleepers:
                instance.wake()
            bench.pause(0, 2)
        bench.each(lambda flow: flow.wait_progress("the last wake-up"))
    for flow in bench.flows:
        for instance in members[flow.name]:
            if not instance.runs:
                raise Failed(f"a sink that slept ended; see {instance.log}")
    bench.notes.append(f"{bench.said('another sink has moved the progress')} batches fenced")
    return bench.settle()


def rebalance(bench: SinkBench, count: int) -> int:
    """One to three instances in a group; each step one joins or leaves, by SIGTERM or SIGKILL."""
    groups = {flow.name: f"{flow.name}-group" for flow in bench.flows}
    hangs = 0
    bench.each(lambda flow: bench.start(flow, 1, groups[flow.name]))
    with bench.under_load():
        for _ in range(count):
            for flow in bench.flows:
                members = bench.running[flow.name]
                joins = len(members) == 1 or (len(members) < 3 and bench.random.random() < 0.5)
                if joins:
                    bench.start(flow, 1, groups[flow.name])
                else:
                    # One at a time: the lab's broker may hang for good when two leave at the same moment.
                    leaver = bench.random.choice(members)
                    (bench.kill if bench.random.random() < 0.5 else bench.stop)(flow, leaver)
            for flow in bench.flows:
                try:
                    flow.wait_progress("a rebalance", seconds=60)
                except TimedOut:
                    # The broker's fault, not the sink's: the sinks begin again in another group.
                    hangs += 1
                    groups[flow.name] += "-next"
                    for instance in list(bench.running[flow.name]):
                        bench.kill(flow, instance)
                    bench.start(flow, 1, groups[flow.name])
                    flow.wait_progress("a new group")
            bench.pause(0, 1)
    bench.notes.append(f"{hangs} hangs of the broker's group coordinator")
    return bench.settle()


def destination(bench: SinkBench, count: int) -> int:
    """SIGKILL to the whole destination server while transactions commit all the time, then its recovery."""
    bench.each(lambda flow: bench.start(flow, bench.random.randint(1, 3)))
    with bench.under_load():
        for _ in range(count):
            bench.each(lambda flow: flow.wait_progress("a crash of the destination"))
            bench.pause(0, 1.5)
            bench.verb("kill", "destination")
            bench.pause(0, 1)
            bench.verb("start", "destination")
        bench.each(lambda flow: flow.wait_progress("the last crash"))
    bench.notes.append(f"{bench.said('the destination is away')} times the sink lost the server and came back")
    return bench.settle()


def offsets(bench: SinkBench, count: int) -> int:
    """The group's offsets set to the earliest while the sink is down: nothing may be applied again."""
    with bench.under_load():
        for turn in range(count + 1):
            instances = [(flow, bench.start(flow, 1, f"{flow.name}-group")) for flow in bench.flows]
            for flow, instance in instances:
                flow.wait_progress("the offsets of its group were reset" if turn else "its start")
            if turn == count:
                break
            bench.pause(0, 1)
            for flow, instance in instances:
                bench.stop(flow, instance)
                bench.broker.set_group_to_earliest(f"{flow.name}-group", flow.topic)
    return bench.settle()


def recreate(bench: SinkBench, count: int) -> int:
    """The topic is deleted and made anew: shorter than the stored offset, then past it, then under a running sink."""
    for _ in range(count):
        for flow in bench.flows:
            flow.produce(bench.random.randint(300, 600))
            _apply(bench, flow)
            _replace(bench, flow)
            before = bench.destination.progress(flow.name)
            flow.produce(60)
            _must_stop(bench, flow, "made anew or cut since")
            while min(bench.broker.ends(flow.topic).values()) <= max(before.values()) + 10:
                flow.produce(300)
            _must_stop(bench, flow, "is not the one that was applied")
            if bench.destination.progress(flow.name) != before:
                raise Failed(f"{flow.name} moved its progress in a topic that is not its own")
            _reset(bench, flow, "earliest")
            _apply(bench, flow)
    for flow in bench.flows:
        _under_a_running_sink(bench, flow)
    return sum(flow.judge(counts_events=False) for flow in bench.flows)


def _under_a_running_sink(bench: SinkBench, flow: Flow) -> None:
    instance = bench.start(flow)
    flow.start()
    flow.wait_progress("a topic that was made anew")
    flow.stop()
    flow.wait_end()
    reached = bench.destination.progress(flow.name)
    _replace(bench, flow)
    flow.produce(40)
    code = instance.wait_end()
    bench.forget(flow, instance)
    # The lab's broker and librdkafka 2.16 together: told by a fetch that the topic is another one, librdkafka
    # crashes in rd_kafka_metadata_update_op, in a Python client as well. To the sink that is one more kill.
    if code not in (1, -signal.SIGSEGV):
        raise Failed(f"its topic made anew, the sink ended with {code}; see {instance.log}")
    if bench.destination.progress(flow.name) != reached:
        raise Failed(f"{flow.name} moved its progress in a topic that is not its own")
    _must_stop(bench, flow, "made anew or cut since")
    _reset(bench, flow, "earliest")
    _apply(bench, flow)


def retention(bench: SinkBench, count: int) -> int:
    """The stored offset lies in front of the broker's first record.

    The lab's broker cannot delete records, so the other side is moved: the stored offset is set below 0."""
    for _ in range(count):
        for flow in bench.flows:
            flow.produce(bench.random.randint(300, 600))
            _apply(bench, flow)
            reached = bench.destination.progress(flow.name)
            number = bench.random.randrange(PARTITIONS)
            earlier = -bench.random.randint(1, 1000)
            bench.destination.ask(
                'update handover.sink_progress set next_offset = %s where sink = %s and "partition" = %s',
                [earlier, flow.name, number],
            )
            flow.produce(50)
            _must_stop(bench, flow, "retention has overtaken the sink")
            if bench.destination.progress(flow.name) != {**reached, number: earlier}:
                raise Failed(f"{flow.name} moved its progress although records were missing")
            _refused_while_active(bench, flow, number, reached[number])
            _reset(bench, flow, str(reached[number]), "--partition", str(number))
            _apply(bench, flow)
    return bench.settle()


def upgrade(bench: SinkBench, count: int) -> int:
    """A `sink_progress` of an earlier version, which knows no last record, in a schema of its own."""
    flow, schema, own = bench.flows[1], "soak_upgrade", "soak_upgrade_own"
    ask = bench.destination.ask
    for name in (schema, own):
        ask(f"drop schema if exists {name} cascade")
        ask(f"create schema {name}")
        ask(f"grant usage on schema {name} to handover_sink")
    ask(f"""create table {own}.sink_progress (sink text not null, topic text not null, "partition" int not null,
        next_offset bigint not null, events bigint not null default 0,
        updated_at timestamptz not null default now(), primary key (sink, topic, "partition"))""")
    ask(f"create table {schema}.{flow.table} ({flow.columns})")
    # Its owner adds the columns.
    ask(f"grant all on {schema}.{flow.table} to handover_sink")
    ask(f"alter table {own}.sink_progress owner to handover_sink")
    for turn in range(count):
        flow.produce(200)
        instance = bench.start(flow, parameters=f"?currentSchema={schema}", control_schema=own)
        wanted = [((turn + 1) * 200,) * 2]
        counts = f"select count(*), count(distinct seq) from {schema}.{flow.table}"
        until("the records are applied", 90, lambda: ask(counts) == wanted)
        bench.stop(flow, instance)
        marks = f"""select bool_and(last_offset = next_offset - 1 and last_timestamp is not null), sum(next_offset)
            from {own}.sink_progress"""
        if ask(marks) != [(True, wanted[0][0])]:
            raise Failed(f"the progress of an earlier version was not taken on: {ask(marks)}")
    return count * 200


def _refused_while_active(bench: SinkBench, flow: Flow, number: int, offset: int) -> None:
    """No reset under a running sink: one of the same name holds a connection, on another topic."""
    with bench.destination.session(f"handover-sink {flow.name}"):
        answer = bench.run_sink("reset", flow, "--to", str(offset), "--partition", str(number), "--yes")
    if answer.returncode != 1 or "is at work" not in answer.stdout:
        raise Failed(f"the progress of a connected sink was reset: {answer.stdout}{answer.stderr}")


def _apply(bench: SinkBench, flow: Flow) -> None:
    instance = bench.start(flow)
    flow.wait_end()
    bench.stop(flow, instance)


def _replace(bench: SinkBench, flow: Flow) -> None:
    flow.former += bench.broker.read(flow.topic)
    bench.broker.delete(flow.topic)
    # A producer's time has milliseconds: the new records are not of the same one.
    time.sleep(0.05)
    bench.broker.create(flow.topic)


def _must_stop(bench: SinkBench, flow: Flow, why: str) -> None:
    instance = bench.start(flow)
    code = instance.wait_end()
    bench.forget(flow, instance)
    if code != 1 or not instance.said(why):
        raise Failed(f"the sink ended with {code} and did not say “{why}”; see {instance.log}")


def _reset(bench: SinkBench, flow: Flow, to: str, *more: str) -> None:
    before = bench.destination.progress(flow.name)
    shown = bench.run_sink("reset", flow, "--to", to, *more)
    if shown.returncode != 0 or bench.destination.progress(flow.name) != before:
        raise Failed(f"a reset without --yes failed or changed something: {shown.stdout}{shown.stderr}")
    done = bench.run_sink("reset", flow, "--to", to, *more, "--yes")
    if done.returncode != 0 or "progress was reset" not in done.stderr:
        raise Failed(f"sink reset ended with {done.returncode}: {done.stdout}{done.stderr}")
