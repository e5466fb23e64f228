"""Turns HTML into plain text with a small scanner of its own: never raises, one pass, whatever the nesting.

It must not judge the text; it knows tags, entities and which containers mail programs quote in. A full parser was
refused: html.parser raises on some broken declarations, and a tree of a hostile mail costs more than its words.
"""

from __future__ import annotations

import re
from html import unescape

_KNOWN = re.compile(
    r"<(?:!--|!doctype|/?(?:html|body|head|p|div|br|span|a|b|i|u|strong|em|font|ul|ol|li|table|tbody|tr|td|th|h[1-6]|"
    r"img|style|script|blockquote|hr|pre|code|center|o:p)\b)",
    re.I,
)
_TAG = re.compile(r"<!--|<(/?)([a-zA-Z!?][a-zA-Z0-9:]{0,20})([^<>]{0,4000})>")
_QUOTES = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite-prefix|moz-email-headers|divrplyfwdmsg|appendonsend|zmail_extra|protonmail_quote",
    re.I,
)
_HIDDEN = frozenset({"style", "script", "head", "title", "template"})
_LINES = frozenset({"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"})
_PARAGRAPHS = frozenset({"p", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})


def looks_like_markup(text: str) -> bool:
    """Whether `text` holds a tag that mail and chat programs write; "<3" and "a < b" are no markup."""
    return _KNOWN.search(text) is not None


def plain(text: str) -> tuple[str, str]:
    """The visible text of `text`, and the quoted mail that is not part of it, unless there is nothing else."""
    scan = _Scan(text)
    own, quoted = unescape("".join(scan.own)), unescape("".join(scan.quoted))
    return (own, quoted) if own.strip() else (quoted or own, "")


class _Scan:
    """One pass over the tags, keeping the customer's text and the quoted text apart."""

    def __init__(self, text: str) -> None:
        self.own: list[str] = []
        self.quoted: list[str] = []
        self._lowered = text.lower() if len(text.lower()) == len(text) else text
        self._never_closed: set[str] = set()
        self._quoting = ""  # the tag whose content is quoted mail
        self._depth = 0
        position = 0
        while match := _TAG.search(text, position):
            self._say(text[position : match.start()])
            position = self._tag(match)
        self._say(text[position:])

    def _say(self, piece: str) -> None:
        (self.quoted if self._depth else self.own).append(piece)

    def _tag(self, match: re.Match[str]) -> int:
        if match[0] == "<!--":
            return self._skip("-->", match.end(), 3)
        closing, name, attributes = match[1] == "/", match[2].lower(), match[3]
        if name in _HIDDEN and not closing:
            return self._skip(f"</{name}", match.end(), 0)
        self._quote(name, closing, attributes)
        if name in _LINES:
            self._say("\n\n" if name in _PARAGRAPHS and not closing else "\n")
        elif name in {"td", "th"}:
            self._say(" ")
        return match.end()

    def _skip(self, end: str, position: int, length: int) -> int:
        """Where hidden content ends, `length` characters into `end`; what is never closed is shown, not swallowed."""
        if end in self._never_closed:
            return position
        found = self._lowered.find(end, position)
        if found < 0:
            self._never_closed.add(end)
            return position
        return found + length

    def _quote(self, name: str, closing: bool, attributes: str) -> None:
        if self._depth and name == self._quoting:
            self._depth += -1 if closing else 1
        elif not self._depth and not closing and (name == "blockquote" or _QUOTES.search(attributes)):
            self._quoting, self._depth = name, 1
