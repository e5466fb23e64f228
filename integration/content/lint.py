"""Reads a text that is meant for a customer and says what would make it cold, false or hard to read.

It must not know where the texts go; what it looks for in each language stands in wording.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from integration.content.texts import SLOT, MacroText

# Longest sentence, in words: the UK government's writing guide asks for 25 at most.
# https://www.gov.uk/guidance/content-design/writing-for-gov-uk
LONGEST_SENTENCE_WORDS = 25
# Exclamation marks in one text: one can be warm, two shout. Our choice.
MOST_EXCLAMATIONS = 1
# One apology is heard, a second one sounds like a formula. Our choice, from the house rule on empathy macros.
MOST_APOLOGIES = 1
# An empathy macro in words, greeting and slots included: shorter is curt, longer is not read. Our choice.
FEWEST_WORDS, MOST_WORDS = 40, 110

_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")
_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def lint(text: str, language: str = "en") -> tuple[str, ...]:
    """Everything wrong with the wording of `text`, in plain words with the place quoted; empty when it may be used.

    Raises KeyError for a language that wording.toml does not know.
    """
    wording = _wording()[language]
    plain = _PLACEHOLDER.sub("", text).replace("'", "’")
    return (
        *(found for fault, patterns in wording["faults"].items() for found in _phrases(fault, patterns, plain)),
        *_apologies(plain, wording),
        *_exclamations(text),
        *_long_sentences(text, wording),
    )


def lint_macro(macro: MacroText) -> tuple[str, ...]:
    """Everything wrong with one empathy macro: its wording, and the order in which it says things."""
    wording = _wording()[macro.language]
    return (
        *lint(macro.text, macro.language),
        *_length(macro.text),
        *_sympathy_first(macro.text, wording),
        *_no_time(macro, wording),
        *_unknown_places(macro, wording),
    )


def lint_languages(macros: Iterable[MacroText]) -> tuple[str, ...]:
    """How the languages of the same macros differ: a macro that one lacks, or another number of slots."""
    slots: dict[str, dict[str, int]] = {}
    for macro in macros:
        slots.setdefault(macro.language, {})[macro.base] = len(macro.slots)
    first, *others = slots
    return tuple(
        f"{base}: {slots[first].get(base, 'no')} slots in {first}, {slots[other].get(base, 'no')} in {other}"
        for other in others
        for base in sorted(slots[first].keys() | slots[other].keys())
        if slots[first].get(base) != slots[other].get(base)
    )


def greeting(language: str) -> re.Pattern[str]:
    """The line of a text that greets. Raises KeyError for a language that wording.toml does not know."""
    return re.compile(_wording()[language]["greeting"], re.IGNORECASE | re.MULTILINE)


def _phrases(fault: str, patterns: Iterable[str], text: str) -> list[str]:
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return [f"{fault}: “{hit[0]}”" for hit in found if hit]


def _apologies(text: str, wording: Mapping[str, Any]) -> list[str]:
    count = len(re.findall(wording["apology"], text, re.IGNORECASE))
    return [f"{count} apologies, {MOST_APOLOGIES} is enough"] if count > MOST_APOLOGIES else []


def _exclamations(text: str) -> list[str]:
    count = text.count("!")
    return [f"{count} exclamation marks"] if count > MOST_EXCLAMATIONS else []


def _long_sentences(text: str, wording: Mapping[str, Any]) -> list[str]:
    body = re.sub(wording["greeting"], "", text, flags=re.IGNORECASE | re.MULTILINE)
    sentences = (sentence.split() for sentence in _SENTENCE_END.split(body))
    return [
        f"{len(words)} words in one sentence: “{' '.join(words[:6])} …”"
        for words in sentences
        if len(words) > LONGEST_SENTENCE_WORDS
    ]


def _length(text: str) -> list[str]:
    words = len(text.split())
    return [] if FEWEST_WORDS <= words <= MOST_WORDS else [f"{words} words, not {FEWEST_WORDS} to {MOST_WORDS}"]


def _sympathy_first(text: str, wording: Mapping[str, Any]) -> list[str]:
    sympathy = re.search(wording["sympathy"], text, re.IGNORECASE)
    slot = SLOT.search(text)
    if sympathy is None or (slot is not None and slot.start() < sympathy.start()):
        return []
    return [f"sympathy before the event: “{sympathy[0]}”"]


def _no_time(macro: MacroText, wording: Mapping[str, Any]) -> list[str]:
    timed = any(re.search(wording["time"], slot, re.IGNORECASE) for slot in macro.slots)
    return [] if timed else ["no day, date or hour to fill in"]


def _unknown_places(macro: MacroText, wording: Mapping[str, Any]) -> list[str]:
    """Placeholders that Zendesk should not fill in, company facts that nobody gives, and brackets that do not close."""
    unknown = sorted(set(_PLACEHOLDER.findall(macro.text)) - set(wording["placeholders"]))
    left = _PLACEHOLDER.sub("", SLOT.sub("", macro.text))
    return [
        *(f"unknown placeholder: {{{{{name}}}}}" for name in unknown),
        *(f"unfilled fact: [[{fact}]]" for fact in macro.facts),
        *(["a bracket without its other half"] if re.search(r"[\[\]{}]", left) else []),
        *([] if macro.text.endswith("]") else ["no slot for the name of the person who signs"]),
    ]


@cache
def _wording() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))
