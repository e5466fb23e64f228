"""All that a person who takes over should know, as data: the note is written from it, and the sidebar will show it.

It must not write sentences for customers, nor know where it is shown; ticket, reading and history in, a Briefing out.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from integration import content
from integration.model import (
    Briefing,
    Charge,
    Earlier,
    Emotion,
    Fact,
    FactKind,
    History,
    Intent,
    Kept,
    Message,
    PastTicket,
    Promise,
    Reading,
    Sentiment,
    Signal,
    Status,
    Suggestion,
    Ticket,
    Try,
    Urgency,
    Who,
)
from integration.policy import earlier_words, facts, promises, tries
from integration.policy.case import SURE_FROM, URGENT
from integration.policy.masking import masked
from integration.policy.mood import mood
from integration.policy.spoken import clipped, day, plain

# Earlier tickets that are shown, and words of a subject. Our choice, as for all of a note: one glance.
MOST_PAST = 3
SUBJECT_WORDS = 6
# A word of fewer letters says nothing about what a ticket is about.
TELLING_LETTERS = 5
# Of a broken promise, and of a subject, so many words stand in the opening; a person says the rest in theirs.
PROMISE_WORDS = 12
ABOUT_WORDS = 8
# How a reason begins, in lower case, where an earlier message showed the signal.
SAID_EARLIER = "earlier in this conversation: "

_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LIVE = frozenset({"chat", "native_messaging", "sms", "voice", "facebook", "twitter"})
# The opening that goes before any other, by what was found; the gravest first.
_OPENINGS: tuple[tuple[str, frozenset[Signal], frozenset[Intent]], ...] = (
    ("self_harm", frozenset({Signal.SELF_HARM}), frozenset()),
    ("safety", frozenset({Signal.SAFETY}), frozenset({Intent.SAFETY_OR_HEALTH})),
    ("fraud", frozenset({Signal.FRAUD}), frozenset({Intent.FRAUD_OR_SECURITY})),
    ("bereavement", frozenset({Signal.BEREAVEMENT}), frozenset({Intent.BEREAVEMENT})),
)
_DESK = frozenset({Who.AGENT, Who.BOT})
_BAD = (Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE)
# Intents that do not say what it is about: there the customer's own subject says more.
_VAGUE = frozenset({Intent.COMPLAINT, Intent.OTHER, Intent.WANTS_HUMAN, Intent.VULNERABLE_CUSTOMER})
_GOOD = (Sentiment.POSITIVE, Sentiment.VERY_POSITIVE)
_GLAD = frozenset({Emotion.GRATITUDE, Emotion.JOY})
LATE = frozenset({Intent.ORDER_STATUS, Intent.REFUND_STATUS, Intent.DELIVERY_CHANGE})
# The macros that go before the others where the opening is of this kind, by the beginning of their keys.
_FIRST_MACRO = {"safety": "empathy/safety/", "bereavement": "empathy/bereavement/", "fraud": "empathy/security/"}
# The macros for those whom we hurt after they told us of a death: their loss is known, our failure is the matter.
_MENDS = ("empathy/mistake/", "empathy/promise/", "empathy/repeat/", "empathy/angry/right")
# “My second reminder from you” counts what we sent, not what they wrote.
_FROM_US = re.compile(r"\b(?:reminder|letter|notice|bill|invoice)s?\b", re.IGNORECASE)
_BOT = re.compile(r"\b(?:chat\s?)?bots?\b|\brobots?\b|\bautomat(?:ed|ic)\b", re.IGNORECASE)
_REPLY_MARK = re.compile(r"^(?:(?:re|fwd?|aw|wg|rv|tr|enc)\s?:\s*)+", re.IGNORECASE)
_COURTESY = re.compile(
    r"^(?:(?:hi|hello|sorry|apologies|thanks|thank you|ok(?:ay)?)\b[^,.!]{0,20}[,.!]\s*)+", re.IGNORECASE
)
_ASKED = re.compile(
    r"order|booking|invoice|tracking|parcel|ticket|case|policy|contract|serial|meter|reservation|claim|return|account|vat",
    re.IGNORECASE,
)


def brief(
    ticket: Ticket,
    reading: Reading,
    history: History,
    suggestions: tuple[Suggestion, ...] = (),
    *,
    now: datetime | None = None,
) -> Briefing:
    """The briefing for one ticket; promises are judged as of `now` (aware), else of the newest message."""
    known, made = facts.given(ticket), promises.made(ticket, now)
    attempts = tries.made(ticket)
    return Briefing(
        wants=_wants(ticket, reading),
        feels=mood(ticket, reading),
        facts=known,
        tried=attempts,
        promises=tuple(sorted(made, key=lambda one: (Kept.NO, Kept.OPEN, Kept.YES).index(one.kept))),
        earlier=_earlier(ticket, history),
        do_not_ask=_answered(known, attempts),
        opening=_opening(ticket, reading, known, made),
        macros=_true_here(suggestions, ticket, reading, history, made),
        began=earlier_words.began(ticket),
        answered=earlier_words.answered(ticket),
    )


def as_json(briefing: Briefing) -> dict[str, Any]:
    """The briefing as plain values for JSON: times in ISO 8601, enums as their words."""
    plain: dict[str, Any] = _plain(dataclasses.asdict(briefing))
    return plain


def ordinal(number: int) -> str:
    """“third” for 3; figures from the eleventh on."""
    return _ORDINALS[number] if number < len(_ORDINALS) else f"{number}th"


def _wants(ticket: Ticket, reading: Reading) -> str:
    if not reading.readable:
        return ""
    phrases = content.phrases()
    return str(phrases["note"]["glad"] if _glad(ticket, reading) else phrases["wants"][reading.intent])


def _glad(ticket: Ticket, reading: Reading) -> bool:
    """Whether a message that was read as no clear request only tells that all is well."""
    newest = ticket.newest
    asks = newest is None or "?" in plain(newest.text)
    good = reading.sentiment in _GOOD and reading.urgency is Urgency.LOW
    return (
        reading.intent in _VAGUE
        and good
        and 0 < len(reading.emotions.keys() & _GLAD) == len(reading.emotions)
        and not asks
    )


def _true_here(
    suggestions: tuple[Suggestion, ...],
    ticket: Ticket,
    reading: Reading,
    history: History,
    made: tuple[Promise, ...],
) -> tuple[Suggestion, ...]:
    """Those whose reason holds in this conversation, the one for the gravest need first.

    A macro about a bot needs a bot that wrote, one about a promise a promise not kept, “late again” two of those.
    “Thank you for telling us that she has died” is said once, and no ready answer follows one that was sent twice.
    """
    by_bot = any(message.who is Who.BOT and message.public for message in ticket.messages) or _of_a_bot(ticket)
    promised = any(one.kept is not Kept.YES for one in made)
    asked_before = (
        sum(message.who is Who.CUSTOMER for message in ticket.messages) > 1
        or (history.tickets_90d or 0) > 1
        or bool(history.reopens)
        or any(e.signal is Signal.REPEAT_CONTACT and not _FROM_US.search(e.quote) for e in reading.evidence)
    )
    holds = {
        "empathy/person/bot-failed": by_bot,
        "empathy/promise/broken": promised,
        "empathy/repeat/contact": asked_before,
        "empathy/delay/again": sum(one.kept is Kept.NO for one in made) > 1 or reading.intent in LATE,
        "empathy/bereavement/first": not _known_death(ticket, reading),
        "answer/": not _same_twice(ticket, reading),
    }
    if _only_thanks(ticket, reading):
        return tuple(one for one in suggestions if one.macro.key.startswith("empathy/thanks/"))
    false = tuple(key for key, held in holds.items() if not held)
    kept = [one for one in suggestions if not one.macro.key.startswith(false)]
    if grave(reading) == "bereavement" and _hurt_since(ticket, reading):
        kept = [one for one in kept if one.macro.key.startswith(_MENDS)]
    first = _FIRST_MACRO.get(grave(reading), "-")
    return tuple(sorted(kept, key=lambda one: not one.macro.key.startswith(first)))


def _of_a_bot(ticket: Ticket) -> bool:
    """Whether the customer speaks of one, wherever it answered them; our own notes are none."""
    said = (message for message in ticket.messages if message.who is Who.CUSTOMER and message.public)
    return any(_BOT.search(plain(message.text)) for message in said)


def _earlier(ticket: Ticket, history: History) -> tuple[Earlier, ...]:
    newest = ticket.newest
    about = _telling(f"{ticket.subject} {newest.text[:1000] if newest else ''}")
    found = ((past, why) for past in history.recent if (why := _matters(past, about)))
    return tuple(
        Earlier(
            id=past.id,
            subject=clipped(masked(past.subject), SUBJECT_WORDS),
            status=past.status,
            sentiment=past.sentiment,
            why=why,
        )
        for past, why in found
    )[:MOST_PAST]


def _matters(past: PastTicket, about: frozenset[str]) -> str:
    """Why an earlier ticket matters, or nothing."""
    if past.status not in (Status.SOLVED, Status.CLOSED, Status.DELETED):
        return "still open"
    if past.sentiment in _BAD:
        return "it went badly"
    return "about the same" if _telling(past.subject) & about else ""


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.casefold()) if len(word) >= TELLING_LETTERS)


def _answered(known: tuple[Fact, ...], attempts: tuple[Try, ...]) -> tuple[str, ...]:
    words = content.phrases()["do_not_ask"]
    asked: list[str] = []
    for fact in known:
        named = _ASKED.match(fact.text) if fact.kind is FactKind.REFERENCE else None
        asked.append(words["numbered"].format(what=named[0].casefold()) if named else words[fact.kind])
    if any(one.who is Who.CUSTOMER for one in attempts):
        asked.append(words["tried"])
    return tuple(dict.fromkeys(one for one in asked if one))


def _opening(ticket: Ticket, reading: Reading, known: tuple[Fact, ...], made: tuple[Promise, ...]) -> str:
    """How to begin, naming the concrete event; only dates, numbers and words that stand in the ticket."""
    phrases = content.phrases()["opening"]
    written = [m for m in ticket.messages if m.who is Who.CUSTOMER and m.public]
    if written and _only_thanks(ticket, reading):
        return str(phrases["thanks"])
    gravest = _gravest(reading)
    if gravest == "bereavement" and _hurt_since(ticket, reading):
        return str(phrases["bereavement_again"])
    if gravest or not written:
        return str(phrases[gravest]) if gravest else ""
    broken = next((one for one in made if one.kept is Kept.NO and one.who is not Who.CUSTOMER), None)
    if broken:
        said = clipped(_COURTESY.sub("", broken.text.strip("… .")), PROMISE_WORDS)
        sure = broken.why == promises.SAID_SO
        return str(phrases["broken" if sure else "overdue"].format(date=day(broken), promise=said))
    if _same_twice(ticket, reading):
        return str(phrases["same_twice"])
    return _naming(ticket, reading, known, written)


def _only_thanks(ticket: Ticket, reading: Reading) -> bool:
    """Whether there is nothing to repair: glad news, or thanks and praise without anything grave beside them."""
    thanks = reading.intent in (Intent.THANKS, Intent.PRAISE) and not _gravest(reading)
    return thanks or _glad(ticket, reading)


def _known_death(ticket: Ticket, reading: Reading) -> bool:
    """Whether they told us of the death in an earlier message, and the desk has answered since."""
    earlier = any(
        e.signal is Signal.BEREAVEMENT and e.reason.casefold().startswith(SAID_EARLIER) for e in reading.evidence
    )
    return earlier and any(m.who is Who.AGENT and m.public for m in ticket.messages)


def _hurt_since(ticket: Ticket, reading: Reading) -> bool:
    """Whether they come back hurt after telling us of the death: what we did since is then what needs an answer."""
    return reading.sentiment in _BAD and _known_death(ticket, reading)


def _same_twice(ticket: Ticket, reading: Reading) -> bool:
    """Whether the desk's last two messages are the same, word for word, and they wrote again, not content."""
    if reading.sentiment in _GOOD or ticket.newest is None or ticket.newest.who is not Who.CUSTOMER:
        return False
    ours = [" ".join(plain(m.text).casefold().split()) for m in ticket.messages if m.who in _DESK and m.public]
    return len(ours) > 1 and bool(ours[-1]) and ours[-1] == ours[-2]


def _gravest(reading: Reading) -> str:
    return "" if in_doubt(reading) else grave(reading)


def grave(reading: Reading) -> str:
    """What goes before anything else, or nothing. Who writes of a death is not asked whether all are safe."""
    burning = reading.urgency is Urgency.CRITICAL and _hurry_sure(reading)
    if reading.intent is Intent.BEREAVEMENT and not burning and Signal.SELF_HARM not in reading.signals:
        return "bereavement"
    found = (key for key, signals, intents in _OPENINGS if signals & reading.signals or reading.intent in intents)
    return next(found, "")


def in_doubt(reading: Reading) -> bool:
    """Whether safety is at most a word in it, as in the return of an inhaler: a person looks, but nobody is asked."""
    told = reading.intent is Intent.SAFETY_OR_HEALTH or (reading.urgency in URGENT and _hurry_sure(reading))
    return grave(reading) == "safety" and reading.charge is not Charge.CHARGED and not told


def _hurry_sure(reading: Reading) -> bool:
    return reading.confidence.get("urgency", 0.0) >= SURE_FROM


def _naming(ticket: Ticket, reading: Reading, known: tuple[Fact, ...], written: list[Message]) -> str:
    """The newest message by what it is about; how many there were is counted, not what the earlier ones were about."""
    live = ticket.channel in _LIVE
    subject = "" if live else clipped(masked(_REPLY_MARK.sub("", ticket.subject.strip())), ABOUT_WORDS)
    about = f"‘{subject}’" if subject and reading.intent in _VAGUE else content.phrases()["about"][reading.intent]
    numbers = (fact.text for fact in known if fact.kind is FactKind.REFERENCE and fact.text not in about)
    reference = next((f" ({number})" for number in numbers), "")
    again = 1 < len(written) < len(_ORDINALS) and not live
    return str(
        content.phrases()["opening"]["live" if live else "again" if again else "first"].format(
            about=about,
            count=_ORDINALS[len(written)] if again else "",
            date=day(written[0] if again else written[-1]),
            reference=reference,
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value
