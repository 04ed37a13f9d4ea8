"""Attacks HTTP servers on loopback: attack.py SEED SECONDS KIND[,KIND...] NAME=PORT=PATH=METHOD=ORDER...

PATH can be read; METHOD and ORDER order something there, or try to. Every kind runs against every port at once, in
rounds of at most ten seconds that are bounded in count, until the time is over. Prints one JSON object: for each kind and name, how many connections were opened, what
was answered, and the longest life of a connection in seconds.
"""

import json
import os
import random
import socket
import struct
import sys
import threading
import time

HELD = 1000
RESETS = 500
PIPELINED = 1000
MEGABYTES = 10
ROUND = 10.0


class Attack:
    """One kind of attack on one port, and what came of it."""

    def __init__(self, port, path, order, seed, end):
        self.port, self.path, self.order, self.end = port, path, order, end
        self.random = random.Random(seed)
        self.opened, self.refused, self.answers, self.longest = 0, 0, {}, 0.0
        self.begun = 0
        self.round_end = end

    def run(self, act):
        """Attacks in rounds: what one holds is let go at its end."""
        while (now := time.monotonic()) < self.end:
            self.begun = self.opened
            self.round_end = min(self.end, now + ROUND)
            act(self)
            # A kind that is done early does not turn into another one by going on without a pause.
            time.sleep(max(0.0, min(self.left(), 1.0)))

    def left(self):
        return self.round_end - time.monotonic()

    def connect(self, timeout=5.0):
        try:
            link = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        except OSError:
            self.refused += 1
            time.sleep(0.01)
            return None
        self.opened += 1
        return link

    def count(self, answer):
        self.answers[answer] = self.answers.get(answer, 0) + 1

    def head(self, method="GET", path=None, **headers):
        lines = [f"{method} {path or self.path} HTTP/1.1"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in ({"Host": "localhost"} | headers).items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def ask(self, message, timeout=5.0):
        """Sends it on a connection of its own, and counts the status of the answer."""
        link = self.connect()
        if link is None:
            return
        with link:
            link.settimeout(timeout)
            try:
                link.sendall(message)
            except OSError:
                pass
            self.count(status(link))

    def repeat(self, count, pause, make):
        for _ in range(count):
            if self.left() <= 0:
                return
            self.ask(make())
            time.sleep(pause)

    def hold(self, first, trickle, most=HELD):
        """Keeps connections that never ask; each gets another byte a second. Those that are closed come again."""
        held = {}
        turn = time.monotonic()
        while self.left() > 0:
            while len(held) < most and self.opened - self.begun < 2 * most and self.left() > 0:
                link = self.connect(timeout=1.0)
                if link is None:
                    break
                link.setblocking(False)
                try:
                    link.send(first)
                except OSError:
                    pass
                held[link] = time.monotonic()
                if len(held) % 50 == 0:
                    self.sweep(held)
            turn += 1
            while time.monotonic() < turn and self.left() > 0:
                time.sleep(0.05)
                self.sweep(held)
            for link in held:
                try:
                    link.send(trickle)
                except OSError:
                    pass
        self.sweep(held)
        self.count("held")
        for link, born in held.items():
            self.longest = max(self.longest, time.monotonic() - born)
            link.close()

    def sweep(self, held):
        """Lets go of connections that the server has closed or answered."""
        for link in list(held):
            try:
                got = link.recv(256)
            except BlockingIOError:
                continue
            except OSError:
                got = b""
            self.count(first_status(got) if got else "closed")
            self.longest = max(self.longest, time.monotonic() - held.pop(link))
            link.close()


def first_status(got):
    parts = got.split(b" ", 2)
    return parts[1].decode("latin-1") if got.startswith(b"HTTP/") and len(parts) > 1 else "garbage"


def status(link):
    try:
        got = link.recv(4096)
    except socket.timeout:
        return "silent"
    except OSError:
        return "reset"
    return first_status(got) if got else "closed"


def half_open(attack):
    attack.hold(b"", b"")


def slow_head(attack):
    attack.hold(b"GET " + attack.path.encode() + b" HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"x", most=200)


def slow_body(attack):
    attack.hold(attack.head(*attack.order, Content_Length=1000), b"x", most=200)


def slow_chunks(attack):
    attack.hold(attack.head(*attack.order, Transfer_Encoding="chunked"), b"1\r\nx\r\n", most=200)


def big(attack, first, block, last):
    """Sends ten megabytes on one connection, and again, until the time is over."""
    for _ in range(20):
        link = attack.connect() if attack.left() > 0 else None
        if link is None:
            return
        with link:
            link.settimeout(2.0)
            born = time.monotonic()
            try:
                link.sendall(first)
                for _ in range(MEGABYTES * 16):
                    link.sendall(block)
                link.sendall(last)
            except OSError:
                pass
            attack.count(status(link))
            attack.longest = max(attack.longest, time.monotonic() - born)


def big_head(attack):
    big(attack, attack.head()[:-2] + b"X-Big: ", b"x" * 65_536, b"\r\n\r\n")


def big_body(attack):
    big(attack, attack.head(*attack.order, Content_Length=MEGABYTES << 20), b"x" * 65_536, b"")


def big_chunks(attack):
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    big(attack, attack.head(*attack.order, Transfer_Encoding="chunked"), chunk, b"0\r\n\r\n")


def pipelined(attack):
    """A thousand questions in one go; every answer is read."""
    for _ in range(2):
        link = attack.connect() if attack.left() > 0 else None
        if link is None:
            return
        with link:
            link.settimeout(5.0)
            writer = threading.Thread(target=lambda: quietly(link.sendall, attack.head() * PIPELINED))
            writer.start()
            got, rest = 0, b""
            while got < PIPELINED:
                try:
                    piece = link.recv(1 << 20)
                except OSError:
                    break
                if not piece:
                    break
                rest += piece
                got += rest.count(b"HTTP/1.1 ")
                rest = rest[-8:]
            quietly(link.shutdown, socket.SHUT_RDWR)
            writer.join()
            attack.count("all" if got == PIPELINED else f"{got} of {PIPELINED}")


def quietly(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass


def unread(attack):
    """Questions whose answers nobody takes, on more connections than the server keeps."""
    held = []
    message = attack.head() * PIPELINED
    while len(held) < 100 and attack.left() > 0:
        link = attack.connect()
        if link is None:
            continue
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.setblocking(False)
        quietly(link.send, message)
        held.append(link)
        time.sleep(0.01)
    time.sleep(max(0.0, attack.left()))
    attack.count("held")
    for link in held:
        link.close()


def reset(attack):
    """Answers that are aborted by RST."""
    for _ in range(RESETS):
        link = attack.connect() if attack.left() > 0 else None
        if link is None:
            return
        quietly(link.sendall, attack.head() * attack.random.randint(1, 20))
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if attack.random.random() < 0.5:
            time.sleep(0.002)
        link.close()
        attack.count("reset")


def foreign_host(attack):
    attack.repeat(100, 0.02, lambda: attack.head(Host="evil.example"))


def foreign_origin(attack):
    attack.repeat(100, 0.02, lambda: attack.head(*attack.order, Origin="http://evil.example", Content_Length=0))


def wrong_token(attack):
    values = ("Bearer wrong", "Bearer ", "Basic d3Jvbmc6d3Jvbmc=", "Bearer " + "x" * 4096, "\xff\xfe")

    def make():
        value = attack.random.choice(values + (None,))
        more = {} if value is None else {"Authorization": value}
        return attack.head(*attack.order, Content_Length=0, **more)

    attack.repeat(100, 0.02, make)


MALFORMED = (
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    b"PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
    b"PUT /pause HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"PUT /pause HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : localhost\r\n folded\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
)


def garbage(attack):
    def make():
        if attack.random.random() < 0.5:
            return attack.random.choice(MALFORMED)
        return attack.random.randbytes(attack.random.randint(1, 2_000)) + b"\r\n\r\n"

    for _ in range(200):
        link = attack.connect() if attack.left() > 0 else None
        if link is None:
            return
        with link:
            link.settimeout(0.2)
            quietly(link.sendall, make())
            quietly(link.shutdown, socket.SHUT_WR)
            attack.count(status(link))


KINDS = {
    act.__name__: act for act in (
        half_open, slow_head, slow_body, slow_chunks, big_head, big_body, big_chunks, pipelined, unread, reset,
        foreign_host, foreign_origin, wrong_token, garbage,
    )
}


def main(seed, seconds, kinds, targets):
    # Attackers elsewhere would not take the processors of the machine that they attack.
    os.nice(10)
    end = time.monotonic() + float(seconds)
    attacks, threads = {}, []
    for kind in kinds.split(","):
        for target in targets:
            name, port, path, *order = target.split("=")
            attack = Attack(int(port), path, order, f"{seed} {kind} {name}", end)
            attacks[f"{kind} {name}"] = attack
            threads.append(threading.Thread(target=attack.run, args=(KINDS[kind],)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({
        name: {
            "opened": attack.opened, "refused": attack.refused, "answers": attack.answers,
            "longest": round(attack.longest, 2),
        }
        for name, attack in attacks.items()
    }))


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4:])
