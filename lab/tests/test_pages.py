"""How a page of docs/walkthroughs is read and compared; Tests/walkthroughs/run carries it out."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "walkthroughs"))

from handover_walkthroughs import page  # noqa: E402
from handover_walkthroughs.shell import Shell, TookTooLong  # noqa: E402


class Pages(unittest.TestCase):
    def read(self, text: str) -> list[page.Step]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.md"
            path.write_text(text)
            return page.read(path)

    def test_a_block_is_commands_with_what_they_print(self) -> None:
        text = "text\n```console\n$ first \\\n> second\nprinted\n$ third\n[exit 3]\n```\n```sh\n$ not a step\n```\n"
        steps = self.read(text)
        self.assertEqual([(step.command, step.printed, step.code) for step in steps], [
            ("first \\\nsecond", ["printed"], 0), ("third", [], 3),
        ])

    def test_a_page_without_commands_is_refused(self) -> None:
        for text in ("text\n", "```console\nprinted\n```\n"):
            with self.assertRaises(ValueError):
                self.read(text)

    def test_every_page_can_be_read_and_is_in_the_list(self) -> None:
        folder = ROOT / "docs" / "walkthroughs"
        listed = (folder / "README.md").read_text()
        for path in folder.glob("*.md"):
            if path.name != "README.md":
                self.assertEqual(page.read(path)[-1].command, "lab/lab down", path.name)
                self.assertIn(f"({path.name})", listed)

    def test_what_differs_from_run_to_run_is_no_difference(self) -> None:
        for wanted, printed in (
            ("added patroni4 in 29.9 s", "added patroni4 in 3 s"), ("at 0/302BFE0", "at 1A/93FF0B0"),
            ("| a | 127.0.0.1:5433 |   1 |", "| a  | 127.0.0.1:6483 | 1 |"), ("+---+--+", "+-----+----+"),
            ("2026-11-30 06:42:07,993 INFO: done", "2027-01-02 03:04:05,678 INFO: done"), ("  x, port 8008", "  x, port 9058"),
        ):
            self.assertTrue(page.matches([wanted], [printed]), printed)

    def test_everything_else_is(self) -> None:
        for wanted, printed in (
            (["1|before"], ["1|after"]), (["a"], ["a", "b"]), (["a", "b"], ["a"]), (["1,000 rows"], ["999 rows"]),
            (["TL 2"], ["TL 3"]), (["a.c"], ["abc"]), (["PASS: … rows"], ["FAIL: 3 rows"]), (["a", "…", "b"], ["a", "c"]),
        ):
            self.assertFalse(page.matches(wanted, printed), printed)

    def test_dots_stand_for_text_and_for_lines(self) -> None:
        for wanted, printed in (
            (["PASS: … rows"], ["PASS: 12 writes, 3 rows"]), (["…", "b"], ["b"]), (["…", "b"], ["a", "a", "b"]), (["a", "…"], ["a"]),
            (["| x |…"], ["| x |   0/1234567 |"]),
        ):
            self.assertTrue(page.matches(wanted, printed), printed)

    def test_one_shell_carries_out_all_commands(self) -> None:
        shell = Shell(str(ROOT))
        self.addCleanup(shell.close)
        self.assertEqual(shell.run("a=1; printf x", 10), (["x"], 0))
        self.assertEqual(shell.run("echo $a; cat; echo wrong >&2; false", 10), (["1", "wrong"], 1))
        with self.assertRaises(TookTooLong):
            shell.run("sleep 60", 0.2)


if __name__ == "__main__":
    unittest.main()
