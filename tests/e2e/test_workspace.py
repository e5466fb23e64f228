"""The desk in a real browser as a place to work: writing, macros, refused saves, the keyboard, customers, the stream.
It must not need Attune: the desk stands alone here, and is looked at as an agent does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sandbox import people
from sandbox.api.here import Desk
from sandbox.app import create_app
from sandbox.settings import SandboxSettings
from tests.access import judge
from tests.e2e.test_browser import browser

__all__ = ["browser"]

pytestmark = pytest.mark.browser

SORRY = "Dear Ada,\n\nyour parcel is late a second time, and that is ours to mend."
TITLE = "Attune::Empathy::Late::Late again"


class Place:
    """A desk that is served, and its address."""

    def __init__(self, address: str, desk: Desk) -> None:
        self.address = address
        self.desk = desk

    def write(self, subject: str = "Late", body: str = "Where is it?", name: str = "Ada Quill") -> int:
        """A customer writes; gives the ticket's id."""
        given = {"name": name, "email": f"{name.split()[0].lower()}@example.com"}
        customer = people.requester(self.desk.state, given, self.desk.clock())
        said = {"subject": subject, "comment": {"body": body}}
        written = self.desk.tickets.create(said, actor=customer, channel="email", now=self.desk.clock())
        return int(written.ticket["id"])

    def ticket(self, ticket_id: int) -> dict[str, Any]:
        """The ticket as it is stored, with its `comments`."""
        found = self.desk.state.get("ticket", ticket_id)
        assert found is not None
        return found | {"comments": self.desk.state.find("comment", ticket_id=ticket_id)}

    def agent(self, email: str) -> dict[str, Any]:
        """Somebody who works here."""
        return self.desk.state.find("user", email=email)[0]

    def change(self, ticket_id: int, **body: Any) -> None:
        """Another agent changes the ticket meanwhile."""
        noor = self.agent("noor@sandbox.example")
        self.desk.tickets.update(ticket_id, body, actor=noor, channel="api", now=self.desk.clock())


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A seeded desk with a drop-down and three macros."""
    app = create_app(SandboxSettings(db_path=":memory:"), clock=lambda: datetime.now(UTC))
    desk: Desk = app.extensions["sandbox"]
    options = [{"id": n, "name": name, "value": f"attune_charge_{name.lower()}"} for n, name in enumerate(CHARGES)]
    field = {"id": 77, "type": "tagger", "title": "Attune charge", "active": True, "custom_field_options": options}
    desk.state.put("ticket_field", field)
    late = [
        {"field": "comment_value", "value": SORRY.replace("Ada", "{{ticket.requester.first_name}}")},
        {"field": "status", "value": "pending"},
        {"field": "priority", "value": "high"},
        {"field": "current_tags", "value": "said_sorry"},
    ]
    hush = [{"field": "comment_value", "value": "Checked."}, {"field": "comment_mode_is_public", "value": "false"}]
    for title, actions in ((TITLE, late), ("Attune::Answers::Order", hush), ("Look up", hush)):
        desk.state.put("macro", {"title": title, "active": True, "actions": actions, "restriction": None})
    with judge.served(app) as address:
        yield Place(address, desk)
    desk.stream.stop()
    desk.state.close()


CHARGES = ("Calm", "Mild", "Charged")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh browser that fails the test on any error that its scripts make."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def open_ticket(page: Page, place: Place, ticket_id: int) -> None:
    """Open a ticket as the first agent, its scripts awake."""
    page.goto(f"{place.address}/desk/tickets/{ticket_id}")
    expect(page.get_by_role("button", name="Apply macro")).to_be_visible()


def test_a_reply_with_properties_in_one_save(page: Page, place: Place) -> None:
    """Words, status, fields, tags and assignee go in one save; the page shows all of it without being loaded again."""
    number = place.write()
    open_ticket(page, place, number)
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Attune charge").select_option("Mild")
    page.get_by_label("Tags").fill("vip parcel")
    page.get_by_label("Tags").press("Enter")
    expect(page.get_by_text("not saved yet")).to_have_count(0)  # it is drawn by the style sheet, beside the label
    assert page.locator(".control.changed").count() == 4  # assignee, its group, charge, tags
    page.get_by_label("Text").fill("It comes today.")
    page.get_by_label("Submit as").select_option("Pending")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Reply sent. The ticket is pending.")).to_be_visible()
    expect(page.locator(".comment.agent.public")).to_contain_text("It comes today.")
    expect(page.locator(".control.changed")).to_have_count(0)
    expect(page.get_by_label("Text")).to_have_value("")
    expect(page.get_by_text("New message from")).to_have_count(0)  # nobody is told of their own words
    stored = place.ticket(number)
    assert (stored["status"], stored["tags"]) == ("pending", ["attune_charge_mild", "parcel", "vip"])
    assert stored["assignee_id"] == place.agent("ada@sandbox.example")["id"]
    assert len({one["audit_id"] for one in stored["comments"]}) == 2
    page.get_by_role("button", name="Remove tag vip").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Saved. The ticket is pending.")).to_be_visible()
    assert place.ticket(number)["tags"] == ["attune_charge_mild", "parcel"]


def test_a_macro_by_keyboard_fills_in_and_saves_nothing(page: Page, place: Place) -> None:
    """Arrows walk folders, words find; a macro adds its words below what was typed and shows what else it sets."""
    number = place.write()
    open_ticket(page, place, number)
    page.get_by_label("Text").fill("Hello,")
    page.get_by_role("button", name="Apply macro").focus()
    page.keyboard.press("Enter")
    find = page.get_by_role("combobox", name="Find a macro")
    expect(find).to_be_focused()
    expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text(["Attune", "Look up"])
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text(["Answers", "Empathy"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text(["Late"])
    page.keyboard.press("Backspace")
    expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text(["Answers", "Empathy"])
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Apply macro")).to_be_focused()
    page.keyboard.press("Enter")
    expect(find).to_be_focused()
    page.keyboard.type("again late")
    expect(page.get_by_role("listbox", name="Macros").get_by_role("option")).to_have_text(
        ["Attune › Empathy › Late › Late again"]
    )
    assert judge.faults(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text")).to_have_value(f"Hello,\n\n{SORRY}")
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page.get_by_text("nothing is saved yet. It also sets status, priority, tags.")).to_be_visible()
    expect(page.get_by_label("Submit as")).to_have_value("pending")
    assert (place.ticket(number)["status"], len(place.ticket(number)["comments"])) == ("new", 1)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".comment.agent.public")).to_contain_text("ours to mend")
    expect(page.locator("#pending")).to_be_empty()
    stored = place.ticket(number)
    assert (stored["status"], stored["priority"], stored["tags"]) == ("pending", "high", ["said_sorry"])


def test_a_refused_save_keeps_every_word(page: Page, place: Place) -> None:
    """What the desk or an app says no to is told beside the button, and so is a desk that is away; the words stay."""
    number = place.write()
    open_ticket(page, place, number)
    page.get_by_label("Text").fill("Half an answer")
    place.desk.state.put("ticket", place.ticket(number) | {"status": "closed"})
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_have_text("Status: closed prevents ticket update")
    place.desk.state.put("ticket", place.ticket(number) | {"status": "open"})
    page.evaluate("window.deskHost = { beforeSave: async () => ({ ok: false, message: 'They gave it already.' }) }")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_have_text("They gave it already.")
    page.get_by_label("Text").fill("Half an answer")  # who writes on has read it
    expect(page.locator("#refusal")).to_be_hidden()
    page.evaluate("delete window.deskHost")
    page.route("**/agent", lambda route: route.abort())
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/agent")
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("Half an answer")
    assert len(place.ticket(number)["comments"]) == 1
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_label("Text")).to_have_value("")
    assert len(place.ticket(number)["comments"]) == 2


def test_what_others_do_meanwhile(page: Page, place: Place) -> None:
    """A page that is open shows what others wrote and changed, and leaves alone what the agent is at."""
    number = place.write()
    open_ticket(page, place, number)
    page.get_by_label("Text").fill("I am writing")
    page.get_by_label("Priority").select_option("Low")
    place.change(number, comment={"body": "From Noor", "public": False}, tags=["attune_senior"], type="problem")
    expect(page.locator(".comment.internal")).to_contain_text("From Noor", timeout=8_000)
    expect(page.get_by_role("status")).to_contain_text("New message from Noor Haddad")
    expect(page.get_by_label("Type")).to_have_value("problem")
    expect(page.get_by_role("button", name="Remove tag attune_senior")).to_be_visible()
    expect(page.get_by_label("Priority")).to_have_value("low")
    expect(page.get_by_label("Text")).to_have_value("I am writing")
    page.get_by_label("Internal note").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Internal note added.")).to_be_visible()
    stored = place.ticket(number)
    assert (stored["priority"], stored["type"], stored["tags"]) == ("low", "problem", ["attune_senior"])
    assert stored["comments"][-1]["public"] is False


def test_what_apps_are_told_and_may_ask_for(page: Page, place: Place) -> None:
    """The composer tells what is written and for whom, and takes words, tags, macros and notices."""
    number = place.write()
    open_ticket(page, place, number)
    page.evaluate("""() => {
      window.heard = [];
      document.addEventListener("desk:comment-changed", (event) => window.heard.push(event.detail));
      window.say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
    }""")
    page.get_by_label("Text").fill("Hi")
    page.get_by_label("Internal note").check()
    assert page.evaluate("window.heard") == [{"text": "Hi", "public": True}, {"text": "Hi", "public": False}]
    page.evaluate("say('desk:comment-set', { text: 'there', append: true })")
    expect(page.get_by_label("Text")).to_have_value("Hi\n\nthere")
    page.evaluate("say('desk:comment-set', { text: 'anew', append: false })")
    assert page.evaluate("window.heard.at(-1)") == {"text": "anew", "public": False}
    page.evaluate("say('desk:tags-changed', { add: ['from_app'], remove: [] })")
    expect(page.get_by_role("button", name="Remove tag from_app")).to_be_visible()
    page.evaluate("say('desk:notify', { message: '<b>Seen</b>', kind: 'notice' })")
    expect(page.get_by_text("<b>Seen</b>")).to_be_visible()
    page.evaluate("document.addEventListener('desk:tags-changed', (event) => { window.tags = event.detail; })")
    macro = next(one for one in place.desk.state.list("macro") if one["title"] == TITLE)
    page.evaluate("id => say('desk:macro', { id })", macro["id"])
    expect(page.get_by_label("Text")).to_have_value(f"anew\n\n{SORRY}")
    assert page.evaluate("window.tags") == {"from": "desk", "tags": ["from_app", "said_sorry"]}
    expect(page.get_by_label("Public reply")).to_be_checked()


def test_the_queue_by_keyboard(page: Page, place: Place) -> None:
    """j, k and the arrows walk, Enter opens; a list that fills up meanwhile takes the focus from nobody."""
    for subject in ("walk one", "walk two", "walk three"):
        place.write(subject)
    page.goto(f"{place.address}/desk/?q=walk&sort=subject")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="walk one")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="walk three")).to_be_focused()
    place.write("walk zero")
    expect(page.get_by_role("link", name="walk zero")).to_be_visible(timeout=8_000)
    expect(page.get_by_role("link", name="walk three")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search tickets")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_label("Search tickets")).to_have_value("j")
    page.get_by_text("Keyboard").click()
    page.get_by_label("Keys that are letters or signs").uncheck()
    page.get_by_role("link", name="walk one").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="walk one")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("walk one")
    page.get_by_role("link", name="‹ All tickets").click()
    expect(page.get_by_label("Search tickets")).to_have_value("walk")


def test_another_agent_and_a_light_one(page: Page, place: Place) -> None:
    """Whoever is chosen at the top writes; a light agent is told what they may do, and writes notes."""
    number = place.write()
    open_ticket(page, place, number)
    page.get_by_text("You are: Ada Admin").click()
    page.get_by_role("button", name="Lee Light").click()
    expect(page.get_by_text("As a light agent")).to_be_visible()
    expect(page.get_by_label("Priority")).to_be_disabled()
    page.get_by_label("Text").fill("A thought")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".comment.internal")).to_contain_text("A thought")
    assert place.ticket(number)["comments"][-1]["author_id"] == place.agent("lee@sandbox.example")["id"]


def test_from_the_customers_side_and_back(page: Page, place: Place) -> None:
    """A customer writes, is answered, writes on and rates; neither side sees what is the other's."""
    page.goto(f"{place.address}/desk/customer")
    page.get_by_role("link", name="Write as somebody new").click()
    page.get_by_label("Name").fill("Mo Bell")
    page.get_by_label("Email address").fill("mo@example.com")
    page.get_by_label("Channel").select_option("Web form")
    page.get_by_label("Subject").fill("Broken lamp")
    page.get_by_label("Message").fill("It flickers.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Broken lamp")
    number = int(page.url.split("/requests/")[1].split("#")[0])
    place.change(number, comment={"body": "Noted inside", "public": False})
    place.change(number, comment={"body": "See https://example.com/lamp", "public": True}, status="solved")
    expect(page.get_by_role("link", name="https://example.com/lamp")).to_be_visible(timeout=8_000)
    expect(page.get_by_text("Noted inside")).to_have_count(0)
    expect(page.get_by_text("Solved", exact=True)).to_be_visible()
    page.get_by_label("Comment").fill("Quick")
    page.get_by_role("button", name="Good").click()
    expect(page.get_by_text("You said: good.")).to_be_visible()
    page.get_by_label("Message").fill("It flickers again.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Open", exact=True)).to_be_visible()
    stored = place.ticket(number)
    assert (stored["status"], stored["satisfaction_rating"]["comment"]) == ("open", "Quick")
    assert stored["via"]["channel"] == "web"


def test_a_stream_of_samples(page: Page, place: Place) -> None:
    """A press starts it, tickets come in while one looks elsewhere, a press stops it."""
    page.goto(f"{place.address}/desk/")
    page.get_by_label("One every").select_option("5 seconds")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("40 of 41 left")).to_be_visible(timeout=8_000)
    page.get_by_role("link", name="Customer’s side").click()
    page.go_back()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert not place.desk.stream.progress().running


def test_without_scripts_the_form_still_saves(browser: Browser, place: Place) -> None:
    """A reply and a changed property are posted by the bare form, and the page comes back with them."""
    number = place.write()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{place.address}/desk/tickets/{number}")
    page.get_by_label("Text").fill("By hand")
    page.get_by_label("Tags").fill("slow lane")
    page.get_by_label("Submit as").select_option("On-hold")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".comment.agent.public")).to_contain_text("By hand")
    page.wait_for_load_state("networkidle")  # the server has sent every file before it is stopped
    context.close()
    stored = place.ticket(number)
    assert (stored["status"], stored["tags"]) == ("hold", ["lane", "slow"])
