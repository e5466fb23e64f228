"""The desk in a real browser: what a customer writes there, and what an agent sees of Attune's work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.conftest import Stage

ONE_DATABASE = True

pytestmark = pytest.mark.browser

# Without these Chromium calls home at every start, which a closed network answers with refusals.
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, driven by Playwright."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium here: `apt-get install chromium` brings it")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test on any error in its console."""
    errors: list[str] = []
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield opened
    opened.close()
    assert errors == []


def write(page: Page, stage: Stage, body: str, subject: str = "") -> str:
    """Write a new ticket on the customer's side; gives the address of the agents' page of it."""
    page.goto(f"{stage.desk}/desk/customer/write")
    page.get_by_label("Name").fill("Rosa Alvarez")
    page.get_by_label("Email address").fill("rosa.alvarez@customer.example")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Message").fill(body)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/requests/*")
    return f"{stage.desk}/desk/tickets/{page.url.split('/requests/')[1].split('#')[0]}"


def test_a_calm_question_and_then_a_person(page: Page, stage: Stage) -> None:
    """The customer sees an automatic answer that says so; asking for a person is heard, and the agent reads why."""
    agents_page = write(
        page, stage, "Hi, where is my order 48213? The tracking page has not moved since Tuesday.", "My order"
    )
    expect(page.get_by_text("This is an automatic reply.")).to_be_visible(timeout=20_000)
    page.get_by_label("Message").fill("That did not help. Human please.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("That did not help.")).to_be_visible()
    page.goto(agents_page)
    expect(page.get_by_role("button", name="Remove tag attune_wants_person")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("The customer asks for a person.").first).to_be_visible()


def test_a_charged_ticket_tells_its_story(page: Page, stage: Stage) -> None:
    """An agent sees at once how the customer feels and why, and the note that spares the customer repeating it."""
    words = (
        "This is the third time I write about order 5512. You promised a refund by Friday and nothing came. "
        "I am furious, and I have lost all trust in you."
    )
    page.goto(write(page, stage, words, "Refund for order 5512, again"))
    note = page.get_by_text("Internal note by Attune")
    expect(note).to_be_visible(timeout=20_000)
    expect(page.locator("#heading").get_by_text("Charged")).to_be_visible()
    expect(page.get_by_label("Group").locator("option:checked")).to_have_text("Senior Support")
    expect(page.get_by_text("This is an automatic reply.")).to_have_count(0)


def test_a_field_corrected_on_the_desk_is_heard(page: Page, stage: Stage) -> None:
    """An agent who applies a macro of Attune's and puts a drop-down right is heard: the real trigger tells of it."""
    number = stage.write("Third time! My order 5512 is late again and I am furious.", subject="Late again")
    stage.settled(number)
    page.goto(f"{stage.desk}/desk/tickets/{number}")
    page.get_by_role("button", name="Apply macro").click()
    page.get_by_role("combobox", name="Find a macro").fill("empathy late")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text")).not_to_have_value("")
    expect(page.get_by_role("button", name="Remove tag attune_macro")).to_be_visible()
    page.get_by_label("Attune charge").select_option("Mild")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Reply sent.")).to_be_visible()
    stage.until(lambda: bool(stage.parts.store.corrections(number)), "the correction")
    assert stage.parts.store.corrections(number)[0]["is_now"] == "attune_charge_mild"
    ticket = stage.ticket(number)
    assert {"attune_macro", "attune_charge_mild"} <= set(ticket["tags"])
    assert "attune_charge_charged" not in ticket["tags"]


def test_the_way_to_a_person_opens_from_the_customers_side(page: Page, stage: Stage) -> None:
    """The link in an automatic reply leads the customer to the page on which to ask for a person."""
    write(page, stage, "Hi, where is my order 48213? The tracking page has not moved since Tuesday.", "Where is it")
    link = page.locator(".comment.theirs a[href*='/person/']")
    expect(link).to_be_visible(timeout=20_000)
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_role("button").first).to_be_visible()
    opened.value.close()
