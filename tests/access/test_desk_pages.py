"""The sandbox desk's pages for everybody: by axe-core and by keyboard, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox import people
from sandbox.api.here import Desk
from sandbox.app import create_app
from sandbox.desk import PAGE_SIZE
from sandbox.settings import SandboxSettings
from tests.access import judge
from tests.e2e.test_browser import browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WIDE: Any = {"width": 1280, "height": 900}
NARROW: Any = {"width": 360, "height": 780}
# One option of every tone that a badge is drawn in.
READINGS = ["very_negative", "negative", "neutral", "positive", "very_positive"]
STATUSES = ["open", "pending", "hold", "solved", "closed"]


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """A desk with a ticket of every status, reading and priority, a conversation of all sides, and a second page."""
    app = create_app(SandboxSettings(db_path=":memory:"), clock=lambda: NOW)
    desk: Desk = app.extensions["sandbox"]
    _fill(desk)
    with judge.served(app) as address:
        yield f"{address}/desk"
    desk.state.close()


def _fill(desk: Desk) -> None:
    options = [{"id": n, "name": name, "value": f"attune_mood__{name}"} for n, name in enumerate(READINGS)]
    desk.state.put(
        "ticket_field",
        {"id": 77, "type": "tagger", "title": "Attune mood", "active": True, "custom_field_options": options},
    )
    conditions = {"all": [{"field": "status", "operator": "is", "value": "pending"}], "any": []}
    desk.state.put("view", {"title": "Waiting", "active": True, "position": 1, "conditions": conditions})
    customer = people.add(desk.state, {"name": "Ada Quill", "email": "ada@example.com"}, NOW)
    agent = next(one for one in desk.state.list("user") if people.may_be_assigned(one) and not people.is_robot(one))
    robot = next(one for one in desk.state.list("user") if people.is_robot(one))
    for status, reading, priority in zip(STATUSES, READINGS, ("low", "normal", "high", "urgent", None), strict=True):
        body = {"subject": f"It is {status}", "comment": {"body": "Where is it? https://example.com"}}
        ticket_id = desk.tickets.create(body, actor=customer, channel="email", now=NOW).ticket["id"]
        changes: dict[str, Any] = {"custom_fields": [{"id": 77, "value": f"attune_mood__{reading}"}], "tags": ["vip"]}
        changes |= {"priority": priority, "assignee_id": agent["id"]}
        notes = [(robot, True), (robot, False), (agent, True), (agent, False), (customer, True)]
        for author, public in notes:
            said = {"comment": {"html_body": '<p>On its <a href="https://example.com">way</a></p>', "public": public}}
            desk.tickets.update(ticket_id, changes | said, actor=author, channel="api", now=NOW)
            changes = {}
        desk.tickets.update(ticket_id, {"status": status}, actor=agent, channel="web", now=NOW)
    for number in range(PAGE_SIZE):  # newer ones, so that those stand on a page of their own
        desk.tickets.create({"subject": f"n{number}", "comment": {"body": "x"}}, actor=customer, channel="web", now=NOW)


def every_page(page: Page, place: str) -> Iterator[str]:
    """Lead a browser to each page of the desk, and name its first heading."""
    page.goto(place)
    page.get_by_role("link", name="Next page").click()
    yield "All tickets"
    page.goto(f"{place}/?q=nobody+wrote+this")
    yield "All tickets"
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Waiting").click()
    yield "Waiting"
    for status in ("open", "solved", "closed"):  # with forms, with a rating besides, with neither
        page.goto(f"{place}/?q=It+is+{status}")
        page.get_by_role("link", name=f"It is {status}").click()
        yield f"It is {status}"
        page.get_by_text("Events (").click()
        page.get_by_text("More fields").click()
        page.get_by_text("You are:").click()
        yield f"It is {status}"
    for name, heading in (("Lee Light", "It is closed"), ("Ada Admin", "It is closed")):
        page.get_by_role("button", name=name).click()
        yield heading
        page.get_by_text("You are:").click()
    page.goto(f"{place}/customer")
    yield "The customer’s side"
    page.get_by_role("link", name="Ada Quill").click()
    yield "My requests"
    page.get_by_role("link", name="It is solved").click()
    yield "It is solved"
    page.goto(f"{place}/customer/write")
    yield "Write to us"
    page.get_by_label("Name").fill("Bo")
    page.get_by_label("Email address").fill("bo@localhost")
    page.get_by_label("Message").fill("x")
    page.get_by_role("button", name="Send").click()
    yield "The desk refused this"


def test_every_page_by_axe(browser: Browser, place: str) -> None:
    """No page of the desk breaks a rule of WCAG 2.2 AA or moves, and on a phone none but a table scrolls sideways."""
    page, found = browser.new_page(viewport=WIDE, reduced_motion="reduce"), []
    for head in every_page(page, place):
        expect(page.get_by_role("heading", level=1)).to_have_text(head)
        found += judge.faults(page) + judge.moving(page)
        page.emulate_media(color_scheme="light")
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            found += judge.too_wide(page)
    page.close()
    assert not found, "\n".join(sorted(set(found)))


def test_by_keyboard_alone(browser: Browser, place: str) -> None:
    """The first stop of a ticket's page skips to its content, every stop is seen, and the keyboard leaves the page."""
    page = browser.new_page(viewport=WIDE)
    page.goto(f"{place}/?q=It+is+open")
    page.get_by_role("link", name="It is open").click()
    page.keyboard.press("Tab")
    assert judge.seen_focus(page) == "Skip to content"
    stops: list[str] = []
    while len(stops) < 60:
        page.keyboard.press("Tab")
        stops.append(judge.seen_focus(page))
        if not stops[-1]:
            break
    page.close()
    assert stops[-1] == ""
    assert {"Search tickets", "Write as a customer", "Take it", "Priority", "Tags", "More fields"} <= set(stops)
    assert {"Text", "Public reply", "Apply macro", "Submit as", "Submit", "See it as the customer"} <= set(stops)
