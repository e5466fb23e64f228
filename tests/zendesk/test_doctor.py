"""What doctor finds on a real (sandbox) account: nothing on a healthy one, and each ailment by its own name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration import content, gate, wire
from integration.model import EventKind, NotTrusted, TryLater
from integration.wire import resources
from integration.zendesk import ReadyToken, Session, account_checks, setup
from integration.zendesk.doctor import Finding, Level, examine, ok
from integration.zendesk.findings import Case
from sandbox import auth
from tests.zendesk.conftest import Account
from tests.zendesk.loopback import Loopback, Said, Seen, serving


@dataclass(frozen=True, slots=True)
class Patient:
    """An installed account, our door, and the secret that the door checks with."""

    account: Account
    door: Loopback
    secret: str

    def findings(self, **other: Any) -> tuple[Finding, ...]:
        """What doctor says now; `other` replaces what it is given."""
        given: dict[str, Any] = {
            "public_url": self.door.url,
            "stored_secret": self.secret,
            "clock": lambda: datetime.now(UTC),
        } | other
        session = given.pop("session", self.account.session)
        return examine(session, self.account.ledger.rows(), **given)


def trouble(findings: tuple[Finding, ...]) -> list[tuple[str, Level]]:
    """What is not well."""
    return [(finding.check, finding.level) for finding in findings if finding.level is not Level.OK]


@pytest.fixture
def patient(account: Account) -> Iterator[Patient]:
    """A healthy one: installed with all facts and a senior member, the door open and checking signatures."""
    secret: list[str] = []

    def door(seen: Seen) -> Said:
        try:
            gate.check(seen.headers, seen.body, secret[0], datetime.now(UTC))
        except NotTrusted:
            return Said(401)
        wire.event(seen.body, seen.headers, datetime.now(UTC))
        return Said(202)

    with serving(door) as opened:
        facts = {name: f"https://shop.example/{name}" for name in content.facts()}
        email = next(user["email"] for user in account.things("user") if user["role"] == "agent")
        steps = setup.plan(account.session, (), public_url=opened.url, facts=facts, senior_members=[email])
        report = setup.carry_out(steps, account.session, account.ledger)
        assert report.refused == ()
        secret.append(report.secret)
        yield Patient(account, opened, report.secret)


def test_a_healthy_account_has_no_findings_and_every_check_is_named(patient: Patient) -> None:
    """All checks speak, and all of them say that they are well."""
    found = patient.findings(others=[("queue", lambda: ok("queue", "takes events"))])
    assert trouble(found) == []
    assert {finding.check for finding in found} == {
        "credentials",
        "identity",
        "scopes",
        "clock",
        "webhook",
        "delivery",
        "secret",
        "fields",
        "triggers",
        "group",
        "views",
        "macros",
        "wording",
        "app",
        "rate budget",
        "queue",
    }


def test_the_test_event_is_real_signed_and_changes_nothing(patient: Patient) -> None:
    """Zendesk itself sends it to our door, with a signature, and its kind is one that nothing is done about."""
    before = patient.account.everything()
    patient.findings()
    [delivered] = patient.door.seen
    gate.check(delivered.headers, delivered.body, patient.secret, datetime.now(UTC))
    event = wire.event(delivered.body, delivered.headers, datetime.now(UTC))
    assert event.kind is EventKind.UNKNOWN
    assert patient.account.everything() == before


def test_doctor_writes_nothing_into_tickets(patient: Patient) -> None:
    """The harmless writes that try the scopes are harmless."""
    tickets = patient.account.served.desk.state.list("ticket")
    patient.findings()
    assert patient.account.served.desk.state.list("ticket") == tickets


Ail = Callable[[Account], None]


def _edit(key: str, **changes: Any) -> Ail:
    return lambda account: account.edit(key, **changes)


def _gone(key: str) -> Ail:
    return lambda account: account.delete(key)


def _without_option(account: Account) -> None:
    options = account.thing("field/urgency")["custom_field_options"]
    account.edit("field/urgency", custom_field_options=[o for o in options if o["value"] != "attune_urgency_critical"])


def _tag_used_twice(account: Account) -> None:
    field = account.thing("field/charge")
    account.served.desk.state.put("ticket_field", {**field, "id": 77, "title": "Mood"})


def _nobody_senior(account: Account) -> None:
    group = account.thing("group/senior")["id"]
    for membership in account.things("group_membership"):
        if membership["group_id"] == group:
            account.served.desk.state.delete("group_membership", membership["id"])


def _me(**changes: Any) -> Ail:
    def ail(account: Account) -> None:
        me = account.session.ask("GET", "/api/v2/users/me")["user"]["id"]
        state = account.served.desk.state
        found = state.get("user", me)
        assert found
        state.put("user", {**found, **changes})

    return ail


def _failed_deliveries(account: Account) -> None:
    webhook = account.thing(resources.WEBHOOK_KEY)["id"]
    for status in ("timeout", "timeout", "success"):
        stamp = "2026-11-21T10:00:00Z"
        account.served.desk.state.put(
            "invocation",
            {"id": None, "webhook_id": webhook, "status": status, "created_at": stamp, "latest_completed_at": stamp},
        )


W, P = Level.WARNING, Level.PROBLEM
WROTE = "trigger/customer_wrote"
ONE_CONDITION = {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}
INTERNAL = [{"field": "comment_mode_is_public", "value": ["false"]}]
UNFILLED = [{"field": "comment_value_html", "value": "<p>See [[help_page]]</p>"}]
BLAMING = [{"field": "comment_value_html", "value": "<p>We truly value you, but you forgot the step.</p>"}]
CURT = [{"field": "comment_value_html", "value": "<p>It is late, [name]</p>"}]


@pytest.mark.parametrize(
    ("ail", "check", "level", "word"),
    [
        (_edit("webhook/events", endpoint="https://elsewhere.example/zendesk/events"), "webhook", P, "does not lead"),
        (_edit("webhook/events", status="inactive"), "webhook", P, "switched off"),
        (_failed_deliveries, "delivery", W, "2 of the last 3"),
        (_gone("field/charge"), "fields", P, "charge was deleted"),
        (_edit("field/charge", active=False), "fields", P, "switched off"),
        (_without_option, "fields", P, "attune_urgency_critical"),
        (_tag_used_twice, "fields", W, "Mood"),
        (_gone(WROTE), "triggers", P, "deleted"),
        (_edit(WROTE, active=False), "triggers", P, "switched off"),
        (_edit(WROTE, conditions=ONE_CONDITION), "triggers", W, "changed in the desk"),
        (_edit("group/senior", deleted=True), "group", P, "deleted"),
        (_nobody_senior, "group", W, "nobody is in"),
        (_gone("view/charged_now"), "views", W, "charged now"),
        (_gone("macro/answer/order_status"), "macros", W, "Order status"),
        (_edit("macro/answer/how_to", actions=UNFILLED), "macros", W, "help_page (address"),
        (_edit("macro/answer/order_status", active=False), "macros", W, "Order status is switched off"),
        (_edit("macro/answer/order_status", actions=INTERNAL), "macros", W, "Order status is set to an internal"),
        (_edit("macro/answer/how_to", actions=BLAMING), "wording", W, "How to do it: false feeling: “We truly value"),
        (_edit("macro/empathy/delay/first", actions=CURT), "wording", W, "4 words, not 40 to 110"),
        (_me(name="Jane Miller", alias="", email="jane@support.example"), "identity", W, "person's own"),
    ],
)
def test_each_ailment_is_found_by_name(patient: Patient, ail: Ail, check: str, level: Level, word: str) -> None:
    """One thing is broken: one finding of its own check says so in plain words, with what to do, and no other."""
    ail(patient.account)
    found = [finding for finding in patient.findings() if finding.level is not Level.OK]
    assert [(finding.check, finding.level) for finding in found] == [(check, level)]
    assert word in found[0].what
    assert found[0].what_to_do


def test_doctors_advice_helps(patient: Patient) -> None:
    """What `flask install` is named for, it repairs."""
    for ail in (_without_option, _gone("field/charge"), _gone(WROTE), _gone("view/answered")):
        ail(patient.account)
    assert trouble(patient.findings())
    facts = {name: f"https://shop.example/{name}" for name in content.facts()}
    rows = patient.account.ledger.rows()
    steps = setup.plan(patient.account.session, rows, public_url=patient.door.url, facts=facts)
    setup.carry_out(steps, patient.account.session, patient.account.ledger)
    assert trouble(patient.findings()) == []


@pytest.mark.parametrize(
    ("off", "level"),
    [(timedelta(seconds=20), Level.OK), (timedelta(seconds=90), W), (timedelta(seconds=-90), W)]
    + [(timedelta(minutes=sign * 6), P) for sign in (1, -1)],
)
def test_a_clock_that_is_off_is_noticed_before_it_matters(patient: Patient, off: timedelta, level: Level) -> None:
    """Both directions count; from five minutes on, every delivery would be refused."""
    found = patient.findings(clock=lambda: datetime.now(UTC) + off)
    [clock] = [finding for finding in found if finding.check == "clock"]
    assert clock.level is level


@pytest.mark.parametrize(
    ("answer", "level", "word"),
    [
        (Said(202), Level.OK, "accepted"),
        (Said(400), Level.OK, "accepted"),
        (Said(401), P, "not believed"),
        (Said(404), P, "something else"),
        (Said(503), P, "could not be taken"),
        (None, P, "could not reach us"),
    ],
)
def test_the_doors_answer_says_what_is_wrong(patient: Patient, answer: Said | None, level: Level, word: str) -> None:
    """Every answer of our door to the test event has its own meaning."""
    patient.door.script = lambda _: answer
    found = [finding for finding in patient.findings() if finding.check == "delivery"]
    assert [(finding.level, word in finding.what) for finding in found] == [(level, True)]


@pytest.mark.parametrize(("stored", "word"), [("", "not known"), ("another", "not the one")])
def test_a_wrong_secret_is_found_and_not_shown(patient: Patient, stored: str, word: str) -> None:
    """The secret is compared, and no finding holds it."""
    found = patient.findings(stored_secret=stored)
    [secret] = [finding for finding in found if finding.check == "secret"]
    assert secret.level is P
    assert word in secret.what
    assert patient.secret not in json.dumps([(f.what, f.what_to_do) for f in found])


@pytest.mark.parametrize(
    ("scope", "named"), [("read", "may not change tickets"), ("tickets:read users:read", "may not read webhooks")]
)
def test_a_missing_scope_is_named(patient: Patient, scope: str, named: str) -> None:
    """A token that may not do everything: doctor says what it may not do, and the other checks still speak."""
    desk = patient.account.served.desk
    user = auth.integration_user(desk.state)["id"]
    token = auth.mint(desk.state, user, scope=scope, life_s=None, now=desk.clock())
    with Session(patient.account.served.url, ReadyToken(token=token)) as session:
        found = patient.findings(session=session)
    said = [finding for finding in found if finding.check == "scopes"]
    assert any(named in finding.what and finding.level is P for finding in said)
    assert {"clock", "webhook", "macros"} <= {finding.check for finding in found}


def test_wrong_credentials_are_one_finding_and_hide_nothing_else(patient: Patient) -> None:
    """The account cannot be looked at; queue and database can."""
    with Session(patient.account.served.url, ReadyToken(token="wrong")) as session:
        found = patient.findings(session=session, others=[("queue", lambda: ok("queue", "takes events"))])
    assert [(finding.check, finding.level) for finding in found] == [("credentials", P), ("queue", Level.OK)]
    assert "ZENDESK_" in found[0].what_to_do


def test_a_check_that_breaks_does_not_hide_the_next(patient: Patient) -> None:
    """A database that is away and a check with a bug are findings of their own."""

    def away() -> Finding:
        raise TryLater("the database cannot be reached")

    def buggy() -> Finding:
        raise ZeroDivisionError

    others = [("database", away), ("other", buggy), ("queue", lambda: ok("queue", "takes events"))]
    found = patient.findings(others=others)
    assert trouble(found) == [("database", P), ("other", P)]
    assert found[-1].check == "queue"


def test_before_install_doctor_says_install(account: Account) -> None:
    """On an account with nothing of ours, every finding about what is missing names the command that makes it."""
    found = examine(
        account.session, (), public_url="https://attune.example", stored_secret="", clock=lambda: datetime.now(UTC)
    )
    missing = [finding for finding in found if finding.level is not Level.OK]
    assert {finding.check for finding in missing} == {
        "webhook",
        "delivery",
        "secret",
        "fields",
        "triggers",
        "group",
        "views",
        "macros",
    }
    assert all("flask install" in finding.what_to_do for finding in missing)


def test_a_user_who_is_no_admin_is_named(patient: Patient) -> None:
    """Install and the list of missed tickets are for admins; other checks then say what they may not see."""
    _me(role="agent")(patient.account)
    found = [finding for finding in patient.findings() if finding.check == "identity"]
    assert [(finding.level, "agent" in finding.what) for finding in found] == [(P, True)]


@pytest.mark.parametrize(
    ("headers", "levels"),
    [
        ({}, [Level.OK]),
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "600"}, [Level.OK]),
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "50"}, [W]),
        (
            {
                "X-Rate-Limit": "200",
                "X-Rate-Limit-Remaining": "190",
                "Zendesk-RateLimit-tickets-update": "total=20; remaining=19; resets=59",
            },
            [Level.OK, W],
        ),
    ],
)
def test_the_rate_budget_is_what_the_last_answer_said(headers: dict[str, str], levels: list[Level]) -> None:
    """Little left is noticed, and so is the small allowance of a trial account."""
    with (
        serving(lambda _: Said(200, {}, headers)) as account,
        Session(account.url, ReadyToken(token="any")) as session,
    ):
        session.ask("GET", "/api/v2/users/me")
        case = Case(session=session, rows=(), public_url="", stored_secret="", clock=lambda: datetime.now(UTC))
        assert [finding.level for finding in account_checks.budget(case)] == levels
