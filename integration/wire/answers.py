"""Knows how Zendesk shows what a macro would do to a ticket, and takes the rendered answer out of it.

It must not send anything, nor decide whether the answer is good enough: it names what is missing in it.
"""

from __future__ import annotations

import html
import re

from integration.model import Answer, MacroRef
from integration.wire import values
from integration.wire.values import Json

# A fact of the company's own that install has not been given, and a placeholder that Zendesk did not fill.
_SLOT = re.compile(r"\[\[\s*([\w .-]+?)\s*\]\]")
_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NO_TEXT = "the answer's text"

_MARKUP = re.compile(r"<(?:p|br|div|ul|ol|li|strong|em|a)\b[^>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>\s?|</(?:li|div|tr|h\d)>", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"</(?:p|ul|ol)>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


def answer(shown: Json, macro: MacroRef) -> Answer:
    """Read the answer to "show ticket after changes" of a macro.

    `missing` names the unfilled `[[facts]]`, the placeholders Zendesk left standing, or the text itself.
    https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-ticket-after-changes
    """
    result = values.mapping(shown.get("result") or shown)
    comment = values.mapping(values.mapping(result.get("ticket")).get("comment"))
    text = _plain(_written(comment))
    found = [*_SLOT.findall(text), *_PLACEHOLDER.findall(text)]
    return Answer(macro=macro, text=text, missing=tuple(dict.fromkeys(found)) if text else (_NO_TEXT,))


def _written(comment: Json) -> str:
    """`scoped_body` is a list of [channel, text] pairs."""
    scoped = comment.get("scoped_body")
    pairs = [pair for pair in scoped if isinstance(pair, list) and pair] if isinstance(scoped, list) else []
    forms = (comment.get("body"), comment.get("html_body"), *(pair[-1] for pair in pairs))
    return next((form for form in forms if isinstance(form, str) and form.strip()), "")


def _plain(written: str) -> str:
    """Text without markup. An answer that was written as plain text is left as it is."""
    if not _MARKUP.search(written):
        return written.strip()
    broken = _PARAGRAPH_END.sub("\n\n", _LINE_END.sub("\n", written))
    lines = [line.strip() for line in html.unescape(_TAG.sub("", broken)).replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
