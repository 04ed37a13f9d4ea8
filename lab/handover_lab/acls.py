"""Carries out lines of kafka-acls.sh, as a manual has them, without a Java for each. Runs in the virtual environment.

    python -m handover_lab.acls BOOTSTRAP FILE
"""

import argparse
import shlex
import sys
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, ResourcePatternType, ResourceType,
)

TOOL = "kafka-acls.sh"
RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP, "transactional_id": ResourceType.TRANSACTIONAL_ID}
OPERATIONS = {operation.name.replace("_", "").lower(): operation for operation in AclOperation}
PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}


def parser() -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=TOOL, add_help=False, allow_abbrev=False)
    what = line.add_mutually_exclusive_group(required=True)
    what.add_argument("--add", action="store_true")
    what.add_argument("--remove", action="store_true")
    line.add_argument("--allow-principal", required=True)
    line.add_argument("--operation", action="append", required=True)
    line.add_argument("--topic")
    line.add_argument("--group")
    line.add_argument("--transactional-id")
    line.add_argument("--resource-pattern-type", default="literal", choices=PATTERNS)
    return line


def bindings(line: argparse.Namespace) -> list[tuple]:
    """What AclBinding and AclBindingFilter are made of, for each operation and resource."""
    named = [(kind, getattr(line, name)) for name, kind in RESOURCES.items() if getattr(line, name)]
    if not named:
        raise ValueError("names no topic, group or transactional id")
    return [
        (kind, name, PATTERNS[line.resource_pattern_type], line.allow_principal, "*",
         OPERATIONS[operation.lower()], AclPermissionType.ALLOW)
        for operation in line.operation for kind, name in named
    ]


def carry_out(admin: AdminClient, text: str) -> int:
    count = 0
    for each in text.splitlines():
        words = shlex.split(each, comments=True)
        if words[:1] != [TOOL]:
            continue
        line = parser().parse_args(words[1:])
        if line.add:
            made = admin.create_acls([AclBinding(*entry) for entry in bindings(line)])
        else:
            made = admin.delete_acls([AclBindingFilter(*entry) for entry in bindings(line)])
        for future in made.values():
            future.result(20)
        count += 1
    return count


def main(arguments: list[str]) -> int:
    bootstrap, file = arguments
    try:
        count = carry_out(AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}), Path(file).read_text())
    except (OSError, ValueError, KeyError, KafkaException) as error:
        print(f"lab: {file}: {error}", file=sys.stderr)
        return 1
    print(f"{count} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
