"""What a message says in its writer's own words: without markup, quoted mail and signature, whole or in sentences.

It must not judge what is said, and gives nothing back unmasked that is meant for a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Protocol

from integration.model import Message, Ticket, Who
from integration.policy.masking import masked, masked_lines

# Characters read of one message, and of one ticket, newest first: facts stand early, and 200 mails of quoted history
# must not cost seconds. About 10 long mails or 200 short ones.
READ_CHARACTERS = 4000
READ_IN_ALL = 40_000
# A sentence of more characters is no sentence but a table or a log: cut there.
LONGEST_SENTENCE = 400

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# Half a card number at the end of what is read would not be known as one.
_NUMERIC = "0123456789 .-_/·\t\r\n"
_TAG = re.compile(r"<[^<>]{0,500}>")
_QUOTED = re.compile(r"^[ \t]*(?:>.*|--[ \t]*|On .{5,120} wrote:[ \t]*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def plain(text: str) -> str:
    """The text without markup and without what is quoted from an earlier mail."""
    read = text if len(text) <= READ_CHARACTERS else text[:READ_CHARACTERS].rstrip(_NUMERIC)
    bare = unescape(_TAG.sub(" ", read))
    return _QUOTED.sub("", bare).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a plain text, each on one line."""
    return [one[:LONGEST_SENTENCE] for part in _SENTENCE_END.split(text) if (one := " ".join(part.split()))]


def newest_first(ticket: Ticket, *who: Who) -> Iterator[tuple[Message, str]]:
    """The public messages of these writers with their plain text, masked, newest first; our own are left out."""
    left = READ_IN_ALL
    for message in reversed(ticket.messages):
        if message.who not in who or not message.public or message.ours:
            continue
        text = masked_lines(plain(message.text))[: max(left, 0)]
        left -= len(text)
        if text:
            yield message, text
        if left <= 0:
            return


def own_words(text: str, most: int) -> str:
    """The first `most` words of a message, masked, without markup, quoted mail or signature."""
    return clipped(masked(plain(text)), most)


def clipped(text: str, most: int) -> str:
    """At most `most` words of `text`."""
    words = text.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + " …"


def around(text: str, start: int, most: int) -> str:
    """At most `most` words of `text`, so chosen that the word at `start` (characters) is among them."""
    words = text.split()
    if len(words) <= most:
        return " ".join(words)
    place = len(text[:start].split())
    first = max(0, min(place - most // 3, len(words) - most))
    shown = " ".join(words[first : first + most])
    return ("… " if first else "") + shown + (" …" if first + most < len(words) else "")


class Dated(Protocol):
    """Whatever was said at a time."""

    @property
    def at(self) -> datetime: ...


def day(said: Dated) -> str:
    """The date on which something was said, such as “3 November”."""
    return f"{said.at.day} {_MONTHS[said.at.month - 1]}"
