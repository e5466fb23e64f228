"""What an agent is told about the wording of a draft: what is expected and nothing else, in its place, and quickly."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration import content
from integration.coaching import MOST, READ_CHARACTERS, advise
from integration.content import MacroText
from integration.model import (
    Advice,
    AdviceKind,
    Briefing,
    Charge,
    Emotion,
    History,
    Intent,
    Message,
    Mood,
    Sentiment,
    Ticket,
    Who,
)
from integration.policy.briefing import brief
from tests import strategies as make
from tests.strategies import BEGAN, message, reading, ticket

CASES = Path(__file__).parent / "cases" / "coaching.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
WRITERS = {"customer": Who.CUSTOMER, "agent": Who.AGENT}
NOTHING_KNOWN = Briefing(
    wants="",
    feels=Mood(charge=Charge.CALM, emotions=()),
    facts=(),
    tried=(),
    promises=(),
    earlier=(),
    do_not_ask=(),
    opening="",
    macros=(),
)
# Seconds that a draft of 100 KB may take; the app asks while somebody writes.
MOST_SECONDS = 1.0


def conversation(row: dict[str, Any]) -> Ticket:
    """The ticket of a row, its messages a day apart."""
    written = tuple(
        message(one["text"], id=1000 + place, who=WRITERS[one["who"]], at=BEGAN + timedelta(days=place))
        for place, one in enumerate(row["thread"])
    )
    return ticket(subject=row["subject"], messages=written)


def advised(draft: str, row: dict[str, Any], *, public: bool = True, with_theirs: bool = True) -> tuple[Advice, ...]:
    """The advice on a draft in the conversation of a row, whose briefing is the real one."""
    about = conversation(row)
    emotions = {Emotion(name): strength for name, strength in row["emotions"].items()}
    charge = Charge(row["charge"])
    upset = Sentiment.NEGATIVE if charge is Charge.CHARGED else Sentiment.NEUTRAL
    read = reading(charge=charge, emotions=emotions, intent=Intent(row["intent"]), sentiment=upset)
    theirs = tuple(one for one in about.messages if one.who is Who.CUSTOMER)
    return advise(
        draft,
        public=public,
        charge=charge,
        emotions=emotions,
        briefing=brief(about, read, History()),
        language=row["language"],
        agent_messages=tuple(one for one in about.messages if one.who is Who.AGENT),
        customer_messages=theirs if with_theirs else (),
    )


def alone(draft: str, *, charge: Charge = Charge.CALM, language: str = "en") -> tuple[Advice, ...]:
    """The advice on a draft of which nothing else is known."""
    return advise(
        draft,
        public=True,
        charge=charge,
        emotions={},
        briefing=NOTHING_KNOWN,
        language=language,
        agent_messages=(),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_draft_gets_what_is_expected_and_nothing_else(row: dict[str, Any]) -> None:
    """Good replies in many registers get no advice; the others exactly theirs, in order, on exactly these words."""
    found = [[one.kind.value, one.quote] for one in advised(row["draft"], row)]
    assert found == row["expect"]


def test_half_of_the_table_are_good_replies_and_every_kind_is_in_it() -> None:
    """At least sixty drafts, at least half of them good ones, and every kind at least twice."""
    kinds = [kind for row in ROWS for kind, _ in row["expect"]]
    good = sum(not row["expect"] for row in ROWS)
    assert len(ROWS) >= 60
    assert good >= len(ROWS) / 2
    assert all(kinds.count(kind.value) >= 2 for kind in AdviceKind)


@pytest.mark.parametrize("row", [row for row in ROWS if row["expect"]], ids=lambda row: row["id"])
def test_an_internal_note_gets_no_advice(row: dict[str, Any]) -> None:
    """What only colleagues read is nobody's business."""
    assert advised(row["draft"], row, public=False) == ()


@pytest.mark.parametrize("row", [row for row in ROWS if not row["expect"]], ids=lambda row: row["id"])
def test_a_good_reply_gets_no_advice_without_the_customers_messages_either(row: dict[str, Any]) -> None:
    """Where only the briefing is handed in, less is known and less is said; words of theirs may then look like ours."""
    assert [one for one in advised(row["draft"], row, with_theirs=False) if one.kind is not AdviceKind.JARGON] == []


@pytest.mark.parametrize("charge", Charge)
@pytest.mark.parametrize("text", content.macros(), ids=lambda text: text.key)
def test_no_shipped_text_is_criticised(text: MacroText, charge: Charge) -> None:
    """What we hand agents to send passes our own eye, with its slots open and filled."""
    filled = text.text
    for slot in text.slots:
        filled = filled.replace(f"[{slot}]", "12 November")
    assert alone(text.text, charge=charge, language=text.language) == ()
    assert alone(filled, charge=charge, language=text.language) == ()


def test_advice_says_what_was_given_and_when() -> None:
    """The agent need not look for it: the number and the day stand in the advice."""
    row = next(row for row in ROWS if row["id"] == "again-order")
    (one,) = advised(row["draft"], row)
    assert one.say == "They gave the order number on 2 March: order number is 40031-7."


def test_a_secret_is_never_repeated_in_advice() -> None:
    """Facts come masked from the briefing; nothing else of a customer's words is shown."""
    row = next(row for row in ROWS if row["id"] == "again-email")
    (one,) = advised(row["draft"], row)
    assert "m•••@example.com" in one.say
    assert "mary" not in one.say


def test_what_is_listed_as_known_is_enough() -> None:
    """Where only the list of what not to ask says that a thing is known, the advice says so without the thing."""
    briefing = Briefing(
        **{name: getattr(NOTHING_KNOWN, name) for name in Briefing.__dataclass_fields__ if name != "do_not_ask"},
        do_not_ask=("order number",),
    )
    (one,) = advise(
        "Could you send me your order number, please?",
        public=True,
        charge=Charge.CALM,
        emotions={},
        briefing=briefing,
        language="en",
        agent_messages=(),
    )
    assert (one.kind, one.say) == (AdviceKind.ASKS_AGAIN, "They gave the order number already.")


def test_an_agents_internal_apology_is_no_apology() -> None:
    """Only what the customer has read counts as said."""
    row = next(row for row in ROWS if row["id"] == "apology-thread")
    hidden = Message(id=5, who=Who.AGENT, text="I'm sorry, I forgot this one.", at=BEGAN, public=False)
    found = advise(
        row["draft"],
        public=True,
        charge=Charge.MILD,
        emotions={},
        briefing=NOTHING_KNOWN,
        language="en",
        agent_messages=(hidden,),
    )
    assert found == ()


_PIECES = st.sampled_from(
    [
        *(row["draft"] for row in ROWS if row["expect"]),
        *(
            "İSTANBUL ẞ ǅ ﬁ",
            "<p>",
            "</p>",
            "“",
            "”",
            '"',
            "> ",
            "\n-- \n",
            "{{ticket.id}}",
            "[date]",
            "&nbsp;",
            "😡",
            "\x00",
        ),
        *("e\u0301", "\u202e", "\ud800", "\r\n", "We'll get back to you", "sorry", "YOU MUST READ THIS NOW"),
    ]
)
_DRAFTS = st.one_of(st.text(max_size=300), st.lists(_PIECES | st.text(max_size=20), max_size=8).map("".join))


@settings(max_examples=150, deadline=None)
@given(
    draft=_DRAFTS,
    about=make.tickets,
    read=make.readings,
    language=st.sampled_from(["en", "de", "es", "fr", "pt", "und", "", "pt-BR", "zh", "…"]),
    theirs=st.booleans(),
)
def test_offsets_are_true_and_nothing_breaks(draft: str, about: Ticket, read: Any, language: str, theirs: bool) -> None:
    """Whatever is written: the quote stands where it is said to stand, once; few pieces, in order of weight, always."""
    given_in: dict[str, Any] = {
        "public": True,
        "charge": read.charge,
        "emotions": read.emotions,
        "briefing": brief(about, read, History()),
        "language": language,
        "agent_messages": tuple(one for one in about.messages if one.who is Who.AGENT),
        "customer_messages": tuple(one for one in about.messages if one.who is Who.CUSTOMER) if theirs else (),
    }
    found = advise(draft, **given_in)
    assert found == advise(draft, **given_in)
    assert len(found) <= MOST
    places = [set(range(one.start, one.end)) for one in found]
    for one in found:
        assert 0 <= one.start <= one.end <= len(draft)
        assert draft[one.start : one.end] == one.quote
        assert one.say
        assert (one.quote == "") is (one.kind is AdviceKind.NOT_ACKNOWLEDGED)
    assert sum(map(len, places)) == len(set().union(*places))
    weights = [list(AdviceKind).index(one.kind) for one in found]
    assert weights == sorted(weights)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "A",
            "AB ",
            "! ",
            "sorry ",
            "please ",
            "\n",
            "<p ",
            "“",
            "> x\n",
            "1",
            "[date",
            "could you send me your ",
        ),
        *("We understand your frustration. ", "will soon ", "we will be in touch ", "your order number ", "ß", "{{"),
    ],
)
def test_a_hundred_kilobytes_take_less_than_a_second(piece: str) -> None:
    """However a draft is built, the time stays bounded."""
    draft = (piece * (100_000 // len(piece) + 1))[:100_000]
    row = {"subject": "", "thread": [{"who": "customer", "text": draft}], "emotions": {}, "charge": "charged"}
    about = conversation(row)
    briefing = brief(about, reading(), History())
    began = time.process_time()
    advise(
        draft,
        public=True,
        charge=Charge.CHARGED,
        emotions={Emotion.SADNESS: 1.0},
        briefing=briefing,
        language="pt",
        agent_messages=about.messages,
        customer_messages=about.messages,
    )
    assert time.process_time() - began < MOST_SECONDS


def test_only_the_beginning_of_an_endless_draft_is_read() -> None:
    """What stands after the bound is not looked at."""
    blame = "You should have checked the size table. "
    filler = "The coat is on its way. " * (READ_CHARACTERS // 20)
    assert [one.kind for one in alone(blame + filler)] == [AdviceKind.BLAME]
    assert alone(filler + blame) == ()
