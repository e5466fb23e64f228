"""Reads the shipped texts from this package's TOML files, once, into frozen values.

It must not know where the texts go: no Zendesk, no ticket, no plan.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from integration.model import Charge, Emotion, Intent, Signal

# Everything we put into a macro menu stands under this name, so that uninstalling finds it and admins know it.
ROOT = "Attune"

_FACT = re.compile(r"\[\[\s*([a-z0-9_]+)\s*\]\]")
_SLOT = re.compile(r"(?<!\[)\[([^\[\]]+)\](?!\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """Where a macro fits; an empty set says nothing about that side."""

    intents: frozenset[Intent] = frozenset()
    emotions: frozenset[Emotion] = frozenset()
    signals: frozenset[Signal] = frozenset()
    charges: frozenset[Charge] = frozenset(Charge)


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroText:
    """One macro as shipped: `[[fact]]` is the company's to fill, `[slot]` the agent's, `{{…}}` Zendesk's."""

    key: str  # such as "answer/order_status" or "empathy/delay/first"; install stores the macro's id under it
    title: str  # such as "Attune::Answers::Order status"; Zendesk shows :: as nested menus
    text: str  # plain text, paragraphs apart by an empty line
    fits: Fits
    because: str  # why it fits, one line for the agent
    language: str = "en"  # ISO 639-1

    @property
    def html(self) -> str:
        """The text as HTML paragraphs, escaped; facts, slots and placeholders stay as they are."""
        paragraphs = (escape(paragraph, quote=False) for paragraph in self.text.split("\n\n"))
        return "".join("<p>" + paragraph.replace("\n", "<br>") + "</p>" for paragraph in paragraphs)

    @property
    def facts(self) -> tuple[str, ...]:
        """The company facts that the text needs, in order of use."""
        return unfilled(self.text)

    @property
    def slots(self) -> tuple[str, ...]:
        """What the agent fills in, in order of use."""
        return tuple(_SLOT.findall(self.text))


def answers() -> tuple[MacroText, ...]:
    """The answer macros: one for each routine intent but `thanks`, which needs no answer."""
    return _answers()


def empathy() -> tuple[MacroText, ...]:
    """The empathy macros, in the order in which the menu shows them."""
    return _empathy()


def macro(key: str) -> MacroText | None:
    """The shipped macro of one content key, or None."""
    return next((text for text in (*_answers(), *_empathy()) if text.key == key), None)


def facts() -> Mapping[str, str]:
    """The company facts that answers may need: name, and what the admin should give."""
    described: dict[str, str] = _load("answers.toml")["facts"]
    return described


def phrases() -> Mapping[str, Any]:
    """The fixed words of replies and notes, by section of phrases.toml."""
    return _load("phrases.toml")


def fill(text: str, known: Mapping[str, str]) -> str:
    """`text` with every [[fact]] that is known and not blank put in; the others stay, and keep replies away."""
    return _FACT.sub(lambda found: known.get(found[1], "").strip() or found[0], text)


def unfilled(text: str) -> tuple[str, ...]:
    """The names of the [[facts]] that still stand in `text`, each once, in order of use."""
    return tuple(dict.fromkeys(_FACT.findall(text)))


@cache
def _answers() -> tuple[MacroText, ...]:
    return tuple(
        MacroText(
            key=f"answer/{Intent(row['intent'])}",
            title=f"{ROOT}::Answers::{row['title']}",
            text=row["text"].strip(),
            fits=Fits(intents=frozenset({Intent(row["intent"])}), charges=frozenset({Charge.CALM, Charge.MILD})),
            because="answers this routine question",
        )
        for row in _load("answers.toml")["answer"]
    )


@cache
def _empathy() -> tuple[MacroText, ...]:
    return tuple(
        MacroText(
            key=row["key"],
            title=f"{ROOT}::Empathy::{row['title']}",
            text=row["text"].strip(),
            fits=Fits(
                intents=frozenset(map(Intent, row["intents"])),
                emotions=frozenset(map(Emotion, row["emotions"])),
                signals=frozenset(map(Signal, row["signals"])),
                charges=frozenset(map(Charge, row["charges"])),
            ),
            because=row["because"],
        )
        for row in _load("macros.toml")["macro"]
    )


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
