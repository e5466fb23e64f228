"""What somebody asked for in an address: a search and a page of it.

It must not search: words in, `Wanted` out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import request, url_for

from integration.dashboard import words
from integration.model import Deed, Hand, NotUnderstood, Wanted

# Lines on one page.
PAGE = 50
# Lines in one file: what a spreadsheet opens without complaint, and a second's work for the database. Our choice.
MOST_SAVED = 10_000
MOST_PAGES = 100_000
LONGEST_WORDS = 200
_FIELDS = ("words", "ticket", "delivery", "kind", "state", "by", "deed", "since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where we are in a list."""

    number: int  # from 1
    count: int  # lines in all

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.count // PAGE))


def wanted() -> Wanted:
    """The search in this request's address; raises NotUnderstood, naming the field."""
    given = {name: _clean(name) for name in _FIELDS}
    return Wanted(
        words=given["words"],
        ticket_id=_number("ticket", given["ticket"]),
        delivery_id=given["delivery"],
        kind=_one_of("kind", given["kind"], words.KINDS),
        state=_one_of("state", given["state"], words.STATES),
        by=Hand(_one_of("by", given["by"], words.BY)) if given["by"] else None,
        deed=Deed(_one_of("deed", given["deed"], words.DEEDS)) if given["deed"] else None,
        since=_day("since", given["since"]),
        until=_after(_day("until", given["until"])),
    )


def number() -> int:
    """The page that is asked for, from 1."""
    return min(_number("page", _clean("page")) or 1, MOST_PAGES)


def given() -> dict[str, str]:
    """What was asked for, as it was written, to be shown again and carried on."""
    return {name: clean for name in _FIELDS if (clean := _clean(name))}


def address(endpoint: str, page: int) -> str:
    """The address of another page of the same search."""
    return url_for(endpoint, **given(), page=page)  # type: ignore[arg-type] # plain words and one number


def _clean(name: str) -> str:
    """Without what no text holds: PostgreSQL takes no NUL, and nobody means one."""
    text = request.args.get(name, "")
    return "".join(sign for sign in text if sign.isprintable()).strip()[:LONGEST_WORDS]


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    # 18 digits are what fits into a 64-bit number.
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotUnderstood(f"{name}: write a number, such as 42")
    return int(text)


def _one_of(name: str, text: str, known: object) -> str:
    if text and isinstance(known, dict) and text not in known:
        raise NotUnderstood(f"{name}: there is no {text}; there are {', '.join(known)}")
    return text


def _day(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise NotUnderstood(f"{name}: write a day such as 2026-03-02") from None


def _after(day: datetime | None) -> datetime | None:
    """The end of the day that is named: somebody who says until Monday means all of Monday."""
    try:
        return day + timedelta(days=1) if day else None
    except OverflowError:
        return None
