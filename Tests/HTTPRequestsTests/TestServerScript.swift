/// The server of these tests: python3 and openssl make what libcurl meets in the field, broken ways included.
///
/// It prints a line `name port` for each listener and then `ready`; it ends when its input does.
let testServerScript = #"""
    import http.server, json, os, socket, socketserver, ssl, subprocess, sys, threading, urllib.parse
    import warnings

    # The old versions of TLS are meant.
    warnings.simplefilter("ignore", DeprecationWarning)
    folder = sys.argv[1]
    os.chdir(folder)

    def openssl(*words):
        subprocess.run(("openssl",) + words, check=True, capture_output=True)

    def key(name):
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name + ".key")

    def authority(name):
        key(name)
        openssl("req", "-x509", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-days", "9",
                "-addext", "keyUsage=critical,keyCertSign", "-out", name + ".pem")

    def certificate(name, issuer, names, days="9"):
        key(name)
        with open(name + ".ext", "w") as file:
            file.write("subjectAltName=" + names)
        openssl("req", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-out", name + ".csr")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key",
                "-CAcreateserial", "-days", days, "-extfile", name + ".ext", "-out", name + ".pem")

    here = "IP:127.0.0.1,DNS:localhost"
    authority("ca")
    authority("otherca")
    certificate("good", "ca", here)
    certificate("expired", "ca", here, days="-1")
    certificate("elsewhere", "ca", "DNS:elsewhere.example")
    certificate("client", "ca", "DNS:client.example")
    certificate("otherclient", "otherca", "DNS:client.example")
    key("selfsigned")
    openssl("req", "-x509", "-new", "-key", "selfsigned.key", "-subj", "/CN=self", "-days", "9",
            "-addext", "subjectAltName=" + here, "-out", "selfsigned.pem")
    openssl("ec", "-in", "client.key", "-aes256", "-passout", "pass:key-secret", "-out", "locked.key")
    with open("pair.pem", "w") as pair:
        pair.write(open("client.pem").read() + open("client.key").read())
    with open("garbage.pem", "w") as garbage:
        garbage.write("no certificate\n")

    posts = []
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        requests = 0

        def log_message(self, *words):
            pass

        def reply(self, status, body=b"", headers=()):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def hang(self):
            self.wfile.flush()
            self.connection.recv(1)
            self.close_connection = True

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.server.name == "swallowing" and self.requests > 1:
                self.close_connection = True
                return
            if self.path.startswith("http://"):
                return self.reply(299, b"proxied")
            url = urllib.parse.urlsplit(self.path)
            query = dict(urllib.parse.parse_qsl(url.query))
            number = int(query.get("n", "0"))
            if url.path == "/echo":
                document = {
                    "method": self.command, "path": self.path, "body": body.decode(),
                    "peer": str(self.client_address[1]) if self.client_address else "",
                    "headers": sorted([name.lower() + ": " + value for name, value in self.headers.items()]),
                }
                self.reply(200, json.dumps(document).encode())
            elif url.path == "/status":
                self.reply(number or 200, b"ok")
            elif url.path == "/redirect":
                self.reply(302, b"moved", [("Location", query["to"])])
            elif url.path == "/cookie":
                self.reply(200, b"", [("Set-Cookie", "session=1; Path=/")])
            elif url.path == "/login":
                self.reply(200 if self.headers.get("Authorization") == query["wanted"] else 401, b"")
            elif url.path == "/bytes":
                self.reply(200, b"x" * number)
            elif url.path == "/chunks":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for _ in range(number):
                    self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")
            elif url.path == "/head":
                self.reply(200, b"", [("X-Line", "x" * 1000)] * number)
            elif url.path == "/slow-head":
                self.hang()
            elif url.path == "/slow-body":
                self.send_response(200)
                self.send_header("Content-Length", "10")
                self.end_headers()
                self.wfile.write(b"12345")
                self.hang()
            elif url.path == "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "10")
                self.end_headers()
                self.wfile.write(b"12345")
                self.close_connection = True
            elif url.path == "/close":
                self.reply(200, b"ok", [("Connection", "close")])
                self.close_connection = True
            elif url.path == "/post":
                with lock:
                    posts.append(query["id"])
                self.reply(200, str(posts.count(query["id"])).encode())
            elif url.path == "/nothing":
                with lock:
                    posts.append(query.get("id", ""))
                self.close_connection = True
            elif url.path == "/posts":
                self.reply(200, str(posts.count(query["id"])).encode())
            else:
                self.reply(404)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

        def parse_request(self):
            self.requests += 1
            return super().parse_request()

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 512
        daemon_threads = True

        def __init__(self, name, context=None):
            self.name = name
            self.context = context
            super().__init__(("127.0.0.1", 0), Handler)
            print(name, self.server_address[1])
            threading.Thread(target=self.serve_forever, daemon=True).start()

        def finish_request(self, request, address):
            # A head and its body are two writes here; the second would wait until the first is acknowledged.
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is None:
                return super().finish_request(request, address)
            secure = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            try:
                secure.do_handshake()
            except OSError:
                # What the client has sent is read before the end: a reset could overtake the alert.
                with socket.socket(fileno=secure.detach()) as plain:
                    try:
                        plain.shutdown(socket.SHUT_WR)
                        while plain.recv(4096):
                            pass
                    except OSError:
                        pass
                return
            try:
                super().finish_request(secure, address)
                # The other side learns that this is the end.
                secure.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            secure.close()

        def handle_error(self, request, address):
            pass

    class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
        name = "unix"

        def handle_error(self, request, address):
            pass

    def tls(certificate, authority=None, newest=None, oldest=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate + ".pem", certificate + ".key")
        if authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority + ".pem")
        if oldest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = oldest
        if newest:
            context.maximum_version = newest
        return context

    def raw(name, answer):
        listener = socket.create_server(("127.0.0.1", 0))
        print(name, listener.getsockname()[1])

        def serve():
            while True:
                connection, _ = listener.accept()
                try:
                    if answer:
                        connection.sendall(answer)
                        connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
                except OSError:
                    pass
                connection.close()
        threading.Thread(target=serve, daemon=True).start()

    for name in ("plain", "other", "counted", "turns", "cancelled", "swallowing"):
        Server(name)
    for name in ("good", "expired", "elsewhere", "selfsigned"):
        Server(name, tls(name))
    Server("mutual12", tls("good", "ca", newest=ssl.TLSVersion.TLSv1_2))
    Server("mutual13", tls("good", "ca"))
    Server("old", tls("good", newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1))
    raw("garbage", b"SSH-2.0-OpenSSH_9.2\r\n")
    raw("silent", None)

    unix = UnixServer(os.path.join(folder, "a b.sock"), Handler)
    threading.Thread(target=unix.serve_forever, daemon=True).start()

    # A black hole: nobody accepts, and the queue is full, so a SYN stays without an answer.
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(0)
    fill = []
    for _ in range(8):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(hole.getsockname())
        fill.append(connection)
    print("hole", hole.getsockname()[1])

    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    print("nobody", free.getsockname()[1])

    print("ready", 0)
    sys.stdout.flush()
    sys.stdin.read()
    """#
