"""The silence contract, clause by clause: each one alone keeps a bot silent and says so in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from integration import policy
from integration.model import (
    PROTECTIVE_SIGNALS,
    Answer,
    Charge,
    Desk,
    Emotion,
    Field,
    History,
    Intent,
    MacroRef,
    Note,
    Requester,
    Rules,
    Rung,
    Sentiment,
    Signal,
    Status,
    Urgency,
    Who,
)
from tests.policy.macros import MACROS
from tests.strategies import BEGAN, ROUTINE, SELF_ID, answered, message, reading, sign, ticket

ORDER = next(m for m in MACROS if m.key == "answer/order_status")
SENDING: dict[str, Any] = {"default_rung": Rung.SEND, "rungs": {}}
OURS: dict[str, Any] = {"who": Who.BOT, "ours": True, "author_id": SELF_ID}


def reasons(**changes: Any) -> tuple[str, ...]:
    return policy.silence(policy.Case(**answered(MACROS, **changes)))


def test_a_calm_routine_question_with_a_complete_answer_may_be_answered() -> None:
    """Without any reason for silence there is none: the tables below change this one case."""
    assert reasons() == ()
    assert policy.may_answer(ticket(), reading(), History()) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"readable": False, "why_unreadable": "no words"}, "could not be read: no words"),
        ({"evidence": (sign(Signal.MACHINE, "out of office"),)}, "a machine wrote it"),
        ({"intent": Intent.AUTO_REPLY}, "a machine wrote it"),
        ({"intent": Intent.SPAM}, "a machine wrote it"),
        ({"charge": Charge.CHARGED}, "charged"),
        ({"sentiment": Sentiment.VERY_NEGATIVE}, "feels very bad"),
        ({"emotions": {Emotion.SADNESS: 0.7}}, "sad"),
        ({"urgency": Urgency.HIGH}, "urgency high"),
        ({"urgency": Urgency.CRITICAL}, "urgency critical"),
        ({"intent": Intent.COMPLAINT}, "not a routine request: complaint"),
        ({"evidence": (sign(Signal.BROKEN_PROMISE),)}, "a promise was not kept"),
        ({"evidence": (sign(Signal.REPEAT_CONTACT, "again"),)}, "asked before"),
        ({"confidence": {"intent": 0.9}}, "not sure enough that an automatic answer would do no harm"),
        ({"confidence": {"intent": 0.39, "harmless": 0.9}}, "not sure enough what is asked for"),
        (
            {"confidence": {"intent": 0.2, "harmless": 0.2}},
            "that an automatic answer would do no harm or what is asked for",
        ),
        ({"confidence": {"intent": 0.9, "harmless": float("nan")}}, "not sure enough"),
    ],
)
def test_what_was_read_keeps_a_bot_silent(changes: dict[str, Any], said: str) -> None:
    """Each clause about the message says why, on its own and within the whole contract."""
    alone = policy.may_answer(ticket(), reading(**changes), History())
    assert any(said in reason for reason in alone)
    assert set(alone) <= set(reasons(reading=reading(**changes)))


@pytest.mark.parametrize("signal", sorted(PROTECTIVE_SIGNALS))
def test_every_protective_signal_keeps_a_bot_silent(signal: Signal) -> None:
    """One protective signal is enough, however calm and sure the rest."""
    assert policy.may_answer(ticket(), reading(evidence=(sign(signal, "…"),)), History())


@pytest.mark.parametrize("intent", sorted(set(Intent) - set(ROUTINE)))
def test_no_bot_answers_what_is_not_routine(intent: Intent) -> None:
    """Every intent outside the fourteen routine ones is for people."""
    assert policy.may_answer(ticket(), reading(intent=intent), History())


@pytest.mark.parametrize("intent", ROUTINE)
def test_a_calm_routine_message_may_be_answered(intent: Intent) -> None:
    """The message clauses forbid no routine intent by itself, thanks included."""
    assert policy.may_answer(ticket(), reading(intent=intent), History()) == ()


def test_a_bot_that_repeats_itself_is_silenced() -> None:
    """Where a bot gave the same answer twice, a third one would make it worse."""
    same = [message("Dial ##002#.", id=n, who=Who.BOT, author_id=5) for n in (1001, 1002)]
    talk = (message(), *same, message("still no", id=1003))
    assert "a bot has given the same answer twice" in policy.may_answer(ticket(messages=talk), reading(), History())


def test_a_count_of_earlier_tickets_alone_silences_nobody() -> None:
    """A regular customer with a routine question may be answered; only a repeat of the same ask counts."""
    counted = reading(evidence=(sign(Signal.REPEAT_CONTACT, "", "five tickets in 90 days"),))
    assert policy.may_answer(ticket(), counted, History(tickets_90d=5)) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"messages": ()}, "no customer message"),
        ({"fields": {Field.MARKER: "1000"}}, "already done"),
        ({"status": Status.SOLVED}, "the ticket is solved"),
        ({"status": Status.CLOSED}, "the ticket is closed"),
        ({"status": Status.DELETED}, "the ticket is deleted"),
        ({"tags": frozenset({"attune_skip"})}, "attune_skip"),
        ({"tags": frozenset({"attune_protected"})}, "needs protection"),
        ({"tags": frozenset({"attune_senior"})}, "senior group"),
        ({"tags": frozenset({"attune_wants_person"})}, "asked for a person earlier"),
        ({"fields": {Field.CHARGE: "attune_charge_charged"}}, "charged or urgent"),
        ({"fields": {Field.URGENCY: "attune_urgency_critical"}}, "charged or urgent"),
        ({"messages": (message("hello", id=999, who=Who.AGENT), message())}, "a team member has written"),
        ({"messages": (message(), message("mine", id=1001, who=Who.AGENT, public=False))}, "a team member has written"),
        ({"messages": (message(), message("bot", id=1001, who=Who.BOT))}, "answered meanwhile"),
        ({"assignee_id": 12}, "a person is assigned"),
        ({"channel": "chat"}, "channel chat"),
        ({"channel": "native_messaging", "from_messaging": True}, "messaging"),
        ({"has_ccs": True}, "in copy"),
        ({"shared": True}, "is shared"),
        ({"requester": Requester(id=7, name="Win at https://spam.example")}, "looks like an address"),
        ({"requester": Requester(id=7, name="spam.example")}, "looks like an address"),
        ({"requester": Requester(id=7, name="t.me/spam")}, "looks like an address"),
        ({"requester": Requester(id=7, name="M" * 61)}, "looks like an address"),
        ({"requester": Requester(id=7, name="шоп.рф")}, "looks like an address"),
        ({"requester": Requester(id=7, suspended=True)}, "suspended"),
        ({"requester": Requester(id=7, email="no-reply@shop.example")}, "nobody reads"),
        ({"requester": Requester(id=7, email="MAILER-DAEMON@mx.example")}, "nobody reads"),
    ],
)
def test_how_the_ticket_stands_keeps_a_bot_silent(changes: dict[str, Any], said: str) -> None:
    """Each clause about the ticket and the channel says why."""
    assert any(said in reason for reason in reasons(ticket=ticket(**changes)))


@pytest.mark.parametrize("name", ["Mary", "J.R. O’Neil-Smith Jr.", "Dr. Ana María de la Cruz", "李小龍", "M" * 60, ""])
def test_an_ordinary_name_may_be_greeted(name: str) -> None:
    """Initials, titles, long names and other scripts are names."""
    assert reasons(ticket=ticket(requester=Requester(id=7, name=name, email="mary@example.com"))) == ()


def test_a_ticket_that_is_ours_may_be_answered() -> None:
    """A ticket assigned to our own user is held by no person."""
    assert reasons(ticket=ticket(assignee_id=SELF_ID)) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sending": False, **SENDING}, "switched off"),
        ({"default_rung": Rung.OBSERVE, "rungs": {}}, "rung of order_status is observe"),
        ({"default_rung": Rung.TAG, "rungs": {}}, "rung of order_status is tag"),
        ({}, "rung of order_status is draft"),
        ({"default_rung": Rung.SHARE, "rungs": {}, "share_percent": 0}, "rung of order_status is share"),
        ({**SENDING, "confidence_floor": 0.95}, "not sure enough"),
        ({**SENDING, "replies_per_ticket": 0}, "0 automated replies on this ticket"),
        ({**SENDING, "replies_per_hour": 0}, "in the last hour"),
        ({**SENDING, "reply_channels": frozenset({"web"})}, "channel email"),
        ({**SENDING, "reply_languages": frozenset()}, "language: en"),
        ({**SENDING, "oldest_answered_hours": 8}, "older than 8 hours"),
    ],
)
def test_what_the_admin_set_keeps_a_bot_silent(changes: dict[str, Any], said: str) -> None:
    """Each switch and number of the rules is obeyed, the defaults included."""
    assert any(said in reason for reason in reasons(rules=Rules(**changes)))


def test_a_language_without_wording_is_not_answered() -> None:
    """An admin may allow a language for which there are no fixed words: then nothing is sent."""
    allowed = Rules(**SENDING, reply_languages=frozenset({"de"}))
    assert "no wording for replies in this language: de" in reasons(rules=allowed, reading=reading(language="de"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no answer macro"),
        (Answer(macro=ORDER, text="  "), "empty"),
        (Answer(macro=ORDER, text="see", missing=("tracking_page",)), "facts are missing: tracking_page"),
        (Answer(macro=ORDER, text="see [[tracking_page]]"), "placeholder"),
        (Answer(macro=ORDER, text="Hello {{ticket.requester.first_name}}"), "placeholder"),
        (Answer(macro=MacroRef(key="answer/how_to", id=1, title="t"), text="see"), "another question"),
    ],
)
def test_an_incomplete_answer_is_not_sent(answer: Answer | None, said: str) -> None:
    """An answer whose facts are not all known, or which is for something else, stays here."""
    assert any(said in reason for reason in reasons(answer=answer))


def test_without_the_marker_field_nothing_is_sent() -> None:
    """A reply that could not be marked could be sent twice."""
    desk = Desk(self_id=SELF_ID, fields={Field.CHARGE: 1}, macros=MACROS)
    assert any("marker field" in reason for reason in reasons(desk=desk))


def test_thanks_need_no_answer() -> None:
    """A message that says thanks and nothing else gets no reply."""
    assert "a thank-you needs no answer" in reasons(reading=reading(intent=Intent.THANKS))


def test_the_same_question_after_our_answer_goes_to_people() -> None:
    """When our answer did not help, it is not given again."""
    talk = (message(), message("automatic", id=1001, **OURS), message("and where is it?", id=1002))
    asked = ticket(messages=talk, tags=frozenset({"attune_answered", "attune_intent_order_status"}))
    assert "the same question came back after our answer" in reasons(ticket=asked)


def test_only_so_many_replies_on_one_ticket() -> None:
    """After the set number of our own replies, people go on."""
    talk = (
        message(),
        message("automatic", id=1001, **OURS),
        message("another question", id=1002),
        message("automatic, second", id=1003, **OURS),
        message("and one more", id=1004),
    )
    assert any("2 automated replies" in reason for reason in reasons(ticket=ticket(messages=talk)))


@pytest.mark.parametrize(
    ("text", "before", "asks"),
    [
        ("person", False, True),
        ("Person!", False, True),
        ("a person please", True, True),
        ("> answer with the word person\nthanks, all clear", True, False),
        ("the person at the door took the parcel and left it with my neighbour", True, False),
        ("is it one person", False, False),
    ],
)
def test_the_word_that_we_named_reaches_a_person(text: str, before: bool, asks: bool) -> None:
    """The word from our own reply works in a short message, and does not misfire in an ordinary sentence."""
    reply = (message(id=998), message("automatic", id=999, **OURS)) if before else ()
    said = reasons(ticket=ticket(messages=(*reply, message(text))), reading=reading(text=text))
    assert ("the customer asks for a person" in said) is asks


REPLIED = (message(id=998), message("automatic", id=999, **OURS))


@pytest.mark.parametrize(
    "word",
    [
        *("Person", "human", "AGENT", "representative", "Mensch", "Mitarbeiter", "persona", "humano", "agente"),
        *("personne", "humain", "conseiller", "pessoa", "atendente", "persoon", "medewerker", "operatore", "människa"),
        *("człowiek", "człowiekiem", "человек", "оператора", "людина", "İnsan", "temsilci", "人工", "客服", "人工客服"),
        *("人間", "担当者", "사람", "상담원", "إنسان", "موظف", "mtu", "इंसान", "व्यक्ति", "เจ้าหน้าที่", "άνθρωπος", "ember"),
    ],
)
@pytest.mark.parametrize("own", ["", "Mensch", "a real person"])
def test_the_word_for_a_person_in_any_language_reaches_one(word: str, own: str) -> None:
    """Alone it always does, whatever subject, signature and admin's word are; among a few words, once we replied."""
    rules = Rules(**SENDING, person_word=own)
    for before, text in (((), f"{word}!\n\nMary Jones\nSent from my phone"), (REPLIED, f"ok, {word} 1 2 3")):
        asking = ticket(subject="Re: My order 40031", messages=(*before, message(text)))
        read = reading(text=f"My order 40031\n\n{text}")
        assert "the customer asks for a person" in reasons(rules=rules, ticket=asking, reading=read)


@pytest.mark.parametrize(
    ("own", "text", "asks"),
    [
        ("a real person", "A real person.", True),
        ("a real person", "please, a real person", True),
        ("maria", "let me have Maria", True),
        ("maria", "让我和人工客服谈一谈好吗", True),
        ("person", "Hello,\nperson please\nMary", True),
        ("person", "where is my order now", False),
        ("a real person", "a real problem", False),
        ("person", "我昨天买的东西到现在还没有人工发出来请帮我查一下是什么原因谢谢", False),
    ],
)
def test_the_admins_word_may_be_of_several_words(own: str, text: str, asks: bool) -> None:
    """After a reply of ours the whole phrase counts, a part of it does not, and neither does a long message."""
    asking = ticket(messages=(*REPLIED, message(text)))
    said = reasons(rules=Rules(**SENDING, person_word=own), ticket=asking, reading=reading(text=f"My order\n\n{text}"))
    assert ("the customer asks for a person" in said) is asks


def test_a_subject_is_no_wish_for_a_person() -> None:
    """The word in the subject alone, above a calm question, asks for nobody."""
    asking = ticket(subject="Person", messages=(*REPLIED, message("Where is my order 40031?")))
    assert reasons(ticket=asking, reading=reading(text="Person\n\nWhere is my order 40031?")) == ()


def test_a_share_is_a_share() -> None:
    """On the rung `share` about the set share of tickets is answered, and always the same ones."""
    rules = Rules(default_rung=Rung.SHARE, rungs={}, share_percent=20)
    sent = [n for n in range(1, 1001) if not reasons(rules=rules, ticket=ticket(id=n))]
    assert 150 < len(sent) < 250
    assert sent == [n for n in range(1, 1001) if not reasons(rules=rules, ticket=ticket(id=n))]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, "answer/order_status"),
        ({"rules": Rules()}, "answer/order_status"),
        ({"rules": Rules(default_rung=Rung.TAG, rungs={})}, None),
        ({"reading": reading(charge=Charge.CHARGED)}, None),
        ({"reading": reading(intent=Intent.THANKS)}, None),
        ({"reading": reading(language="de")}, None),
        ({"ticket": ticket(messages=())}, None),
        ({"ticket": ticket(fields={Field.MARKER: "1000"})}, None),
        ({"ticket": ticket(channel="chat")}, "answer/order_status"),
        ({"ticket": ticket(assignee_id=12)}, "answer/order_status"),
        ({"ticket": ticket(messages=(message(), message("hi", id=1001, who=Who.AGENT)))}, None),
    ],
)
def test_an_answer_is_rendered_only_where_a_reply_or_a_draft_is_thinkable(
    changes: dict[str, Any], key: str | None
) -> None:
    """A draft is worth an answer on any channel; what people must answer is not rendered at all."""
    case = {"ticket": ticket(), "reading": reading(), "rules": Rules(**SENDING), **changes}
    assert policy.answer_key(case["ticket"], case["reading"], History(), case["rules"]) == key


@pytest.mark.parametrize(
    ("changes", "is_done"),
    [
        ({}, False),
        ({"messages": ()}, False),
        ({"fields": {Field.MARKER: "1000"}}, True),
        ({"fields": {Field.MARKER: "999"}}, False),
        ({"fields": {Field.MARKER: None}}, False),
        ({"messages": (message(), message("note", id=1001, public=False, **OURS))}, True),
        ({"messages": (message("note", id=999, public=False, **OURS), message())}, False),
        ({"messages": (message(), message("hi", id=1001, who=Who.AGENT))}, False),
        ({"messages": (message(), message("hi", id=1001, who=Who.AGENT)), "fields": {Field.MARKER: "1001"}}, True),
    ],
)
def test_done_sees_what_was_attended_to(changes: dict[str, Any], is_done: bool) -> None:
    """The marker on the newest message or a later one, or our own comment after it, means done."""
    assert policy.done(ticket(**changes)) is is_done


def test_a_day_old_message_is_no_longer_answered() -> None:
    """Within a day a late look decides the same; after it the answer is for a person to send."""
    assert reasons(now=BEGAN + timedelta(hours=24)) == ()
    assert reasons(now=BEGAN + timedelta(hours=24, seconds=1)) == ("the message is older than 24 hours",)
    late = policy.decide(policy.Case(**answered(MACROS, now=BEGAN + timedelta(days=3))))
    assert any(isinstance(action, Note) and action.text.startswith("Draft answer") for action in late.actions)


def test_the_floor_rises_with_the_harm_of_an_error() -> None:
    """Sure enough to say when the shop opens is not sure enough to say how an account is closed."""
    confidence = {"intent": 0.9, "harmless": Rules().confidence_floor + 0.01}
    for intent in (Intent.OPENING_HOURS, Intent.HOW_TO):
        assert not policy.may_answer(ticket(), reading(intent=intent, confidence=confidence), History())
    for intent in (Intent.ACCOUNT_UPDATE, Intent.CANCEL_HOW_TO, Intent.REFUND_STATUS):
        (reason,) = policy.may_answer(ticket(), reading(intent=intent, confidence=confidence), History())
        assert "not sure enough" in reason
