"""The dashboard for everybody: by axe-core in both lights, by keyboard alone, on a small phone, magnified, at rest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from integration import assembly
from tests.access import judge
from tests.dashboard.conftest import lively, migrated
from tests.dashboard.staging import PASSWORD, House, crowds, seed
from tests.e2e.test_browser import browser

__all__ = ["browser", "lively", "migrated"]

pytestmark = pytest.mark.browser

PHONE: Any = {"width": 360, "height": 780}
DESK: Any = {"width": 1280, "height": 900}
ROOMS = (
    *("", "figures", "autonomy", "team", "events?ticket=102", "audit?ticket=102", "tickets/102"),
    *("event?delivery=failed-1", "events?words=nothing+fits", "events/replay-failed", "events?ticket=x"),
)
STRANGERS = ("sign-in", "enter/made-up")


@pytest.fixture(scope="module")
def place(lively: House) -> Iterator[str]:
    """The address at which a browser finds a dashboard after four weeks of work."""
    with judge.served(lively.app) as address:
        yield f"{address}/dashboard/"


def opened(browser: Browser, place: str, size: Any = PHONE, scheme: Literal["light", "dark"] = "light") -> Page:
    """A browser whose owner asked for less motion, signed in."""
    page = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce").new_page()
    page.goto(f"{place}sign-in")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    return page


def test_every_room_by_axe(browser: Browser, place: str) -> None:
    """Every page, with every fold open, breaks no rule of WCAG 2.2 AA by day or night, fits, and nothing moves."""
    page, found = opened(browser, place), []
    for room in ROOMS:
        page.goto(place + room)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.get_by_role("heading", level=1).count() == 1, room
        found += judge.faults(page) + judge.too_wide(page) + judge.moving(page)
    page.set_viewport_size(DESK)
    for room in ROOMS:
        page.goto(place + room)
        found += judge.too_wide(page)
    page.context.close()
    assert found == []


def test_what_strangers_see_by_axe(browser: Browser, place: str) -> None:
    """The sign-in, a wrong password, and a link that opens nothing are as good."""
    page, found = browser.new_page(viewport=PHONE, reduced_motion="reduce"), []
    for room in STRANGERS:
        page.goto(place + room)
        found += judge.faults(page) + judge.too_wide(page) + judge.moving(page)
    page.goto(f"{place}sign-in")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the admin password.")
    found += judge.faults(page) + judge.too_wide(page)
    page.close()
    assert found == []


@pytest.mark.parametrize("room", ["", "figures", "autonomy", "events", "tickets/102"])
def test_magnified(browser: Browser, place: str, room: str) -> None:
    """Zoomed to 400 %, or with letters of twice the size, nothing but a table's own region scrolls sideways."""
    page = opened(browser, place)
    page.set_viewport_size({"width": 320, "height": 568})
    page.goto(place + room)
    assert judge.too_wide(page) == []
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert judge.too_wide(page) == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(browser: Browser, place: str, scheme: Literal["light", "dark"]) -> None:
    """The first Tab skips to the content, each stop is seen, and a table's region can be scrolled by its arrows."""
    page = opened(browser, place, scheme=scheme)
    page.goto(f"{place}autonomy")
    stops = []
    for _ in range(11):
        page.keyboard.press("Tab")
        stops.append(judge.seen_focus(page))
    assert stops[:9] == [
        *("To the content", "Attune", "Sign out", "Overview", "Figures", "Autonomy", "Team", "Events", "Audit log"),
    ]
    assert stops[9:] == ["Stop all sending", "Save as CSV"]
    region = page.get_by_role("region", name="Table of the ladder")
    region.focus()
    page.keyboard.press("ArrowRight")
    expect(region).to_have_js_property("scrollTop", 0)
    page.wait_for_timeout(300)
    assert region.evaluate("one => one.scrollLeft") > 0
    page.context.close()


@pytest.fixture
def own(migrated: Path, tmp_path: Path) -> Iterator[House]:
    """A dashboard of a test's own, for one that switches."""
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    found = House(f"sqlite:///{tmp_path / 'attune.sqlite'}", tmp_path, crowds=crowds())
    seed(found.store, assembly.now() - timedelta(seconds=1), 16)
    yield found
    found.parts.close()


def test_an_admins_day_by_keyboard(browser: Browser, own: House) -> None:
    """Come in by the server's link, stop all sending, move an intent, start again, sign out: without a mouse."""
    with judge.served(own.app) as address:
        page = browser.new_context(viewport=DESK).new_page()
        complaints: list[str] = []
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(own.parts.entry_url(may_switch=True).replace("http://127.0.0.1:8000", address))
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        page.get_by_role("button", name="Stop all sending").press("Enter")
        expect(page.get_by_text("All sending is stopped.")).to_be_visible()
        assert not own.store.rules().sending
        page.get_by_text("Move how to").press("Enter")
        page.get_by_label("Rung").and_(page.locator("#rung-how_to")).select_option("share")
        page.locator("#because-how_to").fill("fifty good drafts")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Table of moves").get_by_text("fifty good drafts")).to_be_visible()
        page.get_by_role("link", name="Start sending").press("Enter")
        expect(page.get_by_text("how to: share")).to_be_visible()
        page.get_by_role("button", name="Start sending").press("Enter")
        expect(page.get_by_text("Automated replies may go out")).to_be_visible()
        assert own.store.rules().sending
        page.get_by_role("button", name="Sign out").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        page.context.close()
    assert complaints == []
