"""Reads a ticket: cleans the newest message, lets every reader look at it, and has the findings weighed.

It must not know what is done with a reading, and it holds no word list: the tables in `lists` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile

from integration.analysis import contact, cues, language, learned, loudness, machine, scoring, tables, words
from integration.analysis.clean import LONGEST_TEXT, Cleaned, clean
from integration.analysis.finding import Finding
from integration.analysis.language import Language
from integration.analysis.learned import Conversation
from integration.analysis.phrases import Word
from integration.analysis.phrases import words as split
from integration.model import (
    Charge,
    Evidence,
    History,
    Intent,
    Message,
    Reading,
    Requester,
    Sentiment,
    Signal,
    Status,
    Ticket,
    Urgency,
    Who,
)

# Earlier messages of the customer that are looked at: more than ten on one ticket is a person's case anyway.
_EARLIER = 10
# Characters of an earlier message that are looked at.
_EARLIER_LENGTH = 2_000
# Reasons that a reading carries at most, the weightiest first: what an agent can take in.
_MOST_EVIDENCE = 30
# Share of characters that are letters, digits or spaces in what people write; code and encoded files have less.
_WORDLIKE = 0.5
# Characters: no word in our corpus is longer; encoded files are one endless word.
_LONGEST_WORD = 80


def read(ticket: Ticket, history: History) -> Reading:
    """How the newest message of the customer reads, in the light of the conversation and the history.

    Never raises, whatever the text. The offsets of the evidence point into `Reading.text`: the subject, an empty
    line and the cleaned newest message.
    """
    newest = ticket.newest
    if newest is None:
        return _unreadable(Cleaned(text=""), "there is no public message of the customer", ())
    cleaned = clean(ticket.subject, newest.text)
    look = _Look(ticket, newest, cleaned, history)
    if why := _why_unreadable(cleaned, look):
        return _unreadable(cleaned, why, look.findings, look.language)
    judged = learned.judge(look.conversation)
    scores = scoring.score(judged, look.findings, look.word_polarity, look.language.code, look.language.confidence)
    return Reading(
        sentiment=scores.sentiment,
        polarity=scores.polarity,
        charge=scores.charge,
        charge_score=scores.charge_score,
        emotions=scores.emotions,
        urgency=scores.urgency,
        intent=scores.intent,
        language=look.language.code,
        confidence=scores.confidence,
        evidence=_evidence([*look.findings, *look.words_for(scores.intent)], cleaned.text),
        text=cleaned.text,
    )


def load() -> None:
    """Fetch every table and word list now, so that the first ticket does not wait a second for them."""
    then = datetime(1970, 1, 1, tzinfo=UTC)
    words = Message(id=1, who=Who.CUSTOMER, text="Where is my order?", at=then, public=True)
    ticket = Ticket(
        id=1,
        subject="",
        requester=Requester(id=1),
        channel="email",
        status=Status.NEW,
        priority=None,
        tags=frozenset(),
        group_id=None,
        assignee_id=None,
        messages=(words,),
        stamp="",
        created_at=then,
    )
    read(ticket, History())


def conversation(ticket: Ticket) -> Conversation:
    """What is weighed of `ticket`, whose newest customer message is its last to be read."""
    newest = ticket.newest
    if newest is None:
        return Conversation(newest=(), earlier=(), answer=(), turns=0)
    before = ticket.before(newest)
    answer = contact.answered(before)
    return Conversation(
        newest=split(clean(ticket.subject, newest.text).text),
        earlier=[split(clean("", m.text[:_EARLIER_LENGTH]).text) for m in _own(before)],
        answer=split(clean("", answer.text[:_EARLIER_LENGTH]).text) if answer else (),
        turns=contact.customer_turns(before),
    )


class _Look:
    """What every reader saw in one message."""

    def __init__(self, ticket: Ticket, newest: Message, cleaned: Cleaned, history: History) -> None:
        self.conversation = conversation(ticket)
        self.words = self.conversation.newest
        text, before = cleaned.text, ticket.before(newest)
        self.language = self._language(text)
        self.word_polarity, by_words = self._by_words(text)
        found = [
            *machine.find(ticket.subject, text, ticket.requester.email),
            *cues.find(self.words, self.language.code),
            *_below_signature(newest.text, self.language.code),
            *loudness.hear(text, self.words),
            *cues.earlier(self.conversation.earlier, self.language.code),
        ]
        settled = _settled(self.words, found)
        same = contact.same_matter(self.words, self.conversation.earlier)
        self.findings = [*found, *contact.look_back(before, history, settled=settled, same=same), *by_words]

    def words_for(self, intent: Intent) -> list[Finding]:
        """The words that speak most for the chosen request."""
        telling = learned.telling(self.conversation, intent)
        if telling is None:
            return []
        first, last, weight = telling
        reason = f"Speaks for the request: {intent.replace('_', ' ')}"
        strength = min(1.0, weight / _STRONG_WORD)
        return [Finding(signal=Signal.INTENT, weight=strength, reason=reason, start=first.start, end=last.end)]

    def _language(self, text: str) -> Language:
        """The language of the newest words; a fragment is read together with what the customer wrote before."""
        found = language.detect(text, self.words)
        if found.confidence < _DOUBTFUL and self.conversation.earlier and len(self.words) <= _FRAGMENT:
            whole = [*self.words, *(word for words in self.conversation.earlier for word in words)]
            together = language.detect("", whole)
            return max(found, together, key=lambda seen: seen.confidence)
        return found

    def _by_words(self, text: str) -> tuple[float, list[Finding]]:
        return words.feelings(text, self.words) if self.language.code == tables.ENGLISH else (0.0, [])


# What is listened for below a signature line; a company's footer speaks of law and fraud, but not of these.
_HEARD_BELOW = frozenset(
    {Signal.SELF_HARM, Signal.BEREAVEMENT, Signal.SAFETY, Signal.VULNERABLE, Signal.WANTS_PERSON, Signal.MONEY_WORRY}
)
# Lines below a signature line that are looked at, before any quoted mail.
_LINES_BELOW = 20


def _below_signature(text: str, language_code: str) -> list[Finding]:
    """Cries that stand where a signature is cut away. The line is `-- ` by custom (RFC 3676, section 4.3)."""
    lines = [line.strip() for line in text[:LONGEST_TEXT].splitlines()]
    if "--" not in lines:
        return []
    below = list(takewhile(lambda line: not line.startswith(">"), lines[lines.index("--") + 1 :]))[:_LINES_BELOW]
    found = cues.find(split(clean("", "\n".join(below)).text), language_code)
    return [
        replace(one, start=0, end=0, reason=f"{one.reason} (below the signature)")
        for one in found
        if one.signal in _HEARD_BELOW
    ]


# Weight of a word in the learned table from which it alone nearly names a request.
_STRONG_WORD = 6.0
# Words of a message that says too little to tell its language alone.
_FRAGMENT = 6
# Language confidence under which a fragment is read together with what the customer wrote before.
_DOUBTFUL = 0.8


def _settled(words: Sequence[Word], found: Sequence[Finding]) -> bool:
    """Whether the newest words close the matter: thanks, and nothing bad beside them."""
    closing = tables.classes()["closing"]
    return any(word.text in closing for word in words) and not any(f.polarity < 0 for f in found)


_UNHEARD = Language(language.UNKNOWN, 0.0)


def _own(messages: Sequence[Message]) -> list[Message]:
    return [m for m in messages if m.who is Who.CUSTOMER and m.public][-_EARLIER:]


def _why_unreadable(cleaned: Cleaned, look: _Look) -> str:
    if cleaned.too_long:
        return f"longer than {LONGEST_TEXT} characters"
    if not cleaned.text:
        return "nothing but " + " and ".join(dict.fromkeys(cleaned.cut)) if cleaned.cut else "the message is empty"
    if not look.words:
        return "there are no words"
    if max(word.end - word.start for word in look.words) > _LONGEST_WORD and len(look.words) < _LONGEST_WORD:
        return "it looks like an encoded file"
    wordlike = sum(c.isalnum() or c.isspace() or ord(c) > 0x2000 for c in cleaned.text)
    return "" if wordlike >= _WORDLIKE * len(cleaned.text) else "it is mostly signs, not words"


def _unreadable(cleaned: Cleaned, why: str, findings: Sequence[Finding], spoken: Language = _UNHEARD) -> Reading:
    """A reading that says nothing for sure; what protects is kept as evidence."""
    names = ("sentiment", "charge", "emotions", "urgency", "intent")
    confidence: Mapping[str, float] = {**dict.fromkeys(names, 0.05), "language": spoken.confidence}
    urgent = [f.urgency for f in findings if f.urgency is not None]
    return Reading(
        sentiment=Sentiment.NEUTRAL,
        polarity=0.0,
        charge=max([Charge.CALM, *(f.charge for f in findings if f.charge)], key=list(Charge).index),
        charge_score=0.0,
        emotions={},
        urgency=max([Urgency.NORMAL, *urgent], key=list(Urgency).index),
        intent=Intent.OTHER,
        language=spoken.code,
        confidence=confidence,
        evidence=_evidence(findings, cleaned.text),
        readable=False,
        why_unreadable=why,
        text=cleaned.text,
    )


def _evidence(findings: Sequence[Finding], text: str) -> tuple[Evidence, ...]:
    weightiest = sorted(findings, key=lambda f: (-f.weight, f.start, f.end, f.signal, f.reason))[:_MOST_EVIDENCE]
    return tuple(f.evidence(text) for f in sorted(weightiest, key=lambda f: (f.start, f.end, f.signal, f.reason)))
