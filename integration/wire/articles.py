"""Knows how the Help Center writes its articles, and keeps those that every customer may read.

It must not judge whether one fits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from integration.model import Article
from integration.wire import values
from integration.wire.values import Json

_TAG = re.compile(r"<[^<>]*>")


def public_articles(page: Json) -> Iterator[Article]:
    """The articles of a search's answer that are published for everybody; what does not say so is not.

    A user segment of null is everybody. https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
    """
    for row in values.objects(page.get("results")):
        id_, url = values.maybe_number(row.get("id")), values.text(row.get("html_url"))
        if id_ is None or not _public(row) or not url.startswith(("https://", "http://")):
            continue
        yield Article(
            id=id_,
            title=_plain(row.get("title") or row.get("name")),
            snippet=_plain(row.get("snippet") or row.get("body")),
            url=url,
            locale=values.word(row.get("locale")),
        )


def help_centers(page: Json) -> int:
    """How many brands of the account have a Help Center that is open, by List Brands."""
    brands = values.objects(page.get("brands"))
    return sum(1 for one in brands if one.get("active") and one.get("help_center_state") == "enabled")


def _public(row: Json) -> bool:
    everybody = "user_segment_id" in row and row["user_segment_id"] is None and not row.get("user_segment_ids")
    return everybody and row.get("draft") is False


def _plain(value: object) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", values.text(value))).split())
