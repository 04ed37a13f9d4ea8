"""Sends one request as it is given: raw.py PORT LINE...

The lines are the head without its end. Prints the answer's status and its body.
"""

import socket
import sys

port, *lines = sys.argv[1:]
with socket.create_connection(("127.0.0.1", int(port)), timeout=5) as link:
    link.sendall(("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode())
    got = b""
    while piece := link.recv(65_536):
        got += piece
head, _, body = got.partition(b"\r\n\r\n")
print(head.split(b" ")[1].decode(), body.decode())
