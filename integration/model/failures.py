"""The four ways things fail.

It must not know where they come from or what is done about them.
"""

from __future__ import annotations

from datetime import timedelta


class AttuneError(Exception):
    """The root of our failures; only its four children are raised, and two kinds of Refused that a door tells apart."""


class NotTrusted(AttuneError):
    """The caller is not who they must be: answer 401, store nothing."""


class NotUnderstood(AttuneError):
    """The message lacks or garbles something; the text names the field."""


class TryLater(AttuneError):
    """It may work later: a limit, a timeout, a 5xx, an edit conflict."""

    def __init__(self, reason: str, after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(reason)
        self.after = after


class Refused(AttuneError):
    """It will never work; the text says why and what to do."""


class NotAllowed(Refused):
    """Refused because of who asks: they are known, and may not."""


class NotThere(Refused):
    """Refused because what is asked about is not there, or not to be seen by us."""
