"""The app for everybody who opens it: by axe-core, by keyboard alone, narrow, magnified, by day and by night."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access import judge
from tests.app.conftest import SIDEBAR, Server, address, typed
from tests.app.test_coach import ASKS, DRAFT

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]


def test_axe_finds_nothing(sidebar: Page, server: Server) -> None:
    """With everything open at once, choices, advice and a question, no rule of WCAG 2.2 AA is broken, day or night."""
    server.advice = [ASKS]
    server.glance["ours"] = {
        "kind": "sent",
        "at": None,
        "text": "It is on its way.",
        "intent": "order_status",
        "why_not": [],
    }
    with sidebar.expect_response("**/proxy"):
        sidebar.evaluate("void host.fire('ticket.conversation.changed')")
    typed(sidebar, DRAFT)
    expect(sidebar.locator("#advice li")).to_have_count(1)
    sidebar.get_by_role("button", name="Empathy › Delay › Late again").click()
    sidebar.get_by_role("button", name="Sentiment").click()
    assert judge.faults(sidebar) == []
    assert judge.moving(sidebar) == []


@pytest.mark.parametrize("status", [401, 503])
def test_axe_while_nothing_works(browser: Browser, server: Server, status: int) -> None:
    """The page that says what is wrong is as good as the others."""
    server.status = status
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server))
    expect(page.locator("#state")).to_have_class("trouble")
    assert judge.faults(page) == []
    page.close()


def test_axe_on_the_page_of_the_navigation_bar(browser: Browser, server: Server) -> None:
    """The page behind the navigation bar too."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, "nav"))
    expect(page.get_by_role("button", name="Open the dashboard")).to_be_visible()
    assert judge.faults(page) == []
    assert judge.too_wide(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(sidebar: Page, scheme: Scheme) -> None:
    """Tab leads through everything in the order of the page, each stop is seen, and there is no trap."""
    sidebar.emulate_media(color_scheme=scheme)
    wanted = [
        "Sentiment",
        "Charge",
        "Urgency",
        "Intent",
        "",
        "third time",
        "promised for Friday",
        "nobody called me back",
    ]
    wanted += ["Empathy › Delay › Late again", "Empathy › Repeat › Contact", "Insert at the end", "Copy all", "#31"]
    stops = []
    for _ in wanted:
        sidebar.keyboard.press("Tab")
        stops.append(_stop(sidebar))
    for stop, name in zip(stops, wanted, strict=True):
        assert stop.startswith(name), stops
    sidebar.keyboard.press("Tab")
    assert judge.seen_focus(sidebar) == ""


def _stop(page: Page) -> str:
    """What has the focus; the box with the message is named by its label."""
    if page.evaluate("document.activeElement.classList.contains('said')"):
        return ""
    return judge.seen_focus(page)


def test_a_correction_by_keyboard(sidebar: Page, server: Server) -> None:
    """Enter opens the choices on the one that stands, Tab and Enter choose, and the focus is back at the label."""
    sidebar.get_by_role("button", name="Charge").focus()
    sidebar.keyboard.press("Enter")
    expect(sidebar.get_by_role("button", name="charged", exact=True)).to_be_focused()
    sidebar.keyboard.press("Shift+Tab")
    sidebar.keyboard.press("Enter")
    charge = sidebar.locator("[data-key=label-charge]")
    expect(charge).to_contain_text("mild")
    expect(charge).to_be_focused()


@pytest.mark.parametrize("width", [320, 200])
def test_narrow_and_magnified(sidebar: Page, width: int) -> None:
    """At Zendesk's narrowest, at less, and with letters of twice the size nothing is cut off or scrolls sideways."""
    sidebar.set_viewport_size({"width": width, "height": 600})
    sidebar.get_by_role("button", name="Intent").click()
    assert judge.too_wide(sidebar) == []
    sidebar.evaluate("document.body.style.fontSize = '200%'")
    assert judge.too_wide(sidebar) == []


def test_without_colour(sidebar: Page) -> None:
    """Charge and urgency have a sign of their own, and a charged message is a square in the line, not a dot."""
    assert sidebar.locator(".sign").all_inner_texts() == ["● ", "▲ "]
    assert sidebar.locator(".spark rect").count() == 1
    assert sidebar.locator(".spark circle").count() == 2
