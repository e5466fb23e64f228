"""The silence contract: every reason for which no automated reply is sent, one small function per clause.

It must not know what is done instead; a clause answers in plain words why a bot stays silent, or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from zlib import crc32

from integration import content
from integration.model import (
    PROTECTIVE_SIGNALS,
    ROUTINE_INTENTS,
    Charge,
    Desk,
    Emotion,
    Field,
    History,
    Intent,
    Message,
    Reading,
    Rules,
    Rung,
    Sentiment,
    Signal,
    Ticket,
    Who,
)
from integration.policy import corrected, marks, reply, routing
from integration.policy.case import OVER, URGENT, Case, asks_for_person, done, doubts, machine_sign

# From this strength (0…1) sadness is met by a person even where the words are mild. Our choice: the middle.
SADNESS_FOR_A_PERSON = 0.5
_UNRENDERED = re.compile(r"\[\[|\{\{|\{%")
_END_OF_PARAGRAPH = re.compile(r"\n\s*\n|</p>", re.IGNORECASE)
# Longer names (characters) are advertising more often than names; our choice.
LONGEST_NAME = 60
# Mail programs make links of these. Initials (“J.R. Smith”) have one letter after a full stop.
_LIKE_AN_ADDRESS = re.compile(r"[/:]|\.[^\W\d_]{2}")


def may_answer(ticket: Ticket, reading: Reading, history: History, *, floor: float | None = None) -> tuple[str, ...]:
    """The reasons why a bot must not answer this message, whatever the channel and the rules; empty when it may.

    `floor` is how sure (0…1) it must be that an answer harms nobody, by default that of `Rules`.
    """
    least = Rules().confidence_floor if floor is None else floor
    reasons = [reason for clause in _ABOUT_THE_MESSAGE if (reason := clause(ticket, reading, history))]
    return (*reasons, *doubts(reading, least))


def silence(case: Case) -> tuple[str, ...]:
    """Every reason why no automated reply is sent now; empty exactly when one may go out."""
    return (
        *may_answer(case.ticket, case.reading, case.history, floor=case.rules.confidence_floor),
        *_reasons(_ABOUT_THE_TICKET, case),
        *_reasons(_ABOUT_SENDING, case),
    )


def answer_key(ticket: Ticket, reading: Reading, history: History, rules: Rules) -> str | None:
    """The content key of the answer macro worth rendering, such as "answer/order_status".

    None where neither a reply nor a draft is thinkable: what a person must answer needs no canned text.
    """
    case = Case(
        ticket=ticket,
        reading=reading,
        history=history,
        answer=None,
        desk=Desk(self_id=0),
        rules=rules,
        now=ticket.created_at,  # no clause about the ticket looks at the time
        replies_last_hour=0,
    )
    if done(ticket) or not draftable(case):
        return None
    return f"answer/{reading.intent}"


def draftable(case: Case) -> bool:
    """Whether an answer may at least be drafted for a person to send."""
    if case.rules.rung(case.reading.intent) in (Rung.OBSERVE, Rung.TAG):
        return False
    unfit = may_answer(case.ticket, case.reading, case.history, floor=case.rules.confidence_floor)
    return not unfit and not _reasons(_ABOUT_THE_TICKET, case)


# --- about the message: the same on every channel, rung and desk -----------------------------------------------------


def _unreadable(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return None if reading.readable else f"the message could not be read: {reading.why_unreadable or 'no reason given'}"


def _machine(ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return machine_sign(ticket, reading) or None


def _charged(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return "the feeling is charged" if reading.charge is Charge.CHARGED else None


def _very_negative(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return "the customer feels very bad" if reading.sentiment is Sentiment.VERY_NEGATIVE else None


def _sad(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return "the customer is sad" if reading.emotions.get(Emotion.SADNESS, 0.0) >= SADNESS_FOR_A_PERSON else None


def _urgent(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return f"waiting does harm: urgency {reading.urgency}" if reading.urgency in URGENT else None


def _protected(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    found = sorted((reading.signals & PROTECTIVE_SIGNALS) - {Signal.MACHINE})
    words = content.phrases()["protect"]
    return "a person must see this: " + ", ".join(words[signal] for signal in found) if found else None


def _not_routine(_ticket: Ticket, reading: Reading, _history: History) -> str | None:
    return None if reading.intent in ROUTINE_INTENTS else f"not a routine request: {reading.intent.replace('_', ' ')}"


def _asked_before(ticket: Ticket, reading: Reading, _history: History) -> str | None:
    """The same ask was answered wrongly before; a mere count of earlier tickets says nothing about this one."""
    if reading.intent is Intent.THANKS:
        return None
    if Signal.BROKEN_PROMISE in reading.signals:
        return "a promise was not kept"
    if any(e.signal is Signal.REPEAT_CONTACT and e.quote for e in reading.evidence):
        return "it was asked before and the answer did not help"
    bots = [" ".join(_answer_in(m).split()).casefold() for m in ticket.messages if m.who is Who.BOT and m.public]
    return "a bot has given the same answer twice" if len(set(bots)) < len(bots) else None


_ABOUT_THE_MESSAGE: tuple[Callable[[Ticket, Reading, History], str | None], ...] = (
    _unreadable,
    _machine,
    _charged,
    _very_negative,
    _sad,
    _urgent,
    _protected,
    _not_routine,
    _asked_before,
)


# --- about the ticket: keeps even a draft away -----------------------------------------------------------------------


def _no_message(case: Case) -> str | None:
    return "no customer message" if case.ticket.newest is None else None


def _already_done(case: Case) -> str | None:
    return "already done" if done(case.ticket) else None


def _over(case: Case) -> str | None:
    return f"the ticket is {case.ticket.status}" if case.ticket.status in OVER else None


def _skipped(case: Case) -> str | None:
    return f"the ticket has the tag {case.rules.skip_tag}" if case.rules.skip_tag in case.ticket.tags else None


def _nothing_to_answer(case: Case) -> str | None:
    return "a thank-you needs no answer" if case.reading.intent is Intent.THANKS else None


def _wants_person(case: Case) -> str | None:
    return "the customer asks for a person" if asks_for_person(case.ticket, case.reading, case.rules) else None


def _guarded(case: Case) -> str | None:
    return next((reason for tag, reason in marks.GUARDING.items() if tag in case.ticket.tags), None)


def _undone(case: Case) -> str | None:
    """An undo takes our guarding tags away with the rest; what they guarded must not become answerable by it."""
    return "what Attune did on this ticket was undone: it stays with people" if case.undone else None


def _corrected(case: Case) -> str | None:
    return corrected.SILENT if corrected.for_people(case.history.corrections) else None


def _heated_before(case: Case) -> str | None:
    charged = marks.earlier_charge(case.ticket) is Charge.CHARGED
    urgent = marks.earlier_urgency(case.ticket) in URGENT
    return "an earlier message of this ticket was charged or urgent" if charged or urgent else None


def _heated_unread(case: Case) -> str | None:
    """What nobody has attended to counts as well, also where the customer wrote once more and calmly."""
    grave = any(
        one.charge is Charge.CHARGED or one.urgency in URGENT or one.signals & PROTECTIVE_SIGNALS - {Signal.MACHINE}
        for one in case.earlier
    )
    return "an earlier message that nobody has answered needs a person" if grave else None


def _person_wrote(case: Case) -> str | None:
    """A note counts as well: whoever wrote one has the ticket in hand."""
    return "a team member has written" if any(m.who is Who.AGENT and not m.ours for m in case.ticket.messages) else None


def _language(case: Case) -> str | None:
    language = case.reading.language
    if language not in case.rules.reply_languages:
        return f"no replies in this language: {language}"
    return None if language in content.phrases()["reply"] else f"no wording for replies in this language: {language}"


_ABOUT_THE_TICKET: tuple[Callable[[Case], str | None], ...] = (
    _no_message,
    _already_done,
    _over,
    _skipped,
    _nothing_to_answer,
    _wants_person,
    _guarded,
    _undone,
    _corrected,
    _heated_before,
    _heated_unread,
    _person_wrote,
    _language,
)


# --- about sending: a draft is still possible ------------------------------------------------------------------------


def _switched_off(case: Case) -> str | None:
    return None if case.rules.sending else "sending is switched off"


def _rung(case: Case) -> str | None:
    rung = case.rules.rung(case.reading.intent)
    if rung is Rung.SEND or (rung is Rung.SHARE and _in_share(case.ticket.id, case.rules.share_percent)):
        return None
    return f"the rung of {case.reading.intent} is {rung}"


def _channel(case: Case) -> str | None:
    if case.ticket.from_messaging:
        return "an active messaging conversation cannot be answered here"
    return None if case.ticket.channel in case.rules.reply_channels else f"no replies on channel {case.ticket.channel}"


def _assigned(case: Case) -> str | None:
    return "a person is assigned" if case.ticket.assignee_id not in (None, case.desk.self_id) else None


def _high_value(case: Case) -> str | None:
    """A high-value customer who is not calm meets a person; where it could not be read who they are, too."""
    reading, whose = case.reading, case.ticket.requester.organization_id
    if reading.charge is Charge.CALM and reading.urgency not in URGENT:
        return None
    if routing.vip(case):
        return "a high-value customer who is not calm"
    unread = bool(case.rules.vip_tags or case.rules.vip_fields) and whose is not None and not case.team.organization
    return "whether this is a high-value customer could not be read" if unread else None


def _answered_meanwhile(case: Case) -> str | None:
    return "the message was answered meanwhile" if any(m.public for m in case.since) else None


def _same_again(case: Case) -> str | None:
    again = case.replies and marks.intent_tag(case.reading.intent) in case.ticket.tags
    return "the same question came back after our answer" if again else None


def _replies_on_ticket(case: Case) -> str | None:
    count = len(case.replies)
    return f"{count} automated replies on this ticket already" if count >= case.rules.replies_per_ticket else None


def _replies_this_hour(case: Case) -> str | None:
    spent = case.replies_last_hour >= case.rules.replies_per_hour
    return f"{case.replies_last_hour} automated replies in the last hour" if spent else None


def _copied_people(case: Case) -> str | None:
    return "other people are in copy" if case.ticket.has_ccs else None


def _suspended(case: Case) -> str | None:
    return "the requester is suspended or deleted" if case.ticket.requester.suspended else None


def _shared(case: Case) -> str | None:
    return "the ticket is shared, merged, a follow-up or a side conversation" if case.ticket.shared else None


def _old(case: Case) -> str | None:
    newest, hours = case.ticket.newest, case.rules.oldest_answered_hours
    if newest is None or case.now - newest.at <= timedelta(hours=hours):
        return None
    return f"the message is older than {hours} hours"


def _name_like_an_address(case: Case) -> str | None:
    """An answer greets by name: a forged sender could have us carry an advertisement to a stranger."""
    name = case.ticket.requester.name
    odd = len(name) > LONGEST_NAME or _LIKE_AN_ADDRESS.search(name)
    return "the requester's name looks like an address" if odd else None


def _no_answer(case: Case) -> str | None:
    if case.answer is None:  # none was asked for where another clause holds already
        return "there is no answer macro for it" if draftable(case) else None
    if not case.answer.text.strip():
        return "the answer macro is empty"
    return None if case.answer.macro.key == f"answer/{case.reading.intent}" else "the answer is for another question"


def _facts_missing(case: Case) -> str | None:
    if case.answer is None:
        return None
    if case.answer.missing:
        return "facts are missing: " + ", ".join(case.answer.missing)
    return "a placeholder of the answer was not filled" if _UNRENDERED.search(case.answer.text) else None


def _unfit(case: Case) -> str | None:
    return "; ".join(case.answer.unfit) or None if case.answer else None


def _other_rungs(case: Case) -> str | None:
    """Where several things are asked, each must be one that is answered without a person."""
    for macro in case.answer.others if case.answer else ():
        intent = macro.key.removeprefix("answer/")
        rung = case.rules.rung(Intent(intent)) if intent in ROUTINE_INTENTS else Rung.OBSERVE
        if rung is not Rung.SEND and not (rung is Rung.SHARE and _in_share(case.ticket.id, case.rules.share_percent)):
            return f"the rung of {intent} is {rung}"
    return None


def _wording(case: Case) -> str | None:
    """The whole reply is read once more as the customer would: one greeting, one apology, plain words."""
    if case.answer is None or case.answer.missing or not case.answer.text.strip():
        return None
    faults = reply.faults(case.answer, case.reading.language, case.rules)
    return f"the wording of the reply: {faults[0]}" if faults else None


def _no_marker(case: Case) -> str | None:
    known = Field.MARKER in case.desk.fields
    return None if known else "the marker field is not installed, so a second reply could not be prevented"


_ABOUT_SENDING: tuple[Callable[[Case], str | None], ...] = (
    _switched_off,
    _rung,
    _channel,
    _assigned,
    _high_value,
    _answered_meanwhile,
    _same_again,
    _replies_on_ticket,
    _replies_this_hour,
    _copied_people,
    _suspended,
    _shared,
    _old,
    _name_like_an_address,
    _no_answer,
    _facts_missing,
    _unfit,
    _other_rungs,
    _wording,
    _no_marker,
)


# --- helpers ---------------------------------------------------------------------------------------------------------


def _reasons(clauses: tuple[Callable[[Case], str | None], ...], case: Case) -> tuple[str, ...]:
    return tuple(reason for clause in clauses if (reason := clause(case)))


def _answer_in(message: Message) -> str:
    """The answer in a bot's message: ours begin with a paragraph whose link and times differ from one to the next."""
    return _END_OF_PARAGRAPH.split(message.text, maxsplit=1)[-1] if message.ours else message.text


def _in_share(ticket_id: int, percent: int) -> bool:
    """Whether a ticket is in the share that may be answered: the same at every look, spread evenly over tickets."""
    return crc32(str(ticket_id).encode()) % 100 < percent
