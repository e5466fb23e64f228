"""Hides what must not be repeated in a note: card numbers, passwords, codes, and placeholders that the desk would run.

It must not know where a text comes from or goes; text in, text out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

# Payment cards have 13 to 19 digits (ISO/IEC 7812); longer runs (IBANs, parcels) are hidden as well, to be safe.
# Between digits stand spaces, dots and dashes of every length: word processors make them of plain ones.
_LONG_NUMBER = re.compile(
    r"\d(?:[\s.\-_/·|*\u200c-\u200f\u2010-\u2015\u2212]{0,2}\d){12,}"
    r"|\d{4}(?: [\-\u2010-\u2015\u2212] \d{4}){3}"
)
_SHOWN_DIGITS = 4

_NAMES = (
    r"pass(?:word|code|phrase|wort)s?|kennwort|mot de passe|contraseña|senha|wachtwoord|hasło|lösenord|pwd"
    r"|pin(?: code)?|cvv2?|cvc2?|security code|otp|(?:one[- ]time|verification|login|2fa|sms) code|secret"
)
_FILLERS = r"(?:(?:still|now|currently|the|same|just|called|actually)\s+)*"
_SECRET_SAID = re.compile(
    rf"\b({_NAMES})(\s*[:=→]+>?\s*|\s+(?:is|was|ist|est|es|lautet)\b\s*:?\s*{_FILLERS})"
    r"(\S+(?:\s+\S*\d\S*)?)",
    re.IGNORECASE,
)
_SECRET_SHOWN = re.compile(rf"\b({_NAMES})(\s+[\"'“‘(]?)(?=\S*\d)(\S+)", re.IGNORECASE)


# Account numbers by the shape of ISO 13616, and national ids by theirs: US social security, British national insurance,
# Spanish DNI and NIE, Italian codice fiscale. The last characters stay, so that an agent can tell which one was given.
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?\b")
_NATIONAL_ID = re.compile(
    r"(?<![\w-])(?:\d{3}-\d{2}-\d{4}|[A-CEGHJ-PR-TW-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]|[XYZ]?\d{7,8}-?[A-HJ-NP-TV-Z]"
    r"|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z])(?![\w-])"
)


_ENDS = r"\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
# Runs of spaces, then the ends of lines with the blank lines between them; each in time that grows with the text alone.
_SPACES = re.compile(rf"[^\S{_ENDS}]+")
_LINE_ENDS = re.compile(rf" ?[{_ENDS}][ {_ENDS}]*")


@dataclass(frozen=True, slots=True)
class Covered:
    """A text after masking, and where in the text before it each of its characters comes from, rising."""

    text: str
    origins: tuple[int, ...]

    def place(self, offset: int) -> int:
        """Where what stood at `offset`, or what follows it, stands now."""
        return bisect_left(self.origins, offset)


def covered(text: str) -> Covered:
    """`text` as `masked_lines` gives it, with the way back to the offsets of what is not hidden."""
    now = Covered(text, tuple(range(len(text))))
    for pattern, written in ((_SPACES, " "), (_LINE_ENDS, "\n"), *_HIDING):
        now = _replaced(now, pattern, written)
    begin, end = len(now.text) - len(now.text.lstrip()), len(now.text.rstrip())
    return Covered(now.text[begin:end], now.origins[begin:end])


def masked(text: str) -> str:
    """`text` in one line, without long numbers (the last four digits stay), passwords or runnable placeholders."""
    return _hidden(" ".join(text.split()))


def masked_lines(text: str) -> str:
    """The same with the lines kept, empty ones left out: a number over two lines is hidden as well."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return _hidden("\n".join(line for line in lines if line))


def _hidden(flat: str) -> str:
    for pattern, written in _HIDING:
        flat = pattern.sub(written, flat)
    return flat


def _replaced(before: Covered, pattern: re.Pattern[str], written: _Written) -> Covered:
    """One replacement in all its places; what is written instead comes from where the match began."""
    parts: list[str] = []
    origins: list[int] = []
    last = 0
    for hit in pattern.finditer(before.text):
        new = written(hit) if callable(written) else hit.expand(written)
        parts += [before.text[last : hit.start()], new]
        origins += [*before.origins[last : hit.start()], *[before.origins[hit.start()]] * len(new)]
        last = hit.end()
    return Covered("".join((*parts, before.text[last:])), (*origins, *before.origins[last:]))


def _last_shown(number: re.Match[str]) -> str:
    if not re.search(r"\d\D*\d\D*\d\D*\d", number[0]):
        return number[0]
    return "••••" + re.sub(r"\W", "", number[0])[-_SHOWN_DIGITS:]


def hidden_numbers(text: str) -> str:
    """`text` with every run of 13 digits or more reduced to its last four."""
    return _LONG_NUMBER.sub(_last_digits, text)


def _last_digits(run: re.Match[str]) -> str:
    return "••••" + re.sub(r"\D", "", run[0])[-_SHOWN_DIGITS:]


def harmless(text: str) -> str:
    """`text` whose braces no template language takes for its own: the desk renders placeholders in comments.

    https://support.zendesk.com/hc/en-us/articles/4408886858138 names the placeholders.
    """
    for pattern, written in _BRACES:
        text = pattern.sub(written, text)
    return text


# Signs that nobody sees: they hide a number from those who look for one, or turn round how a line is read. Those that
# scripts and emoji need (joiners, and marks of direction that end with their letter) stay.
_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_Written = str | Callable[[re.Match[str]], str]
_BRACES: tuple[tuple[re.Pattern[str], str], ...] = (
    # One sign at a time: of three braces in a row two must not stay together.
    (re.compile(r"\{(?=[{%])"), "{ "),
    (re.compile(r"\}(?=\})"), "} "),
)
# Everything that is hidden, in this order.
_HIDING: tuple[tuple[re.Pattern[str], _Written], ...] = (
    (_UNSEEN, ""),
    (_SECRET_SAID, r"\1\2[hidden]"),
    (_SECRET_SHOWN, r"\1\2[hidden]"),
    (_IBAN, _last_shown),
    (_NATIONAL_ID, _last_shown),
    (_LONG_NUMBER, _last_digits),
    *_BRACES,
)
