"""Reads a ticket: cleans the newest message, lets every reader look at it, and has the findings weighed.

It must not know what is done with a reading, and it holds no word list: the tables in `lists` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from integration.analysis import contact, cues, encoder, language, loudness, machine, scoring, tables, telling, words
from integration.analysis.clean import LONGEST_TEXT, Cleaned, clean
from integration.analysis.encoder import Judged
from integration.analysis.finding import Finding
from integration.analysis.language import Language
from integration.analysis.phrases import Word
from integration.analysis.phrases import words as split
from integration.analysis.transcript import Transcript, transcript, write
from integration.model import (
    GRAVE_SIGNALS,
    PROTECTIVE_SIGNALS,
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
# Reasons that a reading carries at most, the weightiest first: what can be marked in one letter.
_MOST_EVIDENCE = 60
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
    try:
        return _judged(look, cleaned.text)
    except encoder.Missing as error:
        return _unreadable(cleaned, str(error), look.findings, look.language)


def cleaned(ticket: Ticket) -> str:
    """The text into which the offsets of the newest message's evidence point: no reader is woken for it."""
    return clean(ticket.subject, ticket.newest.text).text if ticket.newest else ""


def _judged(look: _Look, text: str) -> Reading:
    """The encoder's judgement, weighed against the findings, with the words that both rest on."""
    given = transcript(look.ticket, text)
    judged = encoder.judge(given)
    findings = scoring.heard(judged, look.findings)
    scores = scoring.score(judged, findings, look.word_polarity, look.language.code, look.language.confidence)
    strongest = max(scores.emotions, key=lambda emotion: scores.emotions[emotion], default=None)

    def again(rest: str) -> Judged:
        return encoder.judge(Transcript(newest=write(rest), earlier=given.earlier))

    beside = [telling.Span(f.start, f.end) for f in findings if f.end > f.start]
    quoted = [
        *telling.for_charge(text, judged, scores.charge, strongest, again, beside),
        *telling.for_intent(text, judged, scores.intent),
    ]
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
        evidence=_evidence([*findings, *quoted], text),
        text=text,
    )


def fault() -> str:
    """Why nothing can be read here, and what to do about it; empty where the trained files are as they should be."""
    try:
        encoder.load()
    except encoder.Missing as error:
        return str(error)
    return ""


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


class _Look:
    """What every reader saw in one message."""

    def __init__(self, ticket: Ticket, newest: Message, cleaned: Cleaned, history: History) -> None:
        text, before = cleaned.text, ticket.before(newest)
        self.ticket, self.words = ticket, split(text)
        self.earlier = [split(clean("", m.text[:_EARLIER_LENGTH]).text) for m in _own(before)]
        self.language = self._language(text)
        self.word_polarity, by_words = self._by_words(text)
        found = [
            *machine.find(ticket.subject, text, ticket.requester.email),
            *cues.find(self.words, self.language.code),
            *_where_cut(cleaned, self.language.code),
            *loudness.hear(text, self.words),
            *cues.earlier(self.earlier, self.language.code),
        ]
        settled = _settled(self.words, found)
        same = contact.same_matter(self.words, self.earlier)
        self.findings = [*found, *contact.look_back(before, history, settled=settled, same=same), *by_words]

    def _language(self, text: str) -> Language:
        """The language of the newest words; a fragment is read together with what the customer wrote before."""
        found = language.detect(text, self.words)
        if found.confidence < _DOUBTFUL and self.earlier and len(self.words) <= _FRAGMENT:
            whole = [*self.words, *(word for words in self.earlier for word in words)]
            together = language.detect("", whole)
            return max(found, together, key=lambda seen: seen.confidence)
        return found

    def _by_words(self, text: str) -> tuple[float, list[Finding]]:
        return words.feelings(text, self.words) if self.language.code == tables.ENGLISH else (0.0, [])


# What is listened for in what was cut away. A company's footer speaks of law and fraud, but not of these; quoted mail
# may be anybody's, so only the gravest is heard there.
_HEARD_WHERE_CUT: Mapping[str, frozenset[Signal]] = {
    "signature": GRAVE_SIGNALS | {Signal.WANTS_PERSON, Signal.MONEY_WORRY},
    "device line": GRAVE_SIGNALS | {Signal.FRAUD},
    "disclaimer": frozenset({Signal.SELF_HARM, Signal.SAFETY, Signal.BEREAVEMENT}),
    "over-long text": GRAVE_SIGNALS,
    "quoted lines": GRAVE_SIGNALS,
    "quoted mail": frozenset({Signal.SELF_HARM}),
}


def _where_cut(cleaned: Cleaned, language_code: str) -> list[Finding]:
    """Cries that stand below a signature line or in quoted text: reasons without a place in what is read."""
    return [
        replace(one, start=0, end=0, reason=f"{one.reason} (in the {name})")
        for name, heard in _HEARD_WHERE_CUT.items()
        for one in cues.find(split(cleaned.cut.get(name, "")[:LONGEST_TEXT]), language_code)
        if one.signal in heard
    ]


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
        return "nothing but " + " and ".join(cleaned.cut) if cleaned.cut else "the message is empty"
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
    weightiest = sorted(findings, key=_importance)[:_MOST_EVIDENCE]
    return tuple(f.evidence(text) for f in sorted(weightiest, key=lambda f: (f.start, f.end, f.signal, f.reason)))


def _importance(finding: Finding) -> tuple[bool, float, int, int, str, str]:
    """What protects stands first: the cap on reasons must not cut it off."""
    protects = finding.signal in PROTECTIVE_SIGNALS
    return (not protects, -finding.weight, finding.start, finding.end, finding.signal, finding.reason)
