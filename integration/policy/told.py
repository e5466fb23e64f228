"""Finds what was already said in a conversation: the customer's facts, what was tried, and what was promised.

It must not guess: only what stands in a message is given back, masked, and nothing is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from integration.model import Message, Ticket, Who
from integration.policy.masking import masked

# How many facts and sentences a note has room for. Our choice: a note is read in a few seconds.
MOST_FACTS = 6
MOST_SENTENCES = 2
SENTENCE_WORDS = 14
# Characters read of one message, and messages read of one ticket, newest first: facts stand early, and 200 mails of
# quoted history must not cost seconds.
READ_CHARACTERS = 4000
READ_MESSAGES = 40

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"

# Kind → pattern; a pattern gives back the words as the customer wrote them.
_FACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "reference",
        re.compile(
            r"\b(?:order|ref(?:erence)?|case|booking|invoice|tracking|parcel|policy|contract|serial|meter|customer|flight"
            r"|claim|licen[cs]e|account)(?:\s+(?:no\.?|nr\.?|number|id|code))?\s*(?:is\s+)?[:#]?\s*#?"
            r"(?=[A-Za-z\-/]{0,12}\d)[A-Za-z0-9][A-Za-z0-9\-/]{2,23}\b",
            re.IGNORECASE,
        ),
    ),
    ("reference", re.compile(r"(?<![\w&])#\d{3,12}\b|\b[A-Z]{1,5}-\d[\dA-Z\-]{2,15}\b|\b[A-Z]{2,5}\d{4,12}\b")),
    (
        "amount",
        re.compile(
            r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|AUD|CAD|SEK|NOK|DKK|PLN|INR|ZAR)\s)\s?\d{1,3}(?:[.,\s]?\d{3}){0,3}(?:[.,]\d{1,2})?\b"
            r"|\b\d{1,3}(?:[.,]?\d{3}){0,3}(?:[.,]\d{1,2})?\s?(?:[€£]|(?:euros?|dollars|pounds|USD|EUR|GBP|CHF|kr)\b)",
            re.IGNORECASE,
        ),
    ),
    (
        "date",
        re.compile(
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:\s+\d{{4}})?\b"
            rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b"
            r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "device",
        re.compile(
            r"\b(?:iphone|ipad|macbook|galaxy|pixel|thinkpad|windows|android|ios|macos)\s?(?:\d{1,2}|[a-z]\d{1,2})"
            r"(?:\s(?:pro|plus|max|mini|ultra|air))?\b",
            re.IGNORECASE,
        ),
    ),
)

_PROMISE = re.compile(
    r"\b(?:i|we|they|you|it|this)(?:['’]ll|\s+will|\s+shall)\b|\bwill\s+(?:be|get|arrive|call|reach|update|send)\b"
    r"|\bpromis\w+|\bguarantee\w*|\bwithin\s+(?:\d|one|two|three|an?\b)|\bby\s+(?:tomorrow|tonight|noon|(?:mon|tues|wednes|"
    r"thurs|fri|satur|sun)day|the\s+end)",
    re.IGNORECASE,
)
_ATTEMPT = re.compile(
    r"\b(?:try|tried|reset|restart\w*|reinstall\w*|clear(?:ed)?|replac\w+|refunded|resent|re-?sent|settings|dial"
    r"|click|log\s+(?:in|out)|check\s+(?:with|your|the)|press)\b",
    re.IGNORECASE,
)

_TAG = re.compile(r"<[^<>]{0,500}>")
_QUOTED = re.compile(r"^[ \t]*(?:>.*|--[ \t]*|On .{5,120} wrote:[ \t]*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something the customer has already told us, in their own words, masked."""

    kind: str  # reference, amount, date, device
    text: str


def facts(ticket: Ticket) -> tuple[Fact, ...]:
    """What the customer has already told us, newest message first, each once, in the order of the kinds."""
    texts = [_plain(ticket.subject), *(_plain(m.text) for m in _recent(ticket, Who.CUSTOMER))]
    found: dict[str, Fact] = {}
    for kind, pattern in _FACTS:
        for words in (hit[0] for text in texts for hit in pattern.finditer(text)):
            _keep(found, Fact(kind=kind, text=masked(words).strip(" .,:;")))
    return tuple(found.values())[:MOST_FACTS]


def promised(ticket: Ticket) -> tuple[str, ...]:
    """The newest sentences in which an agent or a bot promised something, each with its date."""
    return _sentences(ticket, _PROMISE)


def tried(ticket: Ticket) -> tuple[str, ...]:
    """The newest sentences in which an agent or a bot told of a remedy, promises left out, each with its date."""
    return _sentences(ticket, _ATTEMPT, but=_PROMISE)


def own_words(text: str, most: int) -> str:
    """The first `most` words of a message, masked, without markup, quoted mail or signature."""
    return clipped(masked(_plain(text)), most)


def clipped(text: str, most: int) -> str:
    """At most `most` words of `text`."""
    words = text.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + " …"


def day(message: Message) -> str:
    """The date of a message, such as “3 November”."""
    return f"{message.at.day} {_MONTHS[message.at.month - 1]}"


def _keep(found: dict[str, Fact], fact: Fact) -> None:
    """Keep a fact unless it is already part of another one: “AB-1234” beside “order AB-1234”."""
    said = fact.text.casefold()
    if said and not any(said in other or other in said for other in found):
        found[said] = fact


def _sentences(ticket: Ticket, wanted: re.Pattern[str], but: re.Pattern[str] | None = None) -> tuple[str, ...]:
    found = (
        f"{day(message)}, {message.who}: “{clipped(masked(sentence), SENTENCE_WORDS)}”"
        for message in _recent(ticket, Who.AGENT, Who.BOT)
        for sentence in _SENTENCE_END.split(_plain(message.text))
        if wanted.search(sentence) and not (but and but.search(sentence))
    )
    return tuple(dict.fromkeys(found))[:MOST_SENTENCES]


def _recent(ticket: Ticket, *who: Who) -> Iterator[Message]:
    """The newest public messages of these writers, newest first; our own replies are no promise of a person."""
    theirs = [m for m in ticket.messages if m.who in who and m.public and not m.ours]
    return reversed(theirs[-READ_MESSAGES:])


def _plain(text: str) -> str:
    """The text without markup and without what is quoted from an earlier mail."""
    bare = unescape(_TAG.sub(" ", text[:READ_CHARACTERS]))
    return _QUOTED.sub("", bare).strip()
