"""How the lab starts Java."""

import glob

from handover_lab.settings import Lab


def command(lab: Lab, *memory: str) -> list[str]:
    """A small machine; what Java keeps of its classes between two starts makes the next one faster."""
    found = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*/bin/java")) or ["java"]
    return [found[0], *memory, "-XX:-UsePerfData", "-XX:+UseSerialGC", "-Xshare:auto"]
