"""Knows where the bearer token comes from: a ready one, or client credentials renewed before they run out.

It must not speak to Zendesk itself (the session lends it a function) and never writes a token anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from requests import PreparedRequest
from requests.auth import AuthBase

from integration.model import Refused, TryLater

TOKEN_PATH = "/oauth/tokens"  # noqa: S105 - a path
# Zendesk's default life of a token is 30 minutes; renewed this much early, none runs out on its way.
RENEW_EARLY = timedelta(minutes=1)
# Assumed where the answer names no `expires_in`: the shortest life that Zendesk allows.
SHORTEST_LIFE = timedelta(seconds=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """A confidential OAuth client. https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/"""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "read write"  # macros, views and ticket fields have no scope of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyToken:
    """A bearer token that somebody handed over; it cannot be renewed."""

    token: str = field(repr=False)


Credentials = ClientCredentials | ReadyToken
Fetch = Callable[[dict[str, str]], dict[str, Any]]


class Bearer(AuthBase):
    """Puts the token on a request; being an `auth`, it also keeps a `.netrc` from putting its own there."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Set the header."""
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class NoAuth(AuthBase):
    """Puts nothing on a request, and keeps a `.netrc` off it."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Leave it as it is."""
        return r


class TokenSource:
    """The token in use, kept in memory only; one thread renews it while the others wait."""

    def __init__(self, credentials: Credentials, fetch: Fetch) -> None:
        self._credentials = credentials
        self._fetch = fetch
        self._lock = threading.Lock()
        self._token = credentials.token if isinstance(credentials, ReadyToken) else ""
        self._good_until: datetime | None = None

    @property
    def renewable(self) -> bool:
        """Can a new token be had after a 401?"""
        return isinstance(self._credentials, ClientCredentials)

    def current(self, now: datetime) -> str:
        """A token that is good for the next minute. Raises Refused or TryLater where none can be had."""
        with self._lock:
            if isinstance(self._credentials, ClientCredentials) and (
                self._good_until is None or now >= self._good_until
            ):
                self._renew(self._credentials, now)
            return self._token

    def after_refusal(self, stale: str, now: datetime) -> str:
        """A token other than `stale`: another thread's where one has been quicker, else a new one."""
        with self._lock:
            if isinstance(self._credentials, ClientCredentials) and self._token == stale:
                self._renew(self._credentials, now)
            return self._token

    def _renew(self, credentials: ClientCredentials, now: datetime) -> None:
        answer = self._fetch(
            {
                "grant_type": "client_credentials",
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret,
                "scope": credentials.scope,
            }
        )
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise TryLater("Zendesk's token endpoint gave no token")
        self._token = token
        self._good_until = now + max(_life(answer) - RENEW_EARLY, timedelta(0))


def credentials_from(client_id: str, client_secret: str, access_token: str) -> Credentials:
    """The ready token where there is one, else the client. Raises Refused where neither is given."""
    if access_token:
        return ReadyToken(token=access_token)
    if client_id and client_secret:
        return ClientCredentials(client_id=client_id, client_secret=client_secret)
    raise Refused("no credentials: set ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET")


def _life(answer: dict[str, Any]) -> timedelta:
    try:
        return timedelta(seconds=int(answer["expires_in"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return SHORTEST_LIFE
