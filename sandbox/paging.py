"""Knows Zendesk's two ways of paging: cursors (`page[size]`) and numbered pages (`page`, `per_page`).
It must not know what the items are."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.errors import ApiError, bad_request

Doc = dict[str, Any]

LARGEST_PAGE = 100
"""Items: https://developer.zendesk.com/api-reference/introduction/pagination/"""


def page(
    key: str,
    docs: Sequence[Doc],
    args: Mapping[str, str],
    url: str,
    show: Callable[[Doc], Doc],
    *,
    cursor_only: bool = False,
) -> Doc:
    """One page of `docs` under `key`, by whichever way `args` (the query) asks for.

    `url` is the address asked, without its query. Only the docs of the page are given to `show`.
    """
    if cursor_only or any(name in args for name in ("page[size]", "page[after]", "page[before]")):
        return _by_cursor(key, docs, args, url, show)
    return _by_number(key, docs, args, url, show)


def encode(value: object) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decode(cursor: str) -> Any:
    """What a cursor holds. Raises 400 for one that is not ours."""
    try:
        return json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError):
        raise ApiError(400, {"error": "InvalidPaginationParameter", "description": "cursor is not valid"}) from None


def whole(args: Mapping[str, str], name: str, default: int, most: int, least: int = 1) -> int:
    """A number from the query. Raises 400 outside `least` to `most`."""
    text = args.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise bad_request("InvalidPaginationParameter", f"{name} must be from {least} to {most}")
    return int(text)


def _by_cursor(key: str, docs: Sequence[Doc], args: Mapping[str, str], url: str, show: Callable[[Doc], Doc]) -> Doc:
    size = whole(args, "page[size]", LARGEST_PAGE, LARGEST_PAGE)
    if "page[before]" in args:
        end = _place(docs, decode(args["page[before]"]))
        start = max(0, end - size)
        has_more = start > 0
    else:
        start = _place(docs, decode(args["page[after]"])) + 1 if "page[after]" in args else 0
        end = min(len(docs), start + size)
        has_more = end < len(docs)
    found = docs[start:end]
    after, before = (encode(found[-1]["id"]), encode(found[0]["id"])) if found else (None, None)
    rest = {name: value for name, value in args.items() if name not in ("page[after]", "page[before]")}
    return {
        key: [show(doc) for doc in found],
        "meta": {"has_more": has_more, "after_cursor": after, "before_cursor": before},
        "links": {
            "prev": _link(url, rest, "page[before]", before if start > 0 else None),
            "next": _link(url, rest, "page[after]", after if end < len(docs) else None),
        },
    }


def _place(docs: Sequence[Doc], id: Any) -> int:
    """Where the item with this id stands; items that have gone since are looked for by the order of ids."""
    for place, doc in enumerate(docs):
        if doc["id"] == id:
            return place
    return sum(1 for doc in docs if type(doc["id"]) is type(id) and doc["id"] < id) - 1


def _by_number(key: str, docs: Sequence[Doc], args: Mapping[str, str], url: str, show: Callable[[Doc], Doc]) -> Doc:
    size = whole(args, "per_page", LARGEST_PAGE, 10**9)
    size = min(size, LARGEST_PAGE)
    number = whole(args, "page", 1, 10**9)
    start = (number - 1) * size
    return {
        key: [show(doc) for doc in docs[start : start + size]],
        "next_page": _link(url, args, "page", str(number + 1) if start + size < len(docs) else None),
        "previous_page": _link(url, args, "page", str(number - 1) if number > 1 else None),
        "count": len(docs),
    }


def _link(url: str, args: Mapping[str, str], name: str, value: str | None) -> str | None:
    return None if value is None else f"{url}?{urlencode({**args, name: value})}"
