"""TLS before a server that has none: front.py FOLDER USER PASSWORD_FILE TARGET_PORT...

Listens on a free port of 127.0.0.1 for each target and prints them in their order, one a line. Each wants a client
certificate of FOLDER/ca.pem, shows FOLDER/server.pem, and answers 401 without the user and the password. Ends with
its standard input.
"""

import base64
import hmac
import http.client
import http.server
import ssl
import sys
import threading


def front(folder, word, target):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self):
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), word):
                return self.answer(401, b"who are you?", "text/plain")
            try:
                link = http.client.HTTPConnection("127.0.0.1", target, timeout=5)
                link.request("GET", self.path)
                reply = link.getresponse()
                body = reply.read()
                link.close()
            except (OSError, http.client.HTTPException):
                return self.answer(502, b"nothing answers", "text/plain")
            return self.answer(reply.status, body, reply.headers.get("Content-Type", "text/plain"))

        def answer(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    context.load_verify_locations(f"{folder}/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request, address):
            # The handshake belongs to the connection's own thread: a client that stalls holds up nobody.
            try:
                request.settimeout(10)
                with context.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, address)
            except OSError:
                pass

        def handle_error(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main(folder, user, password_file, *targets):
    with open(password_file, encoding="utf-8") as file:
        password = file.read().strip()
    word = b"Basic " + base64.b64encode(f"{user}:{password}".encode())
    for target in targets:
        print(front(folder, word, int(target)), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
