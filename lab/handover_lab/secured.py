"""Brokers that ask who somebody is: certificates, logins and rights, in a lab that is up with --secure-kafka.

The listener without TLS stays for the lab's own parts: who comes by it is User:ANONYMOUS, a superuser like User:admin.
"""

import shutil
import subprocess
from pathlib import Path

from handover_lab import templates
from handover_lab.errors import LabError
from handover_lab.settings import KAFKA_USERS, Lab

# The broker's certificate holds its address and no name: a client that comes by `localhost` meets a wrong name.
MAKE = """
umask 077
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
printf 'subjectAltName=IP:127.0.0.1\n' > names
for ca in ca other; do openssl req -x509 $new -keyout $ca.key -out $ca.pem -days 30 -subj /CN=lab-$ca; done
for name in broker "$@"; do
    openssl req $new -keyout $name.key -out $name.csr -subj /CN=$name
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out $name.crt
    cat $name.key $name.crt > $name.pem
done
"""
MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"


def folder(lab: Lab) -> Path:
    return lab.folder / "security"


def forget(lab: Lab) -> None:
    """Lets a lab that begins anew make its own: certificates end some day."""
    shutil.rmtree(folder(lab), ignore_errors=True)


def prepare(lab: Lab) -> None:
    """Certificates, and for each user the properties of a client; made once in the life of a lab's data."""
    place = folder(lab)
    if (place / "logins").exists():
        return
    place.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        ["/bin/bash", "-euc", MAKE, "bash", *KAFKA_USERS],
        cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    if made.returncode != 0:
        raise LabError(f"can't make certificates in {place}: {made.stderr.strip()}")
    for user in KAFKA_USERS:
        templates.write(place / f"{user}.properties", client(lab, user), 0o600)
    templates.write(place / "logins", logins(lab), 0o600)


def client(lab: Lab, user: str) -> str:
    """As Kafka's own tools take it by --command-config."""
    login = f'{MODULE} required username="{user}" password="{lab.passwords[user]}";'
    return (
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        f"sasl.jaas.config={login}\n"
        f"ssl.truststore.type=PEM\nssl.truststore.location={folder(lab)}/ca.pem\n"
    )


def logins(lab: Lab) -> str:
    """Arguments of the tool that makes a broker's folder. They hold passwords: never in a list of processes."""
    return "".join(
        f"--add-scram\nSCRAM-SHA-512=[name={user},password={lab.passwords[user]}]\n" for user in KAFKA_USERS
    )
