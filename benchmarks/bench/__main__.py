"""`benchmarks/run CASE…`: all cases and contenders, side by side."""

import argparse
import datetime
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench import jdbc, latency, memory, picture, results
from bench.cases import CASES
from bench.contenders import Contest, Measurement, Tools
from bench.results import Run
from bench.servers import Servers, choose, up
from bench.workload import produce, publish
from handover_lab.errors import LabError

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parent
LETTERS = (*CASES, "i", "j")
WARM_EVENTS = 100_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description="Measures the sink beside PostgreSQL's own speed.",
        epilog="cases: " + "; ".join(f"{each.letter} {each.title}" for each in CASES.values())
        + "; i memory under a backlog; j latency",
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="letters; default all")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of a case (1,000,000)")
    parser.add_argument("--backlog", type=int, default=10_000_000, help="events of case i (10,000,000)")
    parser.add_argument("--seconds", type=int, default=30, help="length of case j (30)")
    parser.add_argument("--repeat", type=int, default=3, help="how often everything runs (3)")
    parser.add_argument("--lanes", type=int, default=1, help="tasks.max of the sink (1)")
    parser.add_argument("--batch", type=int, default=5_000, help="rows in a batch of the ceiling (5,000, as the sink's)")
    parser.add_argument("--kafka", action="store_true",
                        help="on the Apache Kafka of KAFKA_HOME instead of the broker in memory")
    parser.add_argument("--only", default="", help="contenders, separated by commas")
    parser.add_argument("--note", default="", help="what is written into the results, such as what else the machine does")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder (benchmarks/results)")
    options = parser.parse_args()
    unknown = set(options.cases) - set(LETTERS)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}; there are {', '.join(LETTERS)}")
    return options


def main() -> int:
    options = arguments()
    # Files must be readable for user postgres, whatever the umask of the shell.
    os.umask(0o022)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    # As Ctrl-C does: what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = Run.of_this_machine(options, ROOT)
    folder = Path(os.environ.get("BENCH_DIR", ROOT / ".lab-bench")).resolve()
    try:
        brokers, plugin = choose(options.kafka), jdbc.plugin() if options.kafka else None
    except LabError as error:
        sys.exit(f"benchmarks: {error}")
    with ExitStack() as stack:
        servers = stack.enter_context(up(folder, brokers))
        tools = _tools(servers, Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder))))
        worker = stack.enter_context(jdbc.Worker(servers, plugin)) if plugin else None
        for letter in options.cases or LETTERS:
            if letter == "i":
                run.memory = memory.measure(servers, tools, options.backlog, options.lanes)
            elif letter == "j":
                settings = _latency_settings(servers, tools, options, worker)
                run.latency = latency.measure(servers, tools, options.seconds, options.lanes, worker, settings)
            else:
                _case(letter, servers, tools, options, run, worker)
            # After each case, so that an interrupted run keeps what it has.
            _write(run, options.results)
    print(results.markdown(run))
    return 1 if run.void else 0


def _tools(servers: Servers, scratch: Path) -> Tools:
    sink = Path(os.environ.get("HANDOVER_BIN", ROOT / ".build" / "release")).resolve() / "sink"
    if not os.access(sink, os.X_OK):
        sys.exit(f"benchmarks: there is no {sink}; run swift build -c release")
    for name, package in (("consume", "rdkafka"), ("ceiling", "libpq")):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", package], capture_output=True, text=True, check=True)
        subprocess.run(["clang", "-O2", "-pthread", "-o", scratch / name, HERE / "native" / f"{name}.c",
                        *flags.stdout.split()], check=True)
    return Tools(sink, scratch / "consume", scratch / "ceiling", scratch, servers.lab.tools / "lib")


def _case(
    letter: str, servers: Servers, tools: Tools, options: argparse.Namespace, run: Run, worker: jdbc.Worker | None,
) -> None:
    case = CASES[letter]
    servers.forget_topics()
    print(f"{letter}  {case.title}: {options.events:,} events into the topic", flush=True)
    workload = produce(servers, case, options.events, tools.folder)
    contest = Contest(servers, tools, workload, options.batch, options.lanes, worker)
    if case.schemas and worker is None:
        print(f"{letter}  without Debezium's JDBC sink: it takes --kafka and its plugin in JDBC_SINK_HOME", flush=True)
    chosen = contest.contenders()
    if options.only:
        chosen = {name: each for name, each in chosen.items() if name in options.only.split(",")}
    print(f"{letter}  the same changes at the publisher", flush=True)
    expected = publish(servers, workload)
    # The ceiling takes its rows in the order in which they came here.
    contest.consume()
    _warm(contest, chosen)
    names = list(chosen)
    for repetition in range(options.repeat):
        # Nobody is always the first, or always after the same one.
        start = repetition % len(names)
        for name in names[start:] + names[:start]:
            if not run.has_failed(letter, name):
                _measure(chosen[name], contest, name, repetition, expected, run)


def _measure(
    contender: Callable[[], Measurement], contest: Contest, name: str, repetition: int,
    expected: list[tuple[int, str]], run: Run,
) -> None:
    workload, letter = contest.workload, contest.workload.case.letter
    try:
        measured = contender()
    except jdbc.ConnectorFailed as error:
        print(f"{letter}  {repetition + 1}  {name:12} fails: {error}", flush=True)
        run.fail(letter, name, str(error))
        return
    is_right = measured.content is None or measured.content == expected
    run.add(letter, repetition, name, workload, measured, is_right)
    peak = f", {measured.peak / 1e6:.0f} MB" if measured.peak else ""
    print(f"{letter}  {repetition + 1}  {name:12} {measured.seconds:7.2f} s "
          f"{workload.events / measured.seconds:11,.0f} events/s, CPU {measured.cpu:.2f} s, "
          f"server {measured.server_cpu:.2f} s{peak}" + ("" if is_right else "  VOID: wrong content"), flush=True)


def _latency_settings(
    servers: Servers, tools: Tools, options: argparse.Namespace, worker: jdbc.Worker | None,
) -> list[jdbc.Setting]:
    """Those of the JDBC sink that are wanted, warm."""
    if worker is None:
        print("j  without Debezium's JDBC sink: it takes --kafka and its plugin in JDBC_SINK_HOME", flush=True)
        return []
    servers.forget_topics()
    contest = Contest(servers, tools, produce(servers, CASES["b"], WARM_EVENTS, tools.folder), 1, 1, worker)
    chosen = contest.contenders()
    if options.only:
        chosen = {name: each for name, each in chosen.items() if name in options.only.split(",")}
    _warm(contest, chosen)
    return [each for each in jdbc.settings() if each.contender in chosen]


def _warm(contest: Contest, chosen: dict[str, Callable[[], Measurement]]) -> None:
    """Each way of writing of the JDBC sink runs once, so that Java has compiled it when its time is taken."""
    for setting in contest.jdbc_settings():
        if setting.contender in chosen and contest.worker is not None and contest.worker.must_warm(setting):
            try:
                contest.jdbc(setting)
            except jdbc.ConnectorFailed:
                # It is reported where its time would be.
                continue


def _write(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / datetime.datetime.fromisoformat(run.begun).strftime("%Y-%m-%d-%H%M")
    stem.with_suffix(".json").write_text(run.json())
    stem.with_suffix(".md").write_text(results.markdown(run) + "\n")
    stem.with_suffix(".svg").write_text(picture.svg(run))


if __name__ == "__main__":
    sys.exit(main())
