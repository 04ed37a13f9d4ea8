"""Asks the servers that are under attack what their users ask: witness.py STATISTICS PROXY NAME=PORT=PATH...

Each name is asked four times a second on a new connection, with a deadline of 5 s; HAProxy's statistics are read as
often. Runs until its standard input ends, then prints one JSON object: for each name how often it was asked, the
answers by status, the failures, those of them where the question itself came late (the machine gave this program no
processor for longer than a server has to wait for the first bytes) and the slowest answer in milliseconds; for each server of the proxy its states, the
results of its checks, the slowest of them in milliseconds, and the first and the last of the counters of failed checks.
"""

import csv
import io
import json
import socket
import sys
import threading
import time
import urllib.request

PAUSE = 0.25
DEADLINE = 5.0
# The servers' own limit, HTTPLimits.grace, less what the kernel's clock and a thread's turn may take of it.
GRACE = 0.2


class Question:
    def __init__(self, port, message):
        self.port, self.message = port, message
        self.began = time.monotonic()
        self.sent = None

    def status(self):
        """The status of the answer; raises OSError when there is none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=self.left()) as link:
            link.sendall(self.message)
            self.sent = time.monotonic()
            got = b""
            while got.count(b"\r\n") == 0:
                link.settimeout(self.left())
                piece = link.recv(4096)
                if not piece:
                    raise ConnectionError("closed without an answer")
                got += piece
        return got.split(b" ")[1].decode()

    def left(self):
        return max(0.01, self.began + DEADLINE - time.monotonic())

    def took(self):
        return time.monotonic() - self.began

    def times(self):
        sent = "never" if self.sent is None else f"after {(self.sent - self.began) * 1000:.0f} ms"
        return f"sent {sent}, over after {self.took() * 1000:.0f} ms"

    def is_late(self):
        return (self.sent or time.monotonic()) - self.began >= GRACE


def ask(port, path, found, done):
    message = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    while not done.is_set():
        question = Question(port, message)
        try:
            answer = question.status()
            found["answers"][answer] = found["answers"].get(answer, 0) + 1
        except OSError as error:
            if isinstance(error, ConnectionError) and question.is_late():
                found["late"] += 1
            else:
                found["failures"].append(f"{type(error).__name__}: {error} ({question.times()})")
        found["asked"] += 1
        found["slowest"] = max(found["slowest"], round(question.took() * 1000, 1))
        done.wait(PAUSE)


def look(url, proxy, servers, done):
    while not done.is_set():
        try:
            with urllib.request.urlopen(url + "/;csv", timeout=DEADLINE) as answer:
                rows = list(csv.DictReader(io.StringIO(answer.read().decode().lstrip("# "))))
        except OSError:
            rows = []
        for row in rows:
            if row["pxname"] != proxy or row["svname"] in ("FRONTEND", "BACKEND"):
                continue
            counters = [int(row["chkfail"] or 0), int(row["chkdown"] or 0)]
            server = servers.setdefault(
                row["svname"], {"states": {}, "checks": {}, "slowest": 0, "first": counters, "last": counters}
            )
            server["states"][row["status"]] = server["states"].get(row["status"], 0) + 1
            # A check that is under way has an asterisk before its last result.
            check = row["check_status"].lstrip("* ")
            server["checks"][check] = server["checks"].get(check, 0) + 1
            server["slowest"] = max(server["slowest"], int(row["check_duration"] or 0))
            server["last"] = counters
        done.wait(PAUSE)


def main(url, proxy, targets):
    done = threading.Event()
    asked, servers = {}, {}
    threads = [threading.Thread(target=look, args=(url, proxy, servers, done))]
    for target in targets:
        name, port, path = target.split("=")
        asked[name] = {"asked": 0, "answers": {}, "failures": [], "late": 0, "slowest": 0.0}
        threads.append(threading.Thread(target=ask, args=(int(port), path, asked[name], done)))
    for thread in threads:
        thread.start()
    sys.stdin.read()
    done.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"asked": asked, "servers": servers}))


if __name__ == "__main__":
    main(*sys.argv[1:3], sys.argv[3:])
