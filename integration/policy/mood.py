"""Finds since when a customer is displeased: the first message of the last unbroken run in which it shows.

It must not judge how they feel now: the reading does. Without a word that shows it, nothing is claimed.
"""

from __future__ import annotations

import re

from integration.model import Mood, Reading, Sentiment, Ticket, Who
from integration.policy.spoken import around, newest_first, sentences

# Words shown of the sentence in which the mood first shows. Our choice: enough to recognise it.
WORDS = 8

_DISPLEASED = re.compile(
    r"!{2,}|\?{2,}|\b(?:still\s(?:no|not|waiting|haven|hasn)|(?:third|fourth|fifth|second)\s(?:time|message|notice)|again|nobody|no\sone"
    r"|angry|annoy\w*|furious|frustrat\w*|disappoint\w*|upset|worr(?:y|ied)|frantic|fed\sup|unacceptable|ridiculous|disgrace\w*|insult\w*"
    r"|terrible|awful|worst|useless|joke|appalling|rude|lied|shame\w*|sick\sof|never|wrong|ignored|at\smy\sthroat|delighted\?"
    r"|es\sreicht|reicht\ses|unverschämt|inaceptable|vergüenza|inadmissible|inacceptable|vergogna|absurdo)\b|\bit(?:['’]s|s)\s(?:\w+day|\d{1,2}\s?[ap]m)\b",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"\b[A-Z]{3,}(?:\s+[A-Z]{2,}){1,}\b")


def mood(ticket: Ticket, reading: Reading) -> Mood:
    """How the customer feels as read, and the earlier message from which on every one of theirs shows displeasure."""
    emotions = tuple(sorted(reading.emotions, key=lambda emotion: (-reading.emotions[emotion], emotion)))
    plain = Mood(charge=reading.charge, emotions=emotions)
    if not reading.readable or reading.sentiment not in (Sentiment.NEGATIVE, Sentiment.VERY_NEGATIVE):
        return plain
    theirs = list(newest_first(ticket, Who.CUSTOMER))
    found = plain
    for place, (message, text) in enumerate(theirs[1:], start=2):
        words = _shown(text)
        if not words:
            break
        found = Mood(
            charge=reading.charge,
            emotions=emotions,
            since_message=message.id,
            since=message.at,
            place=len(theirs) - place + 1,
            words=words,
        )
    return found


def _shown(text: str) -> str:
    for sentence in sentences(text):
        if hit := (_DISPLEASED.search(sentence) or _SHOUTED.search(sentence)):
            return around(sentence, hit.start(), WORDS)
    return ""
