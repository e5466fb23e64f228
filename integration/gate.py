"""Is this really Zendesk, its app, or somebody whom we let in? Bytes, secret and the time in; NotTrusted out.

It must not know what a body says, nor read it as anything but bytes: no JSON, no clock, no settings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TypeGuard

import jwt
from jwt.types import Options

from integration.model import NotTrusted

SIGNATURE_HEADER = "x-zendesk-webhook-signature"
TIMESTAMP_HEADER = "x-zendesk-webhook-signature-timestamp"

# Our choice: Zendesk names no tolerance. Longer than its 12 s timeout with five retries, short for a replay.
WINDOW = timedelta(minutes=5)

# Signs test requests of webhooks that do not exist yet, with a value that is printed in the documentation.
# https://developer.zendesk.com/documentation/webhooks/verifying/
PUBLIC_TEST_SECRETS = frozenset({"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", "this_secret_is_for_testing_only"})

# How long the page behind an automated reply may be used: our choice, longer than most conversations.
LINK_LIFE = timedelta(days=14)
# How long a page may stay open before its form must be loaded again; our choice.
FORM_LIFE = timedelta(days=1)

# How long a link into the dashboard may wait to be opened: it is made the moment somebody asks for it.
ENTRY_LIFE = timedelta(minutes=2)
# What a customer of a provider is given at least. https://www.rfc-editor.org/rfc/rfc6177
ONE_PLACE_BITS = 64

_EPOCH_SECONDS = re.compile(r"[0-9]{1,12}")


def check(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Return when `body` was signed with `secret` within WINDOW of `now` (aware); raise NotTrusted otherwise.

    `headers` may be written in any case, `body` must be the bytes as they came: Zendesk pretty-prints some of them.
    """
    if not secret.strip():
        raise NotTrusted("no webhook secret is set")
    if secret.strip() in PUBLIC_TEST_SECRETS:
        raise NotTrusted("the webhook secret is Zendesk's public test value")
    given = {name.lower(): value for name, value in headers.items()}
    signature, timestamp = given.get(SIGNATURE_HEADER, ""), given.get(TIMESTAMP_HEADER, "")
    if not signature or not timestamp:
        raise NotTrusted("the signature headers are missing")
    # The digest first: whoever cannot sign learns nothing of our clock.
    if not hmac.compare_digest(signature.strip().encode(), sign(timestamp, body, secret).encode()):
        raise NotTrusted("the signature does not fit")
    if abs(now - _moment(timestamp)) > WINDOW:
        raise NotTrusted("the signature is too old or from the future")


def sign(timestamp: str, body: bytes, secret: str) -> str:
    """Base64 of HMAC-SHA256 over the timestamp's text and the body; the secret is used as the text it is.

    https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    digest = hmac.new(secret.encode(), timestamp.encode(errors="surrogateescape") + body, hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()


# --- the link to a person --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link to a person says: nothing about anybody."""

    ticket_id: int
    message_id: int  # the customer's message that was answered
    until: datetime  # aware, whole seconds
    language: str = "en"  # ISO 639-1


def sign_link(link: Link, key: bytes, account: str) -> str:
    """The link as a token for an address: readable numbers, and a mark that binds them to this key and account."""
    said = f"{link.ticket_id}.{link.message_id}.{int(link.until.timestamp())}.{link.language}"
    return f"{said}.{_mark(key, 'link', account, said)}"


def read_link(token: str, key: bytes, account: str, now: datetime) -> Link:
    """The link of a token that we made for this account; raises NotTrusted for any other, and for one too old."""
    found = _TOKEN.fullmatch(token)
    if found is None or not key:
        raise NotTrusted("not a link of ours")
    ticket_id, message_id, until, language = found.groups()
    link = Link(
        ticket_id=int(ticket_id),
        message_id=int(message_id),
        until=datetime.fromtimestamp(int(until), UTC),
        language=language,
    )
    if not hmac.compare_digest(token.encode(), sign_link(link, key, account).encode()):
        raise NotTrusted("not a link of ours")
    if now > link.until:
        raise NotTrusted("the link is too old")
    return link


def sign_form(token: str, key: bytes, now: datetime) -> str:
    """What a form on the page of `token` carries, so that only a page that was opened can be sent."""
    at = str(int(now.timestamp()))
    return f"{at}.{_mark(key, 'form', token, at)}"


def check_form(form: str, token: str, key: bytes, now: datetime) -> None:
    """Return when the form was made for this token within FORM_LIFE of `now`; raise NotTrusted otherwise."""
    at, _, mark = form.partition(".")
    if not _EPOCH_SECONDS.fullmatch(at) or not hmac.compare_digest(
        mark.encode("utf-8", "replace"), _mark(key, "form", token, at).encode()
    ):
        raise NotTrusted("not a form of ours")
    if not timedelta(0) <= now - datetime.fromtimestamp(int(at), UTC) + timedelta(seconds=1) <= FORM_LIFE:
        raise NotTrusted("the form is too old")


# --- the dashboard ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a link into the dashboard says; it opens once, which whoever takes it has to see to."""

    nonce: str
    until: datetime  # aware, whole seconds
    may_switch: bool  # false: may look only


def sign_entry(key: bytes, nonce: str, now: datetime, *, may_switch: bool = False) -> str:
    """A token that opens the dashboard within ENTRY_LIFE; `nonce` is random, of the letters of base64 for addresses."""
    said = f"{nonce}.{int((now + ENTRY_LIFE).timestamp())}.{'switch' if may_switch else 'look'}"
    return f"{said}.{_mark(key, 'entry', said)}"


def read_entry(token: str, key: bytes, now: datetime) -> Entry:
    """What a token of ours says; raises NotTrusted for any other, and for one too old."""
    found = _ENTRY.fullmatch(token)
    if found is None or not key:
        raise NotTrusted("not a link of ours")
    nonce, until, may, mark = found.groups()
    if not hmac.compare_digest(mark.encode(), _mark(key, "entry", f"{nonce}.{until}.{may}").encode()):
        raise NotTrusted("not a link of ours")
    entry = Entry(nonce=nonce, until=datetime.fromtimestamp(int(until), UTC), may_switch=may == "switch")
    if now > entry.until:
        raise NotTrusted("the link is too old")
    return entry


def sign_visit(name: str, key: bytes) -> str:
    """What the cookie of somebody holds who was let in under this (random) name."""
    return f"{name}.{_mark(key, 'visit', name)}"


def read_visit(cookie: str, key: bytes) -> str:
    """The name in a cookie of ours; raises NotTrusted for any other. It may have ended since."""
    name, _, mark = cookie.rpartition(".")
    if not name or not key or not _same(mark, _mark(key, "visit", name)):
        raise NotTrusted("not a cookie of ours")
    return name


def sign_press(name: str, key: bytes) -> str:
    """What every form carries that is shown to this visit, so that no other page can press its buttons."""
    return _mark(key, "press", name)


def check_press(given: str, name: str, key: bytes) -> None:
    """Return when the form was shown to this visit; raise NotTrusted otherwise."""
    if not _same(given, sign_press(name, key)):
        raise NotTrusted("not a form of ours")


def right_password(given: str, password: str) -> bool:
    """Whether it is the password, in a time that says nothing of how much of it was right."""
    return bool(password) and _same(given, password)


def place_of(address: str, key: bytes) -> str:
    """A digest of an address, by which its tries are counted without keeping it.

    Whoever has one address of IPv6 has all of its network, so that one counts as a whole.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return _mark(key, "place", address)
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or IPv6Network((found, ONE_PLACE_BITS), strict=False).network_address
    return _mark(key, "place", str(found))


# A nonce of 128 bits or more in base64 for addresses; the mark as below.
_ENTRY = re.compile(r"([A-Za-z0-9_-]{22,64})\.([1-9][0-9]{0,10})\.(look|switch)\.([A-Za-z0-9_-]{43})")


def _same(one: str, other: str) -> bool:
    """Whatever a stranger writes is compared by digests of one length."""
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (one, other))
    return hmac.compare_digest(*digests)


# --- signing ---------------------------------------------------------------------------------------------------------


# 18 and 11 digits are what fits into a 64-bit number and a date; the mark is SHA-256 in 43 characters of base64.
_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})\.([1-9][0-9]{0,10})\.([a-z]{2})\.[A-Za-z0-9_-]{43}")


def _mark(key: bytes, *parts: str) -> str:
    """HMAC-SHA256 over the parts, each told apart by its length."""
    said = "".join(f"{len(part.encode())}:{part}" for part in parts)
    return base64.urlsafe_b64encode(hmac.new(key, said.encode(), hashlib.sha256).digest()).decode().rstrip("=")


# --- the app's calls -------------------------------------------------------------------------------------------------

# Who the app's tokens are for, and the one way in which they may be signed: nothing of the token chooses it.
AUDIENCE, ALGORITHM = "attune", "HS256"
# A token lives two minutes; one that would live longer than this was not made by our app. Our choice.
CALL_LIFE = timedelta(minutes=10)
# Characters of the shared secret: as many as HS256 has bytes. https://www.rfc-editor.org/rfc/rfc7518#section-3.2
SHORTEST_SECRET = 32
# Characters: ours has about 300; nothing longer is even looked at.
LONGEST_CALL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call of the app claims; an agent's browser wrote it, so it is asked after before it counts."""

    agent_id: int
    ticket_id: int | None  # None: not about a ticket


def check_call(token: str, secret: str, account: str, now: datetime) -> Call:
    """The call that Zendesk's proxy signed with `secret` for `account` (its base address); else raises NotTrusted.

    https://developer.zendesk.com/documentation/apps/app-developer-guide/making-api-requests-from-a-zendesk-app/
    """
    if len(secret) < SHORTEST_SECRET:
        raise NotTrusted("no shared secret is set")
    claims = _claims(token, secret)
    if claims.get("iss") != account or not account:
        raise NotTrusted("the token is of another account")
    if claims.get("aud") != AUDIENCE:
        raise NotTrusted("the token is for somebody else")
    _check_age(claims.get("exp"), claims.get("iat"), now)
    agent, ticket = _number(claims.get("sub")), claims.get("ticket")
    if agent is None:
        raise NotTrusted("the token names no agent")
    if ticket == "":
        return Call(agent_id=agent, ticket_id=None)
    number = _number(ticket)
    if number is None:
        raise NotTrusted("the token names no ticket")
    return Call(agent_id=agent, ticket_id=number)


def _claims(token: str, secret: str) -> Mapping[str, object]:
    """The claims of a token whose signature holds; what the library would judge by its own clock, `now` decides."""
    try:
        if len(token) > LONGEST_CALL:
            raise NotTrusted("the token is too long")
        found: Mapping[str, object] = jwt.decode(token, secret, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise NotTrusted("the token is not signed as it must be") from None
    return found


_SIGNATURE_ONLY: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _check_age(until: object, since: object, now: datetime) -> None:
    """Of a token that says when it was signed, the whole life counts: none is made today for a day next month."""
    if not _is_moment(until):
        raise NotTrusted("the token does not say how long it holds")
    left = until - now.timestamp()
    if not 0 <= left <= CALL_LIFE.total_seconds():
        raise NotTrusted("the token is too old" if left < 0 else "the token would hold too long")
    if since is not None and not (_is_moment(since) and 0 <= until - since <= CALL_LIFE.total_seconds()):
        raise NotTrusted("the token was signed long before, or says so")


def _is_moment(claimed: object) -> TypeGuard[float]:
    return isinstance(claimed, int | float) and not isinstance(claimed, bool) and 0 <= claimed < _LAST_SECOND


_ID = re.compile(r"[1-9][0-9]{0,17}")
_LAST_SECOND = 10**11  # of a date that anybody needs; larger numbers do not fit the arithmetic of times


def _number(claimed: object) -> int | None:
    return int(claimed) if isinstance(claimed, str) and _ID.fullmatch(claimed) else None


# --- helpers ---------------------------------------------------------------------------------------------------------


def _moment(timestamp: str) -> datetime:
    """ISO 8601 is what Zendesk sends; seconds since 1970 are what several stand-ins send."""
    try:
        if _EPOCH_SECONDS.fullmatch(timestamp):
            return datetime.fromtimestamp(int(timestamp), UTC)
        moment = datetime.fromisoformat(timestamp)
    except (ValueError, OverflowError, OSError):
        raise NotTrusted("the signature's timestamp is not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
