"""Knows how a file of an uploaded app is read out of its zip, and what a browser is told that it is.
It must not know addresses or installations, and never unpacks a zip to disk."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

# Types that an app may serve; the official packaging refuses archives, programs and documents.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}

LARGEST_FILE_BYTES = 5_000_000
"""Of one file, unpacked (our choice): more would be a zip that means harm."""

# The addresses under which Zendesk serves its SDK, by major version, minified or not.
_SDK = re.compile(rb"https://static\.zdassets\.com/zendesk_app_framework_sdk/[\w.]+/zaf_sdk(?:\.min)?\.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of an app: its bytes, and the type that the browser is told."""

    content: bytes
    type: str


def asset(package: bytes, path: str, sdk_path: str) -> Asset | None:
    """The file `assets/PATH` of a package, or None. A page that loads Zendesk's SDK loads it from `sdk_path` instead.

    Only an entry of exactly this name is ever read, so that no path leads anywhere else.
    """
    kind = TYPES.get(PurePosixPath(path).suffix.lower())
    if kind is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            entry = archive.getinfo(f"assets/{path}")
            if entry.is_dir() or entry.file_size > LARGEST_FILE_BYTES:
                return None
            content = archive.read(entry)
    except (KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError):  # the last two: encrypted, odd packing
        return None
    if kind.startswith("text/html"):
        content = _SDK.sub(sdk_path.encode(), content)
    return Asset(content=content, type=kind)
