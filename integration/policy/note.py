"""Writes the internal note: what a person needs so that the customer never has to repeat anything.

It must not decide whether a note is written, and must never invent a fact or repeat a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from integration import content
from integration.model import (
    PROTECTIVE_SIGNALS,
    Answer,
    Briefing,
    Charge,
    Earlier,
    Evidence,
    Fact,
    FactKind,
    History,
    Kept,
    Mood,
    Promise,
    Reading,
    Signal,
    Suggestion,
    Ticket,
    Try,
    Urgency,
    Who,
)
from integration.policy import told
from integration.policy.briefing import brief, ordinal
from integration.policy.case import URGENT, perhaps_person
from integration.policy.masking import hidden_numbers, masked, masked_lines
from integration.policy.spoken import around, plain, sentences

# A note is read before answering, so it must fit one glance: the brief's limit, in words.
WORDS = 150
# Room for one element of a note, in words.
OWN_WORDS = 24
QUOTE_WORDS = 9
REASON_WORDS = 10
# At most this many emotions, quotes, reasons and earlier tickets.
MOST_EMOTIONS = 3
MOST_QUOTES = 2
MOST_REASONS = 2
MOST_PAST = 2
# Facts shown where there is room, and where there is little.
MANY_FACTS, SOME_FACTS = 16, 6
MOST_MACROS = 2
MOST_PROMISES = 3
# A short note has at most this many lines under its head.
SHORT_LINES = 3

# A sentence of a long message that asks for something: more use to a person than how the message begins.
_ASKS = re.compile(
    r"\?[\s\"”')]*$|\b(?:please|(?:can|could|would)\s(?:you|someone|somebody)|i(?:['’]d|\swould)\slike|bitte|ich\smöchte"
    r"|por\sfavor|quisiera|gostaria|s['’]il\svous\spla[iî]t|je\svoudrais|vorrei|per\sfavore)\b",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"[\"“][^\"”]{1,200}[\"”]")  # what others said asks nothing

# Left out of a macro's title in a note: every one of ours stands under it in the menu.
ROOT = "Attune::"

_FELT = frozenset({Signal.FEELING, Signal.LOUD, Signal.SARCASM, Signal.PROFANITY, Signal.CHURN})
# These tell what happened rather than how it feels: shown where nothing else is.
_FELT_TOO = frozenset({Signal.REPEAT_CONTACT, Signal.BROKEN_PROMISE})
# A date or a sum alone is no reason to say that harm is happening now.
_HURRIES = frozenset({Signal.SAFETY, Signal.FRAUD, Signal.MANY_AFFECTED, Signal.SELF_HARM})
_EARLIER, _PERHAPS = "earlier in this conversation: ", "perhaps: "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a note, how early it goes when the note is too long (0 never goes), and what then takes its place."""

    text: str
    goes: int = 0
    shorter: _Line | None = None


def full(
    ticket: Ticket, reading: Reading, history: History, suggestions: tuple[Suggestion, ...], *, person: bool
) -> str:
    """The whole story for the person who takes over; `person` says that the customer asks for one."""
    return of(brief(ticket, reading, history, suggestions), ticket, reading, history, person=person)


def of(briefing: Briefing, ticket: Ticket, reading: Reading, history: History, *, person: bool) -> str:
    """The note that a briefing makes: what helps least goes first where there is too much to tell."""
    lines = (
        _Line(text=_phrase("head")),
        _Line(text=_phrase("person_perhaps" if perhaps_person(reading) else "person") if person else ""),
        *_what(ticket, reading, briefing.wants),
        _Line(
            text=_feeling(ticket, reading, briefing.feels),
            goes=10,
            shorter=_Line(text=_feeling(ticket, reading, briefing.feels, most=1), goes=1),
        ),
        _Line(text=_waiting(reading), goes=2),
        _Line(text=_care(reading)),
        _known(briefing.facts),
        _promises(briefing.promises),
        _tries(briefing.tried),
        _Line(text=_listed("history", _history(history, briefing.earlier), ", "), goes=10),
        _Line(text=_phrase("opening", opening=briefing.opening) if briefing.opening else "", goes=3),
        _Line(
            text=_macros(briefing.macros),
            goes=7,
            shorter=_Line(
                text=_macros(briefing.macros[:1]),
                goes=7,
                shorter=_Line(text=_macros(briefing.macros[:1], why=False), goes=3),
            ),
        ),
    )
    return _fitted(lines)


def tells(text: str) -> bool:
    """Whether a note of ours has the whole story: a short note, a draft or a word on something else has not."""
    starts = (content.phrases()["note"][name].partition("{")[0] for name in ("wants", "unreadable"))
    return _phrase("head") in text and any(start in text for start in starts)


def short(ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """At most three lines under the head, or nothing where there is nothing worth an agent's glance."""
    suggestions = brief(ticket, reading, History(), suggestions).macros
    felt = _feeling(ticket, reading) if reading.charge is not Charge.CALM else ""
    lines = [line for line in (felt, _macros(suggestions)) if line]
    if not lines:
        return ""
    known = _known(told.facts(ticket)).text if felt else ""
    kept = [line for line in (felt, known, _macros(suggestions)) if line][:SHORT_LINES]
    return _fitted((_Line(text=_phrase("head")), *(_Line(text=line, goes=1) for line in kept)))


def draft(answer: Answer, ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """A draft answer, plainly marked as one; a text too long for a note is named by its macro only."""
    title = answer.macro.title
    suggestions = brief(ticket, reading, History(), suggestions).macros
    others = _macros(tuple(s for s in suggestions if s.macro.key != answer.macro.key))
    missing = _listed("fill_in", list(answer.missing), ", ")
    felt = _feeling(ticket, reading) if reading.charge is not Charge.CALM else ""
    around = (_Line(text=missing), _Line(text=felt, goes=3), _Line(text=others, goes=4))
    whole = "\n".join((_phrase("draft", title=title), "", answer.text.strip(), ""))
    if count(whole + missing) <= WORDS:
        return _fitted((_Line(text=whole), *around))
    return _fitted((_Line(text=_phrase("draft_long", title=title)), *_what(ticket, reading), *around))


def count(text: str) -> int:
    """Words, counted the stricter way: by spaces, or by runs of letters and digits."""
    return max(len(text.split()), len(re.findall(r"\w+", text)))


# --- the lines -------------------------------------------------------------------------------------------------------


def _what(ticket: Ticket, reading: Reading, wants: str = "") -> tuple[_Line, ...]:
    said, goes = _own(ticket.newest.text if ticket.newest else reading.text)
    words = _Line(text=_phrase("words", words=said) if said else "", goes=goes)
    if not reading.readable:
        why = reading.why_unreadable or "no reason given"
        return (_Line(text=_phrase("unreadable", reason=told.clipped(masked(why), REASON_WORDS))), words)
    return (_Line(text=_phrase("wants", want=wants or content.phrases()["wants"][reading.intent])), words)


def _own(text: str) -> tuple[str, int]:
    """The newest message in its own words, and how early they go: whole, else what it asks for, else its beginning."""
    begun = told.own_words(text, OWN_WORDS)
    if begun == told.own_words(text, OWN_WORDS + 1):
        return begun, 2
    said = sentences(masked_lines(plain(text)))
    asked = [number for number, one in enumerate(said) if _ASKS.search(_QUOTED.sub("", one))]
    joined = "".join(
        (" " if before + 1 == number else " … ") + said[number] for before, number in pairwise([-1, *asked])
    ).removeprefix(" … ")
    return (told.clipped(joined.strip(), OWN_WORDS), 5) if asked else (begun, 7)


def _known(facts: tuple[Fact, ...]) -> _Line:
    """What the customer has told us; the fewer there is room for, the more the first kinds count."""
    many, few = (_listed("known", _by_kind(facts[:most]), ", ") for most in (MANY_FACTS, SOME_FACTS))
    return _Line(text=many, goes=8, shorter=_Line(text=few, goes=2))


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


def _promises(made: tuple[Promise, ...]) -> _Line:
    """Broken promises first, then open ones, then kept ones: in that order they matter."""
    said = [_promised(one) + _judged(one) for one in made]
    three, two, one = (_listed("promised", said[:most], "; ") for most in (MOST_PROMISES, told.MOST_SENTENCES, 1))
    return _Line(text=three, goes=9, shorter=_Line(text=two, goes=6, shorter=_Line(text=one, goes=3)))


def _tries(made: tuple[Try, ...]) -> _Line:
    said = [told.line(one) for one in made]
    both, one = (_listed("tried", said[:most], "; ") for most in (told.MOST_SENTENCES, 1))
    return _Line(text=both, goes=9, shorter=_Line(text=one, goes=6))


def _promised(promise: Promise) -> str:
    """Who said so, without doubt: what a customer was promised is told by them, and promised by us."""
    line = told.line(promise)
    return line.replace(f", {Who.CUSTOMER}:", f", {Who.CUSTOMER} says:", 1) if promise.who is Who.CUSTOMER else line


def _judged(promise: Promise) -> str:
    if promise.kept is Kept.OPEN:
        return ""
    return " " + _phrase("kept" if promise.kept is Kept.YES else "not_kept", why=promise.why)


def _feeling(ticket: Ticket, reading: Reading, mood: Mood | None = None, most: int = MOST_QUOTES) -> str:
    if not reading.readable or (reading.charge is Charge.CALM and not reading.emotions):
        return ""
    emotions = sorted(reading.emotions, key=lambda emotion: (-reading.emotions[emotion], emotion))[:MOST_EMOTIONS]
    feels = f"{', '.join(emotions)} ({reading.charge})" if emotions else str(reading.charge)
    since = _phrase("since", place=ordinal(mood.place), words=mood.words) if mood and mood.place else ""
    quotes = ", ".join(f"“{quote}”" for quote in _quotes(ticket, reading)[:most])
    return _phrase("feels", feels=feels + since) + (" " + _phrase("seen", quotes=quotes) if quotes else "")


def _quotes(ticket: Ticket, reading: Reading) -> list[str]:
    """Where it shows, each from a sentence of its own; nothing where the whole message stands above already."""
    newest = ticket.newest
    if newest is None or len(newest.text.split()) <= OWN_WORDS:
        return []
    said = sentences(masked_lines(plain(newest.text)))
    for signals in (_FELT, _FELT_TOO):
        felt = _heaviest([e for e in reading.evidence if e.signal in signals and e.quote.strip()])
        shown = [_place(masked(max(sentences(e.quote), key=len, default="")), said) for e in felt]
        if found := dict(one for one in reversed(shown) if one):
            return list(dict.fromkeys(found[place] for place, _ in filter(None, shown)))[:MOST_QUOTES]
    return []


def _place(piece: str, said: list[str]) -> tuple[int, str] | None:
    """The sentence in which a piece of evidence stands, by its number, and the words around it."""
    for number, sentence in enumerate(said):
        if piece and (start := sentence.find(piece)) >= 0:
            return number, around(sentence, start, QUOTE_WORDS).rstrip(" .,;:")
    return None


def _waiting(reading: Reading) -> str:
    if not reading.readable or reading.urgency not in URGENT:
        return ""
    urgency = content.phrases()["urgency"][reading.urgency]
    signals = _HURRIES if reading.urgency is Urgency.CRITICAL else _HURRIES | {Signal.DEADLINE}
    hurries = [e for e in reading.evidence if e.signal in signals and e.reason.strip()]
    reasons = list(dict.fromkeys(_begun(told.clipped(masked(e.reason), REASON_WORDS)) for e in _heaviest(hurries)))
    if not reasons:
        return _phrase("urgency", urgency=urgency)
    return _phrase("urgency_because", urgency=urgency, reasons="; ".join(reasons[:MOST_REASONS]))


def _begun(reason: str) -> str:
    """A reason inside a sentence: “a date is near”, not “A date is near”."""
    said = (reason[:1].lower() + reason[1:]).replace(_PERHAPS, "perhaps ", 1)
    return said.removeprefix(_EARLIER) + ", said earlier" if said.startswith(_EARLIER) else said


def _care(reading: Reading) -> str:
    words = content.phrases()["protect"]
    found = (reading.signals & PROTECTIVE_SIGNALS) - {Signal.WANTS_PERSON, Signal.MACHINE}
    return _listed("protect", [words[signal] for signal in Signal if signal in found], ", ", key="reasons")


def _history(history: History, earlier: tuple[Earlier, ...]) -> list[str]:
    counted = (
        (history.tickets_90d, "ticket in 90 days", "tickets in 90 days"),
        (history.reopens, "reopen", "reopens"),
        (history.bad_ratings, "bad rating", "bad ratings"),
        (history.days_open, "day open", "days open"),
    )
    said = [f"{number} {one if number == 1 else many}" for number, one, many in counted if number]
    for past in earlier[:MOST_PAST]:
        mood = f", {past.sentiment.replace('_', ' ')}" if past.sentiment else ""
        named = f"“{past.subject}”" if past.subject else f"ticket {past.id}"
        said.append(f"{named} ({past.status}{mood})")
    return said


def _macros(suggestions: tuple[Suggestion, ...], *, why: bool = True) -> str:
    titles = [s.macro.title.removeprefix(ROOT) for s in suggestions[:MOST_MACROS]]
    if not why:
        return _listed("macros", titles, "; ")
    named = [f"{title} ({s.because})" for title, s in zip(titles[:1], suggestions, strict=False)] + titles[1:]
    return _listed("macros", named, "; ")


# --- putting it together ---------------------------------------------------------------------------------------------


def _heaviest(evidence: list[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda e: (-e.weight, e.start))


def _listed(name: str, said: list[str] | tuple[str, ...], joint: str, *, key: str = "") -> str:
    slot = key or {"known": "facts", "history": "facts", "macros": "macros", "fill_in": "facts"}.get(name, "sentences")
    return _phrase(name, **{slot: joint.join(said)}) if said else ""


def _phrase(name: str, **values: str) -> str:
    phrase: str = content.phrases()["note"][name]
    return phrase.format(**values)


def _fitted(lines: tuple[_Line, ...]) -> str:
    """The lines as one text of at most WORDS words: what helps least goes first."""
    kept = [line for line in lines if line.text]
    while count(text := "\n".join(line.text for line in kept)) > WORDS:
        least = max(kept, key=lambda line: line.goes)
        if least.goes == 0:
            return hidden_numbers(_cut(text))
        kept = [_next(line) if line is least else line for line in kept if line is not least or line.shorter]
    return hidden_numbers(text).strip()


def _next(line: _Line) -> _Line:
    return line.shorter or line


def _cut(text: str) -> str:
    """The beginning of a text that no dropping makes short enough: reasons or titles of an absurd length."""
    words = text.split()
    while count(" ".join(words)) > WORDS:
        words.pop()
    return " ".join(words)
