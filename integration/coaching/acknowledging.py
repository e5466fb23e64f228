"""Finds whether a draft names what happened, and says so where an upset customer would miss it.

It must not judge whether it is named well: a word of the event, of theirs, or a number is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integration import content
from integration.coaching.draft import Draft
from integration.coaching.lists import Lists, excuses
from integration.coaching.talk import Talk, telling
from integration.model import Advice, AdviceKind

# Words of the beginning in which the event is named. The house rule of our macros: the event before anything else.
BEGINNING_WORDS = 40
# Words that a draft has before its beginning can be judged: shorter ones are still being written, or a quick word.
FEWEST_WORDS = 12

# Words of the beginning that no form letter has: with more of them than this, or than this share, it speaks of
# something. Measured: every good reply of our samples has more.
MOST_OWN_WORDS, MOST_OWN_SHARE = 2, 0.15

_OPENING = re.compile(r"“[^“”]{10,160}”")
_CONCRETE = re.compile(r"\d|\[[^\[\]\n]{2,60}\]|%")
_WORDS = re.compile(r"\S+")


def not_acknowledged(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice where the customer is upset and the beginning of the draft could stand in any letter."""
    beginning = _beginning(draft.text)
    own, words = len(telling(beginning)), min(draft.words, BEGINNING_WORDS)
    if not talk.upset or draft.words < FEWEST_WORDS or own > max(MOST_OWN_WORDS, MOST_OWN_SHARE * words):
        return
    if names_event(beginning, talk, lists) or excuses().owned.search(beginning):
        return
    said = content.coaching()["say"]
    opening = _OPENING.search(talk.briefing.opening)
    say = said["not_acknowledged_named"].format(opening=opening[0]) if opening else said["not_acknowledged"]
    yield Advice(kind=AdviceKind.NOT_ACKNOWLEDGED, say=say)


def names_event(text: str, talk: Talk, lists: Lists) -> bool:
    """Whether a text names something concrete of what happened; to ask for “the order number” names no order."""
    for _, asked_for in lists.things:
        text = asked_for.sub(" ", text)
    return bool(_CONCRETE.search(text) or excuses().event.search(text) or telling(text) & talk.words)


def _beginning(text: str) -> str:
    hits = list(_WORDS.finditer(text))[:BEGINNING_WORDS]
    return text[: hits[-1].end()] if hits else ""
