"""Writes a case's first records as a file for `sink measure`.

    python3 -m bench.recording CASE COUNT FILE
"""

import sys
from pathlib import Path

from bench.cases import CASES, Case
from bench.records import records


def write(case: Case, count: int, path: Path) -> None:
    head = columns(case)
    with open(path, "wb") as file:
        file.writelines(head)
        for record in records(case, count):
            file.write(record.key + b"\t" + (record.value or b"") + b"\n")


def columns(case: Case) -> list[bytes]:
    """The lines that a recording begins with: the table's columns."""
    if len(case.tables) > 1:
        sys.exit(f"case {case.letter} has several tables; a recording has one")
    lines = []
    for column in case.tables[0].columns:
        name, modifier, sql = column.type.catalog
        fields = ("column", column.name, name, str(modifier), sql, "key" if column.is_key else "-")
        lines.append("\t".join(fields).encode() + b"\n")
    return lines


if __name__ == "__main__":
    write(CASES[sys.argv[1]], int(sys.argv[2]), Path(sys.argv[3]))
