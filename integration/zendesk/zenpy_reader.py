"""Knows how zenpy is used here: for reads, over our own session, one client a thread, nothing cached.

It must not be used for writes: zenpy's objects send more than was changed, and its own adapter repeats a lost PUT.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from zenpy import Zenpy
from zenpy.lib.exception import ZenpyException

from integration.model import NotUnderstood
from integration.zendesk.session import READ_TIMEOUT_S, Session

Json = dict[str, Any]
T = TypeVar("T")
# Show Many Users takes this many ids. https://developer.zendesk.com/api-reference/ticketing/users/users/
MOST_IDS = 100


class Reader:
    """zenpy's reads as plain JSON objects; may be used from any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._mine = threading.local()

    def users(self, ids: Iterable[int]) -> Iterator[Json]:
        """The users with these ids; ids that nobody has are left out."""
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), MOST_IDS):
            yield from self._read(partial(_users, wanted[start : start + MOST_IDS]))

    def macro_effect(self, ticket_id: int, macro_id: int) -> Json:
        """The ticket as it would be after the macro; nothing is changed."""
        return self._read(partial(_macro_effect, ticket_id, macro_id))

    def _read(self, read: Callable[[Any], T]) -> T:
        """zenpy builds objects from whatever comes; what it chokes on is not understood."""
        try:
            return read(self._client())
        except (ZenpyException, KeyError, AttributeError, TypeError, ValueError) as error:
            raise NotUnderstood(f"an answer of Zendesk's is not as zenpy reads it ({type(error).__name__})") from error

    def _client(self) -> Any:
        """zenpy's clients are not safe to share: they keep the object being sent and the rate state on themselves."""
        if not hasattr(self._mine, "client"):
            # zenpy builds https://SUBDOMAIN.DOMAIN/api/v2/…; the session uses the path only.
            self._mine.client = Zenpy(
                subdomain="account", domain="invalid", session=self._session, timeout=READ_TIMEOUT_S, disable_cache=True
            )
        return self._mine.client


def _users(ids: list[int], zenpy: Any) -> list[Json]:
    return [user.to_dict() for user in zenpy.users(ids=ids)]


def _macro_effect(ticket_id: int, macro_id: int, zenpy: Any) -> Json:
    effect: Json = zenpy.tickets.show_macro_effect(ticket_id, macro_id).to_dict()
    return effect
