"""What is put together as an answer: all that was asked or nothing, with looked-up facts, and articles that fit.

Reading and policy are the real ones; Zendesk, the shop and the Help Center are small stand-ins.
"""

# ruff: noqa: ARG002 - stand-ins take everything that the real ones are asked with

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from integration import analysis, policy
from integration.model import (
    Answer,
    Article,
    Found,
    History,
    Intent,
    Lookup,
    MacroRef,
    Note,
    Plan,
    Refused,
    Reply,
    Rules,
    Rung,
    Ticket,
)
from integration.policy import questions
from integration.worker import Answering
from tests.policy.macros import MACROS
from tests.strategies import answered, message, ticket

SENDING = Rules(default_rung=Rung.SEND, rungs={})
DESK = answered(MACROS)["desk"]
TEXTS = {
    "order_status": "Hello Mary,\n\nyou can see where your order is here: https://shop.example/track",
    "return_how_to": "Hello Mary,\n\nyou can start a return here: https://shop.example/returns",
    "how_to": "Hello Mary,\n\nour guides are here: https://shop.example/help",
    "password_reset": "Hello Mary,\n\nyou can set a new password here: https://shop.example/password",
}
TRACKED = "Hello Mary,\n\nyour order is [[lookup.status]]: [[lookup.link]]"
LOOKUP = Lookup(
    intent=Intent.ORDER_STATUS,
    url="https://shop.example/{order_number}",
    fields={"status": "status", "link": "link"},
    owner_field="email",
)
FILTER = Article(
    id=1,
    title="Changing the filter of your vacuum cleaner",
    snippet="Open the lid, pull the blue clip.",
    url="https://help.example/1",
    locale="en-us",
)


@dataclass
class Desk:
    """Zendesk's rendering, the shop and the Help Center in one; what they were asked is noted."""

    texts: dict[str, str] = field(default_factory=lambda: dict(TEXTS))
    facts: Mapping[str, str] = field(default_factory=dict)
    articles: tuple[Article, ...] = ()
    asked: list[Any] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)

    def prepare(self, _ticket: Ticket, macro: MacroRef) -> Answer:
        text = self.texts.get(macro.key.removeprefix("answer/"))
        if text is None:
            raise Refused("the answer macro is switched off")
        missing = tuple(f"lookup.{name}" for name in ("status", "link") if f"[[lookup.{name}]]" in text)
        return Answer(macro=macro, text=text, missing=missing)

    def ask(self, lookup: Lookup, slots: Mapping[str, str], email: str) -> Found:
        self.asked.append((dict(slots), email))
        return Found(facts=self.facts, why="" if len(self.facts) == 2 else "the service answered 404")

    def search(self, words: str) -> tuple[Article, ...]:
        self.searched.append(words)
        return self.articles


def consider(desk: Desk, text: str, rules: Rules = SENDING, **changes: Any) -> tuple[Answer | None, Plan]:
    """What is prepared for a first message, and what is decided with it."""
    whole = ticket(subject="", messages=(message(text),), **changes)
    read = analysis.read(whole, History())
    answering = Answering(zendesk=desk, lookups=lambda: {Intent.ORDER_STATUS: LOOKUP}, services=desk, help_center=desk)
    answer = answering.answer(whole, read, History(), rules, DESK)
    case = answered(MACROS, ticket=whole, reading=read, answer=answer, rules=rules)
    return answer, policy.decide(policy.Case(**case))


def reply(plan: Plan) -> str:
    return next((action.text for action in plan.actions if isinstance(action, Reply)), "")


def note(plan: Plan) -> str:
    return next((action.text for action in plan.actions if isinstance(action, Note)), "")


BOTH = "Where is my order 40031? And how do I return the shoes from the last one?"


def test_two_routine_questions_get_one_reply_with_both_answers() -> None:
    """In the order in which they were asked, with one greeting and one disclosure."""
    text = reply(consider(Desk(), BOTH)[1])
    assert 0 < text.index("track") < text.index("returns")
    assert text.count("Hello Mary") == text.count("automatic") == 1
    assert "\n\nYou can start a return here" in text


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        (Rules(default_rung=Rung.SEND, rungs={Intent.RETURN_HOW_TO: Rung.DRAFT}), ""),
        (Rules(default_rung=Rung.SEND, rungs={Intent.ORDER_STATUS: Rung.TAG}), ""),
        (Rules(default_rung=Rung.SEND, rungs={Intent.ORDER_STATUS: Rung.SHARE}, share_percent=0), ""),
        (SENDING, "order_status"),
        (SENDING, "return_how_to"),
    ],
)
def test_one_answer_that_may_not_go_keeps_the_other_back(rules: Rules, gone: str) -> None:
    """An intent on a lower rung, or a macro that is gone: nothing is sent, and the reason is told."""
    desk = Desk()
    desk.texts.pop(gone, None)
    plan = consider(desk, BOTH, rules)[1]
    assert not reply(plan)
    assert plan.silence


@pytest.mark.parametrize("rung", [Rung.OBSERVE, Rung.TAG])
def test_what_may_not_be_drafted_is_in_no_draft(rung: Rung) -> None:
    """The ceiling of one question holds for its words also where another question's answer is drafted."""
    words = {Intent.ORDER_STATUS: "track", Intent.RETURN_HOW_TO: "start a return"}
    main = analysis.read(ticket(subject="", messages=(message(BOTH),)), History()).intent
    (other,) = words.keys() - {main}
    answer, plan = consider(Desk(), BOTH, Rules(default_rung=Rung.SEND, rungs={}, ceilings={other: rung}))
    assert answer is not None
    assert questions.SEVERAL in answer.unfit
    assert words[main] in note(plan)
    assert words[other] not in note(plan)


def test_a_question_for_a_person_beside_a_routine_one_is_not_passed_over() -> None:
    """A wish for the app keeps the return's answer back; an agent gets it as a draft with the reason in the plan."""
    text = "How do I return the lamp, and where do I see my refund? And a feature wish: could the app show the label?"
    _, plan = consider(Desk(), text)
    assert questions.SEVERAL in plan.silence
    assert not reply(plan)


def test_looked_up_facts_stand_in_the_reply() -> None:
    """The order number and the requester's own address are asked with; the facts fill their places."""
    desk = Desk(texts={"order_status": TRACKED}, facts={"status": "on its way", "link": "https://p.example/1"})
    _, plan = consider(desk, "Where is my order 40031?")
    assert reply(plan).endswith("your order is on its way: https://p.example/1")
    assert desk.asked == [({"requester_email": "mary@example.com", "order_number": "40031"}, "mary@example.com")]


@pytest.mark.parametrize(
    ("facts", "text", "said"),
    [
        ({"status": "on its way"}, "Where is my order 40031?", "lookup.link (the service answered 404)"),
        ({}, "Where is my order 40031?", "lookup.status (the service answered 404)"),
        ({}, "Where are my orders 40031 and 40032?", "several order numbers are named"),
    ],
)
def test_a_fact_that_is_missing_makes_a_draft_that_names_it(facts: Mapping[str, str], text: str, said: str) -> None:
    """Nothing is sent; the note holds the draft and what an agent has to fill in, with why."""
    desk = Desk(texts={"order_status": TRACKED}, facts=facts)
    _, plan = consider(desk, text)
    assert not reply(plan)
    assert said in note(plan), note(plan)
    assert any(said in reason for reason in plan.silence)


def test_without_a_look_up_the_draft_says_how_to_make_one() -> None:
    """A macro that asks for facts which nobody looks up is never sent."""
    whole = ticket(subject="", messages=(message("Where is my order 40031?"),))
    read = analysis.read(whole, History())
    answer = Answering(zendesk=Desk(texts={"order_status": TRACKED})).answer(whole, read, History(), SENDING, DESK)
    assert answer is not None
    assert answer.missing == tuple(
        f"lookup.{name} (no look-up for order_status: `flask lookups add`)" for name in ("status", "link")
    )


def test_nothing_is_asked_for_a_message_that_is_for_people() -> None:
    """A charged message sends no number to a shop, no words to a search, and renders no macro."""
    desk = Desk(texts={"order_status": TRACKED})
    answer, _ = consider(desk, "This is the THIRD time I ask where order 40031 is! I am furious!!!")
    assert (answer, desk.asked, desk.searched) == (None, [], [])


ASKED = "How can I change the filter on my vacuum?"


def test_an_article_that_fits_stands_below_the_answer() -> None:
    """Title and link, after the macro's own text."""
    text = reply(consider(Desk(articles=(FILTER,)), ASKED)[1])
    assert text.endswith("about your question:\nChanging the filter of your vacuum cleaner: https://help.example/1")
    assert text.index("guides are here") < text.index("Changing")


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"title": "Connecting to Wi-Fi"}, SENDING),
        ({"title": "Changing the filter of your vacuum!!! Utilize it!"}, SENDING),
        ({"locale": "de"}, SENDING),
        ({}, replace(SENDING, help_articles=0)),
    ],
)
def test_an_article_that_does_not_fit_leaves_the_answer_as_it_was(changes: dict[str, Any], rules: Rules) -> None:
    """Another matter, a title that shouts, another language, or switched off by the admin."""
    text = reply(consider(Desk(articles=(replace(FILTER, **changes),)), ASKED, rules)[1])
    assert text.endswith("our guides are here: https://shop.example/help")


def test_no_article_makes_an_answer_where_there_is_none() -> None:
    """Without a macro's own text nothing is said, however well an article fits."""
    desk = Desk(texts={}, articles=(FILTER,))
    answer, plan = consider(desk, ASKED)
    assert (answer, desk.searched, reply(plan)) == (None, [], "")


@pytest.mark.parametrize(
    "text",
    [
        "Hello Mary,\n\nwe are sorry. See https://shop.example. We apologise again.",
        "Hello Mary,\n\nyou forgot to look here: https://shop.example",
        "Hello Mary,\n\nsee https://shop.example\n\nDear customer,\n\nsee it.",
        "Hello Mary! Great! See https://shop.example!",
    ],
)
def test_a_reply_that_reads_badly_is_drafted(text: str) -> None:
    """Two apologies, blame, two greetings, shouting: an agent gets it as a draft, and the reason is told."""
    _, plan = consider(Desk(texts={"how_to": text}), ASKED)
    assert not reply(plan)
    assert note(plan)
    assert any(reason.startswith("the wording of the reply:") for reason in plan.silence)
