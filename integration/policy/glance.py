"""What an agent sees of one ticket at one glance, as plain values: how it was read, why, and what to do first.

It must not read a text, ask for anything or hold a customer's secret: what was found before is put together and masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integration import content
from integration.model import (
    Briefing,
    Charge,
    Correction,
    Evidence,
    Label,
    Reading,
    Rules,
    Status,
    StoredReading,
    Ticket,
    Verdict,
    Who,
)
from integration.policy import corrected, marks
from integration.policy.briefing import as_json
from integration.policy.case import SURE_FROM, done, own_message, waits_for_person
from integration.policy.masking import covered, masked_lines

# From this change of polarity (−1…1) between two messages the mood is said to move; our choice: a tenth of the scale.
MOVES_FROM = 0.2
_CHARGES = list(Charge)
_OVER = frozenset({Status.SOLVED, Status.CLOSED})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that a glance is made of; `text` is the cleaned newest message, into which its evidence points."""

    ticket: Ticket
    text: str
    reads: tuple[StoredReading, ...]  # oldest first
    corrections: tuple[Correction, ...]  # oldest first
    rules: Rules

    @property
    def read(self) -> StoredReading | None:
        """How the newest customer message was read, or None where it was not."""
        newest = self.ticket.newest
        return next((one for one in self.reads if newest and one.message_id == newest.id), None)

    def said(self, message_id: int | None) -> tuple[Correction, ...]:
        """What people put right about one message."""
        return tuple(one for one in self.corrections if one.message_id == message_id)


def nothing(seen: Seen) -> str:
    """Why there is nothing to show, in one sentence; empty where there is, or will be."""
    ticket, phrases = seen.ticket, content.phrases()["sidebar"]
    if ticket.newest is None:
        return str(phrases["no_message"])
    if seen.rules.skip_tag in ticket.tags:
        return str(phrases["left_alone"].format(tag=seen.rules.skip_tag))
    if seen.read is not None:
        return ""
    if ticket.status in _OVER:
        return str(phrases["over"])
    in_hand = done(ticket) or any(m.who is Who.AGENT and m.public for m in ticket.after(ticket.newest))
    return str(phrases["in_hand"]) if in_hand else ""


def empty(seen: Seen) -> Json:
    """The glance of a ticket whose newest message was not read: it waits, or there is nothing to say."""
    why = nothing(seen)
    return {
        "ticket": seen.ticket.id,
        "state": "nothing" if why else "waiting",
        "why_nothing": why,
        "reading": None,
        "trend": trend(seen),
        "said": {"text": "", "marks": []},
        "because": [],
        "cue": "",
        "opening": "",
        "do_not_ask": [],
        "wants": "",
        "feels": {"charge": "", "emotions": [], "since": None, "words": ""},
        "facts": [],
        "tried": [],
        "promises": [],
        "earlier": [],
        "macros": [],
        "ours": ours(seen),
        "verdict": verdict(seen),
        "choices": _choices(),
        "asked_again": 0,
    }


def whole(seen: Seen, read: StoredReading, briefing: Briefing, *, cue: str, asked_again: int) -> Json:
    """The glance of a ticket whose newest message was read; where Attune has answered it, nothing is left to begin."""
    if settled(seen, read):
        cue = str(content.phrases()["sidebar"]["answered"])
        briefing = replace(briefing, opening="", macros=())
    told = as_json(briefing)
    said = _said(seen, read)
    return empty(seen) | {
        "state": "read",
        "reading": _reading(seen, read),
        "said": said,
        "because": _because(seen, read, marked=bool(said["marks"])),
        "cue": cue,
        "asked_again": asked_again,
        "feels": {name: told["feels"][name] for name in ("charge", "emotions", "since", "words")},
        "promises": [{**_timed(one), **_picked(one, "due", "kept", "why")} for one in told["promises"]],
        "facts": [_picked(one, "kind", "text", "at") for one in told["facts"]],
        "tried": [_timed(one) for one in told["tried"]],
        "macros": [{"id": one.macro.id, "title": one.macro.title, "because": one.because} for one in briefing.macros],
        **_picked(told, "wants", "opening", "do_not_ask", "earlier"),
    }


def settled(seen: Seen, read: StoredReading) -> bool:
    """Whether our reply to the newest message stands: nobody asked for a person after it, or found fault with it."""
    fine = all(one.is_now == Verdict.WAS_FINE for one in seen.said(read.message_id))
    return read.replied and fine and not marks.GUARDING.keys() & seen.ticket.tags


def asked_since(seen: Seen, read: StoredReading) -> bool:
    """Whether the customer asked for a person after our reply, without a word to read, and waits for one."""
    return read.replied and waits_for_person(seen.ticket)


def worded(reading: Reading, text: str) -> Reading:
    """A kept reading with its text, and the quotes of its evidence cut out of it."""
    evidence = tuple(replace(one, quote=text[one.start : one.end]) for one in reading.evidence)
    return replace(reading, text=text, evidence=evidence)


def trend(seen: Seen) -> Json:
    """The mood at each message that was read, and whether the newest is hotter or cooler than the one before."""
    at = {message.id: message.at for message in seen.ticket.messages}
    points = [(one, corrected.shown(one.reading, seen.said(one.message_id))) for one in seen.reads]
    return {
        "points": [
            {
                "message_id": read.message_id,
                "at": at.get(read.message_id, read.at).isoformat(),
                "sentiment": reading.sentiment.value,
                "polarity": round(reading.polarity, 2) + 0.0,  # never a minus before nothing
                "charge": reading.charge.value,
            }
            for read, reading in points
        ],
        "direction": _direction([reading for _, reading in points]),
    }


def ours(seen: Seen) -> Json:
    """What Attune sent or drafted last on the ticket, and why it did not answer the newest message by itself."""
    answer, newest = answered(seen), seen.read
    why_not = list(newest.silence) if newest and not newest.replied else []
    if answer is None:
        return {"kind": "none", "at": None, "text": "", "intent": "", "why_not": why_not}
    said = next((m for m in seen.ticket.messages if m.id == answer.comment_id), None)
    return {
        "kind": "sent" if answer.replied else "drafted",
        "at": answer.at.isoformat(),
        "text": masked_lines(said.text) if said else "",
        "intent": answer.reading.intent.value,
        "why_not": why_not,
    }


def answered(seen: Seen) -> StoredReading | None:
    """The newest message that Attune answered, or drafted an answer to."""
    return next((one for one in reversed(seen.reads) if one.replied or one.drafted), None)


def verdict(seen: Seen) -> str:
    """A person's last word on that answer, or nothing."""
    answer = answered(seen)
    last = corrected.newest(seen.said(answer.message_id)).get(Label.ANSWER) if answer else None
    return last.is_now if last else ""


# --- the parts -------------------------------------------------------------------------------------------------------


def _reading(seen: Seen, read: StoredReading) -> Json:
    last = corrected.newest(seen.said(read.message_id))
    now = corrected.shown(read.reading, seen.said(read.message_id))
    labels = {
        label.value: _label(label, read.reading, str(getattr(now, label)), said=label in last)
        for label in Label
        if label is not Label.ANSWER
    }
    labels["charge"]["score"] = round(read.reading.charge_score, 2)
    strongest = sorted(read.reading.emotions.items(), key=lambda one: (-one[1], one[0]))
    return {
        **labels,
        "emotions": [{"name": name.value, "strength": round(strength, 2)} for name, strength in strongest],
        "language": read.reading.language,
        "message_id": read.message_id,
        "at": read.at.isoformat(),
        "readable": read.reading.readable,
        "why_unreadable": read.reading.why_unreadable,
    }


def _label(label: Label, reading: Reading, is_now: str, *, said: bool) -> Json:
    """One label with its confidence; what a person said is sure."""
    confidence, was = reading.confidence.get(label, 0.0), str(getattr(reading, label))
    return {
        "value": is_now,
        "confidence": round(confidence, 2),
        "sure": said or confidence >= SURE_FROM,
        "corrected_from": was if is_now != was else None,
    }


def _direction(readings: Sequence[Reading]) -> str:
    if len(readings) < 2:
        return "unknown"
    before, now = readings[-2:]
    warmer = _CHARGES.index(now.charge) - _CHARGES.index(before.charge)
    brighter = now.polarity - before.polarity
    if warmer > 0 or (warmer == 0 and brighter <= -MOVES_FROM):
        return "heating"
    return "cooling" if warmer < 0 or brighter >= MOVES_FROM else "steady"


def _said(seen: Seen, read: StoredReading) -> Json:
    """The newest message, masked, and where in it the phrases that counted stand; the subject only where one does."""
    quotes = _quotes(seen, read)
    own = len(seen.text) - len(own_message(seen.ticket, replace(read.reading, text=seen.text)))
    begin = 0 if any(one.start < own for one in quotes) else own
    safe = covered(seen.text)
    first = safe.place(begin)
    marks = [_mark(one, safe.place(one.start) - first, safe.place(one.end) - first) for one in quotes]
    return {"text": safe.text[first:], "marks": [one for one in marks if one["end"] > one["start"]]}


def _mark(one: Evidence, start: int, end: int) -> Json:
    return {
        "start": start,
        "end": end,
        "signal": one.signal.value,
        "reason": one.reason,
        "weight": round(one.weight, 2),
    }


def _quotes(seen: Seen, read: StoredReading) -> list[Evidence]:
    """The evidence that has a place, the weightiest of those that overlap, in order.

    None at all where the text is no longer the one that was read: somebody changed the subject or took words out.
    """
    if read.characters not in (None, len(seen.text)):
        return []
    placed = [one for one in read.reading.evidence if 0 <= one.start < one.end <= len(seen.text)]
    chosen: list[Evidence] = []
    for one in sorted(placed, key=lambda one: (-one.weight, one.start, one.end)):
        if all(one.end <= other.start or other.end <= one.start for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.start)


def _because(seen: Seen, read: StoredReading, *, marked: bool) -> list[str]:
    """What people said, then the reasons that stand in no phrase, the weightiest first, each once."""
    phrases = content.phrases()["sidebar"]
    people = [
        phrases["corrected"].format(
            label=label, value=_plain(one.is_now), was=_plain(str(getattr(read.reading, label)))
        )
        for label, one in corrected.newest(seen.said(read.message_id)).items()
        if label is not Label.ANSWER and one.is_now and one.is_now != getattr(read.reading, label)
    ]
    if asked_since(seen, read):
        people.insert(0, str(phrases["wants_person"]))
    heaviest = sorted(read.reading.evidence, key=lambda one: -one.weight)
    reasons = [one.reason for one in heaviest if one.end <= one.start or not marked]
    return list(dict.fromkeys([*people, *reasons]))


def _choices() -> dict[str, list[str]]:
    return {label.value: list(words) for label, words in corrected.CHOICES.items() if label is not Label.ANSWER}


def _timed(one: Mapping[str, Any]) -> Json:
    return _picked(one, "who", "text", "at")


def _picked(row: Mapping[str, Any], *names: str) -> Json:
    return {name: row[name] for name in names}


def _plain(word: str) -> str:
    return word.replace("_", " ")
