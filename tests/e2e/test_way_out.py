"""The way to a person as a customer goes it: from the link in the automatic answer, by browser, to the ticket."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from integration.assembly import ROOT
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM, CHARGED, admin, weather
from tests.e2e.test_browser import browser

ONE_DATABASE = True

__all__ = ["browser"]

LINK = re.compile(r'href="([^"]+/person/[^"]+)"')
# https://www.w3.org/TR/WCAG22/#target-size-minimum and #contrast-minimum
SMALLEST_TARGET_PX, LEAST_CONTRAST = 24, 4.5
PHONE: Any = {"width": 360, "height": 780}


@pytest.fixture(scope="module", autouse=True)
def always_open(stage: Stage) -> None:
    """A desk that works day and night, so that the tests do not depend on the hour."""
    code, said = stage.flask(
        "rules", "business_hours=Mon-Sun 00:00-24:00", "time_zone=Europe/Berlin", "callbacks_per_slot=1"
    )
    assert code == 0, said


def answered(stage: Stage, body: str = CALM) -> tuple[int, str]:
    """A ticket that was answered by itself, and the link in its answer."""
    number = stage.write(body)
    ticket = stage.settled(number)
    (reply,) = [one for one in stage.ours(ticket) if one["public"]]
    (link,) = LINK.findall(reply["html_body"])
    assert ticket["status"] == "pending"
    return number, link


def choices(link: str, **more: Any) -> dict[str, str]:
    """What the page's forms hold: the form token, and the first free time."""
    page = requests.get(link, timeout=10)
    assert page.status_code == 200
    form = re.search(r'name="form" value="([^"]+)"', page.text)
    slot = re.search(r'<option value="([^"]+)"', page.text)
    assert form
    assert slot
    return {"form": form[1], "slot": slot[1], **more}


def chosen(stage: Stage, number: int, times: int = 1) -> dict[str, Any]:
    """The ticket once so many choices were attended to."""
    stage.until(lambda: [one["kind"] for one in stage.outcomes(number)].count("way_out") >= times, "the choice")
    return stage.ticket(number)


def post(link: str, **data: str) -> requests.Response:
    return requests.post(link, data=data, timeout=10)


def test_a_person_is_told_once_and_the_bot_is_silent(stage: Stage) -> None:
    """Two presses lead to one note, the tag and an open ticket without a public word; later messages get no bot."""
    number, link = answered(stage)
    form = choices(link)["form"]
    first, second = post(link, form=form, choice="person"), post(link, form=form, choice="person")
    assert (first.status_code, second.status_code) == (200, 200)
    assert "A colleague has been told" in second.text
    ticket = chosen(stage, number)
    assert ticket["status"] == "open"
    assert "attune_wants_person" in ticket["tags"]
    assert [one["public"] for one in stage.ours(ticket)] == [True, False]
    stage.reply(number, "One more thing: where is my order 48214?")
    earlier = "the customer asked for a person earlier"
    stage.until(lambda: any(earlier in one["plan"]["silence"] for one in stage.outcomes(number)), earlier)
    assert sum(one["public"] for one in stage.ours(stage.ticket(number))) == 1


def test_opening_the_link_changes_nothing(stage: Stage) -> None:
    """A mail scanner that opens the link, in whatever way, leaves the ticket as it was."""
    number, link = answered(stage)
    before = stage.ticket(number)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert requests.request(method, link, timeout=10).ok
    assert stage.ticket(number) == before
    assert len(stage.outcomes(number)) == 1


def test_a_booked_time_is_a_task_and_may_be_changed(stage: Stage) -> None:
    """The ticket becomes a task due at the slot with a note that names it; a change moves it and frees the old one."""
    number, link = answered(stage)
    found = choices(link)
    assert "Your time is booked" in post(link, choice="time", **found).text
    ticket = chosen(stage, number)
    slot = datetime.fromisoformat(found["slot"])
    assert (ticket["type"], datetime.fromisoformat(ticket["due_at"])) == ("task", slot)
    assert {"attune_callback", "attune_wants_person"} <= set(ticket["tags"])
    note = stage.ours(ticket)[-1]
    assert not note["public"]
    assert "Berlin time" in note["body"]
    other, other_link = answered(stage)
    assert post(other_link, choice="time", **{**found, "form": choices(other_link)["form"]}).status_code == 409
    later = (slot + timedelta(hours=1)).isoformat()
    assert "Your time is booked" in post(link, choice="time", **{**found, "slot": later}).text
    ticket = chosen(stage, number, 2)
    assert ticket["due_at"] == (slot + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert post(other_link, choice="time", **{**found, "form": choices(other_link)["form"]}).status_code == 200
    assert chosen(stage, other)["type"] == "task"


def test_solved_at_the_customers_word(stage: Stage) -> None:
    """A calm ticket that nobody holds is solved; when its customer writes again, it goes back where people look."""
    number, link = answered(stage)
    assert "Thank you for telling us" in post(link, choice="solved", form=choices(link)["form"]).text
    ticket = chosen(stage, number)
    assert ticket["status"] == "solved"
    assert not stage.ours(ticket)[-1]["public"]
    stage.reply(number, "Sorry, I have another question: my lamp flickers since this morning, what could that be?")
    stage.until(lambda: stage.ticket(number)["assignee_id"] is None, "a ticket in nobody's name")
    ticket = stage.ticket(number)
    assert (ticket["status"], ticket["assignee_id"]) == ("open", None)
    assert "attune_confirmed" not in ticket["tags"]


def test_solved_but_a_person_has_it(stage: Stage) -> None:
    """Where a person holds the ticket, the customer's word is a note for them, and nothing more."""
    number, link = answered(stage)
    stage.reply(number, "I am looking into it.", author="agent", public=False)
    (agent,) = stage.served.desk.state.find("user", email="bea@sandbox.example")
    admin(stage, "PUT", f"tickets/{number}", ticket={"assignee_id": agent["id"]})
    post(link, choice="solved", form=choices(link)["form"])
    ticket = chosen(stage, number)
    assert ticket["status"] != "solved"
    assert "a person has it in hand" in stage.ours(ticket)[-1]["body"]


def test_a_message_nobody_has_read_goes_along(stage: Stage) -> None:
    """Chosen while a charged message is unread: it is read in the same update, and goes to senior people."""
    number, link = answered(stage)
    with weather(stage, delivery_drop_rate=1.0):
        stage.reply(number, CHARGED)
    post(link, choice="solved", form=choices(link)["form"])
    ticket = chosen(stage, number)
    assert {"attune_charge_charged", "attune_senior", "attune_confirmed"} <= set(ticket["tags"])
    assert ticket["status"] == "open"
    assert ticket["group"] == "Senior Support"
    assert sum(one["public"] for one in stage.ours(ticket)) == 1


def test_a_closed_ticket_says_how_to_write_again(stage: Stage) -> None:
    """Nothing can be pressed on the page of a closed ticket, and a press from an open page says the same."""
    number, link = answered(stage)
    form = choices(link)["form"]
    admin(stage, "PUT", f"tickets/{number}", ticket={"status": "closed"})
    for page in (requests.get(link, timeout=10), post(link, form=form, choice="person")):
        assert page.status_code == 410
        assert "This request is closed" in page.text
        assert "<form" not in page.text


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Any:
    """A page on a small phone that fails the test on any error in its console."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param == "with JavaScript")
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def press_until(page: Page, name: str) -> None:
    """Move on by Tab until the element with this name has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() and name in (focused.inner_text() or focused.get_attribute("id") or ""):
            return
    raise AssertionError(f"{name} is not reached by Tab")


@pytest.mark.browser
def test_the_whole_page_by_keyboard(phone: Page, stage: Stage) -> None:
    """Book a time and then ask for a person, with the keyboard alone; nothing is wider than a small phone."""
    number, link = answered(stage)
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your request")
    expect(phone.get_by_text(f"Request number {number}")).to_be_visible()
    _shot(phone, "person-choices")
    assert_accessible(phone)
    press_until(phone, "Book this time")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your time is booked")
    _shot(phone, "person-booked")
    press_until(phone, "Back to the choices")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("You have booked")).to_be_visible()
    press_until(phone, "Talk to a person")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("A colleague has been told")
    _shot(phone, "person-told")
    stage.until(lambda: "attune_wants_person" in stage.ticket(number)["tags"], "the tag")


def _shot(page: Page, name: str) -> None:
    if not (ROOT / "docs" / "screenshots" / f"{name}.png").exists():
        page.screenshot(path=str(Path(ROOT) / "docs" / "screenshots" / f"{name}.png"), full_page=True)


def assert_accessible(page: Page) -> None:
    """What a screen reader, a magnifier and a tired eye need: names, one title, a language, width, contrast."""
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == page.locator("main").count() == 1
    for control in page.locator("button, select, a").all():
        box = control.bounding_box()
        assert box
        assert box["height"] >= SMALLEST_TARGET_PX
    expect(page.get_by_label("Time (Berlin time)")).to_be_visible()
    assert page.locator("section[aria-labelledby]").count() == page.locator("section").count() == 3
    body = page.locator("body").bounding_box()
    assert body
    assert body["width"] <= PHONE["width"]


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [("ink", "ground"), ("ink", "sheet"), ("ink", "notice"), ("quiet", "ground"), ("main", "sheet")]
PAIRS += [("main", "ground"), ("on-main", "main")]


@pytest.mark.parametrize("shades", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_contrast(front: str, back: str, shades: int) -> None:
    """Every colour of words on its ground has the contrast of WCAG AA, by day and by night."""
    css = (ROOT / "integration" / "static" / "customer" / "page.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css.split("@media")[shades]))
    one, other = sorted((luminance(colours[front]), luminance(colours[back])))
    assert (other + 0.05) / (one + 0.05) >= LEAST_CONTRAST


@pytest.mark.browser
def test_dark_and_in_other_languages(browser: Browser, stage: Stage) -> None:
    """The page follows the system's dark mode, and a language is one press away and says so to screen readers."""
    _, link = answered(stage)
    context = browser.new_context(viewport=PHONE, color_scheme="dark", java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    for name, language, head in LANGUAGES:
        page.get_by_role("link", name=name).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("heading", level=1)).to_have_text(head)
    page.get_by_role("link", name="Deutsch").click()
    _shot(page, "person-dark-german")
    page.get_by_role("button", name="Erledigt, danke").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Danke für die Nachricht")
    context.close()


LANGUAGES = [
    ("Deutsch", "de", "Ihre Anfrage"),
    ("Español", "es", "Su consulta"),
    ("Français", "fr", "Votre demande"),
    ("Português", "pt", "O seu pedido"),
    ("English", "en", "Your request"),
]
