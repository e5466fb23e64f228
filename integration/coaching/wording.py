"""Finds words of a draft that blame, console emptily, apologise twice, do not fit the feeling, or are ours alone.

It must not judge what a draft says, only how; and what stands in a quotation is not the agent's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integration import content
from integration.coaching.acknowledging import names_event
from integration.coaching.draft import Draft
from integration.coaching.lists import Lists, Patterns, excuses
from integration.coaching.talk import Talk
from integration.model import Advice, AdviceKind, Charge

# Characters before blame in which it may be taken back: “this was not your fault”. Our choice: half a clause.
TAKEN_BACK_WITHIN = 24
# Exclamation marks that an upset customer's reply may hold; the greeting's and those of thanks are not counted.
MOST_EXCLAMATIONS = 1
# Words in capitals in a row that shout, and the letters they need together; fewer are names and short forms.
SHOUTED_WORDS, SHOUTED_LETTERS = 3, 12

_CHEERFUL = re.compile("[😀-😆😉-😋😍-😏😘🙂🤗🤩🥰🥳🎁🎂🎈-🎊🌟⭐✨💫🌈🌞☀🚀👍👏💪🙌💓-💟🍀🍹🏆]")
_EXCLAMATIONS = 1
# Words in capitals in a row that shout, and the letters they need together; fewer are names and short forms.
SHOUTED_WORDS, SHOUTED_LETTERS = 3, 12

_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_EXCLAMATION = re.compile(r"!+")
_POLITE = re.compile(
    r"(?:^|\n)[^\n!]{0,40}$|\b(?:thank\s?you|thanks|danke|gracias|merci|obrigad[oa])[^.!?\n]{0,30}$", re.IGNORECASE
)
_WORD = re.compile(r"\w+")


def blame(draft: Draft, _talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on words that put it on the customer."""
    for hit in _hits(lists.blame, draft.text):
        before = draft.text[max(0, hit.start() - TAKEN_BACK_WITHIN) : hit.start()]
        if not excuses().not_blame.search(before):
            yield _advice(AdviceKind.BLAME, "blame", draft, hit.start(), hit.end())


def tone(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on cheer, form-letter coldness and capitals where they do not fit."""
    if talk.upset or talk.tender:
        for start, end in _cheer(draft, lists):
            yield _advice(AdviceKind.TONE, "tone_grave" if talk.grave else "tone_cheer", draft, start, end)
    if talk.upset:
        for hit in _hits(lists.cold, draft.text):
            yield _advice(AdviceKind.TONE, "tone_cold", draft, hit.start(), hit.end())
    if span := _shouted(draft.text):
        yield _advice(AdviceKind.TONE, "tone_loud", draft, *span)


def second_apology(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on a second apology: in the draft, or in the conversation where the draft offers nothing else."""
    here = _apologies(draft.text, lists)
    if len(here) > 1:
        yield _advice(AdviceKind.SECOND_APOLOGY, "second_apology_draft", draft, here[1].start(), here[1].end())
        return
    offers = excuses().deadline.search(draft.text) or excuses().done.search(draft.text)
    if here and not offers and any(_apologies(text, lists) for text in talk.ours):
        yield _advice(AdviceKind.SECOND_APOLOGY, "second_apology_thread", draft, here[0].start(), here[0].end())


def empty_sympathy(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on sympathy that could stand in any letter, where the draft names nothing of what happened."""
    phrases = lists.sympathy if talk.charge is Charge.CALM else (*lists.sympathy, *lists.patience)
    hits = sorted(_hits(phrases, draft.text), key=lambda hit: hit.start())
    if not hits:
        return
    rest = draft.text
    for hit in hits:
        rest = rest[: hit.start()] + " " * (hit.end() - hit.start()) + rest[hit.end() :]
    if not names_event(rest, talk, lists):
        yield _advice(AdviceKind.EMPTY_SYMPATHY, "empty_sympathy", draft, hits[0].start(), hits[0].end())


def jargon(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on words of ours that the customer has not used and the draft does not explain."""
    for hit in sorted(_hits(lists.jargon, draft.text), key=lambda hit: hit.start()):
        word = hit[0].strip()
        explained = any(one.match(draft.text[hit.end() : hit.end() + 80]) for one in lists.explained)
        named = draft.text[hit.start() - 1 : hit.start()] == "(" and draft.text[hit.end() : hit.end() + 1] == ")"
        if not explained and not named and not _used(word, talk):
            say = content.coaching()["say"]["jargon"].format(word=word)
            start, end = hit.start(), hit.end()
            yield Advice(kind=AdviceKind.JARGON, say=say, quote=draft.original[start:end], start=start, end=end)


def _cheer(draft: Draft, lists: Lists) -> Iterator[tuple[int, int]]:
    yield from ((hit.start(), hit.end()) for hit in _hits(lists.cheer, draft.text))
    yield from ((hit.start(), hit.end()) for hit in _CHEERFUL.finditer(draft.text))
    shouts = [
        hit
        for hit in _EXCLAMATION.finditer(draft.text)
        if not _POLITE.search(draft.text[max(0, hit.start() - 60) : hit.start()])
    ]
    if len(shouts) > MOST_EXCLAMATIONS:
        yield shouts[0].start(), shouts[0].end()


def _shouted(text: str) -> tuple[int, int] | None:
    """The first run of words in capitals that is long enough to be shouting."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        goes_on = run and not text[run[-1].end() : word.start()].strip(" ,")
        if not (word[0].isupper() and len(word[0]) > 1 and (goes_on or not run)):
            if _loud(run):
                break
            run = []
        if word[0].isupper() and len(word[0]) > 1:
            run.append(word)
    return (run[0].start(), run[-1].end()) if _loud(run) else None


def _loud(run: list[re.Match[str]]) -> bool:
    return len(run) >= SHOUTED_WORDS and sum(len(word[0]) for word in run) >= SHOUTED_LETTERS


def _apologies(text: str, lists: Lists) -> list[re.Match[str]]:
    """Apologies in order; one phrase is one, and courtesies are none."""
    polite = [hit.span() for hit in excuses().courtesy.finditer(text)]
    found: list[re.Match[str]] = []
    for hit in sorted(_hits(lists.apology, text), key=lambda hit: hit.start()):
        inside = any(start <= hit.start() < end for start, end in polite)
        if not inside and (not found or hit.start() >= found[-1].end()):
            found.append(hit)
    return found


def _used(word: str, talk: Talk) -> bool:
    said = " ".join((*talk.theirs, *(fact.text for fact in talk.briefing.facts), talk.briefing.opening)).casefold()
    return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", said) is not None


def _hits(patterns: Patterns, text: str) -> Iterator[re.Match[str]]:
    return (hit for pattern in patterns for hit in pattern.finditer(text) if hit.end() > hit.start())


def _advice(kind: AdviceKind, say: str, draft: Draft, start: int, end: int) -> Advice:
    return Advice(kind=kind, say=content.coaching()["say"][say], quote=draft.original[start:end], start=start, end=end)
