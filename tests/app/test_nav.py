"""The page behind Zendesk's navigation bar: one button to the dashboard, and plain words where it does not open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import SIDEBAR, Server, address

pytestmark = pytest.mark.browser


@pytest.fixture
def nav(browser: Browser, server: Server) -> Iterator[Page]:
    """The page, ready."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, "nav"))
    expect(page.get_by_role("button")).to_have_text("Open the dashboard")
    page.wait_for_load_state("networkidle")
    yield page
    page.close()


def test_the_dashboard_opens(nav: Page, server: Server) -> None:
    """The link that works once opens in a tab of its own, which knows nothing of this one."""
    with nav.expect_popup() as opened:
        nav.get_by_role("button").click()
    expect(opened.value).to_have_title("The dashboard")
    assert opened.value.evaluate("window.opener") is None
    assert server.asked_in_all(1) == ["POST /sidebar/enter"]
    assert server.asked[0]["jwt"]["claims"]["ticket"] == ""
    expect(nav.locator("#told")).to_contain_text("open in a new tab")


@pytest.mark.parametrize(("status", "words"), [(401, "flask doctor"), (503, "not answering"), (403, "may not show")])
def test_what_went_wrong(nav: Page, server: Server, status: int, words: str) -> None:
    """Nothing opens, and the reason is said."""
    server.status = status
    nav.get_by_role("button").click()
    expect(nav.locator("#told")).to_contain_text(words)
    expect(nav.get_by_role("button")).to_be_enabled()
    assert len(nav.context.pages) == 1


def test_a_link_that_leads_elsewhere_is_not_opened(nav: Page, server: Server) -> None:
    """Only Attune's own address is opened, whatever the answer names."""
    server.leads_to = "https://elsewhere.example"
    nav.get_by_role("button").click()
    expect(nav.locator("#told")).to_contain_text("could not do this")
    assert len(nav.context.pages) == 1
