"""The internal note: short, true to what was said, and free of secrets."""

from __future__ import annotations

import time

import pytest

from integration.model import (
    Answer,
    Charge,
    Emotion,
    History,
    Intent,
    PastTicket,
    Sentiment,
    Signal,
    Status,
    Suggestion,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import WORDS, fitting, quoting, told
from integration.policy.masking import masked
from integration.policy.note import count, draft, full, short
from tests.policy.macros import MACROS
from tests.strategies import BEGAN, answered, message, reading, sign, ticket

DESK = answered(MACROS)["desk"]
TALK = (
    message("Refund of €119.70 for order 40031 was due on 3 November. Card 4111 1111 1111 1111, password is hunter2"),
    message("I've asked the bank, you will have it by Friday. Try to clear the cache.", id=1001, who=Who.AGENT),
    message("Third time I ask. My rent is due tomorrow.", id=1002),
)
ANGRY = reading(
    intent=Intent.REFUND_STATUS,
    charge=Charge.CHARGED,
    urgency=Urgency.HIGH,
    sentiment=Sentiment.VERY_NEGATIVE,
    emotions={Emotion.ANGER: 0.9},
    text=TALK[2].text,
    evidence=(
        sign(Signal.REPEAT_CONTACT, "Third time I ask", "asked before"),
        sign(Signal.MONEY_WORRY, "My rent is due tomorrow", "money to live on"),
        sign(Signal.DEADLINE, "due tomorrow", "a deadline tomorrow"),
    ),
)


def story(its: Ticket, history: History | None = None, person: bool = False) -> str:
    return full(its, ANGRY, history or History(), fitting(ANGRY, DESK), person=person)


@pytest.mark.parametrize(
    "said",
    [
        "Wants: to know where a refund is.",
        "In their words: “Third time I ask.",
        "anger (charged)",
        "anger",
        "Urgency: real harm within about a day.",
        "worry about money to live on",
        "order 40031",
        "amounts (€119.70)",
        "when (due tomorrow, 3 November)",
        "2 March, agent: “I've asked the bank, you will have it by Friday.”",
        "This is your second message since 2 March, now about your refund (order 40031).",
        "Empathy::Delay::Late again",
    ],
)
def test_the_note_tells_the_whole_story(said: str) -> None:
    """What they want, how they feel and why, what they told us, what was promised, how to begin, what fits."""
    assert said in story(ticket(messages=TALK))


def test_a_guessed_wish_for_a_person_is_told_as_a_guess() -> None:
    """Who wrote that nobody called may want a person; only who asks for one is said to ask."""
    guessed = reading(evidence=(sign(Signal.WANTS_PERSON, "Nobody called", "Perhaps: asks for a person"),))
    assert "Perhaps the customer wants a person." in full(ticket(), guessed, History(), (), person=True)
    assert "The customer asks for a person." in full(ticket(), reading(), History(), (), person=True)


def test_the_note_tells_the_history() -> None:
    """Earlier tickets, reopens and ratings stand there while there is room; of a ticket its number, not its words.

    Agents read a note who are not let into the group that the earlier ticket is in.
    """
    past = PastTicket(
        id=3, subject="Refund again", status=Status.SOLVED, created_at=BEGAN, sentiment=Sentiment.VERY_NEGATIVE
    )
    known = History(tickets_90d=4, reopens=1, bad_ratings=2, days_open=22, recent=(past,))
    note = full(ticket(), reading(charge=Charge.CHARGED), known, (), person=False)
    assert "History: 4 tickets in 90 days, 1 reopen, 2 bad ratings, #3 (solved, very negative)." in note
    assert "History" not in full(ticket(), reading(), History(tickets_90d=2, days_open=22), (), person=False)
    assert "Refund" not in note.partition("History:")[2]


def test_what_helps_least_goes_first_where_there_is_too_much_to_tell() -> None:
    """A story of more than 150 words loses the earlier tickets, and keeps need, feeling, care and promise."""
    wordy = "and then we talked about it for a long time with many words "
    promises = (
        message(f"I will call you by Friday {wordy}", id=900, who=Who.AGENT),
        message(f"You will get it within 3 days {wordy}", id=901, who=Who.AGENT),
        message(f"Try to restart it {wordy}. Please check the cable {wordy}", id=902, who=Who.AGENT),
    )
    past = tuple(
        PastTicket(id=n, subject=wordy, status=Status.SOLVED, created_at=BEGAN, sentiment=Sentiment.NEGATIVE)
        for n in range(3)
    )
    its = ticket(messages=(*promises, *TALK))
    note = story(its, History(tickets_90d=4, reopens=1, bad_ratings=2, days_open=22, recent=past), person=True)
    assert 100 < count(note) <= WORDS
    assert "History:" not in note
    assert all(
        part in note for part in ("Wants:", "Promised:", "Feels:", "Take care:", "asks for a person", "Start with:")
    )


def test_a_long_number_in_a_draft_is_hidden() -> None:
    """Whatever a macro was rendered with, a note shows no card number."""
    macro = next(m for m in MACROS if m.key == "answer/how_to")
    note = draft(Answer(macro=macro, text="Paid with 4111 1111 1111 1111."), ticket(), reading(), ())
    assert "Paid with ••••1111." in note


@pytest.mark.parametrize("secret", ["4111 1111 1111 1111", "4111", "hunter2"])
def test_the_note_holds_no_secret(secret: str) -> None:
    """Card numbers keep their last four digits, passwords nothing."""
    assert secret not in story(ticket(subject=TALK[0].text, messages=TALK)).replace("••••1111", "")


def test_two_hundred_long_messages_make_one_short_note_at_once() -> None:
    """The note stays within its words and is written at once: no pattern runs away."""
    long = ("I ordered no. 40031 for £5 on 3 May <b>and</b> you will call by Friday. " * 900, "9 " * 30_000)
    many = (message(long[n % 2], id=n, who=Who.AGENT if n % 3 else Who.CUSTOMER) for n in range(200))
    talk = (*many, message("and now?", id=500))
    began = time.perf_counter()
    note = story(ticket(messages=talk))
    assert count(note) <= WORDS
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    ("intent", "signal", "said"),
    [
        (Intent.COMPLAINT, Signal.SELF_HARM, "whether they are safe"),
        (Intent.SAFETY_OR_HEALTH, Signal.FEELING, "whether everybody is safe"),
        (Intent.BEREAVEMENT, Signal.BEREAVEMENT, "Ask for nothing today"),
        (Intent.FRAUD_OR_SECURITY, Signal.FRAUD, "what you have blocked"),
        (Intent.COMPLAINT, Signal.FEELING, "You wrote on 2 March about ‘My order’ (order 40031)."),
    ],
)
def test_the_opening_meets_the_gravest_need_first(intent: Intent, signal: Signal, said: str) -> None:
    """Safety goes before sorrow, sorrow before facts."""
    read = reading(intent=intent, charge=Charge.CHARGED, evidence=(sign(signal, "…"),))
    assert said in full(ticket(), read, History(), (), person=False)


def test_who_writes_of_a_death_is_not_asked_whether_all_are_safe() -> None:
    """Words such as “killed” speak of danger too; where nothing is critical, sorrow is what is answered."""
    signs = (sign(Signal.SAFETY, "killed"), sign(Signal.BEREAVEMENT, "killed"))
    read = reading(intent=Intent.BEREAVEMENT, charge=Charge.CHARGED, urgency=Urgency.HIGH, evidence=signs)
    assert "Ask for nothing today" in full(ticket(), read, History(), (), person=False)


def test_what_shows_a_feeling_is_quoted_by_sentence() -> None:
    """A quote begins where a sentence does, and is left out where the whole message stands above it."""
    long = (
        "I have waited for two weeks now. "
        + "It is a blue one with a lamp. " * 4
        + "The parcel is a disgrace, plainly."
    )
    read = reading(charge=Charge.CHARGED, evidence=(sign(Signal.FEELING, "lamp. The parcel is a disgrace"),))
    assert "Seen in “The parcel is a disgrace, plainly”." in full(
        ticket(messages=(message(long),)), read, History(), (), person=False
    )
    brief_one = ticket(messages=(message("The parcel is a disgrace"),))
    assert "Seen in" not in full(brief_one, read, History(), (), person=False)


def test_of_a_long_letter_the_note_quotes_what_it_asks_for() -> None:
    """The sentence that asks says what to do; how the letter begins stands there too while there is room."""
    long = "I have started this six times. " + "It is a plain box. " * 9 + "Please find the driver. I shall wait."
    its = ticket(messages=(message(long),))
    note = full(its, reading(charge=Charge.CHARGED), History(), (), person=False)
    assert "In their words: “I have started this six times." in note
    assert " … Please find the driver.”" in note
    assert quoting.own(long) == ("Please find the driver.", False)


def test_what_a_screen_said_stands_in_quotation_marks() -> None:
    """A message with commas in it reads as one fact, under a name of its own."""
    long = (
        "I have looked in every place I know. " * 5
        + 'It says "delivered, 11:42, safe place" since Monday. Where is it?'
    )
    note = full(ticket(subject="", messages=(message(long),)), reading(), History(), (), person=False)
    assert "since Monday), quoted (“delivered, 11:42, safe place”)." in note


def test_what_the_customers_words_show_is_not_said_twice() -> None:
    """A count or a name is read where it was said; a number, a sum or a day is looked for, and stands in its line."""
    its = ticket(subject="", messages=(message("Order 40031 for Beatrix, third time, since Monday"),))
    note = full(its, reading(), History(), (), person=False)
    assert "Do not ask again: Order 40031, when (since Monday).\n" in note
    assert note.count("Beatrix") == note.count("third time") == 1


def test_the_note_tells_how_it_began_and_what_was_answered_last() -> None:
    """“Still nothing” says little by itself: what it is about and what we said stand there, without courtesies."""
    talk = (
        message("Hello. The e-SIM of my mother's phone is not found"),
        message("Hi Ada! So sorry. It has to be the same network. Anything else?", id=1001, who=Who.AGENT),
        message("it is. still nothing", id=1002),
    )
    note = full(ticket(subject="", messages=talk), reading(), History(), (), person=False)
    assert "Began with: “The e-SIM of my mother's phone is not found”" in note
    assert "Last answer: 2 March, agent: “It has to be the same network.”" in note


def test_what_was_promised_is_not_told_again_as_the_last_answer() -> None:
    """One message of ours stands in the note once."""
    talk = (message(), message("You will have it by Friday.", id=1001, who=Who.AGENT), message("ok", id=1002))
    note = full(ticket(messages=talk), reading(), History(), (), person=False)
    assert "Promised: " in note
    assert "Last answer" not in note


def test_where_there_is_room_the_note_says_why_it_is_urgent() -> None:
    """The reason for a hurry stands there unless the note is long."""
    hurry = reading(urgency=Urgency.HIGH, evidence=(sign(Signal.DEADLINE, "due tomorrow", "a deadline tomorrow"),))
    assert "about a day (a deadline tomorrow)" in full(ticket(), hurry, History(), (), person=False)


def test_many_facts_of_one_kind_leave_room_for_the_others() -> None:
    """Where not all facts fit, each kind's first goes before any kind's second."""
    days = " ".join(f"{day} March," for day in range(1, 28))
    wordy = "and then we talked about it for a long time with many words and nothing else at all, as you know. "
    its = ticket(subject="", messages=(message(f"{days} for 612 guests of Mrs Hallam. " + wordy * 6),))
    note = story(its, person=True)
    assert all(fact in note for fact in ("1 March", "612 guests", "Mrs Hallam"))
    assert count(note) <= WORDS


def test_a_short_note_says_nothing_where_nothing_helps() -> None:
    """Calm and without a fitting macro: no words."""
    assert short(ticket(), reading(intent=Intent.OTHER), ()) == ""


def test_a_short_note_names_no_bot_where_none_wrote() -> None:
    """What holds for the whole story holds for three lines as well."""
    macro = next(m for m in MACROS if m.key == "empathy/person/bot-failed")
    offered = (Suggestion(macro=macro, because="a bot missed the point"),)
    its = ticket(messages=(message(), message("Dial 2.", id=1001, who=Who.BOT), message("no", id=1002)))
    assert "a bot missed the point" in short(its, reading(), offered)
    assert short(ticket(), reading(), offered) == ""


def test_a_draft_too_long_for_a_note_is_named_by_its_macro() -> None:
    """An admin's long answer is not cut in the middle: the macro holds it."""
    macro = next(m for m in MACROS if m.key == "answer/how_to")
    note = draft(Answer(macro=macro, text="step " * 400), ticket(), reading(), ())
    assert count(note) <= WORDS
    assert macro.title in note
    assert "step step" not in note


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("4111 1111 1111 1111", "••••1111"),
        ("card 4111-1111-1111-1111 ok", "card ••••1111 ok"),
        ("5500.0000.0000.0004", "••••0004"),
        ("378282246310005", "••••0005"),
        ("4111\u20131111\u20111111\u20121111", "••••1111"),
        ("4111 - 1111 \u2013 1111 - 1111", "••••1111"),
        ("4111\u20601111\ufeff1111\u200d1111", "••••1111"),
        ("4\u00ad1\u00ad1\u00ad1\u00ad 1111 1111 1111", "••••1111"),
        ("from 12.03.2026 \u2013 14.03.2026", "from 12.03.2026 \u2013 14.03.2026"),
        ("my pass\u00adword is hunter2", "my password is [hidden]"),
        ("invoice\u202egnp.exe\u202c ok", "invoicegnp.exe ok"),
        ("{{{ticket.requester.email}}}", "{ { {ticket.requester.email} } }"),
        ("{\u200b{ticket.id}}", "{ {ticket.id} }"),
        ("{{{% if %}", "{ { { % if %}"),
        ("call 020 7946 0991", "call 020 7946 0991"),
        ("order 40031 of 2026-11-03", "order 40031 of 2026-11-03"),
        ("my password is hunter2!", "my password is [hidden]"),
        ("password: Sommer 2024, thanks", "password: [hidden] thanks"),
        ("the password is still hunter2", "the password is still [hidden]"),
        ("pin 9931", "pin [hidden]"),
        ("CVV 123", "CVV [hidden]"),
        ("mein Passwort ist geheim1", "mein Passwort ist [hidden]"),
        ("GB29 NWBK 6016 1331 9268 19 is mine", "••••6819 is mine"),
        ("DE89 3704 0044 0532 0130 00", "••••3000"),
        ("my SSN is 078-05-1120", "my SSN is ••••1120"),
        ("DNI 12345678Z", "DNI ••••678Z"),
        ("VAT number DE 299 871 004", "VAT number DE 299 871 004"),
        ("a password reset please", "a password reset please"),
        ("{{ticket.requester.email}} {% if %}", "{ {ticket.requester.email} } { % if %}"),
        ("two\nlines", "two lines"),
    ],
)
def test_masking(text: str, left: str) -> None:
    """Long numbers, secrets and placeholders are hidden; ordinary numbers and words stay."""
    assert masked(text) == left


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("my order number is 40031 please", ["order number is 40031"]),
        ("Booking TRV-20761 on 4 Jan for £300", ["Booking TRV-20761", "£300", "4 Jan"]),
        ("#20331 cost 1904,00 €", ["#20331", "1904,00 €"]),
        ("iPhone 12 Pro since 2026-11-03", ["2026-11-03", "iPhone 12 Pro"]),
        ("order AB-1234, again AB-1234", ["order AB-1234"]),
        ("in order to sleep I count to 100", []),
        ("I accounted for everything in 3 ways", []),
        ("> order 999999\nthe new one please", []),
        ("<p>order&nbsp;77-0182</p>", ["order 77-0182"]),
    ],
)
def test_facts_are_found_and_never_invented(text: str, facts: list[str]) -> None:
    """Numbers of orders, amounts, dates and devices, in the customer's words; nothing from quoted mail."""
    assert [fact.text for fact in told.facts(ticket(subject="", messages=(message(text),)))] == facts


def test_facts_come_from_the_customer_and_promises_from_the_desk() -> None:
    """What an agent wrote is no fact of the customer's; what a customer wrote is no promise of ours."""
    talk = (message("I will pay by Friday"), message("Order 55555 will arrive", id=1001, who=Who.AGENT))
    its = ticket(subject="", messages=talk)
    assert [fact.text for fact in told.facts(its)] == ["by Friday"]
    assert told.promised(its) == ("2 March, agent: “Order 55555 will arrive”",)


def test_our_own_replies_are_no_promises() -> None:
    """A sentence of our automated reply is not held against the person who takes over."""
    talk = (message(), message("A colleague will answer within 4 hours", id=1001, who=Who.BOT, ours=True))
    assert told.promised(ticket(messages=talk)) == ()
