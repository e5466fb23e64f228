"""The Zendesk app as files and as a zip: `manifest/` of the project, with the company's own host written into it.

It must not know the account, nor what the app draws.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from integration.model import Refused

MANIFEST = "manifest.json"
FOLDER = Path(__file__).resolve().parents[2] / "manifest"
# A zip has no time before this one; with the same time on every file the same files give the same bytes.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
# Zendesk takes no larger zip of a private app.
# https://developer.zendesk.com/documentation/apps/getting-started/uploading-and-installing-a-private-app/
MOST_BYTES = 2_000_000

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An app as it is uploaded; shown and compared by its fingerprint."""

    content: bytes
    version: str

    def __repr__(self) -> str:
        return f"Attune {self.version} {hashlib.sha256(self.content).hexdigest()}"


def package(public_url: str, folder: Path = FOLDER) -> Package:
    """The app for a server at `public_url`. Raises Refused where the files are missing or too large."""
    found = files(public_url, folder)
    content = zipped(found)
    if len(content) > MOST_BYTES:
        raise Refused(f"the app's zip has {len(content)} bytes; Zendesk takes {MOST_BYTES}")
    return Package(content=content, version=str(json.loads(found[MANIFEST])["version"]))


def files(public_url: str, folder: Path = FOLDER) -> Files:
    """Every file of the app by its path, with the host of `public_url` as the one that may be sent the shared value."""
    if not (folder / MANIFEST).is_file():
        raise Refused(f"{folder} holds no {MANIFEST}: the app's files belong beside the `integration` folder")
    every = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in every}
    shown = {name: content for name, content in found.items() if not any(p.startswith(".") for p in name.split("/"))}
    return {**shown, MANIFEST: _with_host(shown[MANIFEST], urlsplit(public_url).hostname or "")}


def zipped(files: Files) -> bytes:
    """The files as a zip, the manifest at its root; the same files always give the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return made.getvalue()


def _with_host(manifest: bytes, host: str) -> bytes:
    """The manifest with this host only. Its text is kept as it is written, escapes and all: Zendesk reads the text."""
    empty = b'"domainWhitelist": []'
    if manifest.count(empty) != 1:
        raise Refused(f"{MANIFEST} must hold {empty.decode()} once: the host is written there")
    return manifest.replace(empty, b'"domainWhitelist": ' + json.dumps([host] if host else []).encode())
