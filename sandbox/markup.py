"""Knows how a stored comment's HTML is made fit for a page: cleaned once more, addresses as links, pictures as words.
It must not know whose comment it is."""

from __future__ import annotations

import html
import re

import nh3

_TAG = re.compile(r"""(<(?:[^<>"]|"[^"]*")*>)""")
_PICTURE = re.compile(r"""<img((?:[^<>"]|"[^"]*")*)>""")
_ALT = re.compile(r"""\balt="([^"]*)\"""")
# An address in running text. What follows it as the sentence's own sign does not belong to it.
_ADDRESS = re.compile(r"https?://[^\s<>\"]+?(?=[.,;:!?)\]]*(?:\s|$|<|&(?:gt|lt|quot);))")
_LINK_ATTRIBUTES = {"a": {"target": "_blank"}}


def shown(stored: str) -> str:
    """The HTML of a comment, safe to be put into a page.

    A picture from elsewhere would tell its sender that the message is being read, so its description stands in its
    place.
    """
    cleaned = nh3.clean(stored, set_tag_attribute_values=_LINK_ATTRIBUTES)
    return nh3.clean(_with_links(_PICTURE.sub(_described, cleaned)), set_tag_attribute_values=_LINK_ATTRIBUTES)


def _described(found: re.Match[str]) -> str:
    alt = _ALT.search(found[1])
    words = html.escape(html.unescape(alt[1]).strip(), quote=False) if alt else ""
    return f"<em>[Picture{': ' + words if words else ''}, not loaded]</em>"


def _with_links(cleaned: str) -> str:
    """Addresses in the text, those outside of links, as links."""
    parts, depth = _TAG.split(cleaned), 0
    for place, part in enumerate(parts):
        if part.startswith("<") and place % 2:
            depth += part.startswith("<a ") - part.startswith("</a")
        elif depth == 0:
            parts[place] = _ADDRESS.sub(_linked, part)
    return "".join(parts)


def _linked(found: re.Match[str]) -> str:
    address = found[0].replace('"', "&quot;")
    return f'<a href="{address}">{found[0]}</a>'
