"""Knows how to ask a company's own service for the facts of an answer, and what may not be asked or believed.

It must not know tickets, intents' texts or Zendesk; it never raises for a service that fails: the fact is missing.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import socket
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from integration.model import Found, Intent, Lookup

# From the first byte asked to the last one read, in seconds: a worker's thread waits for it. Our choice.
TIMEOUT_S = 3.0
# An order's facts take some hundred bytes; what is longer is no answer to our question. Our choice, in bytes.
MOST_BYTES = 64 * 1024
# Our choice: an order's state may change within minutes, and a retried ticket asks within seconds.
KEPT_S = 60.0
MOST_KEPT = 500
# Characters of one value: a link of a parcel service has up to 200. A longer text is cut, a longer link is missing.
LONGEST_VALUE = 300
LONGEST_SLOT = 120
ASKED_AT_ONCE = 4

SLOT = re.compile(r"\{([^{}]*)\}")
_SLOT_NAME = re.compile(r"order_number|requester_email|field_\d{1,20}")
_NAMES_NOBODY = frozenset({"requester_email"})  # slots by which nobody can ask for somebody else's things
_FACT = re.compile(r"[a-z0-9_]{1,40}")
_PATH = re.compile(r"[^.\s]{1,80}(?:\.[^.\s]{1,80}){0,9}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]{0,80})\}")
_SECRET_HEADERS = re.compile(r"authorization|cookie|key|token|secret|password", re.IGNORECASE)
_NOT_OURS_TO_SET = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
# IPv6 addresses that hold an IPv4 one: a gateway takes them to it, whatever it is.
# https://www.rfc-editor.org/rfc/rfc6052, rfc8215, rfc3056 and rfc4291#section-2.5.5.1
_DISGUISES = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96")))
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_RUNNABLE = re.compile(r"\[\[|\]\]|\{\{|\}\}|\{%")
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)

log = logging.getLogger("attune.lookup")


class _Failed(Exception):
    """The look-up brought nothing; the text says why, for an admin."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is kept of one answer: the facts, and whose they are."""

    facts: Mapping[str, str]
    owner: str
    at: float


class Lookups:
    """Asks the services that look-ups name. May be used from any thread; keeps answers in memory for a minute."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        loopback: bool = False,
        clock: Callable[[], float] = time.monotonic,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`environ` holds the secrets that headers name; `loopback` allows this machine, for a sandbox and tests."""
        self._environ = environ
        self._loopback = loopback
        self._clock = clock
        self._timeout_s = timeout_s
        self._kept: OrderedDict[tuple[str, str], _Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(ASKED_AT_ONCE, thread_name_prefix="lookup")

    def ask(self, lookup: Lookup, slots: Mapping[str, str], email: str) -> Found:
        """The facts of `lookup` for one ticket: `slots` fill the URL, `email` is the requester's own address.

        Whatever goes wrong, nothing is raised: `facts` lacks what is not known, and `why` says why.
        """
        began = self._clock()
        outcome = "found"
        try:
            answer = self._answer(lookup, _filled(lookup.url, slots))
            if lookup.owner_field and not _same_address(answer.owner, email):
                raise _Failed("what was found belongs to somebody else")
            lacking = sorted(set(lookup.fields) - set(answer.facts))
            return Found(facts=answer.facts, why=f"not in the answer: {', '.join(lacking)}" if lacking else "")
        except _Failed as failure:
            outcome = "missing"
            return Found(why=str(failure))
        finally:  # the intent and the time only: a URL may hold a customer's order
            log.info("look-up for %s %s %d ms", lookup.intent, outcome, (self._clock() - began) * 1000)

    def unset(self, lookup: Lookup) -> tuple[str, ...]:
        """The variables that the headers name and the environment lacks."""
        named = [name for value in lookup.headers.values() for name in _VARIABLE.findall(value)]
        return tuple(name for name in named if not self._environ.get(name, "").strip())

    def close(self) -> None:
        """Let go of the threads; nobody is waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answer(self, lookup: Lookup, url: str) -> _Answer:
        key = (json.dumps(asdict(lookup), sort_keys=True), url)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and self._clock() - kept.at < KEPT_S:
            return kept
        asked = self._threads.submit(self._fetched, url, self._headers(lookup))
        try:
            shown = asked.result(timeout=self._timeout_s)
        except TooSlow:
            asked.cancel()
            raise _Failed(f"no answer within {self._timeout_s:g} seconds") from None
        facts = {name: value for name, path in lookup.fields.items() if (value := _plain(_at(shown, path)))}
        owner = _at(shown, lookup.owner_field) if lookup.owner_field else ""
        answer = _Answer(facts, owner if isinstance(owner, str) else "", self._clock())
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return answer

    def _headers(self, lookup: Lookup) -> dict[str, str]:
        if unset := self.unset(lookup):
            raise _Failed(f"{unset[0]} is not set in the environment")
        filled = {
            name: _VARIABLE.sub(lambda found: self._environ[found[1]].strip(), value)
            for name, value in lookup.headers.items()
        }
        return {"Accept": "application/json", **filled, "Accept-Encoding": "identity", "User-Agent": "Attune"}

    def _fetched(self, url: str, headers: Mapping[str, str]) -> object:
        """The JSON at `url`; raises _Failed for whatever is not a plain, short, timely answer of that very host."""
        deadline = time.monotonic() + self._timeout_s
        parts = urlsplit(url)
        connection = self._connection(parts)
        try:
            connection.request("GET", _target(parts), headers=dict(headers))
            response = connection.getresponse()
            if response.status in range(300, 400):
                raise _Failed("the service answered with a redirect, which is not followed: give the final address")
            if response.status != 200:
                raise _Failed(f"the service answered {response.status}")
            if not _JSON.match(response.headers.get("Content-Type", "")):
                raise _Failed("the service's answer is not JSON")
            return json.loads(_body(response, deadline))
        except TimeoutError:
            raise _Failed(f"no answer within {self._timeout_s:g} seconds") from None
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            raise _Failed(f"the service cannot be asked ({type(error).__name__})") from None
        finally:
            connection.close()

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        """A connection to an address that was looked at: the name is not asked again, so it cannot change meanwhile."""
        host = parts.hostname or ""
        address = self._address(host, parts.port or (443 if parts.scheme == "https" else 80))
        if parts.scheme == "https":
            return _Pinned(host, parts.port, address, self._timeout_s)
        if not (self._loopback and host in _LOOPBACK):
            raise _Failed("only https is asked")
        return HTTPConnection(address[0], address[1], timeout=self._timeout_s)

    def _address(self, host: str, port: int) -> tuple[str, int]:
        """The first address of `host`, where all of its addresses are public ones."""
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise _Failed("the service's name is not known") from None
        if not found or not all(self._may_ask(host, address) for address in found):
            raise _Failed("the service's address is a private one, which is not asked")
        return found[0], port

    def _may_ask(self, host: str, address: str) -> bool:
        place = ipaddress.ip_address(address.partition("%")[0])
        place = getattr(place, "ipv4_mapped", None) or place
        if place.is_loopback:
            return self._loopback and host in _LOOPBACK
        disguised = any(place in network for network in _DISGUISES)
        return place.is_global and not place.is_multicast and not disguised


class _Pinned(HTTPSConnection):
    """HTTPS to one address, with the certificate checked against the name."""

    def __init__(self, host: str, port: int | None, address: tuple[str, int], timeout_s: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout_s, context=self._tls)
        self._place = address

    def connect(self) -> None:
        """Connect to the address that was looked at."""
        bare = socket.create_connection(self._place, self.timeout)
        self.sock = self._tls.wrap_socket(bare, server_hostname=self.host)


# --- what an admin configured ----------------------------------------------------------------------------------------


def problems(lookup: Lookup, *, loopback: bool = False, reserved: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Everything that keeps a look-up from being taken, in plain words; `reserved` are variables of Attune's own."""
    return (
        *_address_problems(lookup.url, loopback),
        *_owner_problems(lookup),
        *_field_problems(lookup),
        *(found for name, value in lookup.headers.items() for found in _header_problems(name, value, reserved)),
    )


def slots(lookup: Lookup) -> tuple[str, ...]:
    """The names of the slots in the URL, each once."""
    return tuple(dict.fromkeys(SLOT.findall(lookup.url)))


def read(text: str | None) -> Mapping[Intent, Lookup]:
    """The look-ups that were kept as `written`; none where nothing was kept."""
    rows = json.loads(text or "[]")
    return {Intent(row["intent"]): Lookup(**{**row, "intent": Intent(row["intent"])}) for row in rows}


def written(lookups: Mapping[Intent, Lookup]) -> str:
    """Look-ups as text to keep; headers hold the names of secrets, never the secrets."""
    return json.dumps([asdict(lookup) for lookup in lookups.values()])


def _address_problems(url: str, loopback: bool) -> list[str]:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ["--url: not a web address"]
    found = []
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback and host in _LOOPBACK):
        found.append("--url: begin with https://")
    if not host or SLOT.search(parts.netloc) or parts.username or parts.password or parts.fragment:
        found.append("--url: name the host in plain words, without user names, slots in it or a #")
    if any(c.isspace() or not c.isprintable() or not c.isascii() for c in url):
        found.append("--url: write spaces and accents percent-encoded")
    if re.search(r"[{}]", SLOT.sub("", url)):
        found.append("--url: a brace without its other half")
    unknown = [name for name in SLOT.findall(url) if not _SLOT_NAME.fullmatch(name)]
    if unknown:
        found.append(f"--url: {{{unknown[0]}}} is not known; there are order_number, requester_email and field_ID")
    return found


def _owner_problems(lookup: Lookup) -> list[str]:
    """Whoever knows or guesses a number must not be told what is behind it."""
    if lookup.owner_field and not _PATH.fullmatch(lookup.owner_field):
        return ["--owner-field: write a path such as customer.email"]
    if lookup.owner_field or set(slots(lookup)) <= _NAMES_NOBODY:
        return []
    return ["--owner-field: name the e-mail address in the answer, so that nobody is told of another customer's order"]


def _field_problems(lookup: Lookup) -> list[str]:
    if not lookup.fields:
        return ["--field: name at least one, such as status=order.status"]
    return [
        f"--field {name}={path}: write small letters, digits and _ before the =, and a dotted path behind it"
        for name, path in lookup.fields.items()
        if not (_FACT.fullmatch(name) and _PATH.fullmatch(path))
    ]


def _header_problems(name: str, value: str, reserved: frozenset[str]) -> list[str]:
    if not _HEADER.fullmatch(name) or not value.isprintable() or not value.isascii():
        return ["--header: write NAME: VALUE"]
    if name.lower() in _NOT_OURS_TO_SET:
        return [f"--header {name}: is not yours to set"]
    named = _VARIABLE.findall(value)
    if _SECRET_HEADERS.search(name) and not named:
        return [f"--header {name}: keep the secret in the environment, and write its name: '{name}: ${{SHOP_TOKEN}}'"]
    if own := sorted(reserved & set(named)):
        return [f"--header {name}: {own[0]} is Attune's own, and goes to nobody else"]
    return []


# --- what is asked, and what is believed -----------------------------------------------------------------------------


def _filled(url: str, given: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        value = given.get(found[1], "").strip()
        if not value or len(value) > LONGEST_SLOT or not value.isprintable() or not value.strip("."):
            raise _Failed(f"{found[1]} is not known")
        return quote(value, safe="")

    return SLOT.sub(one, url)


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _body(response: HTTPResponse, deadline: float) -> bytes:
    """The whole body, read piece by piece, so that neither a long nor a slow one holds us."""
    read = b""
    while piece := response.read1(MOST_BYTES + 1):
        read += piece
        if len(read) > MOST_BYTES:
            raise _Failed(f"the service's answer is longer than {MOST_BYTES // 1024} KB")
        if time.monotonic() > deadline:
            raise TimeoutError
    return read


def _at(shown: object, path: str) -> Any:
    """What stands at a dotted path; a number picks from a list."""
    for part in path.split("."):
        if isinstance(shown, dict):
            shown = shown.get(part)
        elif isinstance(shown, list) and part.isdigit() and int(part) < len(shown):
            shown = shown[int(part)]
        else:
            return None
    return shown


def _plain(value: object) -> str:
    """One line of plain text, or nothing: an object, a list, a yes or no and a placeholder are no facts for a text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    if _RUNNABLE.search(text):
        return ""
    if len(text) <= LONGEST_VALUE:
        return text
    return "" if "://" in text else text[: LONGEST_VALUE - 1].rstrip() + "…"


def _same_address(theirs: str, ours: str) -> bool:
    return bool(ours.strip()) and theirs.strip().casefold() == ours.strip().casefold()
