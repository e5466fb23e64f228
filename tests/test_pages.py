"""The customer's page by HTTP: who is let in, what a press puts into the queue, and what every answer carries."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integration import content, gate, pages
from integration.model import Booking, Choice, EventKind, Status, TicketEvent, TryLater
from integration.store import Store, migrate

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
KEY, ACCOUNT = b"k" * 32, "https://acme.zendesk.com"
OPEN: dict[str, object] = {"business_hours": "Mon-Fri 09:00-17:00", "time_zone": "UTC", "callbacks_per_slot": "1"}


def link_to(ticket_id: int = 42, language: str = "en", account: str = ACCOUNT) -> str:
    """The path of the page for an answer of ours."""
    link = gate.Link(ticket_id=ticket_id, message_id=7, until=NOW + gate.LINK_LIFE, language=language)
    return content.WAY_OUT_PATH + gate.sign_link(link, KEY, account)


@dataclass
class House:
    """The page on a real store, with a ticket and a queue that can be told to fail."""

    store: Store
    now: datetime = NOW
    status: Status | TryLater = Status.PENDING
    queue_away: bool = False
    queued: list[TicketEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = Flask("attune", static_folder=None)
        behind = pages.Behind(
            key=lambda: KEY,
            account=lambda: ACCOUNT,
            memory=lambda: self.store,
            status=self._status,
            enqueue=self._enqueue,
            clock=lambda: self.now,
        )
        app.register_blueprint(pages.blueprint(behind))
        self.client: FlaskClient = app.test_client()

    def _status(self, _ticket_id: int) -> Status:
        if isinstance(self.status, TryLater):
            raise self.status
        return self.status

    def _enqueue(self, event: TicketEvent) -> None:
        if self.queue_away:
            raise TryLater("the queue cannot be reached")
        self.queued.append(event)

    def press(self, choice: str, link: str = "", **more: str) -> TestResponse:
        """Open the page and press a button."""
        link = link or link_to()
        token = link.removeprefix(content.WAY_OUT_PATH)
        data = {"form": gate.sign_form(token, KEY, self.now), "choice": choice, **more}
        return self.client.post(link, data=data)

    @property
    def slots(self) -> list[str]:
        """The times that the page offers."""
        return re.findall(r'<option value="([^"]+)"', self.client.get(link_to()).text)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A page on a fresh database of either kind, with booking switched on."""
    migrate(database_url)
    found = House(Store(database_url))
    found.store.change_rules(OPEN)
    yield found
    found.store.close()


@pytest.mark.parametrize("choice", [Choice.PERSON, Choice.SOLVED])
def test_a_press_is_one_event(house: House, choice: Choice) -> None:
    """However often a button is pressed within a minute, the queue is given the same delivery, and the page agrees."""
    first, second = house.press(choice), house.press(choice)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text == second.text
    assert len({event.delivery_id for event in house.queued}) == 1
    event = house.queued[0]
    assert (event.ticket_id, event.kind, event.choice, event.happened_at) == (42, EventKind.WAY_OUT, choice, NOW)
    house.now += timedelta(minutes=5)
    house.press(choice)
    assert len({event.delivery_id for event in house.queued}) == 2


@pytest.mark.parametrize("choice", list(Choice))
def test_a_wish_stands_before_the_queue_has_it(house: House, choice: Choice) -> None:
    """What the page promises holds at once, wherever the event waits: a person or a time is a wish, solved is none."""
    slot = house.slots[0]
    assert not house.store.wished(42)
    house.queue_away = True
    for _ in range(2):
        assert house.press(choice, slot=slot).status_code == 503
    assert house.store.wished(42) == (choice is not Choice.SOLVED)
    assert not house.store.wished(43)


def test_looking_changes_nothing(house: House) -> None:
    """GET, HEAD and OPTIONS reach neither the queue nor the store."""
    for method in ("GET", "HEAD", "OPTIONS"):
        assert house.client.open(link_to(), method=method).status_code == 200
    assert house.queued == []
    assert house.store.booking(42) is None


@pytest.mark.parametrize(
    "link",
    [
        "/person/1.1.1.en.x",
        "/person/x",
        link_to(account="https://other.zendesk.com"),
        link_to().replace("/42.", "/43."),
    ],
    ids=["guessed", "nonsense", "another account", "another ticket"],
)
def test_a_link_that_we_did_not_give(house: House, link: str) -> None:
    """A kind page without any detail, the same for all, on which nothing can be pressed."""
    for answer in (house.client.get(link), house.press("person", link)):
        assert answer.status_code == 404
        assert "This link does not work" in answer.text
        assert "42" not in answer.text
        assert "<form" not in answer.text
    assert house.queued == []


def test_a_link_that_is_too_old(house: House) -> None:
    """After two weeks it leads to the same kind page."""
    fresh = house.client.get(link_to())
    assert fresh.status_code == 200
    house.now = NOW + gate.LINK_LIFE + timedelta(minutes=1)
    assert house.client.get(link_to()).status_code == 404
    assert house.press("person").status_code == 404
    assert house.queued == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"choice": "person"},
        {"choice": "person", "form": "1.x"},
        {"choice": "everything"},
        {"choice": "person", "form": "x" * 9000},
    ],
)
def test_a_press_that_no_page_gave(house: House, data: dict[str, str]) -> None:
    """Without a form of this link nothing happens; the page is shown again and asks for one more press."""
    answer = house.client.post(link_to(), data=data)
    assert answer.status_code == 400
    assert "Please press once more" in answer.text
    assert house.queued == []


def test_headers(house: House) -> None:
    """Every answer forbids scripts, frames, caches, search engines and the leak of its address."""
    for answer in (house.client.get(link_to()), house.client.get("/person/x"), house.press("person")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "<script" not in answer.text
        assert "style=" not in answer.text
    with house.client.get("/person/static/page.css") as style:
        assert (style.status_code, style.mimetype) == (200, "text/css")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.DELETED])
def test_a_ticket_that_is_over(house: House, status: Status) -> None:
    """A closed ticket leads to a page that says how to write again."""
    house.status = status
    for answer in (house.client.get(link_to()), house.press("person")):
        assert answer.status_code == 410
        assert "opens a new request" in answer.text
    assert house.queued == []


def test_zendesk_is_away(house: House) -> None:
    """Where the ticket's status cannot be had, a person stays reachable: the queue takes the wish."""
    house.status = TryLater("503")
    assert house.press("person").status_code == 200
    assert len(house.queued) == 1


def test_the_queue_is_away(house: House) -> None:
    """What could not be taken is not said to be done: the page asks to try again, and names the plain way."""
    house.queue_away = True
    answer = house.press("person")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "did not go through" in answer.text
    assert "“person”" in answer.text


def test_a_time_is_booked_changed_and_freed(house: House) -> None:
    """One booking per ticket: a change frees the old time for others, and nobody gets a time that is taken."""
    first, second = house.slots[:2]
    assert house.press("time", slot=first).status_code == 200
    assert house.store.booking(42) == Booking(
        ticket_id=42, slot=datetime.fromisoformat(first), language="en", changes=0
    )
    assert house.press("time", link_to(43), slot=first).status_code == 409
    assert house.press("time", slot=second).status_code == 200
    assert house.press("time", link_to(43), slot=first).status_code == 200
    assert [event.choice for event in house.queued] == [Choice.TIME] * 3
    assert len({event.delivery_id for event in house.queued}) == 3


@pytest.mark.parametrize(
    "slot",
    [
        "",
        "x",
        "2026-03-02T09:00",
        "2026-03-02T03:00:00+00:00",
        "2026-03-01T10:00:00+00:00",
        "2027-03-02T10:00:00+00:00",
    ],
)
def test_times_that_are_not_offered(house: House, slot: str) -> None:
    """Only a time that the page offers can be booked."""
    assert house.press("time", slot=slot).status_code == 409
    assert (house.queued, house.store.booking(42)) == ([], None)


def test_a_time_is_not_changed_for_ever(house: House) -> None:
    """After ten changes a person settles it; the time that stands can still be confirmed."""
    slots = house.slots[:2]
    for turn in range(pages.MOST_CHANGES + 1):
        assert house.press("time", slot=slots[turn % 2]).status_code == 200
    assert house.press("time", slot=slots[1]).status_code == 409
    assert house.press("time", slot=slots[0]).status_code == 200


def test_without_capacity_or_hours_there_is_no_booking(house: House) -> None:
    """A fresh install promises no times: the page has the person and the solved alone."""
    for closed in ({"callbacks_per_slot": "0"}, {"callbacks_per_slot": "1", "business_hours": ""}):
        house.store.change_rules(closed)
        page = house.client.get(link_to()).text
        assert "Talk to a person" in page
        assert "Choose a time" not in page
        assert house.press("time", slot="2026-03-02T11:00:00+00:00").status_code == 409


def test_outside_hours_the_page_is_honest(house: House) -> None:
    """In the evening it says when people are back, before and after the press."""
    house.now = NOW + timedelta(hours=10)
    back = "People are back on Tuesday, 3 March, 09:00 (UTC)"
    assert back in house.client.get(link_to()).text
    assert back in house.press("person").text


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_the_language_of_the_answer(house: House, language: str) -> None:
    """The page speaks the language of the answer, until another is pressed; what it books remembers it."""
    page = house.client.get(link_to(language=language)).text
    assert f'<html lang="{language}">' in page
    assert content.way_out(language)["person_head"] in page
    slot = house.slots[0]
    assert house.press("time", link_to(language=language), slot=slot).status_code == 200
    booked = house.store.booking(42)
    assert booked is not None
    assert booked.language == language
    assert '<html lang="fr">' in house.client.get(link_to(language=language) + "?lang=fr").text
    assert f'<html lang="{language}">' in house.client.get(link_to(language=language) + "?lang=xx").text


def test_many_want_the_same_time_at_once(house: House) -> None:
    """However many ask at the same moment, a time is given as often as its capacity and not once more."""
    slot, places, got = datetime.fromisoformat(house.slots[0]), 3, []

    def ask(ticket_id: int) -> None:
        got.append(house.store.book(ticket_id, slot, places, "en", NOW))

    threads = [threading.Thread(target=ask, args=(100 + n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in got if one]) == places
    assert house.store.taken(NOW, 0) == {slot: places}
    assert house.store.taken(NOW, next(one.ticket_id for one in got if one)) == {slot: places - 1}
