"""Knows what an app's `client.request` becomes: settings put in where they may stand, a token signed, a place judged.
It must not send anything, and knows no clock: what goes out is a value, and a refusal says why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import jwt

from sandbox.hosting.installed import Installed

Doc = dict[str, Any]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
LARGEST_BODY_BYTES = 1_000_000
"""Of what an app sends (our choice)."""
LONGEST_TOKEN_S = 3600
"""The latest that a signed token may end (our choice); Attune's server takes ten minutes at most."""

# Headers that belong to the connection or to the browser, and are never an app's to set.
_NOT_THEIRS = frozenset(
    {"host", "content-length", "connection", "cookie", "transfer-encoding", "upgrade", "te", "trailer", "expect"}
)
_PLACEHOLDER = re.compile(r"\{\{\s*(?:setting\.(\w+)|(jwt\.token))\s*\}\}")
# "Zendesk proxy servers do not support the use of underscores in headers":
# https://developer.zendesk.com/documentation/apps/app-developer-guide/making-api-requests-from-a-zendesk-app/
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_ZENDESK = re.compile(r"(^|\.)(zendesk|zdusercontent|zopim)\.(com|org)$")


class NotProxied(Exception):
    """The proxy will not carry this request; the words say what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it leaves: every placeholder filled in. One without a host is for the desk's own API."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def parts(self) -> SplitResult:
        """The address in its parts."""
        return urlsplit(self.url)


def prepared(options: Doc, app: Installed, own: str, now: datetime) -> Outgoing:
    """What the app's options ask for, ready to be sent. Raises NotProxied.

    `own` is the desk's address: an address below it means the desk's API, and so does a path alone.
    """
    if options.get("cors"):
        raise NotProxied("cors: true asks the browser to call by itself, which this desk does not allow its apps")
    fill = _Filling(options, app, now)
    outgoing = Outgoing(
        method=_method(options),
        url=_url(fill, options),
        headers=_headers(fill, options),
        body=_body(fill, options),
    )
    if outgoing.url.startswith(f"{own}/"):
        outgoing = Outgoing(
            method=outgoing.method, url=outgoing.url.removeprefix(own), headers=outgoing.headers, body=outgoing.body
        )
    _check_place(outgoing.parts, fill.secrets_used, app)
    return outgoing


class _Filling:
    """Puts settings and the token in. Each value is put in once: braces inside a value mean nothing."""

    def __init__(self, options: Doc, app: Installed, now: datetime) -> None:
        self.secrets_used: set[str] = set()
        self._app, self._scopes = app, app.scopes
        self._secure = bool(options.get("secure"))
        self._token = self._signed(options.get("jwt"), now)

    def __call__(self, text: str, scope: str, change: Callable[[str], str] = str) -> str:
        """The text with its placeholders filled in, each value by way of `change`. As it is without `secure: true`."""
        if not self._secure:
            return text
        return _PLACEHOLDER.sub(lambda found: change(self._value(found, scope)), text)

    def _value(self, found: re.Match[str], scope: str) -> str:
        name = found[1]
        if name is None:
            if self._token is None:
                raise NotProxied("{{jwt.token}} stands in a request that has no jwt to sign")
            return self._token
        if self._app.settings.get(name) is None:
            raise NotProxied(f"the setting {name} has no value, or the manifest does not name it")
        allowed = self._scopes.get(name)
        if allowed is not None and scope not in allowed:
            raise NotProxied(f"the secure setting {name} may not stand in {scope}: its scopes are {sorted(allowed)}")
        if name in self._scopes:
            self.secrets_used.add(name)
        return str(self._app.settings[name])

    def _signed(self, given: object, now: datetime) -> str | None:
        if given is None:
            return None
        if not self._secure:
            raise NotProxied("a jwt is signed only in a request with secure: true")
        if not isinstance(given, dict) or given.get("algorithm") != "HS256":
            raise NotProxied('jwt.algorithm must be "HS256"')
        claims, life_s = given.get("claims") or {}, given.get("expiry")
        if not isinstance(claims, dict):
            raise NotProxied("jwt.claims must be an object")
        if isinstance(life_s, bool) or not isinstance(life_s, int) or not 0 < life_s <= LONGEST_TOKEN_S:
            raise NotProxied(f"jwt.expiry must be a number of seconds from 1 to {LONGEST_TOKEN_S}")
        self._token = None  # the token cannot stand inside itself
        key = self(str(given.get("secret_key") or ""), "jwt_secret_key")
        if not key:
            raise NotProxied("jwt.secret_key is missing")
        filled = {name: self(one, "jwt_claim") if isinstance(one, str) else one for name, one in claims.items()}
        filled |= {"iat": int(now.timestamp()), "exp": int((now + timedelta(seconds=life_s)).timestamp())}
        try:
            return jwt.encode(filled, key, algorithm="HS256")
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise NotProxied(f"the jwt cannot be signed: {error}") from None


def _method(options: Doc) -> str:
    method = str(options.get("type") or options.get("method") or "GET").upper()
    if method not in METHODS:
        raise NotProxied(f"{method[:20]} is not a method that apps may use")
    return method


def _url(fill: _Filling, options: Doc) -> str:
    url = fill(str(options.get("url") or ""), "url")
    if not url or len(url) > 4000 or any(not one.isprintable() or one.isspace() or one == "\\" for one in url):
        raise NotProxied("url is missing, too long, or has characters that an address cannot have")
    if _method(options) in ("GET", "HEAD") and isinstance(options.get("data"), dict):
        url += ("&" if "?" in url else "?") + _as_form(fill, options["data"], "url")
    return url


def _headers(fill: _Filling, options: Doc) -> dict[str, str]:
    given = options.get("headers") or {}
    if not isinstance(given, dict):
        raise NotProxied("headers must be an object")
    headers = {}
    for name, value in given.items():
        if not _HEADER_NAME.fullmatch(name):
            raise NotProxied(
                f"the header {name[:40]} cannot be sent: Zendesk's proxy takes letters, digits and hyphens"
            )
        filled = fill(str(value), "header")
        if not filled.isascii() or not filled.isprintable():
            raise NotProxied(f"the value of the header {name[:40]} has characters that a header cannot have")
        if name.lower() not in _NOT_THEIRS:
            headers[name] = filled
    if options.get("data") is not None and _method(options) not in ("GET", "HEAD"):
        headers.setdefault("Content-Type", str(options.get("contentType") or _form_or_json(options["data"])))
    return headers


def _form_or_json(given: object) -> str:
    form = "application/x-www-form-urlencoded; charset=UTF-8"  # what jQuery says of data, whose options these are
    return form if isinstance(given, dict | str) else "application/json"


def _body(fill: _Filling, options: Doc) -> bytes | None:
    given = options.get("data")
    if given is None or _method(options) in ("GET", "HEAD"):
        return None
    if isinstance(given, str):
        quoted = "json" in str(options.get("contentType") or "")
        body = fill(given, "body", lambda value: json.dumps(value)[1:-1] if quoted else value).encode()
    elif isinstance(given, dict):
        body = _as_form(fill, given, "body").encode()
    else:
        body = json.dumps(given).encode()
    if len(body) > LARGEST_BODY_BYTES:
        raise NotProxied(f"data is longer than {LARGEST_BODY_BYTES:,} bytes")
    return body


def _as_form(fill: _Filling, given: Doc, scope: str) -> str:
    return urlencode({name: fill(one, scope) if isinstance(one, str) else one for name, one in given.items()})


def _check_place(parts: SplitResult, secrets_used: set[str], app: Installed) -> None:
    """Raise NotProxied for an address that no app may call, or to which this app may not send what it wants to."""
    try:
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise NotProxied("url names no valid port") from None
    if not parts.scheme and not parts.netloc:
        if not parts.path.startswith("/api/") or ".." in parts.path or secrets_used:
            raise NotProxied("a path alone is the desk's API: it begins with /api/, and no secure setting goes there")
        return
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.fragment:
        raise NotProxied("url must be a web address: https, a host, and no user name or fragment in it")
    if _ZENDESK.search(host):
        raise NotProxied(f"{host} is Zendesk's: an app calls its own account by a path that begins with /api/")
    if secrets_used and not any(_matches(entry, host, port) for entry in app.hosts):
        raise NotProxied(
            f"{host} is not in the manifest's domainWhitelist, so the secure setting"
            f" {', '.join(sorted(secrets_used))} is not sent there"
        )


def _matches(entry: str, host: str, port: int | None) -> bool:
    """Whether a host is meant by an entry: the same name, or one below `*.name`. A port counts where one is named."""
    name, _, wanted = entry.partition(":")
    if wanted and wanted != str(port):
        return False
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
