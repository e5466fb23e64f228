"""Knows where Zendesk's app SDK comes from, that it is the very one that was looked at, and how it becomes one script.
It must not run any of it, and must not keep or serve a package whose hash is another."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import os
import tarfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

NAME, VERSION = "zendesk_app_framework_sdk", "2.0.11"
# What https://registry.npmjs.org/zendesk_app_framework_sdk/2.0.11 says under `dist.integrity`.
INTEGRITY = "sha512-3TKzeq0faAPCYRLYGKcoJnbDdsYB26/T2aoBC9JQKfbQRyBh2Av7EpeBRE9gYGVPqOPvqYxNmZITe29BKu+08Q=="
REGISTRY = "https://registry.npmjs.org"

FOLDER = Path(__file__).parents[2] / "var" / "sdk"
"""Where the copy is kept: the package as it came, the script made of it, and its licence."""

TIMEOUT_S = 20
"""For each answer of the registry; the package has 21 KB."""
LARGEST_BYTES = 1_000_000
"""Of the package and of one file in it: fifty times what they have."""

# The modules by the names under which they `require` each other; the last one is what the page is to have.
_MODULES = {
    "./vendor/native-promise-only": "package/lib/vendor/native-promise-only.js",
    "./utils": "package/lib/utils.js",
    "./client": "package/lib/client.js",
    "./index": "package/lib/index.js",
}
_LICENCE = "package/LICENSE"


class Unavailable(Exception):
    """There is no SDK to be had; the words say why and what to do."""


def bring(folder: Path = FOLDER, environ: Mapping[str, str] = os.environ, integrity: str = INTEGRITY) -> Path:
    """Fetch the SDK unless a good copy is kept, and make the one script of it. Raises Unavailable.

    `npm_config_registry` in `environ` names another registry than npm's own, as it does for npm.
    """
    kept = folder / f"{NAME}-{VERSION}.tgz"
    content = kept.read_bytes() if kept.exists() else b""
    if not _is_the_one(content, integrity):
        content = _fetched(environ.get("npm_config_registry") or REGISTRY)
        if not _is_the_one(content, integrity):
            raise Unavailable(
                f"The package {NAME} {VERSION} that came is not the one whose hash is known here, and was thrown away."
                " Look at npm_config_registry: it must name npm's registry or a true mirror of it."
            )
    files = _unpacked(content)
    folder.mkdir(parents=True, exist_ok=True)
    _put(kept, content)
    _put(folder / "LICENSE", files[_LICENCE])
    _put(folder / "zaf_sdk.js", _joined(files).encode())
    return folder / "zaf_sdk.js"


def script(folder: Path = FOLDER) -> bytes | None:
    """The script that `bring` made, or None where it was not brought."""
    made = folder / "zaf_sdk.js"
    return made.read_bytes() if made.exists() else None


def _is_the_one(content: bytes, integrity: str) -> bool:
    return integrity == "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def _fetched(registry: str) -> bytes:
    url = f"{registry.rstrip('/')}/{NAME}/-/{NAME}-{VERSION}.tgz"
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise Unavailable(f"npm_config_registry is {registry}: begin it with https://")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme was looked at above
            content: bytes = answer.read(LARGEST_BYTES + 1)
    except (OSError, urllib.error.URLError, http.client.HTTPException) as error:
        raise Unavailable(
            f"{parts.hostname} did not give the app SDK ({getattr(error, 'reason', None) or type(error).__name__})."
            " The desk works without it, but shows no apps: run `python -m sandbox sdk` again with a network."
        ) from None
    if len(content) > LARGEST_BYTES:
        raise Unavailable(f"{parts.hostname} sent more than {LARGEST_BYTES:,} bytes, which is not the app SDK.")
    return content


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The few files that are needed, read by name: nothing is written where the archive says."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for name in (*_MODULES.values(), _LICENCE):
            member = archive.extractfile(name)
            if member is None:
                raise Unavailable(f"The package {NAME} {VERSION} has no file {name}")
            files[name] = member.read(LARGEST_BYTES)
    return files


def _joined(files: Mapping[str, bytes]) -> str:
    """One script for a browser: each CommonJS module in a function of its own, and `ZAFClient` on the window."""
    parts = [
        f"/* {NAME} {VERSION}, Apache-2.0: the LICENSE file beside this one. Joined by `python -m sandbox sdk`. */",
        "(function () {",
        "var known = {};",
        "function require(name) { return known[name]; }",
    ]
    for name, path in _MODULES.items():
        source = files[path].decode()
        parts += [
            f"(function (module) {{ (function (module, exports) {{\n{source}\n}})(module, module.exports);",
            f"known[{name!r}] = module.exports; }})({{ exports: {{}} }});",
        ]
    return "\n".join([*parts, "window.ZAFClient = known['./index'];", "})();", ""])


def _put(path: Path, content: bytes) -> None:
    """Write all or nothing, and nothing where it stands already."""
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
