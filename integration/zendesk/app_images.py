"""Whether an app's pictures are those that Zendesk asks for, and its drawings such as its sanitiser leaves alone.

It must not decode a picture beyond its size.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from xml.etree import ElementTree

from integration.zendesk.app_package import Files

# https://developer.zendesk.com/documentation/apps/app-developer-guide/styling/#brand-assets: width and height.
LOGOS = {"assets/logo.png": (320, 320), "assets/logo-small.png": (128, 128)}
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}"
# What every sanitiser keeps; more is not needed for a flat icon.
_ELEMENTS = frozenset(f"{_SVG}{name}" for name in ("svg", "g", "path", "circle", "rect", "line", "polyline", "polygon"))
_ATTRIBUTES = frozenset(
    {
        *("viewBox", "width", "height", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "d"),
        *("cx", "cy", "r", "x", "y", "rx", "x1", "y1", "x2", "y2", "points", "transform", "fill-rule"),
    }
)
_WARN, _FAIL = "warning", "error"

Said = Iterator[tuple[str, str, str]]


def images(files: Files) -> Said:
    """What is wrong with logos and drawings, as weight, file and words."""
    for name, size in LOGOS.items():
        if name not in files:
            yield _FAIL, name, "is missing"
        elif _size(files[name]) != size:
            yield _FAIL, name, f"must be a PNG of {size[0]} × {size[1]} pixels"
    for name in sorted(name for name in files if name.endswith(".svg")):
        yield from _drawing(name, files[name].decode("utf-8", "replace"))


def _size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG) or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)


def _drawing(name: str, text: str) -> Said:
    if "<!" in text or "<?" in text or re.search(r"/>", text):
        yield _WARN, name, "Zendesk's sanitiser would write it anew: no comments, no declarations, every tag closed"
    if "<!" in text:  # a document type may name files to read; it is not parsed
        return
    try:
        tree = ElementTree.fromstring(text)  # noqa: S314 - the project's own file, without a document type
    except ElementTree.ParseError as wrong:
        yield _FAIL, name, f"is no XML: {wrong}"
        return
    for element in tree.iter():
        if element.tag not in _ELEMENTS:
            yield _FAIL, name, f"{element.tag.removeprefix(_SVG)} is taken out by Zendesk's sanitiser"
        for attribute in sorted(set(element.keys()) - _ATTRIBUTES):
            yield _FAIL, name, f"the attribute {attribute} is taken out by Zendesk's sanitiser"
