"""Knows how to be a server on loopback that answers, drops and delays exactly as a test tells it.

It must not know Zendesk: a test scripts every answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; `None` in its place closes the connection without one."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Callable[[Seen], Said | None]


class Loopback:
    """A server that notes each request and answers by its script."""

    def __init__(self, url: str, script: Script) -> None:
        self.url = url
        self.script = script
        self.seen: list[Seen] = []

    def count(self, method: str) -> int:
        """How many requests of this method arrived."""
        return sum(1 for one in self.seen if one.method == method)


@contextmanager
def serving(script: Script) -> Iterator[Loopback]:
    """Serve on a free port of loopback for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            seen = Seen(self.command, self.path, dict(self.headers), self.rfile.read(length))
            loopback.seen.append(seen)
            said = loopback.script(seen)
            if said is None:
                self.close_connection = True
                return
            body = said.json if isinstance(said.json, bytes) else json.dumps(said.json).encode()
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # the caller has stopped waiting, which is what some tests are about
                self.close_connection = True

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - names of http.server's

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    loopback = Loopback(f"http://127.0.0.1:{server.server_port}", script)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield loopback
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
