"""The silence contract under fire: doubled, late, disordered and interrupted events, people writing at the same time.

The real attendant, client, wire and store work on one ticket of a Zendesk in memory; only the reading is canned, so
that the encoder is not run thousands of times. In each request something may happen meanwhile: a customer or an agent
writes, a second worker attends to the same ticket, the answer is lost, the process is killed.

The default profile drives 60 histories of up to 20 steps; ATTUNE_HISTORIES asks for more. It must not know the
product's own clauses: each reply is judged by what stood in Zendesk when it arrived there.
"""

from __future__ import annotations

import html
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from integration import content
from integration.model import (
    Charge,
    Desk,
    Emotion,
    EventKind,
    Field,
    History,
    Intent,
    MacroRef,
    Outcome,
    Reading,
    Rung,
    Sentiment,
    Signal,
    Ticket,
    TicketEvent,
    TryLater,
    Urgency,
)
from integration.store import Store, migrate
from integration.worker import Attendant
from integration.worker import attendant as attendant_module
from integration.zendesk import ReadyToken, Session, Tickets
from tests import strategies as make
from tests.policy.memory_zendesk import AGENT, CUSTOMER, MACRO, OTHER_BOT, TICKET, US, Clock, MemoryZendesk

SENIOR = 55
FIELDS = {name: 70 + place for place, name in enumerate(Field)}
DESK = Desk(
    self_id=US,
    fields=FIELDS,
    senior_group_id=SENIOR,
    macros=(MacroRef(key="answer/order_status", id=MACRO, title="Attune::Answers::Order status"),),
)
REPLY = content.phrases()["reply"]["en"]

CALM, CALM_AGAIN = "Where is my order 40031?", "And could you tell me when it comes?"
# What customers write, and how it reads. The calm ones come first: hypothesis shrinks towards them.
TEXTS: dict[str, dict[str, Any]] = {
    CALM: {},
    CALM_AGAIN: {},
    "Thank you": {"intent": Intent.THANKS, "sentiment": Sentiment.POSITIVE},
    "I am furious, this is a disgrace": {
        "charge": Charge.CHARGED,
        "sentiment": Sentiment.VERY_NEGATIVE,
        "emotions": {Emotion.ANGER: 0.9},
    },
    "The baby has a fever and the box is late": {"urgency": Urgency.CRITICAL},
    "Somebody paid with my card": {"evidence": (make.sign(Signal.FRAUD, "paid with my card", "fraud"),)},
    "My husband has died": {
        "intent": Intent.BEREAVEMENT,
        "evidence": (make.sign(Signal.BEREAVEMENT, "died", "death"),),
    },
    "Let me talk to somebody": {"evidence": (make.sign(Signal.WANTS_PERSON, "talk to somebody", "wants a person"),)},
    "The lid is broken": {"intent": Intent.DAMAGED_OR_WRONG_ITEM, "charge": Charge.MILD},
    "I am out of office": {"intent": Intent.AUTO_REPLY},
    "????": {"readable": False, "why_unreadable": "no words"},
}
ANSWERABLE = frozenset({CALM, CALM_AGAIN})
# What no automated reply may follow on a ticket, even when a calm message comes after it.
GRAVE = frozenset(list(TEXTS)[3:8])
# Mostly calm, so that replies are common and each disturbance is met by one.
said = st.sampled_from([*[CALM] * 12, *[CALM_AGAIN] * 6, *TEXTS])
# A reply or note waits until the ticket has been left alone for two seconds, and clocks differ by one.
SETTLED_S = 3.5
counted: Counter[str] = Counter()


FASTEST = "/dev/shm" if Path("/dev/shm").is_dir() else None


@cache
def empty_database() -> bytes:
    """A migrated database, made once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite"
        migrate(f"sqlite:///{file}")
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return file.read_bytes()


class Killed(BaseException):
    """The worker's process ends here."""


class Memory(Store):
    """The real store, in which a worker may be killed on its way in or out of a write."""

    die_before: str = ""

    def intend(self, intended: Outcome) -> None:
        self._maybe_die("intend")
        super().intend(intended)

    def record(self, done: Outcome) -> None:
        self._maybe_die("record")
        super().record(done)

    def _maybe_die(self, where: str) -> None:
        if self.die_before == where:
            self.die_before = ""
            raise Killed


def canned(ticket: Ticket, _history: History) -> Reading:
    """The reading of the newest message, from the table."""
    newest = ticket.newest
    text = newest.text if newest else ""
    return make.reading(**{"text": text, **TEXTS.get(text, {})})


# What may happen ahead of a request: faults answer it, the others go before it.
FAULTS = ("lost before", "lost after", "503", "409", "kill")
HAPPENINGS = (
    "customer",
    "agent",
    "agent note",
    "other bot",
    "assign",
    "solve",
    "merge",
    "copy",
    "worker",
    "wait",
    *FAULTS,
)
ACTS = ("agent", "agent note", "other bot", "assign", "unassign", "solve", "close", "merge", "copy")
# An attempt asks load, comments, history, macro, its effect, and writes: six requests.
meanwhiles = st.lists(
    st.tuples(st.sampled_from([5, 0, 1, 2, 5, 3, 4]), st.sampled_from(HAPPENINGS), said, st.integers(0, 7)),
    max_size=3,
)


class OneTicket(RuleBasedStateMachine):
    """Everything that may happen to one ticket, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(make.NOW)
        self.events: list[TicketEvent] = []
        self.delivered: set[str] = set()
        self.plans: list[list[tuple[int, str, str, int]]] = []  # what is still to happen, one list per worker at work
        self.asked: list[int] = []  # requests so far, one number per worker at work
        self.folder = tempfile.TemporaryDirectory(dir=FASTEST)
        file = Path(self.folder.name) / "attune.sqlite"
        file.write_bytes(empty_database())
        self.store = Memory(f"sqlite:///{file}")
        self.store.change_rules({"default_rung": Rung.SEND, "rungs": {}})
        self.reader = mock.patch.object(attendant_module.analysis, "read", canned)
        self.reader.start()
        counted["histories"] += 1

    @initialize(skew=st.sampled_from([0.0, 0.9, -0.9]), pace=st.sampled_from([0.05, 0.4]), text=said)
    def begin(self, skew: float, pace: float, text: str) -> None:
        self.pace = pace
        self.zendesk = MemoryZendesk(self.clock, timedelta(seconds=skew), list(FIELDS.values()), self.ahead_of)
        session = Session("https://desk.example", ReadyToken(token="t"), clock=self.clock)
        session.mount("https://", self.zendesk)
        tickets = Tickets(session, lambda: DESK, clock=self.clock)
        self.attendant = Attendant(zendesk=tickets, memory=self.store, desk=lambda: DESK, clock=self.clock)
        self.customer_writes(text, 1)

    # --- what people do ---

    @rule(text=said, deliveries=st.integers(0, 2))
    def customer_writes(self, text: str, deliveries: int) -> None:
        """A message, for which the trigger fires as often as it likes; the catch-up is one more event."""
        if self.zendesk.row["status"] == "closed":
            return
        self.zendesk.say(CUSTOMER, text)
        for _ in range(deliveries):
            self.events.append(
                TicketEvent(
                    delivery_id=f"d{len(self.events)}",
                    ticket_id=TICKET,
                    kind=EventKind.CUSTOMER_MESSAGE,
                    happened_at=self.clock(),
                )
            )

    @rule(what=st.sampled_from([*["nothing"] * 12, *ACTS]))
    def somebody_acts(self, what: str) -> None:
        """An agent, another bot or the desk does something."""
        acts: dict[str, Callable[[], Any]] = {
            "agent": lambda: self.zendesk.say(AGENT, "I am looking into it."),
            "agent note": lambda: self.zendesk.say(AGENT, "Ask the depot.", public=False),
            "other bot": lambda: self.zendesk.say(OTHER_BOT, "Hi, I am Oaky."),
            "assign": lambda: self.zendesk.change(assignee_id=AGENT),
            "unassign": lambda: self.zendesk.change(assignee_id=None),
            "solve": lambda: self.zendesk.change(status="solved"),
            "close": lambda: self.zendesk.change(status="closed"),
            "merge": lambda: self.zendesk.say(AGENT, "Request #41 was merged.", public=False, channel="merge"),
            "copy": lambda: self.zendesk.change(email_cc_ids=[99]),
        }
        if what in acts and self.zendesk.row["status"] != "closed":
            acts[what]()

    @rule(on=st.sampled_from([True, True, True, False]))
    def admin_switches_sending(self, on: bool) -> None:
        """The one switch."""
        self.store.change_rules({"sending": on})

    @rule(seconds=st.sampled_from([0.3, 1.0, 3.0, 600.0, 90_000.0]))
    def time_passes(self, seconds: float) -> None:
        """From the same second to the day after."""
        self.clock.go_on(seconds)

    # --- what workers do ---

    @precondition(lambda self: self.events)
    @rule(
        which=st.integers(0, 30),
        plan=meanwhiles,
        dies=st.sampled_from(["", "", "", "intend", "record"]),
        waited=st.sampled_from([SETTLED_S, SETTLED_S, 0.0]),
    )
    def event_comes(self, which: int, plan: list[tuple[int, str, str, int]], dies: str, waited: float) -> None:
        """Any event, also one that came before, is attended to while things go on."""
        self.clock.go_on(waited)
        self.store.die_before = dies
        self.attend(self.events[which % len(self.events)], plan)
        self.store.die_before = ""

    @precondition(lambda self: self.events)
    @rule(which=st.integers(0, 30))
    def event_comes_in_peace(self, which: int) -> None:
        """The same, with nobody about."""
        self.clock.go_on(SETTLED_S)
        self.attend(self.events[which % len(self.events)], [])

    def attend(self, event: TicketEvent, plan: list[tuple[int, str, str, int]]) -> TryLater | None:
        """One try of one worker."""
        counted["attempts"] += 1
        self.plans.append(list(plan))
        self.asked.append(0)
        later: TryLater | None = TryLater("killed")
        try:
            later = self.attendant.attend(event)
        except Killed:
            counted["killed"] += 1
            if len(self.plans) > 1:  # one process, so the outer worker is gone with it
                raise
        finally:
            self.plans.pop()
            self.asked.pop()
        if later is None:
            self.delivered.add(event.delivery_id)
        return later

    def ahead_of(self, _method: str, _path: str) -> str:
        """What happens between one request of a worker and the next; gives back the fault of this one."""
        self.clock.go_on(self.pace)
        number, plan = self.asked[-1], self.plans[-1]
        self.asked[-1] += 1
        fault = ""
        for place, what, text, which in [one for one in plan if one[0] == number]:
            counted["interleavings"] += 1
            fault = self.happens(what, text, which) or fault
            plan.remove((place, what, text, which))
        return fault

    def happens(self, what: str, text: str, which: int) -> str:
        if what == "kill":
            raise Killed
        if what in FAULTS:
            return what
        if what == "customer":
            self.customer_writes(text, 1)
        elif what == "worker":
            if len(self.plans) < 3:
                self.attend(self.events[which % len(self.events)], [])
        elif what == "wait":
            self.clock.go_on(which)
        else:
            self.somebody_acts(what)
        return ""

    # --- what must always hold ---

    @invariant()
    def every_reply_was_allowed(self) -> None:
        """Judged by what stood in Zendesk when the reply arrived there, in other words than the product's."""
        answered: set[int] = set()
        for write in self.replies():
            met = write["comments"]
            asked = [one for one in met if one["author_id"] == CUSTOMER]
            newest = asked[-1]
            assert newest["plain_body"] in ANSWERABLE, "only the calm and routine"
            assert not {one["plain_body"] for one in asked} & GRAVE, "never where something grave was said"
            assert not [one for one in met if one["author_id"] == AGENT], "never after a person"
            assert write["row"]["assignee_id"] in (None, US), "never while a person is assigned"
            assert write["row"]["status"] in ("new", "open", "pending", "hold")
            assert not write["row"]["email_cc_ids"], "never to people in copy"
            assert met[-1] is newest or not [one for one in met if one["id"] > newest["id"] and one["public"]]
            assert newest["id"] not in answered, "at most one per message"
            answered.add(newest["id"])
        assert len(answered) <= 2, "at most two per ticket"

    @invariant()
    def every_reply_says_what_it_is(self) -> None:
        """Automatic, with the way to a person before the answer, and the ticket left pending."""
        for write in self.replies():
            said = html.unescape(write["wanted"]["comment"]["html_body"])
            first, _, _ = said.partition("</p>")
            assert REPLY["automatic"] in first
            assert "“person”" in first
            assert write["wanted"].get("status", "pending") == "pending"

    @invariant()
    def we_never_end_a_ticket(self) -> None:
        """No update of ours solves or closes, or lowers the priority."""
        order = [None, "low", "normal", "high", "urgent"]
        for write in self.writes():
            assert write["wanted"].get("status") in (None, "pending")
            assert order.index(write["wanted"].get("priority", "urgent")) >= order.index(write["row"]["priority"])

    @invariant()
    def every_message_is_written_to_once(self) -> None:
        """One update per customer message, but for two workers within one second, whom the version stamp cannot tell.

        A reply or note waits that second out; marks do not, and the queue gives a ticket to one worker at a time.
        """
        met: dict[str, set[str]] = {}
        for write in self.writes():
            for one in write["wanted"].get("custom_fields", []):
                if one["id"] == FIELDS[Field.MARKER]:
                    met.setdefault(one["value"], set()).add(write["row"]["updated_at"])
        assert all(len(stamps) == 1 for stamps in met.values())

    @invariant()
    def every_delivered_event_has_one_outcome(self) -> None:
        """What was attended to is written down, once, with the reason for every silence."""
        rows = self.store.outcomes(TICKET)
        done = [row for row in rows if row["state"] == "done"]
        assert {row["delivery_id"] for row in done} >= self.delivered
        assert len({row["delivery_id"] for row in rows}) == len(rows)
        assert all(row["because"] and (row["replied"] or row["plan"]["silence"]) for row in done)

    def teardown(self) -> None:
        """Left in peace, every event that came ends, and the journal knows each reply."""
        try:
            if hasattr(self, "zendesk"):
                self.come_to_rest()
        finally:
            self.reader.stop()
            self.store.close()
            self.folder.cleanup()

    def come_to_rest(self) -> None:
        self.clock.go_on(10)
        for event in self.events:
            later: TryLater | None = None
            for _ in range(4):
                if (later := self.attend(event, [])) is None:
                    break
                self.clock.go_on(later.after.total_seconds() + 1)
            assert later is None, "an event that nobody disturbs comes to its end"
        self.every_reply_was_allowed()
        self.every_message_is_written_to_once()
        self.every_delivered_event_has_one_outcome()
        replied = [row for row in self.store.outcomes(TICKET) if row["replied"]]
        counted["replies"] += len(self.replies())
        assert len(replied) == len(self.replies()), "the journal knows each reply, and no other"

    def writes(self) -> list[dict[str, Any]]:
        return self.zendesk.writes if hasattr(self, "zendesk") else []

    def replies(self) -> list[dict[str, Any]]:
        return [write for write in self.writes() if write["wanted"].get("comment", {}).get("public")]


OneTicket.TestCase.settings = settings(
    max_examples=int(os.environ.get("ATTUNE_HISTORIES", "60")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestOneTicket = OneTicket.TestCase
TestOneTicket.__doc__ = "Whatever happens to a ticket in whatever order, the silence contract holds after every step."


def test_how_much_was_driven() -> None:
    """The machine above has really attended to events, with replies or happenings in between, and says how often."""
    if not counted:
        return
    print(dict(counted))  # noqa: T201 - shown by `pytest -s`
    assert counted["attempts"] > counted["histories"]
    assert counted["replies"] + counted["interleavings"] > 0
