"""The sidebar while the server is slow, away, distrustful or still reading: the agent works on, and is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import SIDEBAR, Server, address, typed

pytestmark = pytest.mark.browser

AWAY = "Attune is not answering just now"


def changed(page: Page) -> None:
    """Somebody has written on the ticket."""
    page.evaluate("void host.fire('ticket.conversation.changed')")


def test_a_message_that_is_being_read(browser: Browser, server: Server) -> None:
    """It says so, and asks again after 2, 4 and 8 seconds, then twice a minute; the reading appears by itself."""
    read, server.glance = server.glance, {"ticket": 42, "state": "waiting", "reading": None}
    page = browser.new_page(viewport=SIDEBAR)
    page.clock.install(time="2026-03-02T09:30:00Z")
    page.clock.pause_at("2026-03-02T09:30:01Z")
    page.goto(address(server))
    expect(page.locator("#state")).to_contain_text("is reading the newest message")
    for asked, seconds in enumerate((2, 4, 8), start=2):
        page.clock.run_for(seconds * 1000 - 100)
        assert len(server.asked) == asked - 1
        with page.expect_response("**/proxy"):
            page.clock.run_for(200)
    expect(page.locator("#state")).to_contain_text("not read yet")
    server.glance = read
    with page.expect_response("**/proxy"):
        page.clock.run_for(30_000)
    expect(page.locator(".cue")).to_be_visible()
    expect(page.locator("#state")).to_have_text("")
    page.close()


def test_the_server_is_away(sidebar: Page, server: Server) -> None:
    """One line says so, what was seen stays and is marked as old, and a quiet try every half minute brings it back."""
    expect(sidebar.locator(".cue")).to_be_visible()
    sidebar.clock.install()
    server.status = 503
    changed(sidebar)
    expect(sidebar.locator("#state")).to_contain_text(AWAY)
    expect(sidebar.locator("#state")).to_contain_text("What you see is from")
    expect(sidebar.locator(".cue")).to_be_visible()
    expect(sidebar.locator("#glance")).to_have_class("stale")
    server.status, asked = 200, len(server.asked)
    sidebar.clock.run_for(29_000)
    assert len(server.asked) == asked
    sidebar.clock.run_for(2_000)
    expect(sidebar.locator("#state")).to_have_text("")
    expect(sidebar.locator("#glance")).not_to_have_class("stale")


def test_the_server_is_slow(browser: Browser, server: Server) -> None:
    """After five seconds without an answer the agent is told, and a late answer changes nothing by surprise."""
    page = browser.new_page(viewport=SIDEBAR)
    page.clock.install()
    server.delay_s = 1.0
    page.goto(address(server))
    page.wait_for_timeout(500)  # of the real clock; the page's own stands still but for what is run below
    page.clock.run_for(5_100)
    expect(page.locator("#state")).to_contain_text(AWAY)
    page.wait_for_timeout(900)
    expect(page.locator("#state")).to_contain_text(AWAY)
    page.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Please ask your admin to run flask doctor"),
        (403, "may not show you this ticket"),
        (404, "does not know this ticket"),
        (413, "could not do this"),
        (429, AWAY),
        (500, AWAY),
    ],
)
def test_each_refusal_in_words(browser: Browser, server: Server, status: int, words: str) -> None:
    """Every answer that is none says what it means and what to do, and shows nothing of the ticket."""
    server.status = status
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server))
    expect(page.locator("#state")).to_contain_text(words)
    expect(page.locator("#glance")).to_be_hidden()
    page.close()


def test_a_ticket_that_may_not_be_seen_any_more(sidebar: Page, server: Server) -> None:
    """What was shown goes at once: it is not this agent's to see."""
    expect(sidebar.locator(".cue")).to_be_visible()
    server.status = 403
    changed(sidebar)
    expect(sidebar.locator("#glance")).to_be_hidden()
    assert sidebar.locator(".cue").count() == 0


def test_the_agent_is_not_held_up_while_it_is_away(sidebar: Page, server: Server) -> None:
    """A save goes through at once, and asks nobody."""
    expect(sidebar.locator(".cue")).to_be_visible()
    server.status = 503
    changed(sidebar)
    expect(sidebar.locator("#state")).to_contain_text(AWAY)
    sidebar.evaluate("host.values['comment.text'] = 'Could you send your order number?'")
    asked = len(server.asked)
    saved = sidebar.evaluate("host.save()")
    assert saved["ok"]
    assert saved["took"] < 100
    assert len(server.asked) == asked


def test_activated_again_asks_again(sidebar: Page, server: Server) -> None:
    """Coming back to the ticket's tab brings it up to date; events within a second are one."""
    expect(sidebar.locator(".cue")).to_be_visible()
    sidebar.evaluate("host.fire('app.activated')")
    assert len(server.asked) == 1
    sidebar.wait_for_timeout(900)
    with sidebar.expect_response("**/proxy"):
        sidebar.evaluate("void host.fire('app.activated')")
    typed(sidebar, "")
    assert server.asked_in_all(2) == ["GET /sidebar/tickets/42"] * 2
