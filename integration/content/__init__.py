"""The texts that Attune ships: answers, empathy macros, fixed phrases, and the lint that every one of them must pass.

It must not know Zendesk, tickets or plans: files of this package in, texts out.
"""

from integration.content.lint import lint, lint_languages, lint_macro
from integration.content.texts import (
    ENGLISH,
    LANGUAGES,
    Fits,
    MacroText,
    answers,
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

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Fits",
    "MacroText",
    "answers",
    "empathy",
    "facts",
    "fill",
    "in_language",
    "languages",
    "lint",
    "lint_languages",
    "lint_macro",
    "macro",
    "macros",
    "phrases",
    "unfilled",
]
