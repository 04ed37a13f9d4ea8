"""JSON over HTTP to the parts, without a proxy in between."""

import json
import urllib.error
import urllib.request
from typing import Any

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unreachable(Exception):
    """Nobody answered."""


def call(method: str, url: str, body: object | None = None, seconds: float = 2.0) -> tuple[int, Any]:
    """The status and the decoded body (its text when it is not JSON)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with _opener.open(request, timeout=seconds) as answer:
            return answer.status, _decode(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decode(error.read())
    except (OSError, ValueError) as error:
        raise Unreachable(f"{url}: {error}") from error


def _decode(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace").strip()


def succeeds(url: str, method: str = "GET", seconds: float = 1.0) -> bool:
    try:
        return call(method, url, seconds=seconds)[0] == 200
    except Unreachable:
        return False
