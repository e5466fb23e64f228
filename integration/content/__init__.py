"""The texts that Attune ships: answers, empathy macros, fixed phrases, and the lint that every one of them must pass.

It must not know Zendesk, tickets or plans: files of this package in, texts out.
"""

from integration.content.joining import fill_looked_up, greetings, joined, under
from integration.content.lint import lint, lint_languages, lint_macro
from integration.content.packs import PACKS, Pack, pack
from integration.content.texts import (
    ENGLISH,
    LANGUAGES,
    Fits,
    MacroText,
    answers,
    asking,
    coaching,
    empathy,
    facts,
    fill,
    in_language,
    languages,
    macro,
    macros,
    phrases,
    unfilled,
)
from integration.content.way_out import (
    WAY_OUT_PATH,
    clock,
    day,
    moment,
    slot,
    spoken,
    way_out,
    way_out_notes,
    zone_name,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "PACKS",
    "WAY_OUT_PATH",
    "Fits",
    "MacroText",
    "Pack",
    "answers",
    "asking",
    "clock",
    "coaching",
    "day",
    "empathy",
    "facts",
    "fill",
    "fill_looked_up",
    "greetings",
    "in_language",
    "joined",
    "languages",
    "lint",
    "lint_languages",
    "lint_macro",
    "macro",
    "macros",
    "moment",
    "pack",
    "phrases",
    "slot",
    "spoken",
    "under",
    "unfilled",
    "way_out",
    "way_out_notes",
    "zone_name",
]
