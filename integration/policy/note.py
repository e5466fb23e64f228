"""Writes the internal note: what a person needs so that the customer never has to repeat anything.

It must not decide whether a note is written, and must never invent a fact or repeat a secret.
"""

from __future__ import annotations

from collections.abc import Callable

from integration import content
from integration.model import (
    PROTECTIVE_SIGNALS,
    Answer,
    Briefing,
    Charge,
    Earlier,
    Fact,
    FactKind,
    History,
    Intent,
    Kept,
    Mood,
    Promise,
    Reading,
    Said,
    Signal,
    Suggestion,
    Ticket,
    Try,
    Urgency,
    Who,
)
from integration.policy import told
from integration.policy.briefing import SAID_EARLIER, brief, ordinal
from integration.policy.case import URGENT, perhaps_person
from integration.policy.lines import WORDS, Line, count, fitted
from integration.policy.masking import masked
from integration.policy.promises import SAID_SO
from integration.policy.quoting import felt as shown_feeling
from integration.policy.quoting import heaviest, more_of, own

__all__ = ["WORDS", "count", "draft", "full", "of", "short", "tells"]

# Room for one element of a note, in words.
REASON_WORDS = 10
BEGUN_WORDS, FEWER_BEGUN_WORDS = 16, 9
MOST_BEGUN, BEGUN_WORDS_OF_BOTH = 2, 20
# At most this many emotions, quotes, reasons and earlier tickets.
MOST_EMOTIONS = 3
MOST_REASONS = 2
MOST_PAST = 2
# Facts shown where there is room, where there is less, and where there is little.
MANY_FACTS, MORE_FACTS, SOME_FACTS = 16, 11, 7
MOST_MACROS = 2
# So many tickets in 90 days are worth a word; fewer are everybody's. Our choice.
MANY_TICKETS = 3
MOST_PROMISES = 3
# A short note has at most this many lines under its head.
SHORT_LINES = 3

# Left out of a macro's title in a note: every one of ours stands under it in the menu.
ROOT = "Attune::"

# A date or a sum alone is no reason to say that harm is happening now.
_HURRIES = frozenset({Signal.SAFETY, Signal.FRAUD, Signal.MANY_AFFECTED, Signal.SELF_HARM})
# What agents look up rather than read stays in its line, even where the customer's words above hold it too.
_LOOKED_FOR = frozenset({FactKind.REFERENCE, FactKind.AMOUNT, FactKind.DATE})
_PERHAPS = "perhaps: "


def full(
    ticket: Ticket, reading: Reading, history: History, suggestions: tuple[Suggestion, ...], *, person: bool
) -> str:
    """The whole story for the person who takes over; `person` says that the customer asks for one."""
    return of(brief(ticket, reading, history, suggestions), ticket, reading, history, person=person)


def of(briefing: Briefing, ticket: Ticket, reading: Reading, history: History, *, person: bool) -> str:
    """The note that a briefing makes: what helps least goes first where there is too much to tell."""
    shown: tuple[Promise | Try, ...] = (*briefing.promises[:MOST_PROMISES], *briefing.tried[: told.MOST_SENTENCES])
    lines = (
        Line(text=_phrase("head")),
        Line(text=_phrase("person_perhaps" if perhaps_person(reading) else "person") if person else ""),
        *_what(ticket, reading, briefing.wants),
        _began(briefing.began, shown),
        Line(
            text=_feeling(ticket, reading, briefing.feels, most=1),
            goes=10,
            shorter=Line(text=_feeling(ticket, reading, most=0), goes=1),
        ),
        Line(text=_waiting(reading), goes=10, shorter=Line(text=_waiting(reading, why=False), goes=2)),
        Line(text=_care(reading)),
        _known(briefing.facts),
        _promises(briefing.promises),
        _tries(briefing.tried),
        _answered(briefing.answered, shown),
        Line(text=_listed("history", _history(history, briefing.earlier), ", "), goes=10),
        Line(text=_phrase("opening", opening=briefing.opening) if briefing.opening else "", goes=3),
        Line(
            text=_macros(briefing.macros, why=False),
            goes=9,
            shorter=Line(text=_macros(briefing.macros[:1], why=False), goes=3),
        ),
    )
    return fitted(lines)


def tells(text: str) -> bool:
    """Whether a note of ours has the whole story: a short note, a draft or a word on something else has not."""
    starts = (content.phrases()["note"][name].partition("{")[0] for name in ("wants", "unreadable"))
    return _phrase("head").rstrip(".") in text and any(start in text for start in starts)


def short(ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """At most three lines under the head, or nothing where there is nothing worth an agent's glance."""
    suggestions = brief(ticket, reading, History(), suggestions).macros
    felt = _feeling(ticket, reading) if reading.charge is not Charge.CALM else ""
    lines = [line for line in (felt, _macros(suggestions)) if line]
    if not lines:
        return ""
    known = _listed("known", _by_kind(told.facts(ticket)[:MANY_FACTS]), ", ") if felt else ""
    kept = [line for line in (felt, known, _macros(suggestions)) if line][:SHORT_LINES]
    return fitted((Line(text=_phrase("head")), *(Line(text=line, goes=1) for line in kept)))


def draft(answer: Answer, ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """A draft answer, plainly marked as one; a text too long for a note is named by its macro only."""
    title = answer.macro.title
    suggestions = brief(ticket, reading, History(), suggestions).macros
    others = _macros(tuple(s for s in suggestions if s.macro.key != answer.macro.key))
    missing = _listed("fill_in", list(answer.missing), ", ")
    felt = _feeling(ticket, reading) if reading.charge is not Charge.CALM else ""
    around = (Line(text=missing), Line(text=felt, goes=3), Line(text=others, goes=4))
    whole = "\n".join((_phrase("draft", title=title), "", answer.text.strip(), ""))
    if count(whole + missing) <= WORDS:
        return fitted((Line(text=whole), *around))
    return fitted((Line(text=_phrase("draft_long", title=title)), *_what(ticket, reading), *around))


# --- the lines -------------------------------------------------------------------------------------------------------


def _what(ticket: Ticket, reading: Reading, wants: str = "") -> tuple[Line, ...]:
    said, whole = own(ticket.newest.text if ticket.newest else reading.text, reading.evidence)
    words = Line(text=_phrase("words", words=said) if said else "", goes=2 if whole else 5, quotes=True)
    if ticket.newest and not whole and (more := more_of(ticket.newest.text, reading.evidence)):
        words = Line(text=_phrase("words", words=more), goes=9, quotes=True, shorter=words)
    if not reading.readable:
        why = reading.why_unreadable or "no reason given"
        return (Line(text=_phrase("unreadable", reason=told.clipped(masked(why), REASON_WORDS))), words)
    return (Line(text=_phrase("wants", want=wants or content.phrases()["wants"][reading.intent])), words)


def _began(began: tuple[Said, ...], shown: tuple[Promise | Try, ...]) -> Line:
    """What it began with, as the customer put it; what stands among promises and tries is not said twice.

    Where their first message stands there, no later one is shown as the beginning.
    """
    told_below = {one.message_id for one in shown if one.who is Who.CUSTOMER}
    if began and began[0].message_id in told_below:
        return Line()
    texts = [one.text for one in began if one.message_id not in told_below]
    first, few = ([told.clipped(one, words) for one in texts[:1]] for words in (BEGUN_WORDS, FEWER_BEGUN_WORDS))
    both = texts[:MOST_BEGUN] if count(" ".join(texts[:MOST_BEGUN])) <= BEGUN_WORDS_OF_BOTH else first
    many, one, least = (_listed("began", [f"“{text}”" for text in said], ", ") for said in (both, first, few))
    shortest = Line(text=least, goes=4, quotes=True)
    return Line(text=many, goes=8, quotes=True, shorter=Line(text=one, goes=6, quotes=True, shorter=shortest))


def _answered(answered: Said | None, shown: tuple[Promise | Try, ...]) -> Line:
    """What they were last answered, unless a promise or try of the same message stands above."""
    if answered is None or any(_same(one, answered) for one in shown):
        return Line()
    return Line(text=_phrase("answered", said=told.line(answered)), goes=7 if shown else 5)


def _same(one: Promise | Try, answered: Said) -> bool:
    """Whether a promise or try is of that message, or of an earlier one with the same words."""
    return one.message_id == answered.message_id or one.text.strip("… ") in answered.text


def _known(facts: tuple[Fact, ...]) -> Line:
    """What the customer has told us; the fewer there is room for, the more the first kinds count."""

    def shown(most: int) -> Callable[[str], str]:
        return lambda quoted: _listed("known", _by_kind(_mixed(_unsaid(facts, quoted), most)), ", ")

    few = Line(beside=shown(SOME_FACTS), goes=2)
    more = Line(beside=shown(MORE_FACTS), goes=4, shorter=few)
    return Line(beside=shown(MANY_FACTS), goes=7, shorter=more)


def _unsaid(facts: tuple[Fact, ...], quoted: str) -> tuple[Fact, ...]:
    """The facts that an agent would not see in the customer's words above; a number is looked for, so it stays."""
    words = quoted.casefold()
    return tuple(one for one in facts if one.kind in _LOOKED_FOR or one.text.casefold() not in words)


def _mixed(facts: tuple[Fact, ...], most: int) -> tuple[Fact, ...]:
    """At most so many facts: each kind's first before any kind's next, two for one of what agents look up."""

    def turn(place: int) -> int:
        kind = facts[place].kind
        before = sum(one.kind is kind for one in facts[:place])
        return before // 2 if kind in _LOOKED_FOR else before

    kept = sorted(range(len(facts)), key=lambda place: (turn(place), place))[:most]
    return tuple(facts[place] for place in sorted(kept))


def _by_kind(facts: tuple[Fact, ...]) -> list[str]:
    """The facts under the name of their kind: “dates (Monday, the 28th)”; a number names itself."""
    names: dict[str, str] = content.phrases()["facts"]
    said: list[str] = []
    for kind in dict.fromkeys(fact.kind for fact in facts):
        here = [_shown(fact) for fact in facts if fact.kind is kind]
        said += [f"{names[kind]} ({', '.join(here)})"] if names[kind] else here
    return said


def _shown(fact: Fact) -> str:
    """What a screen said stands in quotation marks, since it may hold commas; “error E42” needs none."""
    quoted = fact.kind is FactKind.ERROR and not fact.text.casefold().startswith(("error", "http"))
    return f"“{fact.text}”" if quoted else fact.text


def _promises(made: tuple[Promise, ...]) -> Line:
    """Broken promises first, then open ones, then kept ones: in that order they matter."""
    said = [_promised(one) + _judged(one) for one in made]
    three, two, one = (_listed("promised", said[:most], "; ") for most in (MOST_PROMISES, told.MOST_SENTENCES, 1))
    return Line(text=three, goes=8, shorter=Line(text=two, goes=6, shorter=Line(text=one, goes=3)))


def _tries(made: tuple[Try, ...]) -> Line:
    """What was tried; the customer's own account is left out where it stands in their words above."""

    def listed(most: int, quoted: str) -> str:
        said = [one for one in made if one.who is not Who.CUSTOMER or one.text.strip("… ") not in quoted]
        return _listed("tried", [told.line(one) for one in said[:most]], "; ")

    one = Line(beside=lambda quoted: listed(1, quoted), goes=6)
    return Line(beside=lambda quoted: listed(told.MOST_SENTENCES, quoted), goes=8, shorter=one)


def _promised(promise: Promise) -> str:
    """Who said so, without doubt: what a customer was promised is told by them, and promised by us."""
    line = told.line(promise)
    return line.replace(f", {Who.CUSTOMER}:", f", {Who.CUSTOMER} says:", 1) if promise.who is Who.CUSTOMER else line


def _judged(promise: Promise) -> str:
    if promise.kept is Kept.OPEN:
        return ""
    broken = "not_kept" if promise.why == SAID_SO else "overdue"
    return " " + _phrase("kept" if promise.kept is Kept.YES else broken)


def _feeling(ticket: Ticket, reading: Reading, mood: Mood | None = None, most: int = 1) -> str:
    if not reading.readable or (reading.charge in (Charge.CALM, Charge.MILD) and not reading.emotions):
        return ""
    emotions = sorted(reading.emotions, key=lambda emotion: (-reading.emotions[emotion], emotion))[:MOST_EMOTIONS]
    feels = f"{', '.join(emotions)} ({reading.charge})" if emotions else str(reading.charge)
    since = _phrase("since", place=ordinal(mood.place), words=mood.words) if mood and mood.place else ""
    most = 0 if reading.charge is Charge.CALM else most
    quotes = ", ".join(f"“{quote}”" for quote in shown_feeling(ticket, reading)[:most])
    return _phrase("feels", feels=feels + since) + (" " + _phrase("seen", quotes=quotes) if quotes else "")


def _waiting(reading: Reading, *, why: bool = True) -> str:
    if not reading.readable or reading.urgency not in URGENT:
        return ""
    urgency = content.phrases()["urgency"][reading.urgency]
    signals = _HURRIES if reading.urgency is Urgency.CRITICAL else _HURRIES | {Signal.DEADLINE}
    hurries = [e for e in reading.evidence if e.signal in signals and e.reason.strip()]
    reasons = list(dict.fromkeys(_begun(told.clipped(masked(e.reason), REASON_WORDS)) for e in heaviest(hurries)))
    if not reasons or not why:
        return _phrase("urgency", urgency=urgency)
    return _phrase("urgency_because", urgency=urgency, reasons="; ".join(reasons[:MOST_REASONS]))


def _begun(reason: str) -> str:
    """A reason inside a sentence: “a date is near”, not “A date is near”."""
    said = (reason[:1].lower() + reason[1:]).replace(_PERHAPS, "perhaps ", 1)
    return said.removeprefix(SAID_EARLIER) + ", said earlier" if said.startswith(SAID_EARLIER) else said


def _care(reading: Reading) -> str:
    words = content.phrases()["protect"]
    above = {Signal.BEREAVEMENT} if reading.intent is Intent.BEREAVEMENT else set()  # “Wants:” has said so
    found = (reading.signals & PROTECTIVE_SIGNALS) - {Signal.WANTS_PERSON, Signal.MACHINE} - above
    return _listed("protect", [words[signal] for signal in Signal if signal in found], ", ", key="reasons")


def _history(history: History, earlier: tuple[Earlier, ...]) -> list[str]:
    """Counts, and earlier tickets by their number alone: whoever reads the note may not be let into their group.

    The desk makes a link of the number; the sidebar, which knows who looks, shows subjects too.
    """
    counted = (
        (many if (many := history.tickets_90d or 0) >= MANY_TICKETS else 0, "ticket in 90 days", "tickets in 90 days"),
        (history.reopens, "reopen", "reopens"),
        (history.bad_ratings, "bad rating", "bad ratings"),
    )
    said = [f"{number} {one if number == 1 else many}" for number, one, many in counted if number]
    for past in earlier[:MOST_PAST]:
        mood = f", {past.sentiment.replace('_', ' ')}" if past.sentiment else ""
        said.append(f"#{past.id} ({past.status}{mood})")
    return said


def _macros(suggestions: tuple[Suggestion, ...], *, why: bool = True) -> str:
    titles = [s.macro.title.removeprefix(ROOT) for s in suggestions[:MOST_MACROS]]
    if not why:
        return _listed("macros", titles, "; ")
    named = [f"{title} ({s.because})" for title, s in zip(titles[:1], suggestions, strict=False)] + titles[1:]
    return _listed("macros", named, "; ")


# --- putting it together ---------------------------------------------------------------------------------------------


def _listed(name: str, said: list[str] | tuple[str, ...], joint: str, *, key: str = "") -> str:
    slot = key or {"known": "facts", "history": "facts", "macros": "macros", "fill_in": "facts"}.get(name, "sentences")
    return _phrase(name, **{slot: joint.join(said)}) if said else ""


def _phrase(name: str, **values: str) -> str:
    phrase: str = content.phrases()["note"][name]
    return phrase.format(**values)
