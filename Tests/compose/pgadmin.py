"""pgadmin.py URL: what a browser does in pgAdmin, over HTTP: it opens the page without a login, finds the group's two servers,
connects to each without a password, and runs the seed's query in the query tool. Exit code 1 with the reason otherwise."""

import http.cookiejar
import json
import re
import sys
import time
import urllib.error
import urllib.request

GROUP = "debezium_test"
DATABASES = {"haproxy": "source_db", "destination": "destination_db"}
QUERY = "SELECT * FROM debezium_table;"
ROWS = 1000
SECONDS = 90


class Browser:
    """One session: its cookies, and the token that pgAdmin's pages send with each request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = ""
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def text(self, path: str, method: str = "GET", body: object | None = None) -> str:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        if self.token:
            request.add_header("X-pgA-CSRFToken", self.token)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            sys.exit(f"pgAdmin answers {error.code} to {method} {path}: {error.read().decode()[:400]}")

    def call(self, path: str, method: str = "GET", body: object | None = None) -> dict:
        return json.loads(self.text(path, method, body))

    def open(self) -> None:
        page = self.text("/browser/")
        if 'type="password"' in page:
            sys.exit("pgAdmin asks who one is")
        found = re.search(r"csrf_token'\]\s*=\s*'([^']+)'", self.text("/browser/js/utils.js"))
        if not found:
            sys.exit("pgAdmin's page has no token")
        self.token = found[1]


def node(answer: dict, label: str) -> int:
    """The number of what pgAdmin's tree lists under this name; some lists are in `data`, some in `result`."""
    entries = answer["data"] or answer["result"] or []
    for entry in entries:
        if entry["label"] == label:
            return int(entry["_id"])
    sys.exit(f"pgAdmin does not list {label}: it has {[entry['label'] for entry in entries]}")


def rows(browser: Browser, group: int, name: str, database: str, number: int) -> list[list]:
    """The rows of the query, asked in a query tool of its own."""
    server = node(browser.call(f"/browser/server/nodes/{group}/"), name)
    connected = browser.call(f"/browser/server/connect/{group}/{server}", "POST", {})
    if not connected["success"] or not connected["data"].get("connected"):
        sys.exit(f"pgAdmin does not connect to {name} by itself: {connected}")
    place = node(browser.call(f"/browser/database/nodes/{group}/{server}/"), database)
    tool = f"{number}"
    browser.call(f"/sqleditor/initialize/sqleditor/{tool}/{group}/{server}/{place}", "POST", {"dbname": database})
    browser.call(f"/sqleditor/query_tool/start/{tool}", "POST", {"sql": QUERY, "explain_plan": None})
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        answer = browser.call(f"/sqleditor/poll/{tool}")["data"]
        if answer["status"] == "Success":
            return answer["result"]
        if answer["status"] != "Busy":
            sys.exit(f"the query in {name}: {answer}")
        time.sleep(0.2)
    sys.exit(f"the query in {name} did not end in {SECONDS} s")


def main() -> None:
    browser = Browser(sys.argv[1])
    browser.open()
    group = node(browser.call("/browser/server_group/nodes/"), GROUP)
    deadline = time.monotonic() + SECONDS
    number = 1000000
    while True:
        counts = {}
        for name, database in DATABASES.items():
            number += 1
            counts[name] = len(rows(browser, group, name, database, number))
        # The snapshot may be on its way to the destination.
        if set(counts.values()) == {ROWS}:
            break
        if time.monotonic() > deadline:
            sys.exit(f"after {SECONDS} s the query has {counts} rows, not {ROWS}")
        time.sleep(1)
    for name, count in counts.items():
        print(f"pgAdmin, {GROUP} / {name}: connected without a password; {QUERY} {count} rows")


main()
