"""Writes the internal note: what a person needs so that the customer never has to repeat anything.

It must not decide whether a note is written, and must never invent a fact or repeat a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from integration import content
from integration.model import (
    PROTECTIVE_SIGNALS,
    Answer,
    Charge,
    Evidence,
    History,
    Intent,
    Reading,
    Signal,
    Ticket,
    Who,
)
from integration.policy import told
from integration.policy.case import URGENT
from integration.policy.masking import hidden_numbers, masked
from integration.policy.suggest import Suggestion

# A note is read before answering, so it must fit one glance: the brief's limit, in words.
WORDS = 150
# Room for one element of a note, in words.
OWN_WORDS = 24
QUOTE_WORDS = 6
REASON_WORDS = 10
SUBJECT_WORDS = 6
# At most this many quotes, reasons and earlier tickets.
MOST_QUOTES = 3
MOST_REASONS = 2
MOST_PAST = 2
MOST_MACROS = 2
# A short note has at most this many lines under its head.
SHORT_LINES = 3

# Left out of a macro's title in a note: every one of ours stands under it in the menu.
ROOT = "Attune::"

_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FELT = frozenset(
    {
        Signal.FEELING,
        Signal.LOUD,
        Signal.SARCASM,
        Signal.PROFANITY,
        Signal.REPEAT_CONTACT,
        Signal.BROKEN_PROMISE,
        Signal.CHURN,
    }
)
_HURRIES = frozenset(
    {Signal.DEADLINE, Signal.AMOUNT, Signal.SAFETY, Signal.FRAUD, Signal.MANY_AFFECTED, Signal.SELF_HARM}
)
_LIVE = frozenset({"chat", "native_messaging", "sms", "voice", "facebook", "twitter"})
# The opening that goes before any other, by what was found; the gravest first.
_OPENINGS: tuple[tuple[str, frozenset[Signal], frozenset[Intent]], ...] = (
    ("self_harm", frozenset({Signal.SELF_HARM}), frozenset()),
    ("safety", frozenset({Signal.SAFETY}), frozenset({Intent.SAFETY_OR_HEALTH})),
    ("fraud", frozenset({Signal.FRAUD}), frozenset({Intent.FRAUD_OR_SECURITY})),
    ("bereavement", frozenset({Signal.BEREAVEMENT}), frozenset({Intent.BEREAVEMENT})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a note and how early it goes when the note is too long; 0 never goes."""

    text: str
    goes: int = 0


def full(
    ticket: Ticket, reading: Reading, history: History, suggestions: tuple[Suggestion, ...], *, person: bool
) -> str:
    """The whole story for the person who takes over; `person` says that the customer asks for one."""
    known = told.facts(ticket)
    lines = (
        _Line(text=_phrase("head")),
        _Line(text=_phrase("person") if person else ""),
        *_what(ticket, reading),
        _Line(text=_feeling(reading), goes=1),
        _Line(text=_waiting(reading), goes=2),
        _Line(text=_care(reading)),
        _Line(text=_listed("known", [fact.text for fact in known], ", "), goes=5),
        _Line(text=_listed("promised", told.promised(ticket), "; "), goes=6),
        _Line(text=_listed("tried", told.tried(ticket), "; "), goes=9),
        _Line(text=_listed("history", _history(history), ", "), goes=8),
        _Line(text=_phrase("opening", opening=_opening(ticket, reading, known)), goes=3),
        _Line(text=_macros(suggestions), goes=4),
    )
    return _fitted(lines)


def short(ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """At most three lines under the head, or nothing where there is nothing worth an agent's glance."""
    felt = _feeling(reading) if reading.charge is not Charge.CALM else ""
    lines = [line for line in (felt, _macros(suggestions)) if line]
    if not lines:
        return ""
    known = _listed("known", [fact.text for fact in told.facts(ticket)], ", ") if felt else ""
    kept = [line for line in (felt, known, _macros(suggestions)) if line][:SHORT_LINES]
    return _fitted((_Line(text=_phrase("head")), *(_Line(text=line, goes=1) for line in kept)))


def draft(answer: Answer, ticket: Ticket, reading: Reading, suggestions: tuple[Suggestion, ...]) -> str:
    """A draft answer, plainly marked as one; a text too long for a note is named by its macro only."""
    title = answer.macro.title
    others = _macros(tuple(s for s in suggestions if s.macro.key != answer.macro.key))
    missing = _listed("fill_in", list(answer.missing), ", ")
    felt = _feeling(reading) if reading.charge is not Charge.CALM else ""
    around = (_Line(text=missing), _Line(text=felt, goes=3), _Line(text=others, goes=4))
    whole = "\n".join((_phrase("draft", title=title), "", answer.text.strip(), ""))
    if count(whole + missing) <= WORDS:
        return _fitted((_Line(text=whole), *around))
    return _fitted((_Line(text=_phrase("draft_long", title=title)), *_what(ticket, reading), *around))


def count(text: str) -> int:
    """Words, counted the stricter way: by spaces, or by runs of letters and digits."""
    return max(len(text.split()), len(re.findall(r"\w+", text)))


# --- the lines -------------------------------------------------------------------------------------------------------


def _what(ticket: Ticket, reading: Reading) -> tuple[_Line, ...]:
    newest = ticket.newest
    said = told.own_words(reading.text or (newest.text if newest else ""), OWN_WORDS)
    words = _Line(text=_phrase("words", words=said) if said else "", goes=7)
    if not reading.readable:
        why = reading.why_unreadable or "no reason given"
        return (_Line(text=_phrase("unreadable", reason=told.clipped(masked(why), REASON_WORDS))), words)
    return (_Line(text=_phrase("wants", want=content.phrases()["wants"][reading.intent])), words)


def _feeling(reading: Reading) -> str:
    if not reading.readable or (reading.charge is Charge.CALM and not reading.emotions):
        return ""
    emotions = sorted(reading.emotions, key=lambda emotion: (-reading.emotions[emotion], emotion))
    feels = ", ".join([reading.charge, *emotions[:MOST_QUOTES]])
    quotes = ", ".join(f"“{quote}”" for quote in _quotes(reading))
    return _phrase("feels_because", feels=feels, quotes=quotes) if quotes else _phrase("feels", feels=feels)


def _quotes(reading: Reading) -> list[str]:
    felt = [e for e in reading.evidence if e.signal in _FELT and e.quote.strip()]
    shown = (told.clipped(masked(e.quote), QUOTE_WORDS) for e in _heaviest(felt))
    return list(dict.fromkeys(shown))[:MOST_QUOTES]


def _waiting(reading: Reading) -> str:
    if not reading.readable or reading.urgency not in URGENT:
        return ""
    urgency = content.phrases()["urgency"][reading.urgency]
    hurries = [e for e in reading.evidence if e.signal in _HURRIES and e.reason.strip()]
    reasons = list(dict.fromkeys(told.clipped(masked(e.reason), REASON_WORDS) for e in _heaviest(hurries)))
    if not reasons:
        return _phrase("urgency", urgency=urgency)
    return _phrase("urgency_because", urgency=urgency, reasons=", ".join(reasons[:MOST_REASONS]))


def _care(reading: Reading) -> str:
    words = content.phrases()["protect"]
    found = (reading.signals & PROTECTIVE_SIGNALS) - {Signal.WANTS_PERSON, Signal.MACHINE}
    return _listed("protect", [words[signal] for signal in Signal if signal in found], ", ", key="reasons")


def _history(history: History) -> list[str]:
    counted = (
        (history.tickets_90d, "ticket in 90 days", "tickets in 90 days"),
        (history.reopens, "reopen", "reopens"),
        (history.bad_ratings, "bad rating", "bad ratings"),
        (history.days_open, "day open", "days open"),
    )
    said = [f"{number} {one if number == 1 else many}" for number, one, many in counted if number]
    for past in history.recent[:MOST_PAST]:
        mood = f", {past.sentiment.replace('_', ' ')}" if past.sentiment else ""
        said.append(f"“{told.clipped(masked(past.subject), SUBJECT_WORDS)}” ({past.status}{mood})")
    return said


def _opening(ticket: Ticket, reading: Reading, known: tuple[told.Fact, ...]) -> str:
    """How to begin, naming the concrete event; only dates and numbers that stand in the ticket."""
    phrases = content.phrases()["opening"]
    grave = (key for key, signals, intents in _OPENINGS if signals & reading.signals or reading.intent in intents)
    written = [m for m in ticket.messages if m.who is Who.CUSTOMER and m.public]
    if (key := next(grave, None)) or not written:
        return str(phrases[key]) if key else ""
    reference = next((f" ({fact.text})" for fact in known if fact.kind == "reference"), "")
    again = 1 < len(written) < len(_ORDINALS) and ticket.channel not in _LIVE
    about = content.phrases()["about"][reading.intent]
    return str(
        phrases["again" if again else "first"].format(
            about=about,
            count=_ORDINALS[len(written)] if again else "",
            date=told.day(written[0]),
            reference=reference,
        )
    )


def _macros(suggestions: tuple[Suggestion, ...]) -> str:
    titles = [s.macro.title.removeprefix(ROOT) for s in suggestions[:MOST_MACROS]]
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
        kept.remove(least)
    return hidden_numbers(text).strip()


def _cut(text: str) -> str:
    """The beginning of a text that no dropping makes short enough: reasons or titles of an absurd length."""
    words = text.split()
    while count(" ".join(words)) > WORDS:
        words.pop()
    return " ".join(words)
