"""The checker is checked: what is broken on purpose must be named, and nothing else alarm."""

import random

import psycopg

from handover_harness.bench import Failed
from handover_harness.scenarios import expect
from handover_harness.scenarios.bench import ROWS, ScenarioBench, WRITER_ROWS


INJECTIONS = {
    "lose": "stream complete", "stale": "acknowledged at destination", "phantom": "phantoms",
    "duplicate": "duplicates", "foreign": "foreign tokens", "resurrect": "resurrected tokens",
}
ROUNDS, CORRUPTIONS = 5, 200
TABLE = "select id, current_value from debezium_table"


def injections(bench: ScenarioBench, choice: random.Random) -> str:
    """Each fault that can be put into the evidence turns the verdict into the right failure."""
    _write(bench, choice)
    for kind, name in INJECTIONS.items():
        verdict = bench.verdict("--inject", kind)
        failed = [each["name"] for each in verdict["checks"] if each["status"] == "fail"]
        if verdict["verdict"] != "FAIL" or name not in failed:
            raise Failed(f"{kind}: expected the check {name} to fail: {failed}, {verdict['firstLine']}")
    expect.passes(bench)
    return f"{len(INJECTIONS)} injections named"


def corruptions(bench: ScenarioBench, choice: random.Random) -> str:
    """1,000 corruptions of the destination's table itself, each found and named by its row."""
    _write(bench, choice)
    expect.passes(bench)
    found = 0
    for _ in range(ROUNDS):
        expected = _corrupt(bench, choice)
        verdict = bench.verdict()
        for kind, ids in expected.items():
            named = expect.keys(verdict, kind)
            if named != ids:
                bench.is_spoilt = True
                raise Failed(f"{kind}: {len(ids - named)} not found {sorted(ids - named)[:5]}, "
                             f"{len(named - ids)} too many {sorted(named - ids)[:5]}")
            found += len(ids)
        _repair(bench)
    expect.passes(bench)
    return f"{found} corruptions found and named"


def _write(bench: ScenarioBench, choice: random.Random) -> None:
    with bench.writing(300, choice.randrange(2**31)):
        # Each row often enough to have older values.
        bench.written(6 * WRITER_ROWS)


def _corrupt(bench: ScenarioBench, choice: random.Random) -> dict[str, set[int]]:
    rows = dict(bench.rows("destination", TABLE))
    # Most rows stay right: the markers need some.
    written = choice.sample(range(WRITER_ROWS), WRITER_ROWS // 2)
    stale, foreign = set(written[:50]), set(written[50:75])
    missing = set(written[75:]) | set(choice.sample(range(WRITER_ROWS, ROWS), 50))
    extra = set(choice.sample(range(ROWS, 100_000), CORRUPTIONS - 150))
    newest = max(rows.values())
    with psycopg.connect(bench.url("destination"), connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute("delete from debezium_table where id = any(%s)", [sorted(missing)])
        cursor.executemany(
            "insert into debezium_table values (%s, %s)", [(id, choice.randrange(newest)) for id in sorted(extra)],
        )
        older = bench.older_values(stale)
        changes = {**older, **{id: newest + 1 + id for id in foreign}}
        cursor.executemany(
            "update debezium_table set current_value = %s where id = %s", [(value, id) for id, value in changes.items()],
        )
    return {"row-behind": stale, "foreign-at-destination": foreign, "missing-row": missing, "extra-row": extra}


def _repair(bench: ScenarioBench) -> None:
    rows = bench.rows("source", TABLE)
    with psycopg.connect(bench.url("destination"), connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute("delete from debezium_table where id <> all(%s)", [[id for id, _ in rows]])
        cursor.executemany(
            "insert into debezium_table values (%s, %s)"
            " on conflict (id) do update set current_value = excluded.current_value", rows,
        )
