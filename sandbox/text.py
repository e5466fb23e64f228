"""Knows how a comment's text is cleaned: plain text in, safe HTML out, and back.
It must not know what a comment belongs to."""

from __future__ import annotations

import html
import re

import nh3

MAX_COMMENT_BYTES = 65_535
"""About 64 KB of text in one comment, as Zendesk's staff has it."""

_LOOKS_LIKE_HTML = re.compile(r"<[A-Za-z/!]")
_BREAK = re.compile(r"<br\s*/?>\n?|</(?:p|div|li|tr|h[1-6]|blockquote|ul|ol)>\n?", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")


def plain(body: str) -> str:
    """The text without HTML: Zendesk strips markup from `body`; `a < b` stays as it is."""
    text = body.replace("\r\n", "\n").replace("\x00", "")
    return html.unescape(nh3.clean(text, tags=set())) if _LOOKS_LIKE_HTML.search(text) else text


def escape(text: str) -> str:
    """Plain text that stays plain when it is put into HTML."""
    return html.escape(text, quote=True)


def to_html(text: str) -> str:
    """Plain text as Zendesk shows it: escaped, a paragraph for each blank line, a break for each new line."""
    paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
    inner = "".join(f'<p dir="auto">{html.escape(p, quote=False).replace(chr(10), "<br>")}</p>' for p in paragraphs)
    return f'<div class="zd-comment" dir="auto">{inner}</div>'


def clean_html(dirty: str) -> str:
    """HTML without scripts, handlers, styles and frames, in Zendesk's wrapper."""
    return f'<div class="zd-comment" dir="auto">{nh3.clean(dirty)}</div>'


def html_to_text(markup: str) -> str:
    """What a reader of the HTML would read."""
    text = html.unescape(nh3.clean(_BREAK.sub("\n", markup), tags=set()))
    return _BLANK_LINES.sub("\n\n", text).strip()
