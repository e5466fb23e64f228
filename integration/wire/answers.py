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
# How such names look; anything else between the brackets may be a customer's words, and is not repeated.
_SLOT_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_PLACEHOLDER_NAME = re.compile(r"(?:ticket|current_user|agent|satisfaction|dc|lookup)\.[\w.]+", re.ASCII)
_SOME_FACT, _SOME_PLACEHOLDER = "a fact of the company's own", "a placeholder"
_NO_TEXT = "the answer's text"
_INTERNAL = "a public comment (the macro writes an internal note)"
_PICTURE = "a picture"

_MARKUP = re.compile(r"<(?:p|br|div|span|ul|ol|li|strong|b|em|i|a|img|h\d)\b[^>]*>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b|!\[[^\]\n]*\]\(", re.IGNORECASE)
_LINK = re.compile(
    r"<a\b[^>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))[^>]*>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL
)
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>\s?|</(?:li|div|tr|h\d)>", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"</(?:p|ul|ol)>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


def answer(shown: Json, macro: MacroRef) -> Answer:
    """Read the answer to "show ticket after changes" of a macro.

    `missing` names the unfilled `[[facts]]`, the placeholders Zendesk left standing, or the text itself; also what a
    plain public reply cannot be: an internal note, which an admin may have made of it, or a picture.
    https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-ticket-after-changes
    """
    result = values.mapping(shown.get("result") or shown)
    comment = values.mapping(values.mapping(result.get("ticket")).get("comment"))
    written = _written(comment)
    text = _plain(written)
    found = _unfilled(text) if text else [_NO_TEXT]
    if not values.flag(comment.get("public"), default=True):
        found.append(_INTERNAL)
    if _IMAGE.search(written):
        found.append(_PICTURE)
    return Answer(macro=macro, text=text, missing=tuple(dict.fromkeys(found)))


def switched_off(shown: Json) -> bool:
    """Whether an admin has made the macro inactive, by the answer to Show Macro."""
    return not values.flag(values.mapping(shown.get("macro")).get("active"), default=True)


def plain_text(written: str) -> str:
    """The text of a macro, which may be HTML or plain, without markup."""
    return _plain(written)


def _unfilled(text: str) -> list[str]:
    slots = (name if _SLOT_NAME.fullmatch(name) else _SOME_FACT for name in _SLOT.findall(text))
    standing = _PLACEHOLDER.findall(text)
    return [*slots, *(name if _PLACEHOLDER_NAME.fullmatch(name) else _SOME_PLACEHOLDER for name in standing)]


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
    broken = _PARAGRAPH_END.sub("\n\n", _LINE_END.sub("\n", _LINK.sub(_spelt_out, written)))
    lines = [line.strip() for line in html.unescape(_TAG.sub("", broken)).replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _spelt_out(link: re.Match[str]) -> str:
    """“the page (https://…)”: in plain text an address that is not written out is lost."""
    address = re.sub(r"^(?:mailto|tel):", "", (link[1] or link[2] or link[3] or "").strip(), flags=re.IGNORECASE)
    words = " ".join(_TAG.sub("", link[4]).split())
    same = html.unescape(words) in {plain := html.unescape(address), _SCHEME.sub("", plain).rstrip("/")}
    return address if same or not words else f"{words} ({address})" if address else words
