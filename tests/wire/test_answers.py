"""Knows the shapes in which Zendesk shows what a macro would do, and what makes an answer incomplete.

It must not know which answers there are."""

from __future__ import annotations

from typing import Any

import pytest

from integration import wire
from integration.model import Field, MacroRef

MACRO = MacroRef(key="answer/order_status", id=15, title="Attune::Answers::Order status")


def shown(**comment: Any) -> dict[str, Any]:
    return {"result": {"ticket": {"id": 42, "comment": comment}}}


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ({"body": "Hello Ada,\n\nit comes.", "public": True}, "Hello Ada,\n\nit comes."),
        ({"body": "<p>Hello Ada,</p><p>it comes<br>soon &amp; safe.</p>"}, "Hello Ada,\n\nit comes\nsoon & safe."),
        ({"body": "", "html_body": "<p>Hi&nbsp;Ada</p>"}, "Hi Ada"),
        ({"body": None, "scoped_body": [["channel:all", "Hello"]]}, "Hello"),
        ({"body": "1 < 2"}, "1 < 2"),
        (
            {"body": '<p>See <a class="x" href="https://a.example/t?a=1&amp;b=2">the <b>page</b></a>.</p>'},
            "See the page (https://a.example/t?a=1&b=2).",
        ),
        ({"body": "See <a href='https://a.example/t'>https://a.example/t</a>"}, "See https://a.example/t"),
        ({"body": '<a href="https://a.example/">a.example</a>'}, "https://a.example/"),
        ({"body": '<a href="mailto:x@a.example">x@a.example</a>'}, "x@a.example"),
        ({"body": '<a href="https://a.example"></a> <a>bare</a>'}, "https://a.example bare"),
        ({"body": "<ul><li>one</li><li>two</li></ul>"}, "one\ntwo"),
    ],
)
def test_text_is_plain(comment: dict[str, Any], text: str):
    """However the macro was written, its answer is read as plain text with its lines."""
    assert wire.answer(shown(**comment), MACRO).text == text


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("All is said.", ()),
        ("Track it at [[tracking_page]], or [[tracking_page]].", ("tracking_page",)),
        ("By [[ opening_hours ]] {{ticket.cf_parcel}}", ("opening_hours", "ticket.cf_parcel")),
        ("Hello {{I want to die}} [[I hate you]],", ("a fact of the company's own", "a placeholder")),
        ("Hello {{sue}} {{ticket.cf_a | default: 'x'}},", ("a placeholder",)),
        ("", ("the answer's text",)),
    ],
)
def test_missing_facts_are_named(body: str, missing: tuple[str, ...]):
    """Unfilled slots and placeholders and an empty answer are each named once; a customer's own words never are."""
    assert wire.answer(shown(body=body), MACRO).missing == missing


@pytest.mark.parametrize(
    ("comment", "missing"),
    [
        ({"body": "Hello", "public": False}, ("a public comment (the macro writes an internal note)",)),
        ({"body": "Hello", "public": "false"}, ("a public comment (the macro writes an internal note)",)),
        ({"body": '<p>Look: <img src="https://a.example/x.png"></p>'}, ("a picture",)),
        ({"body": "Look: ![](https://a.example/x.png)"}, ("a picture",)),
    ],
)
def test_what_a_plain_public_reply_cannot_be_is_missing(comment: dict[str, Any], missing: tuple[str, ...]):
    """A macro that an admin set to internal, or that shows a picture, is named as incomplete; its words stay."""
    answer = wire.answer(shown(**comment), MACRO)
    assert answer.missing == missing
    assert answer.text


@pytest.mark.parametrize(("macro", "off"), [({"active": False}, True), ({"active": True}, False), ({}, False)])
def test_switched_off_macros_are_told(macro: dict[str, Any], off: bool):
    """Only a macro that says so is switched off."""
    assert wire.switched_off({"macro": macro}) is off


@pytest.mark.parametrize(
    "odd", [{}, {"result": None}, {"result": {"ticket": []}}, {"result": {"ticket": {"comment": "x"}}}]
)
def test_macro_without_a_comment_is_no_answer(odd: dict[str, Any]):
    """A macro that says nothing gives an answer that is missing its text."""
    assert wire.answer(odd, MACRO).missing == ("the answer's text",)


def test_result_may_come_bare():
    """The outer wrapper may already have been taken off."""
    assert wire.answer(shown(body="Hello")["result"], MACRO).text == "Hello"


@pytest.mark.parametrize(
    ("field", "word", "written"),
    [
        (Field.SENTIMENT, "very_negative", "attune_sentiment_very_negative"),
        (Field.CHARGE, "attune_charge_mild", "attune_charge_mild"),
        (Field.MARKER, "21000000001", "21000000001"),
    ],
)
def test_words_become_options_and_come_back(field: Field, word: str, written: str):
    """A drop-down's option bears our prefix and the marker is the plain text; both come back as our word."""
    assert wire.option(field, word) == written
    assert wire.value_of(field, written) == word.removeprefix(f"attune_{field}_")
    assert wire.value_of(field, None) is None
    assert wire.value_of(field, "") is None
