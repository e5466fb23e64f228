"""Joins rendered answers into one text, fills looked-up facts in, and puts Help Center articles under it.

It must not know where texts and facts come from, nor whether the result is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from integration.content.lint import greeting
from integration.content.texts import phrases
from integration.model import Article

_LOOKED_UP = re.compile(r"\[\[\s*lookup\.([a-z0-9_]+)\s*\]\]")


def joined(texts: Iterable[str], language: str) -> str:
    """Several answers as one: the greeting stands at the first only, paragraphs stay apart."""
    first, *others = (text.strip() for text in texts)
    return "\n\n".join([first, *(_begun(greeting(language).sub("", other).strip()) for other in others)])


def greetings(text: str, language: str) -> int:
    """How often a text greets."""
    return len(greeting(language).findall(text))


def fill_looked_up(text: str, facts: Mapping[str, str]) -> str:
    """`text` with every [[lookup.fact]] that is known put in; the others stay."""
    return _LOOKED_UP.sub(lambda found: facts.get(found[1], "") or found[0], text)


def under(text: str, articles: Iterable[Article], language: str) -> str:
    """`text` with titles and links of articles below it, or as it is where the language has no words for that."""
    lines = [f"{one.title.strip()}: {one.url}" for one in articles]
    said = phrases()["articles"].get(language)
    return "\n\n".join((text.strip(), "\n".join((said, *lines)))) if lines and said else text


def _begun(text: str) -> str:
    """After a greeting a sentence goes on small; without one it begins."""
    return text[:1].upper() + text[1:]
