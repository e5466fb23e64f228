"""Knows how a prepared request is carried to its host and its answer brought back, within set times and sizes.
It must not know apps or settings; it looks at the address that it connects to, and follows no redirect."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult

from sandbox.hosting.proxy import NotProxied, Outgoing

TIMEOUT_S = 10.0
"""From the first byte sent to the last one read (our choice)."""
LARGEST_ANSWER_BYTES = 2_000_000
"""Of an answer's body (our choice)."""
_CHUNK_BYTES = 65_536

# Headers of one hop, which mean nothing further on: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_OF_ONE_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "set-cookie", "te", "trailer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, the headers that concern the app, and the body as text."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class NoAnswer(Exception):
    """The host was not reached, was too slow, or sent too much: a status for the app, and words that say which."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def sent(outgoing: Outgoing, own_port: int, timeout_s: float = TIMEOUT_S) -> Answer:
    """Send a request and give its answer, redirects included. Raises NotProxied and NoAnswer.

    `own_port` is the desk's: its other doors are not for apps.
    """
    deadline, parts = time.monotonic() + timeout_s, outgoing.parts
    connection = _connection(parts, own_port, timeout_s)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(outgoing.method, target, body=outgoing.body, headers=dict(outgoing.headers))
        response = connection.getresponse()
        body = _read(response, deadline).decode("utf-8", "replace")
    except TimeoutError:
        raise NoAnswer(504, f"{parts.hostname} did not answer within {timeout_s:g} seconds") from None
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer(502, f"{parts.hostname} cannot be reached ({type(error).__name__})") from None
    finally:
        connection.close()
    headers = {name: value for name, value in response.getheaders() if name.lower() not in _OF_ONE_HOP}
    return Answer(status=response.status, headers=headers, body=body)


def _connection(parts: SplitResult, own_port: int, timeout_s: float) -> HTTPConnection:
    """A connection to an address that was looked at: the name is not asked again, so it cannot change meanwhile."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = _address(host, port, parts.scheme, own_port)
    if parts.scheme == "https":
        return _Pinned(host, port, address, timeout_s)
    return _PinnedPlain(host, port, address, timeout_s)


def _address(host: str, port: int, scheme: str, own_port: int) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise NoAnswer(502, f"nobody knows the name {host}") from None
    for text in found:
        place = ipaddress.ip_address(text.partition("%")[0])
        place = getattr(place, "ipv4_mapped", None) or place
        if place.is_loopback and port == own_port:
            raise NotProxied("the desk itself is called by a path that begins with /api/")
        if not place.is_loopback and (not place.is_global or place.is_multicast):
            raise NotProxied(f"{host} leads into a private network, which apps cannot call")
        if scheme != "https" and not place.is_loopback:
            raise NotProxied(f"{host} is called by http: begin the address with https")
    # This machine's own servers listen on the older kind of address more often than on the newer.
    return min(found, key=lambda text: ":" in text)


class _PinnedPlain(HTTPConnection):
    """HTTP to one address; the name is said in the request alone."""

    def __init__(self, host: str, port: int, address: str, timeout_s: float) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._place = (address, port)

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        self.sock = socket.create_connection(self._place, self.timeout)


class _Pinned(HTTPSConnection):
    """HTTPS to one address, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, timeout_s: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout_s, context=self._tls)
        self._place = (address, port)

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        bare = socket.create_connection(self._place, self.timeout)
        self.sock = self._tls.wrap_socket(bare, server_hostname=self.host)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    chunks, size = [], 0
    while chunk := response.read1(_CHUNK_BYTES):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER_BYTES:
            raise NoAnswer(502, f"the answer is longer than {LARGEST_ANSWER_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(chunks)
