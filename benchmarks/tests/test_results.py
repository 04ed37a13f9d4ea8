"""What a run says is computed from its figures alone."""

import unittest
import xml.etree.ElementTree

from bench import picture, results
from bench.cases import CASES
from bench.records import PARTITIONS, records
from bench.results import Figure, Run


def figure(case: str, repetition: int, contender: str, rate: float, is_right: bool = True) -> Figure:
    return Figure(case, repetition, contender, 1000, 1000, 1000 / rate, rate, 1.0, 2.0, 0.5, 5_000_000, is_right)


def run(*figures: Figure) -> Run:
    machine = {"cpu": "any <cpu>", "cores": 2, "memory_gb": 24, "kernel": "6", "postgresql": "15", "swift": "6",
               "commit": "abc", "changed": False, "load_before": 0.1}
    return Run("2026-11-21T10:00:00+00:00", machine, {"events": 1000, "repeat": 3, "lanes": 1, "note": ""}, list(figures))


class ResultTests(unittest.TestCase):
    def test_a_ratio_is_the_median_of_each_repetitions_ratio(self) -> None:
        # The machine was slower in the second repetition, for both alike.
        found = results.ratios(run(
            figure("a", 0, "sink", 80), figure("a", 0, "ceiling-1", 100),
            figure("a", 1, "sink", 9), figure("a", 1, "ceiling-1", 10),
            figure("a", 2, "sink", 70), figure("a", 2, "ceiling-1", 100),
        ))
        self.assertEqual([(each["what"], each["median"]) for each in found], [("a: sink / ceiling-1", 0.8)])

    def test_the_jdbc_sink_counts_with_the_setting_that_was_the_fastest_in_each_repetition(self) -> None:
        found = results.ratios(run(
            figure("k", 0, "sink", 60), figure("k", 0, "jdbc-unnest-1", 10), figure("k", 0, "jdbc-unnest-4", 20),
            figure("k", 1, "sink", 60), figure("k", 1, "jdbc-unnest-1", 30), figure("k", 1, "jdbc-unnest-4", 15),
            figure("k", 2, "sink", 60), figure("k", 2, "jdbc-unnest-1", 90, is_right=False),
        ))
        self.assertEqual([(each["what"], each["least"], each["greatest"]) for each in found], [("k: sink / best jdbc", 2, 3)])

    def test_a_contender_that_cannot_do_a_case_is_named_there(self) -> None:
        made = run(figure("k", 0, "sink", 60), figure("l", 0, "sink", 60))
        made.fail("l", "jdbc-unnest-1", "a row twice")
        lines = results.markdown(made).splitlines()
        self.assertTrue(lines.index("|  | jdbc-unnest-1 | fails: the reason is in the .json | | | | | |")
                        > next(number for number, line in enumerate(lines) if line.startswith("| l ")))
        self.assertIn("a row twice", made.json())
        self.assertEqual([made.has_failed(case, "jdbc-unnest-1") for case in "kl"], [False, True])

    def test_a_p99_is_compared_with_the_least_of_the_jdbc_sinks(self) -> None:
        def spread(p99: float) -> dict[str, float]:
            return {"p50": 1, "p99": p99, "p999": p99, "greatest": p99}

        entry = {"rate": 1000, "target": 0.2, **spread(10), "due": spread(12), "bare": spread(5), "commit": spread(2),
                 "jdbc": {"jdbc-default-1": spread(100), "jdbc-unnest-4": spread(40)}}
        made = run()
        made.latency.append(entry)
        text = results.markdown(made)
        self.assertIn("p99 is 0.25 of the JDBC sink's best, jdbc-unnest-4 (target ≤ 0.2): missed.", text)
        self.assertIn("| 1,000, jdbc-default-1, append to visible | 1.0 | 100.0 |", text)

    def test_figures_of_a_wrong_destination_do_not_count(self) -> None:
        wrong = run(figure("a", 0, "sink", 80, is_right=False), figure("a", 0, "ceiling-1", 100))
        self.assertEqual(results.ratios(wrong), [])
        self.assertEqual(len(wrong.void), 1)
        self.assertIn("| sink | void: wrong content |", results.markdown(wrong))

    def test_the_picture_is_well_formed_and_names_every_contender(self) -> None:
        text = picture.svg(run(figure("a", 0, "sink", 80), figure("a", 0, "native-1000", 100)))
        root = xml.etree.ElementTree.fromstring(text)
        words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("sink", words)
        self.assertIn("native-1000", words)


class RecordTests(unittest.TestCase):
    def test_a_cases_records_are_the_same_each_time(self) -> None:
        for case in CASES.values():
            first, second = (list(records(case, 50)) for _ in range(2))
            self.assertEqual(first, second)

    def test_a_delete_is_followed_by_its_tombstone_and_nothing_follows_it(self) -> None:
        deleted = set()
        found = list(records(CASES["e"], 2000))
        for record, following in zip(found, found[1:]):
            operation, _, row = record.change
            self.assertNotIn(row[0] if record.value else None, deleted)
            if operation == "d" and record.value is not None:
                self.assertEqual((following.key, following.value), (record.key, None))
                deleted.add(row[0])
        self.assertGreater(len(deleted), 200)

    def test_keys_are_spread_over_the_partitions(self) -> None:
        counts = [0] * PARTITIONS
        for record in records(CASES["a"], 4000):
            counts[record.partition] += 1
        self.assertTrue(all(count > 800 for count in counts), counts)


if __name__ == "__main__":
    unittest.main()
