"""Knows how to search the Help Center for articles that every customer may read.

It must not raise where a search fails: an answer is good without articles.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from integration import wire
from integration.model import Article, AttuneError
from integration.zendesk.session import Session

API = "/api/v2"
# Candidates of one search, of which two at most are offered.
CANDIDATES = 10
# Brands change once in a year or so; asking once in a while is enough.
BRANDS_KEPT = timedelta(minutes=10)

log = logging.getLogger("attune.zendesk")


class HelpCenter:
    """The Help Center of an account with one; may be used from any thread."""

    def __init__(self, session: Session, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._only_one: tuple[datetime, bool] | None = None

    def search(self, words: str) -> tuple[Article, ...]:
        """What the Help Center finds for some words, in every language, best first; nothing where it cannot be asked.

        Nothing either where several brands have one: a link to another brand's pages would bewilder.
        https://developer.zendesk.com/api-reference/help_center/help-center-api/search/
        """
        try:
            if not self._has_one():
                return ()
            asked = {"query": words, "locale": "*", "per_page": CANDIDATES}
            return tuple(
                wire.public_articles(self._session.ask("GET", f"{API}/help_center/articles/search", params=asked))
            )
        except AttuneError as failure:
            log.warning("no articles: %s", failure)
            return ()

    def _has_one(self) -> bool:
        now = self._clock()
        with self._lock:
            if self._only_one is not None and now - self._only_one[0] < BRANDS_KEPT:
                return self._only_one[1]
        only_one = wire.help_centers(self._session.ask("GET", f"{API}/brands")) == 1
        with self._lock:
            self._only_one = (now, only_one)
        return only_one
