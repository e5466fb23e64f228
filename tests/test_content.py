"""Every text that ships: complete, well worded, and free of what would make it cold or false."""

from __future__ import annotations

import re

import pytest

from integration import content
from integration.content import MacroText
from integration.model import ROUTINE_INTENTS, Intent

SHIPPED = (*content.answers(), *content.empathy())
SYMPATHY = re.compile(r"\b(?:sorry|apolog\w+|regret|our fault|our mistake)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")

every_text = pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.key)
every_macro = pytest.mark.parametrize("macro", content.empathy(), ids=lambda text: text.key)


@every_text
def test_every_shipped_text_passes_the_lint(text: MacroText) -> None:
    """No false feeling, no blame, no jargon, at most one apology, no long sentence."""
    assert content.lint(text.text) == ()


@every_text
def test_every_text_stands_under_attune(text: MacroText) -> None:
    """Titles nest under our own name, so that uninstalling finds them and admins know them."""
    kind = "Answers" if text.key.startswith("answer/") else "Empathy"
    assert text.title.startswith(f"Attune::{kind}::")
    assert "::::" not in text.title


@every_text
def test_only_the_customers_first_name_is_rendered(text: MacroText) -> None:
    """Zendesk fills in nothing that could be wrong or private."""
    assert set(PLACEHOLDER.findall(text.text)) == {"ticket.requester.first_name"}


def test_keys_and_titles_are_unique() -> None:
    """Install finds each macro by its key, agents by its title."""
    assert len({text.key for text in SHIPPED}) == len(SHIPPED)
    assert len({text.title for text in SHIPPED}) == len(SHIPPED)


def test_every_routine_intent_but_thanks_has_an_answer() -> None:
    """Thirteen answers; a thank-you needs none."""
    assert {text.key for text in content.answers()} == {
        f"answer/{intent}" for intent in ROUTINE_INTENTS - {Intent.THANKS}
    }


@pytest.mark.parametrize("answer", content.answers(), ids=lambda text: text.key)
def test_an_answer_needs_facts_that_the_admin_is_told_about(answer: MacroText) -> None:
    """Each answer rests on a fact of the company's own, and each fact is described."""
    assert answer.facts
    assert set(answer.facts) <= content.facts().keys()
    assert answer.slots == ()


def test_every_described_fact_is_used() -> None:
    """Nobody is asked for what no answer needs."""
    assert {fact for answer in content.answers() for fact in answer.facts} == content.facts().keys()


@pytest.mark.parametrize("answer", content.answers(), ids=lambda text: text.key)
def test_an_answer_leads_on_to_a_person(answer: MacroText) -> None:
    """Each answer says what to do where it is not enough."""
    assert "answer this message" in answer.text
    assert "colleague" in answer.text


def test_there_are_macros_for_the_situations_that_hurt() -> None:
    """At least fourteen, each for a situation of its own."""
    assert len(content.empathy()) >= 14
    wanted = "delay promise repeat damaged billing outage bereavement hardship mistake angry confusion thanks person"
    assert {macro.key.split("/")[1] for macro in content.empathy()} >= set(wanted.split())


@every_macro
def test_the_concrete_stands_before_the_sympathy(macro: MacroText) -> None:
    """An agent names what happened before saying sorry: a slot comes first."""
    sympathy = SYMPATHY.search(macro.text)
    first_slot = macro.text.index("[")
    assert sympathy is None or first_slot < sympathy.start()


@every_macro
def test_a_macro_says_where_and_why_it_fits(macro: MacroText) -> None:
    """Intents, charges and one line of reason, and it is signed by a person."""
    assert macro.fits.intents
    assert macro.fits.charges
    assert macro.because
    assert "\n" not in macro.because
    assert "your name]" in macro.text.casefold()
    assert len(macro.slots) >= 3


def test_facts_are_filled_in_and_unknown_ones_stay() -> None:
    """An unfilled fact stays visible, so that nobody takes the answer for complete."""
    text = "see [[tracking_page]] or [[help_page]] or [[ help_page ]]"
    filled = content.fill(text, {"tracking_page": "https://example.com/\\1?a=b", "help_page": "  "})
    assert filled == "see https://example.com/\\1?a=b or [[help_page]] or [[ help_page ]]"
    assert content.unfilled(filled) == ("help_page",)


def test_html_is_escaped_and_keeps_its_paragraphs() -> None:
    """A macro's HTML holds paragraphs and line breaks, and nothing else of its own."""
    text = content.answers()[0]
    odd = MacroText(key="k", title="t", text="a < b\nc\n\n{{x}} & d", fits=text.fits, because="b")
    assert odd.html == "<p>a &lt; b<br>c</p><p>{{x}} &amp; d</p>"


def test_one_macro_is_found_by_its_key() -> None:
    """A key that nothing ships under gives None."""
    found = content.macro("empathy/delay/first")
    assert found is not None
    assert found.title == "Attune::Empathy::Delay::First time"
    assert content.macro("empathy/unknown") is None


def test_the_fixed_words_cover_every_intent() -> None:
    """A note can be written for any reading."""
    for section in ("wants", "about"):
        assert content.phrases()[section].keys() == set(Intent)


def test_the_fixed_words_of_a_reply_pass_the_lint() -> None:
    """What every customer reads first is held to the same rules."""
    for phrases in content.phrases()["reply"].values():
        assert content.lint(" ".join(phrases.values())) == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("We value your business.", "false feeling"),
        ("We understand your frustration.", "false feeling"),
        ("I completely understand how upset you are.", "false feeling"),
        ("We are delighted to help.", "false feeling"),
        ("Please accept our sincere thanks.", "false feeling"),
        ("You should have read the terms.", "blame"),
        ("As I already said, it is late.", "blame"),
        ("That was your mistake.", "blame"),
        ("I will escalate this.", "jargon"),
        ("Sorry for the inconvenience.", "jargon"),
        ("Please do not hesitate to reach out.", "jargon"),
        ("I am sorry. We apologise again.", "2 apologies"),
        ("Great! Done!", "exclamation"),
        (" ".join(["word"] * 26) + ".", "26 words"),
    ],
)
def test_the_lint_finds_what_it_is_for(text: str, fault: str) -> None:
    """Each kind of bad wording is named."""
    assert any(fault in found for found in content.lint(text))


@pytest.mark.parametrize(
    "text",
    [
        "Your order 40031 was due on 3 May. I am sorry for the wait.",
        "You understand the risk, and we know your address.",
        "I have two feelings about commas; the code works!",
    ],
)
def test_the_lint_leaves_good_wording_alone(text: str) -> None:
    """Concrete sentences pass."""
    assert content.lint(text) == ()
