"""What people see, from the customer's first word to the dashboard: the real app beside the ticket, in a real browser.

It must not reach into a part: customers, agents and admins press what is there, and what each is told is compared.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import Browser, FrameLocator, Page, expect

from integration import assembly
from integration.dashboard.figures import GROUPS
from integration.model import Course, Group, Label
from sandbox.hosting import sdk
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, CHARGED
from tests.e2e.test_browser import browser, write

__all__ = ["browser"]

ONE_DATABASE = True

pytestmark = pytest.mark.browser

SLOWLY_MS = 20_000  # a loaded machine's time for reading, writing and looking again
ASKED_AGAIN = "Thank you for waiting. Could you please tell me your order number, so that I can look into it?"
AFTER_THAT = "Any news about order 5512? Thank you."


@pytest.fixture(scope="module", autouse=True)
def app_installed(stage: Stage) -> None:
    """The app as an admin installs it, over Zendesk's own SDK."""
    try:
        sdk.bring()
    except sdk.Unavailable as error:
        pytest.skip(str(error))
    code, said = stage.flask("install", "--app", "--yes")
    assert code == 0, said


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test on any error in its scripts."""
    errors: list[str] = []
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    opened.close()
    assert errors == []


def app(page: Page) -> FrameLocator:
    """Attune's app beside the ticket."""
    return page.frame_locator("iframe[title='Attune']")


def number_of(address: str) -> int:
    """The ticket's number in the address of its page."""
    return int(address.rsplit("/", 1)[1])


def of_attune(stage: Stage, number: int) -> list[str]:
    """What Attune said to the customer."""
    return [one["body"] for one in stage.ours(stage.ticket(number)) if one["public"]]


def figures(stage: Stage, name: str) -> list[dict[str, str]]:
    """One table of the dashboard's figures, as an admin saves it."""
    code, said = stage.flask("dashboard")
    assert code == 0, said
    link = re.search(r"http\S+/dashboard/enter/\S+", said)
    assert link
    with requests.Session() as admin:
        assert admin.get(link.group(0), timeout=20).ok
        answer = admin.get(f"{stage.environ['PUBLIC_URL']}/dashboard/figures/{name}.csv?days=7", timeout=20)
    assert answer.ok, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_a_calm_ticket_is_answered_and_its_customer_wants_a_person(page: Page, stage: Stage) -> None:
    """The answer's link leads to a person, and the agent sees in the app what was sent and why it is theirs now."""
    agents = write(page, stage, CALM, "My order")
    link = page.locator(".comment.theirs a[href*='/person/']")
    expect(link).to_be_visible(timeout=SLOWLY_MS)
    with page.context.expect_page() as opened:
        link.click()
    opened.value.get_by_role("button", name="Talk to a person").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("A colleague has been told")
    opened.value.close()
    stage.settled(number_of(agents), 2)
    page.goto(agents)
    seen = app(page)
    expect(seen.get_by_text("They asked for a person: give your name")).to_be_visible(timeout=SLOWLY_MS)
    expect(seen.get_by_text("The customer asks for a person, and nobody has answered since.")).to_be_visible()
    expect(seen.get_by_text("Attune replied")).to_be_visible()
    expect(seen.get_by_text("You can see where your order is on this page")).to_be_visible()
    expect(seen.get_by_role("button", name="Answers › Order status")).to_have_count(0)


def test_a_charged_ticket_from_the_macro_to_the_next_reading(page: Page, stage: Stage) -> None:
    """One click applies a macro, a repeated question is warned of once, a corrected label holds for what comes next."""
    agents = write(page, stage, CHARGED, "Refund for order 5512")
    number = number_of(agents)
    stage.settled(number)
    page.goto(agents)
    seen, reply = app(page), page.get_by_label("Text")
    expect(seen.get_by_role("button", name="Charge")).to_contain_text("charged", timeout=SLOWLY_MS)
    seen.get_by_role("button", name="Empathy › Promise not kept").click()
    expect(seen.get_by_text("is in your reply")).to_be_visible()
    expect(reply).not_to_have_value("")
    reply.fill(f"{reply.input_value()}\n\n{ASKED_AGAIN}")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("Save again to send it anyway.", timeout=SLOWLY_MS)
    assert len(stage.ticket(number)["comments"]) == 2  # the customer's, and our note
    page.get_by_role("button", name="Submit").click()
    expect(reply).to_have_value("", timeout=SLOWLY_MS)
    expect(page.locator(".comment.agent.public")).to_contain_text(ASKED_AGAIN)
    seen.get_by_role("button", name="Urgency").click()
    seen.get_by_role("group", name="Urgency").get_by_role("button", name="critical").click()
    expect(seen.get_by_text("Stored")).to_be_visible(timeout=SLOWLY_MS)
    urgency = page.get_by_label("Attune urgency")
    expect(urgency.locator("option:checked")).to_have_text("Critical", timeout=SLOWLY_MS)  # the desk, by the worker
    stage.reply(number, AFTER_THAT)
    expect(page.locator(".comment.customer").last).to_contain_text(AFTER_THAT, timeout=SLOWLY_MS)
    expect(seen.locator(".said")).to_contain_text(AFTER_THAT, timeout=SLOWLY_MS)
    expect(seen.get_by_role("button", name="Urgency")).to_contain_text("critical")
    expect(seen.get_by_text("a person corrected how this ticket was read")).to_be_visible()
    assert of_attune(stage, number) == []
    code, said = stage.flask("explain", str(number))
    assert code == 0
    assert "→ critical" in said
    assert "in the app" in said


def test_the_figures_agree_with_the_database_and_the_desk(stage: Stage) -> None:
    """Answered, brought to people, ways out, corrected: the dashboard, the rows behind it, and the desk's tickets."""
    stage.settled(stage.write(CALM))
    tickets = [stage.ticket(one["id"]) for one in stage.served.desk.state.list("ticket")]
    answered = {one["id"] for one in tickets if of_attune(stage, one["id"])}
    brought = {one["id"] for one in tickets if one["group"] == "Senior Support"} - answered
    left = {one["id"] for one in tickets if "attune_wants_person" in one["tags"]} & answered
    urgent = {one["id"] for one in tickets if stage.parts.store.corrections(one["id"])}
    stage.until(lambda: len(kept(stage)) == len(tickets), "every ticket's course")
    by_group = {group: {one.ticket_id for one in kept(stage) if one.group is group} for group in Group}
    assert by_group == {Group.ANSWERED: answered, Group.ROUTED: brought, Group.OTHER: set()}
    assert {one.ticket_id for one in kept(stage) if one.way_out} == left
    assert {one.ticket_id for one in kept(stage) if one.corrected == {Label.URGENCY}} == urgent
    today = figures(stage, "days")[-1]
    assert [int(today[name]) for name in GROUPS.values()] == [len(by_group[group]) for group in GROUPS]
    ways_out = {one["group"]: one for one in figures(stage, "afterwards") if one["figure"].startswith("took a way out")}
    answers = ways_out[GROUPS[Group.ANSWERED]]
    assert (int(answers["count"]), int(answers["of"])) == (len(left), len(answered))
    labels = {one["label"]: (int(one["corrected"]), int(one["shown"])) for one in figures(stage, "labels")}
    assert labels["urgency"] == (len(urgent), len(tickets))
    assert labels["charge"] == (0, len(tickets))


def kept(stage: Stage) -> list[Course]:
    """How each ticket went, as the database has it."""
    now = assembly.now()
    return list(stage.parts.store.insight.courses(now - timedelta(days=7), now))


def test_attune_stops_and_starts_again(page: Page, stage: Stage) -> None:
    """The app says that nobody answers, the agent replies all the same, and by itself the app is back afterwards."""
    agents = write(page, stage, CHARGED, "Refund for order 5513")
    number = number_of(agents)
    stage.settled(number)
    page.goto(agents)
    seen = app(page)
    expect(seen.get_by_role("button", name="Charge")).to_contain_text("charged", timeout=SLOWLY_MS)
    stage.web.stop()
    try:
        for words in ("I have your refund in hand and will write today.", "It is on its way."):
            page.get_by_label("Text").fill(words)
            page.get_by_role("button", name="Submit").click()
            expect(page.locator(".comment.agent.public").last).to_contain_text(words, timeout=SLOWLY_MS)
        expect(seen.get_by_text("Attune is not answering just now. Carry on")).to_be_visible(timeout=SLOWLY_MS)
        expect(seen.get_by_role("button", name="Charge")).to_contain_text("charged")  # what was seen last stays
    finally:
        stage.web.start()
    stage.reply(number, "Thank you. When will it be there?")
    expect(seen.locator(".said")).to_contain_text("When will it be there?", timeout=SLOWLY_MS)
    expect(seen.get_by_text("Attune is not answering just now")).to_have_count(0)
