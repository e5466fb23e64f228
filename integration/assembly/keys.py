"""What is kept for one host alone: the key, the seal made with it, a worker's name, the folder of the embedded files.

It must not know the parts, nor what is sealed.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import secrets
import socket
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from integration.model import Refused, TryLater

# Where the generated password of the dashboard lies, under var/.
PASSWORD_FILE = "admin-password"  # noqa: S105 - a file's name


class Seal:
    """Makes a secret unreadable without the key, and readable with it."""

    def __init__(self, key: str) -> None:
        self._digest = hashlib.sha256(key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._digest))

    def key(self, purpose: str) -> bytes:
        """A key for one other purpose, which says nothing about this one."""
        return hmac.digest(self._digest, purpose.encode(), "sha256")

    def close(self, secret: str) -> str:
        """The secret, sealed."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; raises TryLater where it was sealed with another key, so that nobody is let in or lost."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise TryLater(
                "SECRET_KEY changed since install: put the old one back, or run `flask install`", timedelta(seconds=30)
            ) from None


def worker_name() -> str:
    """This host's name: stays over restarts, differs between machines."""
    return socket.gethostname()


@contextlib.contextmanager
def alone(lock: Path, name: str) -> Iterator[None]:
    """Hold a worker's name on this host; the system lets go of it however the worker ends.

    Two of one name would each take up what the other has in hand, as if left by a crash.
    """
    private(lock.parent)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"a worker named {name} runs here already: give this one another --name") from None
        yield


def private(folder: Path) -> None:
    """Make the folder for the embedded databases and the key, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def generated_key(var: Path) -> str:
    """The key of an installation that was given none: made once, readable by its owner only."""
    return _made_once(var / "secret-key", secrets.token_hex(32), "so that a key is made anew, and run `flask install`")


def generated_password(var: Path) -> str:
    """The dashboard's password of an installation that was given none: made once, readable by its owner only."""
    return _made_once(var / PASSWORD_FILE, secrets.token_urlsafe(15), "so that a password is made anew").strip()


def _made_once(path: Path, secret: str, remedy: str) -> str:
    if not path.exists():
        private(path.parent)
        # Written whole before it has its name, so that no other process reads half of it; the first one's name stands.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}-") as file:
            file.write(secret)
            file.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(file.name)
    if not (found := path.read_text()):
        raise Refused(f"{path} is empty: remove it, {remedy}")
    return found
