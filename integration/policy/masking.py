"""Hides what must not be repeated in a note: card numbers, passwords, codes, and placeholders that the desk would run.

It must not know where a text comes from or goes; text in, text out.
"""

from __future__ import annotations

import re

# Payment cards have 13 to 19 digits (ISO/IEC 7812); longer runs (IBANs, parcels) are hidden as well, to be safe.
_LONG_NUMBER = re.compile(r"\d(?:[\s.\-_/·\u200b]{0,2}\d){12,}")
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


def masked(text: str) -> str:
    """`text` in one line, without long numbers (the last four digits stay), passwords or runnable placeholders."""
    return _hidden(" ".join(text.split()))


def masked_lines(text: str) -> str:
    """The same with the lines kept, empty ones left out: a number over two lines is hidden as well."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return _hidden("\n".join(line for line in lines if line))


def _hidden(flat: str) -> str:
    for secret in (_SECRET_SAID, _SECRET_SHOWN):
        flat = secret.sub(r"\1\2[hidden]", flat)
    for number in (_IBAN, _NATIONAL_ID):
        flat = number.sub(_last_shown, flat)
    return harmless(hidden_numbers(flat))


def _last_shown(number: re.Match[str]) -> str:
    if not re.search(r"\d\D*\d\D*\d\D*\d", number[0]):
        return number[0]
    return "••••" + re.sub(r"\W", "", number[0])[-_SHOWN_DIGITS:]


def hidden_numbers(text: str) -> str:
    """`text` with every run of 13 digits or more reduced to its last four."""
    return _LONG_NUMBER.sub(lambda run: "••••" + re.sub(r"\D", "", run[0])[-_SHOWN_DIGITS:], text)


def harmless(text: str) -> str:
    """`text` whose braces no template language takes for its own: the desk renders placeholders in comments.

    https://support.zendesk.com/hc/en-us/articles/4408886858138 names the placeholders.
    """
    return text.replace("{{", "{ {").replace("}}", "} }").replace("{%", "{ %")
