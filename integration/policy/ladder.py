"""Judges what came of one intent's answers: stay, or fall back to drafts; and what it would take to climb.

It must not climb by itself, nor know where the figures come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integration import content
from integration.model import (
    ROUTINE_INTENTS,
    Charge,
    Echo,
    Evidence,
    Field,
    Figures,
    Intent,
    Reading,
    Rules,
    Rung,
    Sentiment,
    Signal,
    Ticket,
    Urgency,
    Who,
    Worded,
    interval,
    lower,
)
from integration.policy import marks
from integration.policy.case import asks_for_person, own_text

# The rungs on which customers hear a bot; a draft harms nobody.
SPEAKING = (Rung.SHARE, Rung.SEND)
# Those on which it words an answer.
ANSWERING = (Rung.DRAFT, *SPEAKING)
# A customer who needed help in this after an automatic answer: once is enough.
GRAVE = frozenset({Signal.SELF_HARM, Signal.SAFETY, Signal.BEREAVEMENT})
# Weight (0…1) above which a phrase surely means its signal; a hint means it about half the time.
SURE = 0.5
# What a customer may write after an answer without saying that it failed.
NO_FAILURE = frozenset({Intent.THANKS, Intent.PRAISE, Intent.AUTO_REPLY, Intent.SPAM})
# A thank-you of more words (our choice) mostly holds another matter as well.
THANKS_WORDS = 12
_WORDS = {
    Signal.SELF_HARM: "the customer spoke of harming themselves after an automatic answer",
    Signal.SAFETY: "the customer was in danger after an automatic answer",
    Signal.BEREAVEMENT: "the customer spoke of a death after an automatic answer",
}
_GRAVE_CORRECTIONS = {
    marks.option(Field.CHARGE, Charge.CHARGED): "a person corrected an answered ticket to charged",
    marks.option(Field.URGENCY, Urgency.CRITICAL): "a person corrected an answered ticket to critical",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something happened, with the interval that holds the true share in 95 of 100 cases."""

    name: str  # plain words
    count: int
    of: int
    bound: float  # 0…1: the share that is still well
    least: int  # of so many it is judged, not before

    @property
    def low(self) -> float:
        """The lower end of Wilson's interval, 0…1; 0 where nothing was counted."""
        return interval(self.count, self.of)[0]

    @property
    def high(self) -> float:
        """The upper end of Wilson's interval, 0…1; 1 where nothing was counted."""
        return interval(self.count, self.of)[1]

    @property
    def above(self) -> bool:
        """Whether the share is surely above its bound: even the lower end is."""
        return self.of >= self.least and self.low > self.bound

    def __str__(self) -> str:
        """Such as `9 of 20 (45 %, surely above 26 %)`."""
        share = f"{self.count / self.of:.0%}" if self.of else "0%"
        return f"{self.count} of {self.of} ({share}, surely above {self.low:.0%})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """Where an intent falls to, and why, in plain words and numbers."""

    to: Rung
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """The next rung, whether it is earned, and what is lacking or what earned it."""

    to: Rung | None  # None at the top, or under a ceiling
    earned: bool
    because: str


def rates(figures: Figures, rules: Rules) -> tuple[Rate, ...]:
    """The shares that are judged on the rungs where Attune sends."""
    ratings = figures.rated_good + figures.rated_bad
    return (
        _rate("asked for a person or asked again", figures.ways_out, figures.sent, rules.ways_out_percent, rules),
        _rate("reopened", figures.reopens, figures.sent, rules.reopens_percent, rules),
        _rate("corrected by a person", figures.corrections, figures.sent, rules.corrections_percent, rules),
        Rate(
            name="bad ratings",
            count=figures.rated_bad,
            of=ratings,
            bound=rules.bad_ratings_percent / 100,
            least=max(1, rules.least_ratings),
        ),
    )


def judge(rung: Rung, figures: Figures, rules: Rules) -> Fall | None:
    """Whether the intent falls; only from where it sends, only to drafts, and never on one unlucky ticket."""
    if rung not in SPEAKING:
        return None
    if figures.grave:
        return Fall(to=Rung.DRAFT, because=figures.grave[0])
    reasons = [f"{rate.name}: {rate}, more than {rate.bound:.0%}" for rate in rates(figures, rules) if rate.above]
    return Fall(to=Rung.DRAFT, because="; ".join(reasons)) if reasons else None


def climb(intent: Intent, figures: Figures, rules: Rules) -> Climb:
    """What it would take to go one rung up; a suggestion to the admin, and nothing more."""
    rung = rules.rung(intent)
    if intent not in ROUTINE_INTENTS or intent is Intent.THANKS:
        return Climb(to=None, earned=False, because="needs no answer by a bot")
    if rules.ceilings.get(intent) is rung:
        return Climb(to=None, earned=False, because=f"as high as the pack {rules.pack} allows")
    if rung is Rung.SEND:
        return Climb(to=None, earned=False, because="at the top")
    to = list(Rung)[list(Rung).index(rung) + 1]
    if rung in (Rung.OBSERVE, Rung.TAG):
        return Climb(to=to, earned=False, because="yours to decide: no customer notices")
    lacking = _lacking(rung, figures, rules)
    return Climb(to=to, earned=not lacking, because=lacking or "earned")


def after_reply(ticket: Ticket, reading: Reading, worded: Worded, rules: Rules) -> dict[Echo, str]:
    """What the customer's newest message says of our reply before it; nothing where a person spoke in between."""
    newest = ticket.newest
    if newest is None or worded.message_id in (None, newest.id) or not _ours_was_last(ticket):
        return {}
    found: dict[Echo, str] = {}
    if grave := _grave(reading.evidence):
        found[Echo.GRAVE] = grave
    if asks_for_person(ticket, reading, rules):
        found[Echo.WAY_OUT] = "asked for a person"
    elif reading.intent is worded.intent and not content_with_it(ticket, reading):
        found[Echo.WAY_OUT] = "asked the same again"
    elif any(e.signal is Signal.REPEAT_CONTACT and e.quote for e in reading.evidence):
        found[Echo.WAY_OUT] = "said that it did not help"
    return found


def content_with_it(ticket: Ticket, reading: Reading) -> bool:
    """Whether the customer merely thanks, or closes the matter, in whatever way the words were read.

    A bare "Thanks!" below a question of theirs may read as that question again; held against an answer, the best ones
    would fall first.
    """
    if reading.intent in NO_FAILURE:
        return True
    said = own_text(ticket, reading).casefold()
    words = re.findall(r"\w+", said)
    kind = reading.sentiment not in (Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE)
    closing = tuple(content.phrases()["ladder"]["thanks"])
    return kind and "?" not in said and len(words) <= THANKS_WORDS and any(w.startswith(closing) for w in words)


def allowed(intent: Intent, rung: Rung, ceilings: Mapping[Intent, Rung], pack: str) -> None:
    """Raises ValueError for a rung on which this intent may never stand, saying which it may."""
    if intent not in ROUTINE_INTENTS and rung in ANSWERING:
        raise ValueError(f"rungs.{intent}: never answered by a bot; write {Rung.OBSERVE} or {Rung.TAG}")
    ceiling = ceilings.get(intent, Rung.SEND)
    if lower(rung, ceiling) is not rung:
        because = content.pack(pack).because
        raise ValueError(f"rungs.{intent}: at most {ceiling} with the pack {pack}: {because}")


def grave_correction(is_now: str) -> str:
    """Why a field's new value, put there by a person on an answered ticket, is grave; or nothing."""
    return _GRAVE_CORRECTIONS.get(is_now, "")


def grave_answer(reading: Reading) -> str:
    """Why an answer that a person calls wrong is grave: it went to somebody charged or in harm's way; or nothing."""
    hard = reading.charge is Charge.CHARGED or reading.urgency is Urgency.CRITICAL
    return "a person says that a charged or critical ticket should not have been answered" if hard else ""


def person_spoke(ticket: Ticket) -> bool:
    """Whether a person answered on the ticket in public: what comes after is said of them, not of us."""
    return any(m.who is Who.AGENT and m.public for m in ticket.messages)


# --- helpers ---------------------------------------------------------------------------------------------------------


def _rate(name: str, count: int, of: int, percent: int, rules: Rules) -> Rate:
    return Rate(name=name, count=count, of=of, bound=percent / 100, least=max(1, rules.least_replies))


def _lacking(rung: Rung, figures: Figures, rules: Rules) -> str:
    """What keeps a climb from being earned, or nothing."""
    drafting = rung is Rung.DRAFT
    done, what = (figures.drafted, "drafts") if drafting else (figures.sent, "replies")
    if figures.grave:
        return f"not after this: {figures.grave[0]}"
    if done < rules.earned_replies:
        return f"{rules.earned_replies - done} more {what}"
    if drafting:
        high = interval(figures.drafts_corrected, figures.drafted)[1]
        return "" if high <= rules.corrections_percent / 100 else f"fewer corrections: up to {high:.0%} may be wrong"
    ratings = figures.rated_good + figures.rated_bad
    if ratings and figures.rated_bad / ratings > rules.bad_ratings_percent / 100:
        return f"better ratings: {figures.rated_bad} of {ratings} are bad"
    wide = [rate for rate in rates(figures, rules)[:3] if rate.high > rate.bound]
    return "; ".join(f"{rate.name}: up to {rate.high:.0%}, should be {rate.bound:.0%} or less" for rate in wide)


def _ours_was_last(ticket: Ticket) -> bool:
    """Whether the last public word of the desk before the customer's newest message was ours."""
    newest = ticket.newest
    earlier = ticket.before(newest) if newest else ()
    said = [m for m in earlier if m.public and m.who is not Who.CUSTOMER and (m.ours or m.who is Who.AGENT)]
    return bool(said) and said[-1].ours


def _grave(evidence: tuple[Evidence, ...]) -> str:
    sure = {e.signal for e in evidence if e.weight > SURE}
    return next((_WORDS[signal] for signal in Signal if signal in GRAVE & sure), "")
