"""Watches what comes back after our answers, and takes back what was not earned: at once, and with a word to people.

It must not judge by itself (the policy does), and it never climbs: only an admin does that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from integration import content, policy
from integration.model import (
    ROUTINE_INTENTS,
    Applied,
    Echo,
    Field,
    Figures,
    Intent,
    Label,
    Mover,
    Note,
    Plan,
    Reading,
    Refused,
    Rules,
    Rung,
    Status,
    Step,
    Ticket,
    TryLater,
    Worded,
)

log = logging.getLogger("attune.ladder")

# How often every intent is judged anew beside the events: figures also change because old answers leave the window.
JUDGE_EVERY = timedelta(hours=1)
# Under this name the store keeps when that was last done.
JUDGED_AT = "ladder judged at"
# For so long after a fall its ticket may still get its note; later, nobody would know what it is about.
TELL_WITHIN = timedelta(days=1)


class Desk(Protocol):
    """What the ladder asks about one ticket."""

    def load(self, ticket_id: int) -> Ticket: ...
    def apply(self, plan: Plan, ticket: Ticket) -> Applied: ...


class Book(Protocol):
    """What the ladder asks of its own memory."""

    def last_sent(self, ticket_id: int) -> Worded | None: ...
    def answer_to(self, ticket_id: int, message_id: int) -> Worded | None: ...
    def solved_since(self, worded: Worded, ticket_id: int) -> bool: ...
    def came_back(self, worded: Worded, ticket_id: int, what: Echo, word: str, now: datetime) -> bool: ...
    def figures(self, intent: Intent, since: datetime) -> Figures: ...
    def steps(self) -> Mapping[Intent, Step]: ...
    def move(
        self,
        intent: Intent,
        was: Rung,
        is_now: Rung,
        *,
        by: Mover,
        because: str,
        now: datetime,
        ticket_id: int | None = None,
        after: Step | None = None,
    ) -> bool: ...
    def untold(self, since: datetime) -> tuple[Step, ...]: ...
    def claim(self, number: int, now: datetime) -> bool: ...
    def release(self, number: int) -> None: ...


class Keep(Protocol):
    """What the ladder asks of the store at large."""

    def rules(self) -> Rules: ...
    def get(self, name: str) -> str | None: ...
    def set(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Every intent's place, as far as Attune itself may move it: down."""

    zendesk: Desk | None  # None where the ladder is only looked at
    book: Book
    keep: Keep
    clock: Callable[[], datetime]

    # --- what comes back ---

    def heard(self, ticket: Ticket, reading: Reading) -> tuple[str, ...]:
        """The customer wrote again: what that says of our last reply; gives back the falls, in words for the admin."""
        sent = self.book.last_sent(ticket.id)
        if sent is None:
            return ()
        found = policy.ladder.after_reply(ticket, reading, sent, self.keep.rules())
        if self._reopened(ticket, reading, sent):
            found[Echo.REOPEN] = "came back after it was solved"
        return self._written(ticket.id, sent, found)

    def left(self, ticket_id: int) -> tuple[str, ...]:
        """The customer took the way to a person that our reply named, without writing."""
        sent = self.book.last_sent(ticket_id)
        return self._written(ticket_id, sent, {Echo.WAY_OUT: "took the way to a person"}) if sent else ()

    def rated(self, ticket: Ticket) -> tuple[str, ...]:
        """The customer rated the contact; it counts where no person answered beside us."""
        sent = self.book.last_sent(ticket.id)
        if sent is None or ticket.satisfaction not in ("good", "bad") or policy.ladder.person_spoke(ticket):
            return ()
        return self._written(ticket.id, sent, {Echo.RATING: ticket.satisfaction})

    def corrected(self, ticket: Ticket, message_id: int | None, field: Field | Label, is_now: str) -> tuple[str, ...]:
        """A person changed what we read in a message that we answered, or drafted an answer to.

        `is_now` is the option as the desk writes it where the label has a field.
        """
        worded = self._answer(ticket.id, message_id)
        if worded is None:
            return ()
        grave = policy.ladder.grave_correction(is_now) if worded.sent else ""
        found = {Echo.CORRECTION: f"{field} corrected"} | ({Echo.GRAVE: grave} if grave else {})
        return self._written(ticket.id, worded, found)

    def should_not(self, ticket: Ticket, message_id: int | None, reading: Reading) -> tuple[str, ...]:
        """A person says that we should not have answered; grave where the message, as it is known now, was in need."""
        worded = self._answer(ticket.id, message_id)
        if worded is None:
            return ()
        grave = policy.ladder.grave_answer(reading) if worded.sent else ""
        found = {Echo.CORRECTION: "should not have been answered"} | ({Echo.GRAVE: grave} if grave else {})
        return self._written(ticket.id, worded, found)

    def _answer(self, ticket_id: int, message_id: int | None) -> Worded | None:
        return None if message_id is None else self.book.answer_to(ticket_id, message_id)

    def _reopened(self, ticket: Ticket, reading: Reading, sent: Worded) -> bool:
        """A thank-you that reopens a ticket is no failure of ours, nor is one after a person has answered."""
        newest = ticket.newest
        if newest is None or newest.id == sent.message_id or policy.ladder.person_spoke(ticket):
            return False
        return not policy.ladder.content_with_it(ticket, reading) and self.book.solved_since(sent, ticket.id)

    def _written(self, ticket_id: int, worded: Worded, found: Mapping[Echo, str]) -> tuple[str, ...]:
        """Once for each answer, however often the event comes; judged each time, so that a crash skips nothing."""
        for what, word in found.items():
            self.book.came_back(worded, ticket_id, what, word, self.clock())
        return self.judge(worded.intent, ticket_id) if found else ()

    # --- judging ---

    def judge(self, intent: Intent, ticket_id: int | None = None) -> tuple[str, ...]:
        """Let the intent fall where its figures say so; gives back the fall in words for the admin, or nothing."""
        rules, last = self.keep.rules(), self.book.steps().get(intent)
        was = rules.rung(intent)
        fall = policy.ladder.judge(was, self.figures(intent, rules, last), rules)
        if fall is None or not self._move(intent, was, fall, last, ticket_id):
            return ()
        log.warning("intent %s falls from %s to %s", intent, was, fall.to)
        return (f"{intent} fell from {was} to {fall.to}: {fall.because}",)

    def figures(self, intent: Intent, rules: Rules, last: Step | None) -> Figures:
        """The figures since the window began, or since the last move where that is later: each rung starts anew."""
        since = self.clock() - timedelta(days=rules.window_days)
        return self.book.figures(intent, max(since, last.at) if last else since)

    def round(self) -> None:
        """What is due: once an hour every intent is judged, and tickets that made one fall get their note."""
        now = self.clock()
        before = self.keep.get(JUDGED_AT)
        if before is None or now - datetime.fromisoformat(before) >= JUDGE_EVERY:
            self.keep.set(JUDGED_AT, now.isoformat())
            for intent in sorted(ROUTINE_INTENTS):
                self.judge(intent)
        self.tell()

    def _move(
        self, intent: Intent, was: Rung, fall: policy.ladder.Fall, last: Step | None, ticket_id: int | None
    ) -> bool:
        return self.book.move(
            intent,
            was,
            fall.to,
            by=Mover.LADDER,
            because=fall.because,
            now=self.clock(),
            ticket_id=ticket_id,
            after=last,
        )

    # --- telling ---

    def tell(self) -> int:
        """Put a note on each ticket that made an intent fall, at most one for each fall; gives back how many."""
        return sum(self._told(step) for step in self.book.untold(self.clock() - TELL_WITHIN))

    def _told(self, step: Step) -> bool:
        """Whether the note was written now; a ticket that waits for us, or only just changed, gets it later."""
        if self.zendesk is None or step.ticket_id is None or not self.book.claim(step.id, self.clock()):
            return False
        try:
            ticket = self.zendesk.load(step.ticket_id)
            if not self._may_write(ticket):
                self.book.release(step.id)
                return False
            if self._stands(step, ticket):
                return False
            self.zendesk.apply(_noted(step), ticket)
        except TryLater:
            self.book.release(step.id)
            return False
        except Refused as refused:  # closed, deleted, or not ours to see: the admin hears of it from doctor
            log.warning("no note on ticket %d: %s", step.ticket_id, type(refused).__name__)
            return False
        return True

    def _may_write(self, ticket: Ticket) -> bool:
        """A note of ours below words that were not attended to would make them look attended to."""
        open_still = ticket.status not in (Status.CLOSED, Status.DELETED)
        left_alone = self.keep.rules().skip_tag in ticket.tags
        return open_still and policy.done(ticket) and not left_alone

    def _stands(self, step: Step, ticket: Ticket) -> bool:
        return any(m.ours and not m.public and _number(step) in m.text for m in ticket.messages)


def _noted(step: Step) -> Plan:
    phrases = content.phrases()["ladder"]
    text = phrases["note"].format(number=_number(step), what=step.intent.replace("_", " "), because=step.because)
    because = f"{step.intent} fell from {step.was} to {step.is_now}"
    return Plan(actions=(Note(text=text, because=because),), because=because, silence=(because,))


def _number(step: Step) -> str:
    """What tells the note of one fall from others'."""
    return f"(move {step.id})"
