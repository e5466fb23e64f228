"""Every text that ships: complete, well worded, and free of what would make it cold or false."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import content
from integration.content import MacroText
from integration.model import ROUTINE_INTENTS, Intent

SHIPPED = content.macros()
EMPATHY = content.empathy(*content.LANGUAGES)
PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")

every_text = pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.key)
every_macro = pytest.mark.parametrize("macro", EMPATHY, ids=lambda text: text.key)


@every_text
def test_every_shipped_text_passes_the_lint(text: MacroText) -> None:
    """No false feeling, no blame, no jargon, at most one apology, no long sentence."""
    assert content.lint(text.text, text.language) == ()


@every_text
def test_every_text_stands_under_attune(text: MacroText) -> None:
    """Titles nest under our own name, so that uninstalling finds them and admins know them."""
    kind = "Answers" if text.key.startswith("answer/") else "Empathy"
    assert text.title.startswith(f"Attune::{kind}::")
    assert "::::" not in text.title


@every_text
def test_only_the_customers_name_is_rendered(text: MacroText) -> None:
    """Zendesk fills in nothing that could be wrong or private; German names the whole name, as goes with Sie."""
    name = "ticket.requester.name" if text.language == "de" else "ticket.requester.first_name"
    assert set(PLACEHOLDER.findall(text.text)) == {name}


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
    """At least forty-two in every language, each for a situation of its own."""
    wanted = (
        "access after angry answer bereavement billing bug confusion damaged delay family hardship leaving mistake "
        "need occasion outage person promise repeat safety security thanks"
    )
    for language in content.LANGUAGES:
        macros = content.empathy(language)
        assert len(macros) >= 42
        assert {macro.key.split("/")[1] for macro in macros} == set(wanted.split())


def test_the_keys_of_english_have_no_language_and_all_others_end_in_theirs() -> None:
    """An account installed before there were other languages keeps its macros."""
    assert content.empathy() == content.empathy("en")
    for language in set(content.LANGUAGES) - {content.ENGLISH}:
        keys = [macro.key for macro in content.empathy(language)]
        assert keys == [f"{macro.key}/{language}" for macro in content.empathy()]
        assert [macro.base for macro in content.empathy(language)] == [macro.key for macro in content.empathy()]


def test_other_languages_stand_under_their_own_name() -> None:
    """An agent finds Deutsch, not German; English stays where it was."""
    names = content.languages()
    assert names == {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "pt": "Português"}
    for macro in EMPATHY:
        own = f"Attune::Empathy::{names[macro.language]}::"
        assert macro.title.startswith(own) is (macro.language != content.ENGLISH)


def test_a_language_that_nobody_wrote_is_not_made_up() -> None:
    """Asking for it fails at once."""
    with pytest.raises(KeyError):
        content.empathy("nl")


@every_macro
def test_every_empathy_macro_passes_the_lint(macro: MacroText) -> None:
    """The event before the sympathy, one apology, a day or hour, 40 to 110 words, no strange placeholder."""
    assert content.lint_macro(macro) == ()


@every_macro
def test_a_macro_says_where_and_why_it_fits(macro: MacroText) -> None:
    """Charges and one line of reason; one that only a signal brings up names the signal."""
    assert macro.fits.charges
    assert macro.because
    assert "\n" not in macro.because
    assert len(macro.slots) >= 3
    assert macro.fits.signals or not macro.fits.only_with_signal
    assert bool(macro.fits.intents) or not macro.fits.signals


def test_every_language_asks_for_the_same() -> None:
    """The same macros with the same number of slots everywhere."""
    assert content.lint_languages(EMPATHY) == ()


def test_no_two_macros_of_a_language_say_the_same() -> None:
    """Each body is its own, and none is left in another language by mistake."""
    assert len({macro.text for macro in EMPATHY}) == len(EMPATHY)


@given(st.sampled_from(EMPATHY), st.data())
def test_a_macro_that_lost_a_slot_differs_from_its_sisters(macro: MacroText, data: st.DataObject) -> None:
    """Whichever slot a translator drops, the comparison of the languages names the macro."""
    slot = data.draw(st.sampled_from(macro.slots))
    poorer = replace(macro, text=macro.text.replace(f"[{slot}]", slot, 1))
    others = [one for one in content.empathy(*content.LANGUAGES) if one.key != macro.key]
    found = content.lint_languages((*others, poorer))
    assert any(macro.base in one for one in found)


def test_a_macro_that_one_language_lacks_is_named() -> None:
    """A situation may not be left out for some customers."""
    [first, *rest] = content.empathy("fr")
    [found] = content.lint_languages((*content.empathy(), *rest))
    assert found == f"{first.base}: {len(first.slots)} slots in en, no in fr"


GOOD = {
    language: next(macro for macro in content.empathy(language) if macro.base == "empathy/repeat/wait")
    for language in content.LANGUAGES
}
SORRY = {
    "en": "I am sorry.",
    "de": "Es tut mir leid.",
    "es": "Lo lamento.",
    "fr": "Je vous présente mes excuses.",
    "pt": "Lamento.",
}


@pytest.mark.parametrize("language", content.LANGUAGES)
@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda text: f"{text.partition(',')[0]}, SORRY {text}", "sympathy before the event"),
        (lambda text: f"{text} SORRY SORRY", "apologies"),
        (lambda text: text.replace("ticket.requester", "ticket.assignee"), "unknown placeholder"),
        (lambda text: f"[[help_page]] {text}", "unfilled fact: [[help_page]]"),
        (lambda text: text.replace("]", "", 1), "a bracket without"),
        (lambda text: text + ".", "no slot for the name"),
        (lambda text: text[:60] + "]", "words, not 40 to 110"),
        (lambda text: text + " x." * 80 + "[a]", "words, not 40 to 110"),
        (lambda text: re.sub(r"\[[^\[\]]+\]", "[x]", text), "no day, date or hour"),
    ],
)
def test_the_lint_finds_a_spoiled_macro_in_every_language(
    language: str, spoil: Callable[[str], str], fault: str
) -> None:
    """Order, apologies, placeholders, brackets, signature, length and time are looked at whatever the language."""
    macro = GOOD[language]
    assert content.lint_macro(macro) == ()
    spoiled = replace(macro, text=spoil(macro.text).replace("SORRY", SORRY[language]))
    assert any(fault in found for found in content.lint_macro(spoiled)), content.lint_macro(spoiled)


@pytest.mark.parametrize(
    ("language", "text", "fault"),
    [
        ("de", "Ich kann Ihren Ärger sehr gut verstehen.", "false feeling"),
        ("de", "Wir verstehen, wie Sie sich fühlen.", "false feeling"),
        ("de", "Ihre Zufriedenheit liegt uns am Herzen.", "false feeling"),
        ("de", "Sie hätten das Formular lesen müssen.", "blame"),
        ("de", "Das war Ihr Fehler.", "blame"),
        ("de", "Wie bereits erwähnt, dauert es.", "blame"),
        ("de", "Wir entschuldigen die Unannehmlichkeiten.", "jargon"),
        ("de", "Wir melden uns schnellstmöglich.", "jargon"),
        ("de", "Hast du das gesehen?", "address"),
        ("fr", "Je comprends tout à fait votre frustration.", "false feeling"),
        ("fr", "Nous sommes sincèrement navrés.", "false feeling"),
        ("fr", "Vous auriez dû lire la notice.", "blame"),
        ("fr", "Comme je l'ai déjà dit, c'est en route.", "blame"),
        ("fr", "Veuillez nous excuser pour le désagrément.", "jargon"),
        ("fr", "N'hésitez pas à écrire.", "jargon"),
        ("fr", "Quel est ton numéro ?", "address"),
        ("es", "Entiendo perfectamente su frustración.", "false feeling"),
        ("es", "Su opinión es muy importante.", "false feeling"),
        ("es", "Usted debería haber leído las condiciones.", "blame"),
        ("es", "Como ya le dije, va en camino.", "blame"),
        ("es", "Disculpe los inconvenientes.", "jargon"),
        ("es", "Le escribimos a la brevedad.", "jargon"),
        ("es", "¿Cuál es tu número?", "address"),
        ("pt", "Compreendo perfeitamente a sua frustração.", "false feeling"),
        ("pt", "A sua opinião é importante.", "false feeling"),
        ("pt", "Deveria ter lido as condições.", "blame"),
        ("pt", "Como já disse, está a caminho.", "blame"),
        ("pt", "Desculpe o transtorno.", "jargon"),
        ("pt", "Respondemos o mais breve possível.", "jargon"),
        ("pt", "Você recebeu o pedido?", "address"),
        ("pt", "Fale com a nossa equipa.", "address"),
    ],
)
def test_the_lint_knows_each_languages_bad_habits(language: str, text: str, fault: str) -> None:
    """What is cold, false or blaming is so in every language, with words of its own."""
    assert any(found.startswith(fault) for found in content.lint(text, language))


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
