"""The sidebar in a real browser: what an agent sees at one glance, what one click does, and what it admits."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access import judge
from tests.app.conftest import SAID, SIDEBAR, STORED, Server, address, invoked, typed

pytestmark = pytest.mark.browser

LANGUAGES = {
    "en-US": "Say first",
    "de": "Zuerst sagen",
    "es-419": "Diga primero",
    "fr": "À dire",
    "pt-BR": "Diga primeiro",
}
HOSTILE = (
    "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> \u202eyrgna {{setting.x}}"
)


def test_one_glance_needs_no_scrolling(sidebar: Page) -> None:
    """Sentiment, charge, urgency, wish, trend, what to say first and what not to ask stand within 320 × 500 pixels."""
    shown = sidebar.locator("#glance")
    for words in ("very negative", "charged", "perhaps high", "order status", "heating up", "Third contact in a week"):
        expect(shown.get_by_text(words, exact=False).first).to_be_in_viewport(ratio=1)
    for chip in ("order number", "delivery address"):
        expect(shown.get_by_text(chip)).to_be_in_viewport(ratio=1)
    expect(shown.get_by_role("img")).to_have_attribute(
        "aria-label", "Sentiment over 3 messages: neutral, negative, very negative"
    )
    assert sidebar.evaluate("scrollY") == 0


def test_the_call_is_signed_by_zendesk(sidebar: Page, server: Server) -> None:
    """The app never holds the shared value: it names the place where Zendesk puts it, and says whom it speaks for."""
    [call] = server.asked
    assert server.asked_in_all(1) == ["GET /sidebar/tickets/42"]
    assert call["secure"] is True
    assert call["headers"] == {"Authorization": "Bearer {{jwt.token}}"}
    assert call["jwt"] == {
        "algorithm": "HS256",
        "secret_key": "{{setting.shared_value}}",
        "expiry": 120,
        "claims": {"iss": "https://acme.zendesk.com", "aud": "attune", "sub": "7", "ticket": "42"},
    }


def test_the_reason_of_a_phrase(sidebar: Page) -> None:
    """Each phrase is marked where it stands, and its reason is shown on focus and under the pointer."""
    assert sidebar.locator(".said").inner_text() == SAID
    assert sidebar.locator(".said mark").all_inner_texts() == [
        "third time",
        "promised for Friday",
        "nobody called me back",
    ]
    sidebar.get_by_role("button", name="promised for Friday").focus()
    expect(sidebar.locator("#reason")).to_contain_text("a promise was not kept")
    sidebar.get_by_role("button", name="third time").hover()
    expect(sidebar.locator("#reason")).to_contain_text("has written before")


def test_the_rest_of_the_story(sidebar: Page) -> None:
    """Promises, tries, earlier tickets and the reasons of a silence are told; an earlier ticket opens by one click."""
    for words in (
        "it will be with you on Friday",
        "Broken",
        "Open",
        "restarted the tracking page",
        "the customer is charged",
    ):
        expect(sidebar.locator("#story").get_by_text(words, exact=False).first).to_be_visible()
    sidebar.get_by_role("button", name="#31 Where is my parcel").click()
    assert invoked(sidebar, "routeTo") == [["routeTo", "ticket", 31]]


def test_facts_are_copied(browser: Browser, server: Server) -> None:
    """All facts lie in the clipboard, a line each, after one click."""
    context = browser.new_context(viewport=SIDEBAR, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address(server))
    page.get_by_role("button", name="Copy all").click()
    expect(page.locator("#told")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "Number: 4711\nDate: Friday"
    context.close()


def test_a_correction_is_one_click_and_is_acknowledged(sidebar: Page, server: Server) -> None:
    """The label opens its choices; the choice is stored, said, shown beside what was read, and asked for anew."""
    sidebar.get_by_role("button", name="Charge").click()
    sidebar.get_by_role("button", name="mild").click()
    expect(sidebar.locator("#told")).to_have_text(STORED)
    expect(sidebar.get_by_role("button", name="Charge")).to_contain_text("corrected, was charged")
    expect(sidebar.get_by_role("button", name="Charge")).to_be_focused()
    expect(sidebar.locator("#choices")).to_have_count(0)
    glance = "GET /sidebar/tickets/42"
    assert server.asked_in_all(3) == [glance, "POST /sidebar/tickets/42/corrections", glance]
    assert server.asked[1]["data"] == '{"label":"charge","value":"mild"}'


def test_a_correction_that_could_not_be_stored_says_so(sidebar: Page, server: Server) -> None:
    """Nothing is shown as corrected that was not stored."""
    server.status = 503
    sidebar.get_by_role("button", name="Sentiment").click()
    sidebar.get_by_role("button", name="neutral").click()
    expect(sidebar.locator("#told")).to_contain_text("could not be stored")
    expect(sidebar.get_by_role("button", name="Sentiment")).to_contain_text("very negative")


def test_a_word_on_what_attune_sent(sidebar: Page, server: Server) -> None:
    """A reply that was sent is shown, and one click says that it should not have been, or that it was fine."""
    server.glance["ours"] = {
        "kind": "sent",
        "at": "2026-03-02T09:10:00+00:00",
        "text": "It is on its way.",
        "intent": "order_status",
        "why_not": [],
    }
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    expect(sidebar.get_by_text("It is on its way.")).to_be_visible()
    sidebar.get_by_role("button", name="Should not have been answered").click()
    expect(sidebar.get_by_role("button", name="Should not have been answered")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert server.glance["verdict"] == "should_not"


def test_a_macro_in_an_empty_reply(sidebar: Page) -> None:
    """Where nothing is typed, one click applies the macro."""
    sidebar.get_by_role("button", name="Empathy › Delay › Late again").click()
    expect(sidebar.locator("#told")).to_contain_text("is in your reply")
    assert invoked(sidebar, "macro") == [["macro", 9]]


@pytest.mark.parametrize("reply", ["Dear Rosa", "<p>Dear <b>Rosa</b></p>"])
def test_a_macro_asks_before_it_changes_what_is_typed(sidebar: Page, reply: str) -> None:
    """Where something is typed nothing happens until the agent says so, in plain and in rich text."""
    typed(sidebar, reply)
    button = sidebar.get_by_role("button", name="Empathy › Delay › Late again")
    button.click()
    expect(sidebar.get_by_role("button", name="Leave my text alone")).to_be_focused()
    assert invoked(sidebar, "macro") == []
    sidebar.keyboard.press("Enter")
    expect(button).to_be_focused()
    assert invoked(sidebar, "macro") == []
    button.click()
    sidebar.get_by_role("button", name="Apply", exact=True).click()
    expect(sidebar.locator("#told")).to_contain_text("is in your reply")
    assert invoked(sidebar, "macro") == [["macro", 9]]


def test_an_empty_rich_reply_is_empty(sidebar: Page) -> None:
    """Markup without words is no text of the agent's."""
    typed(sidebar, "<p><br></p>")
    sidebar.get_by_role("button", name="Empathy › Delay › Late again").click()
    expect(sidebar.locator("#told")).to_contain_text("is in your reply")


def test_the_opening_goes_to_the_end(sidebar: Page) -> None:
    """What is typed stays, and what can be said comes after it; an older Zendesk knows the action by another name."""
    typed(sidebar, "Dear Rosa,")
    sidebar.evaluate("host.refuses.push('ticket.comment.appendText')")
    sidebar.get_by_role("button", name="Insert at the end").click()
    expect(sidebar.locator("#told")).to_contain_text("Inserted")
    said = sidebar.evaluate("host.values['comment.text']")
    assert said == "Dear Rosa,\nYou have written three times about order 4711."


def test_advice_is_never_put_into_a_reply(sidebar: Page, server: Server) -> None:
    """What does not stand in quotation marks is said to the agent, so there is nothing to insert."""
    server.glance["opening"] = "what you have blocked and when, so that nothing more can be lost."
    with sidebar.expect_response("**/proxy"):
        sidebar.evaluate("void host.fire('ticket.conversation.changed')")
    expect(sidebar.locator("#opening-head + p")).to_contain_text("what you have blocked")
    expect(sidebar.get_by_role("button", name="Insert at the end")).to_have_count(0)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_five_languages(browser: Browser, server: Server, locale: str) -> None:
    """The page speaks the agent's language, with no word missing; the server's sentences are marked as English."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, locale=locale))
    expect(page.locator("#glance")).to_contain_text(LANGUAGES[locale])
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(page.locator(".cue p")).to_have_attribute("lang", "en")
    page.locator("[data-key=label-intent]").click()
    assert all(words.strip() for words in page.locator("h2, button").all_inner_texts())
    assert judge.too_wide(page) == []
    page.close()


def test_a_language_without_words_is_english(browser: Browser, server: Server) -> None:
    """A locale that the app does not speak, or none, is answered in English."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, locale="ja"))
    expect(page.locator("#glance")).to_contain_text("Say first")
    page.close()


def test_hostile_words_are_words(sidebar: Page, server: Server) -> None:
    """Markup, script, turned-round letters and 5,000 characters come out as text, everywhere that text comes from."""
    long = (HOSTILE + " " + "x" * 5000)[:5000]
    found = server.glance
    found["said"] = {
        "text": long,
        "marks": [{"start": 0, "end": 20, "signal": "feeling", "reason": HOSTILE, "weight": 1}],
    }
    found |= {"cue": HOSTILE, "opening": HOSTILE, "do_not_ask": [HOSTILE], "because": [HOSTILE]}
    found["facts"] = [{"kind": HOSTILE, "text": HOSTILE, "at": HOSTILE}]
    found["earlier"] = [{"id": 3, "subject": HOSTILE, "status": HOSTILE, "sentiment": HOSTILE, "why": HOSTILE}]
    found["macros"] = [{"id": 1, "title": HOSTILE, "because": HOSTILE}]
    found["ours"] = {"kind": "drafted", "at": None, "text": HOSTILE, "intent": HOSTILE, "why_not": [HOSTILE]}
    found["reading"]["intent"]["value"] = HOSTILE
    server.advice = [{"kind": "tone", "say": HOSTILE, "quote": HOSTILE, "start": 0, "end": 1}]
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    typed(sidebar, HOSTILE)
    expect(sidebar.locator("#coach")).to_be_visible()
    assert sidebar.locator(".said").text_content() == long
    assert sidebar.locator(".cue p").text_content() == HOSTILE
    assert sidebar.locator("main img, main script").count() == 0
    assert sidebar.title() == "Attune"
    assert "{{setting" not in server.asked[-1]["data"]
    assert judge.too_wide(sidebar) == []


def test_marks_that_make_no_sense_do_no_harm(sidebar: Page, server: Server) -> None:
    """Marks outside the text, upside down or over each other leave the text whole."""
    ends = [(-5, 4), (2, 6), (30, 20), (90, 9000), (10**9, 10**9 + 1)]
    server.glance["said"]["marks"] = [
        {"start": a, "end": b, "signal": "x", "reason": "r", "weight": 1} for a, b in ends
    ]
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    expect(sidebar.locator(".said mark").first).to_have_text(SAID[0:4])
    assert sidebar.locator(".said").inner_text() == SAID


def test_a_message_that_could_not_be_read(sidebar: Page, server: Server) -> None:
    """It says so, with the reason, instead of guessing."""
    server.glance["reading"] |= {"readable": False, "why_unreadable": "a language that Attune does not know"}
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    expect(sidebar.get_by_text("a language that Attune does not know")).to_be_visible()


def test_nothing_to_say(browser: Browser, server: Server) -> None:
    """With nothing to say the app asks to be hidden, and where that is not possible it is one quiet line."""
    server.glance = {"ticket": 42, "state": "nothing", "why_nothing": "no customer has written yet", "reading": None}
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server))
    expect(page.locator("#state")).to_have_text("no customer has written yet")
    expect(page.locator("#glance")).to_be_hidden()
    page.wait_for_timeout(200)  # the frame's height follows the page's
    assert invoked(page, "hide") == [["hide"]]
    heights = [int(words[1]["height"][:-2]) for words in invoked(page, "resize")]
    assert heights[-1] <= 40
    page.close()


def test_shown_again_when_there_is_something(sidebar: Page, server: Server) -> None:
    """A hidden app comes back by itself once a customer has written."""
    read, server.glance = server.glance, {"state": "nothing", "why_nothing": "", "reading": None}
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    expect(sidebar.locator("#state")).to_have_text("Attune has nothing to say about this ticket.")
    server.glance = read
    sidebar.evaluate("host.fire('ticket.conversation.changed')")
    expect(sidebar.locator("#glance")).to_be_visible()
    assert sidebar.evaluate("host.invoked.filter(words => /hide|show/.test(words[0])).at(-1)") == ["show"]


@pytest.mark.parametrize(("page_of", "place"), [("sidebar", "#state"), ("nav", "#told")])
def test_a_page_around_that_does_not_answer(browser: Browser, server: Server, page_of: str, place: str) -> None:
    """Where Zendesk does not say who asks, the app says that it could not, instead of staying blank."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, page_of, mute="1"))
    expect(page.locator(place)).to_contain_text("flask doctor")
    assert server.asked == []
    page.close()


def test_outside_zendesk(browser: Browser, server: Server) -> None:
    """Opened by itself, the page says where it belongs."""
    page = browser.new_page(viewport=SIDEBAR)
    page.goto(address(server, outside="1"))
    expect(page.locator("#state")).to_have_text("Open this in Zendesk, beside a ticket.")
    page.close()
