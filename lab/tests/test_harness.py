"""The tables of the harness. /usr/bin/python3 -m unittest discover -s lab/tests"""

import ast
import subprocess
import sys
import time
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(LAB))

from handover_harness.entries import CAMPAIGN, EXTRAS, FORKS, KINDS, LOADS, SOAK, UNGUARDED, VERDICTS  # noqa: E402
from handover_lab import cli, waiting  # noqa: E402
from handover_lab.vocabulary import FAULTS, UNDOES  # noqa: E402

ENTRIES = [(f"{kind}/{name}", entry) for kind, table in KINDS.items() for name, entry in table.items()]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


class Entries(unittest.TestCase):
    def test_each_is_made_of_words_that_exist(self) -> None:
        for name, entry in ENTRIES:
            with self.subTest(name):
                self.assertLessEqual(set(entry.faults), set(FAULTS))
                self.assertIn(entry.load, LOADS)
                self.assertIn(entry.expected, VERDICTS)
        self.assertEqual(set(UNGUARDED), set(FORKS))
        self.assertLessEqual(set(UNGUARDED.values()), set(VERDICTS))
        for extra, faults in EXTRAS.items():
            with self.subTest(extra):
                self.assertLessEqual(set(faults), set(FAULTS))

    def test_each_has_its_function(self) -> None:
        # Without importing it: what the functions need is in the lab's virtual environment.
        for name, entry in ENTRIES:
            with self.subTest(name):
                module, _, function = entry.play.partition(":")
                body = tree(LAB / "handover_harness" / (module.replace(".", "/") + ".py")).body
                defined = {each.name for each in body if isinstance(each, ast.FunctionDef)}
                defined |= {
                    target.id for each in body if isinstance(each, ast.Assign) for target in each.targets
                    if isinstance(target, ast.Name)
                }
                self.assertIn(function, defined)

    def test_no_word_is_there_for_nothing(self) -> None:
        used = {fault for _, entry in ENTRIES for fault in entry.faults} | {fault for each in EXTRAS.values() for fault in each}
        for name, fault in FAULTS.items():
            with self.subTest(name):
                self.assertTrue(name in used or fault.verb in cli.VERBS)
        self.assertEqual(set(LOADS), {entry.load for _, entry in ENTRIES})
        self.assertEqual(set(VERDICTS), {entry.expected for _, entry in ENTRIES})

    def test_what_lasts_and_what_counts_is_in_order(self) -> None:
        for name, entry in CAMPAIGN.items():
            shortest, longest, full = entry.lasts
            with self.subTest(name):
                self.assertTrue(0 <= shortest <= longest <= full)
        for name, entry in SOAK.items():
            whole, short = entry.counts
            with self.subTest(name):
                self.assertTrue(1 <= short < whole)


class Words(unittest.TestCase):
    def test_a_verb_of_a_fault_is_one_of_the_lab(self) -> None:
        for name, fault in FAULTS.items():
            for verb in (fault.verb, fault.undo):
                with self.subTest(f"{name}: {verb}"):
                    self.assertIn(verb, (None, *cli.VERBS))

    def test_what_begins_and_lasts_is_undone_by_one_verb(self) -> None:
        self.assertEqual(
            UNDOES["start"], ("kill", "stop", "pause", "pause-postgres", "pause-replication"),
        )
        self.assertEqual(UNDOES["heal"], ("cut",))
        for verb in UNDOES:
            with self.subTest(verb):
                self.assertIn(verb, cli.VERBS)

    def test_the_history_has_no_other_word(self) -> None:
        found = set()
        for path in (*(LAB / "handover_lab").glob("*.py"), *(LAB / "handover_harness").rglob("*.py")):
            for call in ast.walk(tree(path)):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                    continue
                if ast.unparse(call.func) == "open_faults.begin":
                    found.add(ast.unparse(call.args[1]).strip("'"))
                elif ast.unparse(call.func) == "open_faults.record" and isinstance(call.args[2], ast.Constant):
                    found.add(call.args[2].value)
        self.assertIn("partition", found)
        self.assertLessEqual(found, set(FAULTS))


class Waiting(unittest.TestCase):
    def test_what_holds_at_once_is_not_waited_for(self) -> None:
        begun = time.monotonic()
        waiting.until("it", 60, lambda: True, pause=60)
        self.assertLess(time.monotonic() - begun, 30)

    def test_what_does_not_come_about_is_named(self) -> None:
        with self.assertRaisesRegex(waiting.TimedOut, "in vain: a leader"):
            waiting.until("a leader", 0, lambda: False)
        self.assertFalse(waiting.holds(lambda: False, 0))


class Script(unittest.TestCase):
    def test_a_kind_that_is_not_there_is_refused(self) -> None:
        answer = subprocess.run(
            [sys.executable, "-B", "-m", "handover_harness", "chaos"], cwd=LAB, capture_output=True, text=True,
        )
        self.assertEqual(answer.returncode, 64)
        self.assertIn("soak, scenarios, forks", answer.stderr)


if __name__ == "__main__":
    unittest.main()
