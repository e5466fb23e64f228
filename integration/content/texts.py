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

# The languages that empathy macros are written in, ISO 639-1; each has a file of that name under empathy/.
ENGLISH = "en"
LANGUAGES = (ENGLISH, "de", "es", "fr", "pt")

_FACT = re.compile(r"\[\[\s*([a-z0-9_]+)\s*\]\]")
SLOT = re.compile(r"(?<!\[)\[([^\[\]]+)\](?!\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """Where a macro fits; an empty set says nothing about that side."""

    intents: frozenset[Intent] = frozenset()
    emotions: frozenset[Emotion] = frozenset()
    signals: frozenset[Signal] = frozenset()
    charges: frozenset[Charge] = frozenset(Charge)
    only_with_signal: bool = False  # suggested only where one of the signals was seen


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroText:
    """One macro as shipped: `[[fact]]` is the company's to fill, `[slot]` the agent's, `{{…}}` Zendesk's."""

    key: str  # such as "answer/order_status" or "empathy/delay/first/de"; install stores the macro's id under it
    title: str  # such as "Attune::Answers::Order status"; Zendesk shows :: as nested menus
    text: str  # plain text, paragraphs apart by an empty line
    fits: Fits
    because: str  # why it fits, one line for the agent
    language: str = ENGLISH  # ISO 639-1

    @property
    def base(self) -> str:
        """The key of the same macro in English, which is the one without a language."""
        return self.key.removesuffix(f"/{self.language}")

    @property
    def html(self) -> str:
        """The text as HTML paragraphs, escaped; facts, slots and placeholders stay as they are."""
        paragraphs = (escape(paragraph, quote=False) for paragraph in self.text.split("\n\n"))
        return "".join("<p>" + paragraph.replace("\n", "<br>") + "</p>" for paragraph in paragraphs)

    @property
    def for_everybody(self) -> bool:
        """Whether it is never kept to some groups: answers are Attune's own work as well."""
        return not self.key.startswith("empathy/")

    @property
    def facts(self) -> tuple[str, ...]:
        """The company facts that the text needs, in order of use."""
        return unfilled(self.text)

    @property
    def slots(self) -> tuple[str, ...]:
        """What the agent fills in, in order of use."""
        return tuple(SLOT.findall(self.text))


def answers() -> tuple[MacroText, ...]:
    """The answer macros: one for each routine intent but `thanks`, which needs no answer."""
    return _answers()


def empathy(*languages: str) -> tuple[MacroText, ...]:
    """The empathy macros of these languages, English where none is named, in the order in which the menu shows them.

    Raises KeyError for a language that no macro is written in.
    """
    return tuple(text for language in languages or (ENGLISH,) for text in _empathy()[language])


def languages() -> Mapping[str, str]:
    """The languages of the empathy macros: ISO 639-1 code, and the language's own name."""
    return {language: str(_words(language)["name"]) for language in LANGUAGES}


def macros() -> tuple[MacroText, ...]:
    """Every macro that ships: the answers, and the empathy macros of all languages."""
    return (*_answers(), *empathy(*LANGUAGES))


def in_language(base: str, language: str) -> str:
    """The content key of an English macro's sister in `language`."""
    return base if language == ENGLISH else f"{base}/{language}"


def macro(key: str) -> MacroText | None:
    """The shipped macro of one content key, or None."""
    return next((text for text in macros() if text.key == key), None)


def facts() -> Mapping[str, str]:
    """The company facts that answers may need: name, and what the admin should give."""
    described: dict[str, str] = _load("answers.toml")["facts"]
    return described


def phrases() -> Mapping[str, Any]:
    """The fixed words of replies and notes, by section of phrases.toml."""
    return _load("phrases.toml")


def asking() -> Mapping[str, Any]:
    """How people ask and say thanks, by section of asking.toml."""
    return _load("asking.toml")


def coaching() -> Mapping[str, Any]:
    """What the wording help looks for and says, by section of coaching.toml."""
    return _load("coaching.toml")


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
def _empathy() -> Mapping[str, tuple[MacroText, ...]]:
    places: dict[str, dict[str, Any]] = _load("empathy/fits.toml")
    return {
        language: tuple(_empathy_macro(base, place, language) for base, place in places.items())
        for language in LANGUAGES
    }


def _empathy_macro(base: str, place: Mapping[str, Any], language: str) -> MacroText:
    words = _words(language)
    menu = f"{ROOT}::Empathy" if language == ENGLISH else f"{ROOT}::Empathy::{words['name']}"
    return MacroText(
        key=in_language(base, language),
        title=f"{menu}::{words[base]['title']}",
        text=words[base]["text"].strip(),
        fits=_fits(place),
        because=place["because"],
        language=language,
    )


def _fits(place: Mapping[str, Any]) -> Fits:
    return Fits(
        intents=frozenset(map(Intent, place.get("intents", ()))),
        emotions=frozenset(map(Emotion, place.get("emotions", ()))),
        signals=frozenset(map(Signal, place.get("signals", ()))),
        charges=frozenset(map(Charge, place.get("charges", Charge))),
        only_with_signal=place.get("only_with_signal", False),
    )


def _words(language: str) -> dict[str, Any]:
    return _load(f"empathy/{language}.toml")


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
