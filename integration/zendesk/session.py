"""Knows how to speak to one Zendesk account: address, token, time limits, rate limits, and what each failure means.

It must not know what is said (tickets, macros, webhooks), and never repeats a write whose fate is unknown.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from integration import __version__
from integration.model import Refused, TryLater
from integration.zendesk.limits import MemoryPause, Pause, RateState, limit_wait, read_rates, wait_named
from integration.zendesk.oauth import TOKEN_PATH, Bearer, Credentials, NoAuth, TokenSource

Json = dict[str, Any]

# Our choice: a host that does not accept within this is down or far away.
CONNECT_TIMEOUT_S = 5
# Our choice: Zendesk's slow calls take a few seconds; three times that, and still well below a minute's patience.
READ_TIMEOUT_S = 20
# Our choice: what a passing fault of Zendesk's is given before the next try, where it names no time.
SHORT_WAIT = timedelta(seconds=2)
# How many connections are kept open: a worker's threads and a little room.
POOL_SIZE = 16
# More pages than the longest conversation has: 5000 comments, 100 a page.
MOST_PAGES = 50
PAGE_SIZE = 100

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_API = "/api/v2/"
_EXPORTS = f"{_API}incremental/"
_CODE = re.compile(r"[A-Za-z][\w.]{0,60}")

log = logging.getLogger("attune.zendesk")

# Both write whole requests at DEBUG, query strings and customers' words included.
for _chatty in ("zenpy", "urllib3"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class Declined(Refused):
    """Refused by an answer of Zendesk's; setup looks at the status, everybody else at the type."""

    def __init__(self, reason: str, status: int, code: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.code = code  # Zendesk's own `error`, such as RecordNotFound


def base_address(subdomain: str = "", url: str = "") -> str:
    """The account's base address without a trailing slash: `url` where given, else the subdomain's.

    Raises Refused for an address that would carry a token in the open: http is for loopback only.
    """
    address = (url or f"https://{subdomain}.zendesk.com").strip().rstrip("/")
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host or host == ".zendesk.com":
        raise Refused("ZENDESK_SUBDOMAIN or ZENDESK_URL names no account")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise Refused("ZENDESK_URL must be https: a token would travel in the open")
    return address


class Session(requests.Session):
    """A requests session for one account, which zenpy takes as it is.

    Every call has a time limit and is made once: only a 401, after which nothing was done, is repeated with a renewed
    token. Failures come out as TryLater or Refused, so that no caller ever looks at a status.
    """

    authorized = True  # zenpy's word for "leave the Authorization header to the session"

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        *,
        pause: Pause | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        """Make a session for the account at `address`; nothing is asked before the first call."""
        super().__init__()
        self.address = base_address(url=address)
        self.calls = 0  # requests sent, token requests included
        self.rates: RateState | None = None  # as the last answer that spoke of it had it
        self.update_rates: RateState | None = None  # the same of ticket updates: only answers to them speak of those
        self._pause = pause if pause is not None else MemoryPause()
        self._clock = clock
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._counting = threading.Lock()
        self._tokens = TokenSource(credentials, self._fetch_token)
        self.headers["User-Agent"] = f"Attune/{_major_minor(__version__)}"
        # A session is shared by threads; cookies would be the one thing they could tread on, and nobody needs them.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(max_retries=0, pool_maxsize=POOL_SIZE))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request to the account; whatever else `url` names, only its path and query are used.

        That is also what keeps the token at home: a `next_page` of another host leads back to ours.
        Raises TryLater while paused (without a call), on 409, 429, 5xx, timeouts and lost connections; Refused else.
        """
        verb, where = _text(method).upper(), self._local(_text(url))
        self._hold_while_paused()
        token = self._tokens.current(self._clock())
        response = self._sent(verb, where, Bearer(token), *args, **kwargs)
        if response.status_code == requests.codes.unauthorized and self._tokens.renewable:
            token = self._tokens.after_refusal(token, self._clock())
            response = self._sent(verb, where, Bearer(token), *args, **kwargs)
        self._heed_limits(response, where)
        if not _went_well(response):
            raise failure(response, self._clock())
        return _as_if_from(_text(url), response)

    def ask(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Json | None = None) -> Json:
        """Send one request and give the answer's JSON object; an answer without a body is an empty one.

        `path` is given from the root, or below /api/v2/ such as `users/me`.
        """
        return json_of(self.request(method, path, params=params, json=body))

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """The pages of a list, one by one, by cursor or by number, whichever the account gives."""
        page = self.ask("GET", path, params={"page[size]": PAGE_SIZE, **(params or {})})
        seen: set[str] = set()
        for _ in range(MOST_PAGES):
            yield page
            link = _next_link(page)
            if link is None or link in seen:
                return
            seen.add(link)
            page = self.ask("GET", link)

    def each(self, path: str, key: str, params: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """The rows of a list under `key`, over all its pages."""
        for page in self.pages(path, params):
            yield from (row for row in page.get(key) or [] if isinstance(row, dict))

    def _local(self, url: str) -> str:
        """The request's path and query. Zendesk's API paths need no `.json`, which zenpy still writes."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(urlsplit(self.address).path).removesuffix(".json")
        path = path if path.startswith("/") else f"{_API}{path}"
        if not path.startswith(_API) or "/../" in f"{path}/":
            raise Refused("an address outside Zendesk's API was refused")
        return f"{path}?{parts.query}" if parts.query else path

    def _hold_while_paused(self) -> None:
        until, now = self._pause.until(), self._clock()
        if until is not None and until > now:
            raise TryLater("Zendesk asked us to pause", after=until - now)

    def _heed_limits(self, response: requests.Response, path: str) -> None:
        """Remember the budget; pause everybody on a 429, and before one where the budget is spent.

        The export has a budget of its own, ten calls a minute for all apps of the account: where others spend it, only
        catching up has to wait.
        """
        now = self._clock()
        rates = read_rates(response.headers, now)
        self.rates = rates or self.rates
        if rates is not None and rates.updates_limit is not None:
            self.update_rates = rates
        if response.status_code == requests.codes.too_many_requests:
            if path.startswith(_EXPORTS) and rates and rates.remaining:
                return
            self._pause.set(now + limit_wait(response.headers, now))
        elif rates and (until := rates.spent_until(now)):
            self._pause.set(until)

    def _sent(self, method: str, path: str, auth: Bearer | NoAuth, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs |= {"auth": auth, "timeout": self._timeout, "allow_redirects": False}
        with self._counting:
            self.calls += 1
        began, outcome = time.monotonic(), "no answer"
        try:
            response = super().request(method, self.address + path, *args, **kwargs)
            outcome = str(response.status_code)
        except requests.Timeout:
            outcome = "timeout"
            raise TryLater("Zendesk did not answer in time") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
            raise Refused("ZENDESK_URL is not an address") from None
        except requests.RequestException as error:
            outcome = type(error).__name__
            raise TryLater(f"the connection to Zendesk failed ({outcome})") from None
        finally:
            # The path only: a query may hold a customer's words.
            log.info("%s %s %s %d ms", method, path.partition("?")[0], outcome, (time.monotonic() - began) * 1000)
        return response

    def _fetch_token(self, body: dict[str, str]) -> Json:
        """Ask for a token. https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/"""
        response = self._sent("POST", TOKEN_PATH, NoAuth(), json=body)
        if _went_well(response):
            return json_of(response)
        if response.status_code in _CLIENT_REFUSED:
            raise Declined(
                "Zendesk refused the OAuth client: check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET",
                response.status_code,
                _code(response),
            )
        self._heed_limits(response, TOKEN_PATH)
        raise failure(response, self._clock())


_CLIENT_REFUSED = frozenset({400, 401, 403})

# What each lasting refusal means for the people who run the desk.
_ADVICE: Mapping[int, str] = {
    401: "the credentials were refused: check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET, or ZENDESK_ACCESS_TOKEN",
    403: "this is not allowed: give Attune's user an admin role, and its OAuth client the scopes `read write`",
    404: "it is not there: it was deleted, or Attune's user may not see it",
    422: "the values were refused: a closed ticket cannot be changed, and a field may have been altered; "
    "`flask doctor` says which",
}
_PASSING = frozenset({408, 425})


def failure(response: requests.Response, now: datetime) -> TryLater | Refused:
    """What a failed answer means; its text is not repeated, since it may hold a customer's words."""
    status, code = response.status_code, _code(response)
    if status == requests.codes.conflict:
        return TryLater("the ticket was changed meanwhile", after=timedelta(0))
    if status == requests.codes.too_many_requests:
        return TryLater("Zendesk answered 429: too many requests", after=limit_wait(response.headers, now))
    if status in _PASSING or status >= requests.codes.internal_server_error:
        return TryLater(f"Zendesk answered {status}", after=wait_named(response.headers, now) or SHORT_WAIT)
    if status < requests.codes.bad_request:
        return Declined("Zendesk redirects: the subdomain may have been renamed; correct ZENDESK_SUBDOMAIN", status)
    advice = _ADVICE.get(status, "the request was refused")
    return Declined(f"Zendesk answered {status}{f' {code}' if code else ''}: {advice}", status, code)


def _went_well(response: requests.Response) -> bool:
    return 200 <= response.status_code < 300  # a redirect is not followed, so it did not go well


def _as_if_from(url: str, response: requests.Response) -> requests.Response:
    """The answer under the address that was asked for: by it zenpy tells how an answer is to be read."""
    if "://" in url:
        response.request = response.request.copy()
        response.request.url = url
    return response


def json_of(response: requests.Response) -> Json:
    """The answer's JSON object; an empty body is an empty object. Raises TryLater for a page in JSON's place."""
    if not response.content.strip():
        return {}
    try:
        found = response.json()
    except ValueError:
        raise TryLater("Zendesk answered with something that is not JSON") from None
    if not isinstance(found, dict):
        raise TryLater("Zendesk answered with JSON that is not an object")
    return found


def _code(response: requests.Response) -> str:
    """Zendesk's short `error`, and the names of what it complains of; a 429 may be plain text."""
    try:
        found = response.json()
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    error = found.get("error")
    title = error.get("title", "") if isinstance(error, dict) else error
    details = found.get("details")
    names = [str(title or ""), *(details if isinstance(details, dict) else ())]
    return " ".join(name for name in names if _CODE.fullmatch(name))


def _next_link(page: Json) -> str | None:
    """Where the next page is: cursor pages say `meta.has_more`, numbered ones only `next_page`.

    https://developer.zendesk.com/api-reference/introduction/pagination/
    """
    links, meta = page.get("links"), page.get("meta")
    if isinstance(meta, dict) and meta.get("has_more") is False:
        return None
    link = links.get("next") if isinstance(links, dict) else None
    link = link or page.get("next_page")
    return link if isinstance(link, str) and link else None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _major_minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
