"""The dashboard on a real store with lively rows, and the few things that a test does with it.

It must not reach into a page: tests look and press as browsers do.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integration import assembly, dashboard
from integration.assembly import Assembly, shown
from integration.dashboard import Colleague, Crowd
from integration.model import (
    AddTags,
    Applied,
    Charge,
    Course,
    Echo,
    Emotion,
    EventKind,
    Evidence,
    Felt,
    Field,
    Group,
    Hand,
    Intent,
    Label,
    MacroRef,
    Mover,
    Note,
    Outcome,
    Plan,
    Reading,
    Reply,
    Route,
    Rung,
    Sentiment,
    SetFields,
    SetPriority,
    Signal,
    TicketEvent,
    Urgency,
    Worded,
)
from integration.model.ticket import Priority
from integration.store import Store

PASSWORD = "a password for tests only"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
SENIOR = 55


@dataclass
class House:
    """The dashboard of one installation, and who looks at it."""

    url: str
    folder: Path
    secure: bool = False
    later: timedelta = timedelta(0)  # how far the clock is ahead
    crowds: tuple[Crowd, ...] = ()
    queued: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        public = "https://attune.example" if self.secure else "http://127.0.0.1:8000"
        environ = {"DATABASE_URL": self.url, "SECRET_KEY": "k" * 32, "PUBLIC_URL": public, "ADMIN_PASSWORD": PASSWORD}
        self.parts = Assembly(environ, self.folder)
        behind = shown.behind(self.parts, self.clock)
        if self.crowds:
            behind = replace(behind, team=lambda: (self.crowds, ("Nobody is free in Fraud.",)))
        self.app = Flask("attune", static_folder=None, template_folder=None)
        self.app.register_blueprint(dashboard.blueprint(behind))
        self.client: FlaskClient = self.app.test_client()

    @property
    def store(self) -> Store:
        """The real store."""
        return self.parts.store

    def clock(self) -> datetime:
        """The time as the dashboard has it."""
        return assembly.now() + self.later

    def sign_in(self, password: str = PASSWORD, **more: str) -> TestResponse:
        """Send the form of the sign-in."""
        return self.client.post("/dashboard/sign-in", data={"password": password, **more})

    def enter(self, *, may_switch: bool = False) -> TestResponse:
        """Come in by a link."""
        link = self.parts.entry_url(may_switch=may_switch)
        return self.client.get(link.partition("//")[2].partition("/")[2].join(["/", ""]))

    def text(self, path: str) -> str:
        """A page that is shown."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    def mark(self) -> str:
        """What the forms of this visit carry."""
        found = re.search(r'name="press" value="([^"]+)"', self.client.get("/dashboard/audit").text)
        assert found, "nobody is signed in"
        return found.group(1)

    def press(self, path: str, **fields: str) -> TestResponse:
        """Send a form of a page that was opened."""
        return self.client.post(path, data={"press": self.mark(), **fields})


def crowds() -> tuple[Crowd, ...]:
    """Two groups of people, one of them at the cap, one in a pause."""

    def one(number: int, name: str, carries: int, why: str = "", **more: Any) -> Colleague:
        given: dict[str, Any] = {"last_hour": carries // 2, "at_work": True, "until": None}
        return Colleague(id=number, name=name, carries=carries, cap=6, why_not=why, **given | more)

    people = (one(1, "Bea Okafor", 2), one(2, "Jonas Weber", 6, "at the cap"), one(3, HOSTILE, 4, at_work=None))
    return (
        Crowd(id=55, name="Senior Support", cares=("charged tickets",), people=people),
        Crowd(id=56, name="Fraud", cares=("fraud",), people=(one(4, "Ana Prieto", 3, "in a pause after a hard run"),)),
    )


# --- rows ------------------------------------------------------------------------------------------------------------

STORIES: tuple[tuple[Intent, Sentiment, Charge, Urgency, str], ...] = (
    (Intent.ORDER_STATUS, Sentiment.NEUTRAL, Charge.CALM, Urgency.NORMAL, "reply"),
    (Intent.RETURN_HOW_TO, Sentiment.NEUTRAL, Charge.CALM, Urgency.LOW, "reply"),
    (Intent.DOUBLE_CHARGE, Sentiment.VERY_NEGATIVE, Charge.CHARGED, Urgency.HIGH, "route"),
    (Intent.FRAUD_OR_SECURITY, Sentiment.NEGATIVE, Charge.CALM, Urgency.CRITICAL, "route"),
    (Intent.HOW_TO, Sentiment.NEUTRAL, Charge.CALM, Urgency.NORMAL, "draft"),
    (Intent.COMPLAINT, Sentiment.NEGATIVE, Charge.MILD, Urgency.NORMAL, "note"),
    (Intent.BEREAVEMENT, Sentiment.NEGATIVE, Charge.CHARGED, Urgency.HIGH, "route"),
    (Intent.ORDER_STATUS, Sentiment.POSITIVE, Charge.CALM, Urgency.NORMAL, "reply"),
)
_REASONS = {
    "reply": ("routine and calm", ()),
    "draft": ("the answer waits for a person", ("the rung is draft",)),
    "note": ("a person should answer", ("the customer is annoyed", "no answer macro for complaint")),
    "route": ("charged: a person first", ("the customer is charged", "high urgency", "asks for a person")),
}


def reading(intent: Intent, sentiment: Sentiment, charge: Charge, urgency: Urgency, reason: str = "") -> Reading:
    """A reading with two pieces of evidence."""
    return Reading(
        sentiment=sentiment,
        polarity=-0.4,
        charge=charge,
        charge_score=0.8 if charge is Charge.CHARGED else 0.1,
        emotions={Emotion.ANGER: 0.81, Emotion.ANXIETY: 0.4} if charge is Charge.CHARGED else {},
        urgency=urgency,
        intent=intent,
        language="en",
        confidence={"sentiment": 0.91, "charge": 0.88, "urgency": 0.58, "intent": 0.84},
        evidence=(
            Evidence(signal=Signal.REPEAT_CONTACT, quote="q", start=0, end=1, weight=0.72, reason="asked before"),
            Evidence(signal=Signal.FEELING, quote="q", start=2, end=3, weight=0.4, reason=reason or "a strong word"),
        ),
        text="never stored",
    )


def outcome(number: int, at: datetime, story: tuple[Any, ...], because: str = "", reason: str = "") -> Outcome:
    """One finished event with its reading, plan and write."""
    intent, sentiment, charge, urgency, deed = story
    why, silence = _REASONS[deed]
    labels = {field: f"attune_{field}_{word}" for field, word in zip(Field, (sentiment, charge, urgency), strict=False)}
    tags = frozenset({f"attune_{intent}", *labels.values(), *({"attune_drafted"} if deed == "draft" else ())})
    macro = MacroRef(key=f"answer/{intent}", id=7, title=f"Attune::Answers::{intent.replace('_', ' ').title()}")
    extra: dict[str, tuple[Any, ...]] = {
        "reply": (Reply(macro=macro, text="x", because="its rung is send"),),
        "draft": (Note(text="x", because="the answer, for a person to send"),),
        "note": (Note(text="x", because="what the next person should know"),),
        "route": (
            Route(group_id=SENIOR, because="charged tickets go to the senior group", assignee_id=1),
            SetPriority(priority=Priority.HIGH, because="waiting would harm"),
            Note(text="x", because="the whole story"),
        ),
    }
    before = {"tags": ["vip"], "group_id": None, "priority": None, "fields": {"charge": None, "sentiment": None}}
    after = {
        "tags": ["vip", *sorted(tags)],
        "group_id": SENIOR if deed == "route" else None,
        "priority": "high" if deed == "route" else None,
        "fields": {"charge": labels[Field.CHARGE], "sentiment": labels[Field.SENTIMENT]},
        "updated_at": at.isoformat(),
    }
    return Outcome(
        event=TicketEvent(
            delivery_id=f"01J{number:06d}", ticket_id=100 + number, kind=EventKind.CUSTOMER_MESSAGE, happened_at=at
        ),
        plan=Plan(
            actions=(
                SetFields(values=labels, because="the reading, for people and views"),
                AddTags(tags=tags, because="for views and triggers"),
                *extra[deed],
            ),
            because=because or why,
            silence=silence,
            macros=(macro,) if deed != "reply" else (),
        ),
        at=at + timedelta(seconds=2.4),
        reading=reading(intent, sentiment, charge, urgency, reason),
        applied=Applied(audit_id=1, comment_id=2, before=before, after=after),
        message_id=1000 + number,
        requester_id=2,
        notes=("the field urgency is gone from the form",) if number == 3 else (),
    )


def failed(number: int, at: datetime, because: str) -> Outcome:
    """An event that failed."""
    event = TicketEvent(
        delivery_id=f"failed-{number}", ticket_id=900 + number, kind=EventKind.CUSTOMER_MESSAGE, happened_at=at
    )
    return Outcome(event=event, plan=Plan(actions=(), because=because), at=at + timedelta(seconds=1))


def seed(store: Store, now: datetime, tickets: int = 96) -> None:
    """Four weeks of a small desk: events, corrections, echoes, moves, courses, workers, budget, doctor."""
    dice = random.Random(5)
    for number in range(tickets):
        at = now - timedelta(minutes=7 + 407 * number)
        story = STORIES[number % len(STORIES)]
        done = outcome(number, at, story)
        store.record(done)
        store.insight.put(course(number, at, story, dice))
        if number % 9 == 2:
            event = TicketEvent(
                delivery_id=f"c{number}", ticket_id=100 + number, kind=EventKind.CORRECTION, happened_at=at
            )
            store.correct(event, 1000 + number, Field.CHARGE, "attune_charge_charged", "attune_charge_mild")
        if story[4] == "reply" and number % 16 == 0:
            worded = Worded(delivery_id=done.event.delivery_id, message_id=1000 + number, intent=story[0], sent=True)
            store.autonomy.came_back(worded, 100 + number, Echo.WAY_OUT, "asked for a person", at)
    store.record(failed(1, now - timedelta(hours=2), "not possible: Zendesk answered 422: the values were refused"))
    store.record(failed(2, now - timedelta(hours=3), "a fault of Attune's own: KeyError"))
    store.archive.mark_undone(["01J000005"], now - timedelta(minutes=30))
    store.change_rules(
        {"rungs.order_status": "send", "rungs.how_to": "draft"}, now - timedelta(days=20), "50 good drafts"
    )
    store.change_rules({"sending": False}, now - timedelta(days=3), "a wrong price on the site", Hand.DASHBOARD)
    store.change_rules({"sending": True}, now - timedelta(days=3, hours=-1), "the price is right again", Hand.DASHBOARD)
    store.autonomy.move(
        Intent.RETURN_HOW_TO,
        Rung.SEND,
        Rung.DRAFT,
        by=Mover.LADDER,
        because="asked for a person or asked again: 9 of 20 (45 %, surely above 26 %), more than 20 %",
        now=now - timedelta(days=6),
        ticket_id=101,
    )
    store.beat("desk-1", now, "")
    budget = {"remaining": 612, "limit": 700, "updates_remaining": 84, "updates_limit": 100}
    store.set("budget seen", json.dumps({"at": (now - timedelta(seconds=40)).isoformat(), **budget}))
    found = [
        ["credentials", "ok", "those of an admin", ""],
        ["triggers", "warning", "one is off", "run `flask install`"],
    ]
    store.set("examined", json.dumps({"at": (now - timedelta(hours=5)).isoformat(), "findings": found}))


def course(number: int, at: datetime, story: tuple[Any, ...], dice: random.Random) -> Course:
    """How one of the tickets went."""
    intent, sentiment, charge, _urgency, deed = story
    group = {"reply": Group.ANSWERED, "route": Group.ROUTED}.get(deed, Group.OTHER)
    quick = deed == "reply"
    first_reply = timedelta(seconds=3 + dice.random() * 4) if quick else timedelta(minutes=20 + dice.random() * 180)
    by_person = timedelta(minutes=25 + dice.random() * 240) if not quick or number % 3 == 0 else None
    solved = timedelta(hours=1 + dice.random() * (9 if quick else 40)) if number % 5 else None
    moods = [Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE]
    ends = moods[min(2, max(0, moods.index(_plain(sentiment)) + dice.choice([0, 0, 1, 1, -1])))]

    def felt(which: int, mood: Sentiment) -> Felt:
        return Felt(message_id=1000 * which + number, at=at, sentiment=mood, polarity=0.0, charge=charge)

    return Course(
        ticket_id=100 + number,
        requester_id=2,
        channel="email",
        language="en",
        intent=intent,
        created_at=at,
        asked_at=at,
        seen_at=at,
        first_reply_at=at + first_reply,
        first_person_at=at + by_person if by_person else None,
        solved_at=at + solved if solved else None,
        solved=bool(solved),
        reopens=1 if number % 11 == 0 else 0,
        customer_messages=1 + dice.randrange(4),
        agent_messages=1 if by_person else 0,
        our_replies=1 if quick else 0,
        asked_again=1 if number % 13 == 0 and by_person else 0,
        wanted_person=number % 7 == 2,
        way_out=quick and number % 16 == 0,
        rating=("good", "good", "bad", "", "")[number % 5] if solved else "",
        first=felt(1, sentiment),
        last=felt(2 if number % 2 else 1, ends if number % 2 else sentiment),
        worst=charge,
        group=group,
        assignee_id=1 + number % 3 if by_person else None,
        touched=bool(by_person),
        drafted=deed == "draft",
        held=_REASONS[deed][1],
        corrected=frozenset({Label.CHARGE}) if number % 9 == 2 else frozenset(),
        judged=frozenset({Label.CHARGE}) if number % 9 == 2 else frozenset(),
        promises_open=1 if number % 17 == 3 and not solved else 0,
        next_due=at + timedelta(days=2) if number % 17 == 3 and not solved else None,
    )


def _plain(sentiment: Sentiment) -> Sentiment:
    return Sentiment(sentiment.value.removeprefix("very_"))
