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
    path = var / "secret-key"
    if not path.exists():
        private(var)
        # Written whole before it has its name, so that no other process reads half of it; the first one's name stands.
        with tempfile.NamedTemporaryFile("w", dir=var, prefix="secret-key-") as key:
            key.write(secrets.token_hex(32))
            key.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(key.name)
    if not (found := path.read_text()):
        raise Refused(f"{path} is empty: remove it, so that a key is made anew, and run `flask install`")
    return found
