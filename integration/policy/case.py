"""What every decision looks at: the case, and the plain questions about it that more than one rule asks.

It must not decide anything: a question in, yes, no or a reason out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from integration import content
from integration.model import (
    GRAVE_SIGNALS,
    PROTECTIVE_SIGNALS,
    Answer,
    Charge,
    Desk,
    Field,
    History,
    Intent,
    Message,
    Reading,
    Rules,
    Signal,
    Status,
    Team,
    Ticket,
    Urgency,
    Who,
)
from integration.policy import marks

MACHINE_INTENTS = frozenset({Intent.AUTO_REPLY, Intent.SPAM})
URGENT = frozenset({Urgency.HIGH, Urgency.CRITICAL})
OVER = frozenset({Status.SOLVED, Status.CLOSED, Status.DELETED})
# Requests where a wrong answer costs the customer more than a minute: by how much (0…1) the floor rises for them.
COSTLIER = {
    Intent.ACCOUNT_UPDATE: 0.1,
    Intent.PASSWORD_RESET: 0.1,
    Intent.CANCEL_HOW_TO: 0.1,
    Intent.DELIVERY_CHANGE: 0.05,
    Intent.REFUND_STATUS: 0.05,
    Intent.BILLING_QUESTION: 0.05,
}
# Confidence of the intent from which its answer fits: the runner-up is mostly its neighbour, so less than half will do.
FITTING = 0.4
# The judgements that an agent is asked to check, and the confidence under which they are.
CHECKED, CHECKED_BELOW = ("intent", "charge", "urgency"), 0.4
# How sure (0…1) a label must be to be said without “perhaps”: the field's own wish is silence below a floor.
SURE_FROM = 0.65
GUESSED = "Perhaps"  # how the reason of a sign begins that was guessed and not found
# Of the messages that nobody attended to, so many are read beside the newest; our choice: a second of work at most.
MOST_UNREAD = 20
# A message of at most this many words asks for a person where it holds a word for one; our choice.
SHORT_MESSAGE_WORDS = 6
# Lines looked at one by one, since a greeting may stand above the word and a signature below it; our choice.
FIRST_LINES = 3
# Chinese, Japanese, Korean: two characters count as one word, about the length of their words.
CHARACTERS_PER_WORD = 2
# Vowel signs of Indic scripts and of Thai are no word characters to Python, and must not cut a word.
_WORD = re.compile("[\\w\u0900-\u0dff\u0e00-\u0e7f]+")
_DOT_ABOVE = "\u0307"  # what lower case leaves of the Turkish capital İ
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


_NO_REPLY_SENDER = re.compile(
    r"^(?:no|do[-_.]?not|never)[-_.]?reply|^(?:mailer-daemon|postmaster|bounces?|auto[-_.]?reply)(?:[-_.+@]|$)",
    re.IGNORECASE,
)


_NOBODY_ASKED = Team()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that a clause may look at."""

    ticket: Ticket
    reading: Reading
    history: History
    answer: Answer | None
    desk: Desk
    rules: Rules
    now: datetime
    replies_last_hour: int
    only_thanks: bool = False  # the newest message is thanks and nothing else, and all that reopened a solved ticket
    team: Team = _NOBODY_ASKED
    link: str = ""  # leads the customer to a person; empty where there is none
    undone: bool = False  # people undid what we wrote on this ticket before
    earlier: tuple[Reading, ...] = ()  # of the customer's messages before the newest that nobody attended to

    @property
    def replies(self) -> tuple[Message, ...]:
        """Our own public replies so far."""
        return tuple(m for m in self.ticket.messages if m.ours and m.public)

    @property
    def since(self) -> tuple[Message, ...]:
        """What was written after the customer's newest message."""
        newest = self.ticket.newest
        return self.ticket.after(newest) if newest else ()


def done(ticket: Ticket) -> bool:
    """Whether the newest customer message was attended to: our marker names it or a later one, or we wrote after it."""
    newest = ticket.newest
    if newest is None:
        return False
    since = ticket.after(newest)
    marker = ticket.fields.get(Field.MARKER)
    return any(m.ours for m in since) or marker in {str(newest.id), *(str(m.id) for m in since)}


def attended(ticket: Ticket, message_id: int) -> bool:
    """Whether our write for this message is seen: our marker names it, or we wrote before the customer's next one."""
    if ticket.fields.get(Field.MARKER) == str(message_id):
        return True
    for message in ticket.messages:
        if message.id > message_id and (message.ours or message.who is Who.CUSTOMER):
            return message.ours
    return False


def unread(ticket: Ticket) -> tuple[Ticket, ...]:
    """The ticket as it stood at each customer message before the newest that nobody has attended to, newest first.

    Somebody furious may write once more, calmly, before we look: the second message must not hide the first.
    """
    newest = ticket.newest
    if newest is None:
        return ()
    marker = ticket.fields.get(Field.MARKER)
    found: list[Ticket] = []
    for message in reversed(ticket.before(newest)):
        if message.ours or message.who is Who.AGENT or str(message.id) == marker or len(found) == MOST_UNREAD:
            break
        if message.who is Who.CUSTOMER and message.public:
            found.append(replace(ticket, messages=(*ticket.before(message), message)))
    return tuple(found)


def doubts(reading: Reading, floor: float) -> tuple[str, ...]:
    """What a reply would rest on and is not sure enough; a judgement without a confidence is not known at all.

    `floor` is how sure (0…1) it must be that an answer in set words harms nobody; it rises with what an error costs.
    """
    needed = {"harmless": min(1.0, floor + COSTLIER.get(reading.intent, 0.0)), "intent": min(floor, FITTING)}
    words = {"harmless": "that an automatic answer would do no harm", "intent": "what is asked for"}
    low = [words[what] for what, least in needed.items() if not reading.confidence.get(what, 0.0) >= least]
    return (f"not sure enough {' or '.join(low)}",) if low else ()


def unsure(reading: Reading) -> bool:
    """Whether a person should check the reading."""
    sure = all(reading.confidence.get(what, 0.0) >= CHECKED_BELOW for what in CHECKED)
    return not (reading.readable and sure)


def machine_sign(ticket: Ticket, reading: Reading) -> str:
    """Why this looks like a machine's mail, or nothing."""
    if reading.intent in MACHINE_INTENTS or Signal.MACHINE in reading.signals:
        return "a machine wrote it, or it is spam"
    return "it comes from an address that nobody reads" if _NO_REPLY_SENDER.search(ticket.requester.email) else ""


def by_machine(ticket: Ticket, reading: Reading) -> bool:
    """Whether nobody may answer, since no person wrote this.

    A single machine signal does not silence a message that reads as a person in need: that error would cost more.
    """
    if reading.intent in MACHINE_INTENTS:
        return not reading.signals & GRAVE_SIGNALS
    person = reading.charge is Charge.CHARGED or reading.urgency in URGENT or protective(reading)
    return bool(machine_sign(ticket, reading)) and not person


def protective(reading: Reading) -> frozenset[Signal]:
    """The protective signals that stand for a person in need: all but the machine and the mere wish for a person."""
    return (reading.signals & PROTECTIVE_SIGNALS) - {Signal.MACHINE, Signal.WANTS_PERSON}


def asks_for_person(ticket: Ticket, reading: Reading, rules: Rules) -> bool:
    """Whether the customer asks for a person: as read, or with a word for one in a short message.

    The admin's word and the words of many languages count: alone always, among others once we have replied.
    """
    if Signal.WANTS_PERSON in reading.signals or reading.intent is Intent.WANTS_HUMAN:
        return True
    newest = ticket.newest
    if newest is None:
        return False
    admins = _words(rules.person_word)
    said = [_words(part) for part in _parts(_own_words(_without_subject(ticket.subject, reading.text) or newest.text))]
    if any(_is_the_word(words, admins) for words in said):
        return True
    after_a_reply = any(m.ours and m.public for m in ticket.before(newest))
    return after_a_reply and any(_turns_us_down(words, admins) for words in said)


def waits_for_person(ticket: Ticket) -> bool:
    """Whether the customer has asked for a person, also without a word to read, and no person has answered since."""
    newest = ticket.newest
    said = ticket.after(newest) if newest else ticket.messages
    return marks.WANTS_PERSON in ticket.tags and not any(m.who is Who.AGENT and m.public and not m.ours for m in said)


def perhaps_person(reading: Reading) -> bool:
    """Whether the wish for a person is at most a guess: enough to keep a bot away, too little to be said as a fact."""
    signs = [one for one in reading.evidence if one.signal is Signal.WANTS_PERSON]
    return (
        reading.intent is not Intent.WANTS_HUMAN
        and bool(signs)
        and all(one.reason.startswith(GUESSED) for one in signs)
    )


def own_message(ticket: Ticket, reading: Reading) -> str:
    """The cleaned newest message without the subject that stands before it."""
    return _without_subject(ticket.subject, reading.text)


def own_text(ticket: Ticket, reading: Reading) -> str:
    """The customer's newest words alone, without the subject and quoted mail."""
    newest = ticket.newest
    return _own_words(_without_subject(ticket.subject, reading.text) or newest.text) if newest else ""


def _without_subject(subject: str, text: str) -> str:
    """The cleaned message alone: the subject stands before it, apart by an empty line and without its “Re:”."""
    first, _, rest = text.partition("\n\n")
    title = " ".join(first.split())
    return rest if title and rest.strip() and " ".join(subject.split()).endswith(title) else text


def _own_words(text: str) -> str:
    """What the customer wrote above a quoted mail."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _parts(text: str) -> list[str]:
    """The whole message and each of its first lines."""
    return [text, *[line for line in text.splitlines() if line.strip()][:FIRST_LINES]]


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).casefold().replace(_DOT_ABOVE, "")
    return _WORD.findall(plain)


def _length(words: list[str]) -> int:
    """How many words these are; in a script without spaces a run of letters is more than one."""
    return sum(-(-len(word) // CHARACTERS_PER_WORD) if _UNSPACED.search(word) else 1 for word in words)


def _is_the_word(words: list[str], admins: list[str]) -> bool:
    if not words or words == admins:
        return bool(words)
    short = _length(words) <= CHARACTERS_PER_WORD or words[0] in content.phrases()["person"]["parts"]
    return len(words) == 1 and short and _names_a_person(words[0])


def _turns_us_down(words: list[str], admins: list[str]) -> bool:
    """What asks for a person once we have replied: a word for one or for us in few words, or that we were no help."""
    table = content.phrases()["person"]
    if _length(words) <= SHORT_MESSAGE_WORDS and (_holds(words, admins) or not set(words).isdisjoint(table["bots"])):
        return True
    said = f" {' '.join(words)} "
    return any(f" {' '.join(_words(phrase))} " in said for phrase in table["turned_down"])


def _holds(words: list[str], admins: list[str]) -> bool:
    spans = (words[place : place + len(admins)] for place in range(len(words)))
    return any(map(_names_a_person, words)) or (bool(admins) and admins in spans)


def _names_a_person(word: str) -> bool:
    table = content.phrases()["person"]
    return (
        word in table["words"] or word.startswith(tuple(table["stems"])) or any(part in word for part in table["parts"])
    )
