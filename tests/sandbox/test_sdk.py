"""The bring-up of Zendesk's app SDK, from a registry on loopback: what is kept, what is refused, and what is said."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sandbox.hosting import sdk
from tests.conftest import free_port

FILES = {
    "package/lib/vendor/native-promise-only.js": "module.exports = 'promise';",
    "package/lib/utils.js": "exports.two = 2;",
    "package/lib/client.js": "var u = require('./utils'); module.exports = function () { return u.two; };",
    "package/lib/index.js": "var Client = require('./client'); module.exports = { init: Client };",
    "package/LICENSE": "Apache License",
}


def packed(files: dict[str, str] = FILES) -> bytes:
    """A package as npm's registry has it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return made.getvalue()


TRUE = packed()


def integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


class Registry(ThreadingHTTPServer):
    """A registry that gives one package and remembers which paths were asked for."""

    content, paths = TRUE, list[str]()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Registry)
        self.server.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry on loopback."""
    server = Registry(("127.0.0.1", 0), _Handler)
    server.paths = []
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def named(registry: Registry) -> dict[str, str]:
    return {"npm_config_registry": f"http://127.0.0.1:{registry.server_port}/npm/"}


def test_the_modules_become_one_script(registry: Registry, tmp_path: Path) -> None:
    """The package is fetched from the registry that npm would use, and joined with its licence beside it."""
    made = sdk.bring(tmp_path, named(registry), integrity(TRUE))
    assert registry.paths == ["/npm/zendesk_app_framework_sdk/-/zendesk_app_framework_sdk-2.0.11.tgz"]
    text = made.read_text()
    assert text.index("exports.two") < text.index("u.two") < text.index("window.ZAFClient")
    assert (tmp_path / "LICENSE").read_text() == "Apache License"
    assert sdk.script(tmp_path) == made.read_bytes()


def test_a_kept_copy_needs_no_network(registry: Registry, tmp_path: Path) -> None:
    """The second time nothing is fetched and nothing is written; a lost script is made again from the kept package."""
    known = integrity(TRUE)
    made = sdk.bring(tmp_path, named(registry), known)
    stamp = made.stat().st_mtime_ns
    nobody = {"npm_config_registry": f"http://127.0.0.1:{free_port()}"}
    assert sdk.bring(tmp_path, nobody, known).stat().st_mtime_ns == stamp
    made.unlink()
    sdk.bring(tmp_path, nobody, known)
    assert made.exists()
    assert len(registry.paths) == 1


def test_another_package_is_thrown_away(registry: Registry, tmp_path: Path) -> None:
    """A package with another hash than the known one is refused in words, and nothing of it is kept."""
    registry.content = packed(FILES | {"package/lib/index.js": "steal()"})
    with pytest.raises(sdk.Unavailable, match="not the one whose hash is known"):
        sdk.bring(tmp_path / "sdk", named(registry), integrity(TRUE))
    assert not (tmp_path / "sdk").exists()


def test_a_spoilt_copy_is_fetched_anew(registry: Registry, tmp_path: Path) -> None:
    """A kept package that was changed is not believed."""
    known = integrity(TRUE)
    sdk.bring(tmp_path, named(registry), known)
    kept = next(tmp_path.glob("*.tgz"))
    kept.write_bytes(b"changed")
    sdk.bring(tmp_path, named(registry), known)
    assert kept.read_bytes() == TRUE


@pytest.mark.parametrize("address", ["file:///etc", "ftp://example.org", "http://example.org", "nonsense"])
def test_odd_registries_are_refused(tmp_path: Path, address: str) -> None:
    """Only https is asked, or this machine."""
    with pytest.raises(sdk.Unavailable, match="begin it with https"):
        sdk.bring(tmp_path, {"npm_config_registry": address})


def test_too_much_is_not_read(registry: Registry, tmp_path: Path) -> None:
    """An endless answer is cut off."""
    registry.content = b"x" * (sdk.LARGEST_BYTES + 10)
    with pytest.raises(sdk.Unavailable, match="sent more than"):
        sdk.bring(tmp_path, named(registry))


def test_the_command_says_what_to_do_without_a_network(tmp_path: Path) -> None:
    """Without a copy and a network the command fails with a sentence that says what to do, not with a trace."""
    environ = {**os.environ, "npm_config_registry": f"http://127.0.0.1:{free_port()}"}
    words = [sys.executable, "-m", "sandbox", "sdk", "--folder", str(tmp_path)]
    ran = subprocess.run(words, capture_output=True, text=True, env=environ, timeout=60)
    assert ran.returncode == 1
    assert "127.0.0.1 did not give the app SDK" in ran.stderr
    assert "run `python -m sandbox sdk` again" in ran.stderr
    assert "Traceback" not in ran.stderr
