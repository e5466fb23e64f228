"""Finds where a draft asks for something that the customer has given already.

It must not object where the draft repeats what was given, asks for another one, or says why it asks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from integration import content
from integration.coaching.draft import Draft, Sentence
from integration.coaching.lists import Lists, Patterns, beside, done_that, excuses, given, remedies
from integration.coaching.talk import Talk
from integration.model import Advice, AdviceKind, Fact, FactKind, Try, Who

# Characters between “could you send me” and the thing; further on, another clause has begun. Our choice.
ASKED_WITHIN = 60
# Characters before a bare number, or around a day, in which the word that names it stands. Our choice: one clause.
NAMED_WITHIN = 40
# Characters of a fact or a try that advice repeats. Our choice: one line of the sidebar.
SHOWN = 80

# What people give as a mere number, without saying what it is.
_OFTEN_BARE = frozenset({"order", "booking", "tracking", "reference", "invoice", "customer"})
_DIGITS = re.compile(r"[A-Za-z]{0,6}[-/]?\d[\dA-Za-z\-/.,]*")
_NUMBER = re.compile(r"\d+")
# A fact that begins with a word and then a number says itself what it is.
_BARE = re.compile(r"^#?[A-Z]{0,5}-?\d", re.IGNORECASE)


def asked_again(draft: Draft, talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice for each thing that is asked for and known; at most one for each."""
    seen: set[str] = set()
    if excuses().doubt.search(draft.text):
        return
    unreadable = excuses().reason.search(draft.text) is not None
    for sentence in draft.sentences:
        if excuses().no_need.search(sentence.text):
            continue
        for thing, start, end in _asked(sentence, lists):
            sent = given()[thing][0] == FactKind.ATTACHMENT
            said = "" if thing in seen or (sent and unreadable) else _known(thing, talk, draft)
            if said:
                seen.add(thing)
                yield _advice(said, draft, sentence.start + start, sentence.start + end)
        yield from _tried(sentence, talk, draft, lists)


def _asked(sentence: Sentence, lists: Lists) -> Iterator[tuple[str, int, int]]:
    """What a sentence asks for, and where."""
    text = sentence.text
    openings = [hit for frame in lists.frames for hit in frame.finditer(text)]
    for thing, pattern in lists.things:
        for hit in pattern.finditer(text):
            before = text[max(0, hit.start() - ASKED_WITHIN) : hit.start()]
            opened = text[hit.end() :].lstrip().startswith("?") or any(
                one.start() <= hit.start() <= one.end() + ASKED_WITHIN for one in openings
            )
            opening = max((one.end() for one in openings if one.end() <= hit.start()), default=hit.start())
            between = text[opening : hit.start()]
            another = excuses().other.search(before) or excuses().other_after.match(text[hit.end() :])
            if opened and not another and not _first(lists.aside, between):
                yield thing, hit.start(), hit.end()
                break


def _known(thing: str, talk: Talk, draft: Draft) -> str:
    """What to say of a thing that was given; empty where it was not, or where the draft says it itself."""
    said, what = content.coaching()["say"], content.coaching()["what"][thing]
    facts = [fact for fact in talk.briefing.facts if _is(thing, fact, talk)]
    if not facts:
        bare = [fact for fact in talk.briefing.facts if fact.kind is FactKind.REFERENCE]
        if thing in _OFTEN_BARE and len(bare) == 1 and _BARE.match(bare[0].text):
            maybe = said["asks_again_maybe" if bare[0].at else "asks_again_maybe_subject"]
            shown = str(maybe.format(day=_day(bare[0]), fact=_shown(bare[0].text)))
            return "" if _repeated(bare[0], draft) else shown
        listed = content.coaching()["listed"].get(thing)
        unsaid = listed in talk.briefing.do_not_ask and not any(_of_kind(thing, fact) for fact in talk.briefing.facts)
        return str(said["asks_again_listed"].format(what=what)) if listed and unsaid else ""
    if any(_repeated(fact, draft) for fact in facts):
        return ""
    fact = facts[0]
    if fact.kind is FactKind.ATTACHMENT and fact.at is not None:
        return str(said["asks_again_sent"].format(what=what, day=_day(fact), fact=_shown(fact.text)))
    if fact.at is None:
        return str(said["asks_again_subject"].format(what=what[0].upper() + what[1:], fact=_shown(fact.text)))
    return str(said["asks_again"].format(what=what, day=_day(fact), fact=_shown(fact.text)))


def _is(thing: str, fact: Fact, talk: Talk) -> bool:
    """Whether a fact is this thing, by its own words or, for a bare number or a day, by those beside it."""
    kind, words = given()[thing]
    if fact.kind.value != kind:
        return False
    near = beside().get(thing)
    if fact.kind is FactKind.REFERENCE and _BARE.match(fact.text):
        return near is not None and _near(fact.text, near, talk, after=False)
    if thing == "bought":
        return near is not None and _near(fact.text, near, talk, after=True)
    if thing == "happened":
        return len({one.text for one in talk.briefing.facts if one.kind is FactKind.DATE}) == 1
    return bool(words.search(fact.text))


def _of_kind(thing: str, fact: Fact) -> bool:
    return fact.kind.value == given()[thing][0]


def _near(text: str, word: re.Pattern[str], talk: Talk, *, after: bool) -> bool:
    """Whether the customer wrote a word close before `text`, or after it too."""
    for theirs in talk.theirs:
        place = theirs.casefold().find(text.casefold())
        if place < 0:
            continue
        end = place + len(text)
        around = theirs[max(0, place - NAMED_WITHIN) : end + (NAMED_WITHIN if after else 0)]
        if word.search(around):
            return True
    return False


def _repeated(fact: Fact, draft: Draft) -> bool:
    """Whether the draft says the fact itself: then it confirms, or asks for another one."""
    written = draft.original.casefold()
    if fact.kind is FactKind.EMAIL:
        name, _, host = fact.text.casefold().partition("•••@")
        return bool(host) and re.search(rf"{re.escape(name)}[\w.+\-]*@{re.escape(host)}", written) is not None
    if fact.kind is FactKind.PHONE:
        return fact.text[-3:] in re.sub(r"\D", "", written)
    values = [hit[0].casefold().strip(".,-/") for hit in _DIGITS.finditer(fact.text)]
    if fact.kind is FactKind.AMOUNT:
        values = _NUMBER.findall(fact.text)[:1]
    return any(_stands(value, written) for value in values or [fact.text.casefold()])


def _stands(value: str, text: str) -> bool:
    """Whether a value stands in a text by itself: “3” does not stand in “30 days”."""
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _tried(sentence: Sentence, talk: Talk, draft: Draft, lists: Lists) -> Iterator[Advice]:
    """Advice on asking the customer to do what they have done."""
    tries = [one for one in talk.briefing.tried if one.who is Who.CUSTOMER]
    if not tries:
        return
    said = content.coaching()["say"]
    if hit := _first(lists.tried_all, sentence.text):
        told = said["tried_all"].format(day=_day(tries[0]), fact=_shown(tries[0].text))
        yield _advice(told, draft, sentence.start + hit.start(), sentence.start + hit.end())
        return
    frame = _first(lists.tried_frames, sentence.text)
    if frame is None or excuses().knowingly.search(sentence.text) or excuses().done.search(sentence.text):
        return
    for remedy in remedies():
        hit, one = remedy.search(sentence.text, frame.start()), _done(remedy, talk.briefing.tried)
        if hit and one:
            told = said["tried_again"].format(day=_day(one), fact=_shown(one.text))
            yield _advice(told, draft, sentence.start + hit.start(), sentence.start + hit.end())
            return


def _done(remedy: re.Pattern[str], tried: tuple[Try, ...]) -> Try | None:
    """The customer's words that this was tried: it is named there, or we named it and they answer “did that”."""
    for one in tried:
        if one.who is not Who.CUSTOMER:
            continue
        asked = any(
            other.who is not Who.CUSTOMER and other.at < one.at and remedy.search(other.text) for other in tried
        )
        if remedy.search(one.text) or (asked and done_that().search(one.text)):
            return one
    return None


def _first(patterns: Patterns, text: str) -> re.Match[str] | None:
    return next((hit for pattern in patterns if (hit := pattern.search(text))), None)


def _advice(say: str, draft: Draft, start: int, end: int) -> Advice:
    end = start + len(draft.original[start:end].rstrip())
    return Advice(kind=AdviceKind.ASKS_AGAIN, say=say, quote=draft.original[start:end], start=start, end=end)


def _day(said: Fact | Try) -> str:
    """Such as “3 November”."""
    if said.at is None:
        return ""
    months: list[str] = content.way_out()["months"]
    return f"{said.at.day} {months[said.at.month - 1]}"


def _shown(text: str) -> str:
    text = text.rstrip(" .")
    return text if len(text) <= SHOWN else text[: SHOWN - 2].rstrip() + " …"
