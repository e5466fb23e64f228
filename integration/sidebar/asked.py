"""What the app sends, understood: a ticket's number and two small JSON bodies, and nothing else in them.

It must not know Flask, nor whether what is asked may be done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integration.model import Label, NotUnderstood

# Zendesk's ids fit a 64-bit number, and so does this many digits.
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
# Characters: Zendesk refuses comments over 64 kB, so no draft is longer.
LONGEST_DRAFT = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an agent has written so far."""

    text: str
    public: bool


def ticket_number(text: str) -> int:
    """A ticket's number; raises NotUnderstood for anything else."""
    if not _NUMBER.fullmatch(text):
        raise NotUnderstood("the ticket in the address is not a number of a ticket")
    return int(text)


def correction(body: bytes) -> tuple[Label, str]:
    """The label and the word of `{"label": …, "value": …}`; raises NotUnderstood naming what is wrong."""
    given = _object(body, {"label": str, "value": str})
    if given["label"] not in set(Label):
        raise NotUnderstood(f"label: there are {', '.join(Label)}")
    return Label(given["label"]), given["value"]


def draft(body: bytes) -> Draft:
    """The draft of `{"text": …, "public": …}`; raises NotUnderstood naming what is wrong, never repeating the text."""
    given = _object(body, {"text": str, "public": bool})
    if len(given["text"]) > LONGEST_DRAFT:
        raise NotUnderstood(f"text: longer than {LONGEST_DRAFT} characters")
    return Draft(text=given["text"], public=given["public"])


def nothing_else(body: bytes) -> None:
    """Return where a body is empty or an empty object; raises NotUnderstood."""
    if body.strip():
        _object(body, {})


def _object(body: bytes, keys: Mapping[str, type]) -> dict[str, Any]:
    """A JSON object with exactly these keys, each of its type."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("the body is not JSON") from None
    if not isinstance(given, dict):
        raise NotUnderstood("the body is not a JSON object")
    if more := sorted(given.keys() - keys.keys()):
        raise NotUnderstood(f"the body holds {len(more)} values too many; it may hold {', '.join(keys) or 'nothing'}")
    for key, kind in keys.items():
        if type(given.get(key)) is not kind:
            raise NotUnderstood(f"{key}: it is missing, or it is no {_KINDS[kind]}")
    return given


_KINDS: Mapping[type, str] = {str: "text", bool: "true or false"}
