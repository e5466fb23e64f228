"""Finds what was said before the newest message: how the customer began, and what they were last answered.

It must not judge or shorten sense: a masked piece of one message, word for word, with courtesies left out.
"""

from __future__ import annotations

import re

from integration.model import Said, Ticket, Who
from integration.policy.spoken import clipped, newest_first, sentences

# Words kept of one message, and messages kept of a customer. Our choice: the note shows fewer, the sidebar all of them.
WORDS = 20
MOST = 3

# A sentence of nothing but courtesy tells a colleague nothing. Those of six languages that threads show most.
_COURTESY = re.compile(
    r"(?:@\w+\s)?(?:(?:hi|hello|hey|dear|good\s(?:day|morning|afternoon|evening)|hola|buenos\sd[ií]as|buenas\stardes|bonjour"
    r"|guten\stag|hallo|goedendag|buongiorno|gentil\w+|ol[aá]|bom\sdia|oh\sno)\b(?:[\s,]+[^\W\d][\w.'’\-]*){0,3}\W*"
    r"|(?:oh\sno\W+)?(?:(?:i|we)(?:['’]re|['’]m|\sare|\sam)?\s)?(?:\w+\s){0,2}(?:sorry|apolog\w+)(?:,?\s[A-Z]\w+|\s(?:for|about|to\shear)\b.{0,45})?\W*"
    r"|(?:many\s)?thank(?:s|\syou)\b.{0,70}|(?:is\sthere\s)?anything\selse\b.{0,40}|(?:please\s)?(?:let\sme|let\sus)\sknow\b.{0,50}"
    r"|(?:(?:¿\s?)?(?:le|te|puedo)\sayud\w+|kind\sregards|best\swishes|groet\w*|saludos|you(?:['’]re|\sare)\swelcome|no\sproblem)\b.{0,40})",
    re.IGNORECASE,
)


def began(ticket: Ticket) -> tuple[Said, ...]:
    """The customer's first messages before the newest one, oldest first, so many words of each."""
    newest = ticket.newest
    theirs = [one for one in newest_first(ticket, Who.CUSTOMER) if newest is None or one[0].id != newest.id]
    found = [
        Said(who=Who.CUSTOMER, text=words, message_id=message.id, at=message.at)
        for message, text in reversed(theirs)
        if (words := _telling(text))
    ]
    return tuple(found[:MOST])


def answered(ticket: Ticket) -> Said | None:
    """What a colleague or a bot of the desk wrote last, or nothing where that was courtesy only."""
    for message, text in newest_first(ticket, Who.AGENT, Who.BOT):
        words = _telling(text)
        return Said(who=message.who, text=words, message_id=message.id, at=message.at) if words else None
    return None


def courteous(sentence: str) -> bool:
    """Whether a sentence is nothing but a greeting, thanks or an apology."""
    return _COURTESY.fullmatch(sentence) is not None


def _telling(text: str) -> str:
    """The sentences from the first to the last that is no courtesy, as they stand."""
    said = sentences(text)
    telling = [number for number, one in enumerate(said) if not courteous(one)]
    return clipped(" ".join(said[telling[0] : telling[-1] + 1]), WORDS) if telling else ""
