"""Tests/walkthroughs/run [--print] [PAGE…]."""

import argparse
import os
import sys
import time
from pathlib import Path

from handover_walkthroughs import page, remains
from handover_walkthroughs.shell import Shell, TookTooLong

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "walkthroughs"
# The longest that a command may take: a whole lab that comes up on a busy machine.
SECONDS = 420


def main(arguments: list[str]) -> int:
    names = sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")
    options = argparse.ArgumentParser(prog="Tests/walkthroughs/run")
    options.add_argument("--print", action="store_true", dest="shown", help="show what each command prints")
    options.add_argument("pages", nargs="*", metavar="PAGE", help=f"some of {', '.join(names)}; default: all")
    wanted = options.parse_args(arguments)
    if unknown := set(wanted.pages) - set(names):
        options.error(f"there is no page {', '.join(sorted(unknown))}; pages are {', '.join(names)}")
    chosen = []
    for name in wanted.pages or names:
        missing = [variable for variable in page.needs(PAGES / f"{name}.md") if not os.environ.get(variable)]
        if not missing:
            chosen.append(name)
        elif wanted.pages:
            options.error(f"the page {name} needs {', '.join(missing)}")
        else:
            print(f"== {name}: left out; it needs {', '.join(missing)}", flush=True)
    failed = [name for name in chosen if not passes(name, wanted.shown)]
    print(f"FAIL: {', '.join(failed)}" if failed else "PASS", flush=True)
    return 1 if failed else 0


def passes(name: str, shown: bool) -> bool:
    path = PAGES / f"{name}.md"
    steps = page.read(path)
    print(f"== {name}: {len(steps)} commands", flush=True)
    begun = time.monotonic()
    shell = Shell(str(ROOT))
    try:
        for step in steps:
            since = time.monotonic()
            try:
                printed, code = shell.run(step.command, SECONDS)
            except TookTooLong as error:
                return _told(path, step, [], str(error))
            print(f"{time.monotonic() - since:6.1f} s  {step.command.splitlines()[0]}", flush=True)
            if shown:
                print("\n".join(printed), flush=True)
            if code != step.code:
                return _told(path, step, printed, f"exit code {code}, not {step.code}")
            if step.printed and not page.matches(step.printed, printed):
                return _told(path, step, printed, "it printed something else")
    finally:
        shell.close()
    if left := remains.found(Path(os.environ["LAB_DIR"])):
        print(f"{path.relative_to(ROOT)}: after its last command\n    " + "\n    ".join(left))
        return False
    print(f"{time.monotonic() - begun:6.1f} s  {name}: all as the page says", flush=True)
    return True


def _told(path: Path, step: page.Step, printed: list[str], what: str) -> bool:
    print(f"{path.relative_to(ROOT)}:{step.line}: {what}")
    for title, lines in (("command", step.command.splitlines()), ("page", step.printed), ("here", printed)):
        print(f"  {title}:\n" + "\n".join(f"    {line}" for line in lines), flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
