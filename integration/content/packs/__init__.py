"""Reads the packs, one line of business each: how far its intents may go, which words need a person, which macros fit.

It must not apply any of it: a file in, a frozen value out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from integration.model import Intent, Rung

# The packs that ship; each has a file of that name here.
PACKS = ("fintech", "ecommerce", "saas")
# The rung of what a pack never automates: marks, routing and notes, and no answer in set words, not even a draft.
NEVER = Rung.TAG


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What one line of business adds to a desk; it can only hold back."""

    name: str
    title: str  # for people
    because: str  # why it holds back what it does, one sentence
    ceilings: Mapping[Intent, Rung]  # no rung goes above these
    cues: tuple[Mapping[str, Any], ...]  # rows as in a table of cues; found, they keep a bot silent
    macros: tuple[str, ...]  # content keys that fit best among those that fit


@cache
def pack(name: str) -> Pack:
    """One pack. Raises KeyError where there is none of that name."""
    if name not in PACKS:
        raise KeyError(name)
    given = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    never = {Intent(intent): NEVER for intent in given["never"]}
    up_to = {Intent(intent): Rung(rung) for intent, rung in given["ceilings"].items()}
    if both := never.keys() & up_to.keys():
        raise ValueError(f"{name}: both never and up to a rung: {', '.join(sorted(both))}")
    return Pack(
        name=name,
        title=given["title"],
        because=given["because"],
        ceilings={**up_to, **never},
        cues=tuple(given["cue"]),
        macros=tuple(given["macros"]),
    )
