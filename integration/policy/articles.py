"""Says which Help Center articles really fit a question, by the words that both have in common.

It must not search: candidates come in as the desk's own search gave them, and are believed only where words agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from integration import content
from integration.model import Article, Intent

# Intents whose question an article can answer; the others need a look into somebody's order or account.
OFFERED_FOR = frozenset(
    {
        Intent.HOW_TO,
        Intent.RETURN_HOW_TO,
        Intent.PASSWORD_RESET,
        Intent.ACCOUNT_UPDATE,
        Intent.CANCEL_HOW_TO,
        Intent.INVOICE_COPY,
        Intent.PLAN_QUESTION,
    }
)
# Score (0…1) from which an article is offered. Measured on tests/cases/articles.json: see docs/answers.md.
FLOOR = 0.5
# How near to the best a second article must be: what is much worse is about something near the matter.
_NEARLY = 0.15
# What the title's words count against those of the text, which holds many that are only near the matter.
_TITLE, _SNIPPET = 0.7, 0.3
# Words in common from which more of them say no more.
_ENOUGH = 3
# Characters of a title that is offered: a longer one is a text. Our choice.
LONGEST_TITLE = 120

_WORD = re.compile(r"[^\W\d_]{3,}|\d{3,}")
_COMMON = frozenset(content.asking()["articles"]["common"].split())
_ENDINGS = ("ations", "ation", "ings", "ing", "tions", "tion", "ies", "ied", "ers", "ed", "es", "er", "s", "e", "y")
# The shortest stem that an ending may leave.
_SHORTEST_STEM = 4


def fitting(question: str, language: str, candidates: Iterable[Article], most: int) -> tuple[Article, ...]:
    """At most `most` articles in `language` (ISO 639-1) that fit `question`, best first; each title once."""
    asked = _stems(question)
    own = [one for one in candidates if one.locale.lower().split("-")[0] == language and _fit_to_show(one)]
    ranked = sorted(((score(asked, one), place, one) for place, one in enumerate(own)), key=lambda it: (-it[0], it[1]))
    least = max(FLOOR, ranked[0][0] - _NEARLY) if ranked else FLOOR
    fit: dict[str, Article] = {}
    for points, _, one in ranked:
        if points >= least:
            fit.setdefault(one.title.casefold(), one)
    return tuple(fit.values())[:most]


def query(question: str) -> str:
    """The words of a question that are worth searching for."""
    words = (word for word in _WORD.findall(question.casefold()) if word not in _COMMON and not word.isdigit())
    return " ".join(list(dict.fromkeys(words))[:8])


def score(asked: frozenset[str], article: Article) -> float:
    """How well an article fits what is asked, 0…1: how much of its title was asked, and of the ask it holds."""
    title, text = _stems(article.title), _stems(article.snippet)
    common = asked & (title | text)
    if not asked & title or len(common) < min(2, len(asked)):  # one word in common is too little
        return 0.0
    named = len(asked & title) / min(len(title), _ENOUGH)
    held = len(common) / min(len(asked), _ENOUGH)
    return _TITLE * min(1.0, named) + _SNIPPET * min(1.0, held)


def _fit_to_show(article: Article) -> bool:
    return bool(article.title.strip()) and len(article.title) <= LONGEST_TITLE and article.title.isprintable()


def _stems(text: str) -> frozenset[str]:
    flat = text.casefold().replace("wi-fi", "wifi").replace("e-mail", "email").replace("sign-in", "signin")
    return frozenset(_stem(word) for word in _WORD.findall(flat) if word not in _COMMON)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
