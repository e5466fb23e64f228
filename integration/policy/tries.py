"""Finds what was already tried: by the customer, who must not be asked to do it again, and by the desk.

It must not guess: a try is a masked sentence of one message, and a promise is no try.
"""

from __future__ import annotations

import re

from integration.model import Ticket, Try, Who
from integration.policy.promises import is_promise
from integration.policy.spoken import around, newest_first, sentences

# Tries kept of one ticket, and words of one. Our choice, as for promises.
MOST = 12
WORDS = 20


_DESK = re.compile(
    r"\b(?:try|tried|reset|restart\w*|reinstall\w*|clear(?:ed)?|replac\w+|refunded|resent|re-?sent|settings|dial"
    r"|click|log\s+(?:in|out)|check\s+(?:with|your|the)|press|delete|unplug|reboot\w*|credited|remaking)\b"
    r"|\b(?:i|we)(?:['’]ve|\shave|\shad)?\s(?:also\s|just\s|now\s)?(?:sent|put|opened|asked|run|ran|fixed|corrected|escalated|pulled|checked"
    r"|updated|drove|ordered|raised|issued|cancelled|applied|added|changed|spoken|spoke|closed|taken|took|removed|waived|found|moved|blocked|reopened|booked|walked)\b"
    r"|\b(?:has|have)\s(?:now\s|already\s)?been\s\w+(?:ed|en|t)\b|\bit(?:['’]s|\sis)\s(?:now\s)?active\b|\bsent\sagain\b|\bhere\sis\sour\s(?:article|guide)\b|\b\d{1,2}\s?%\soff\b|\bhabe\b.{0,40}\b(?:korrigiert|geschickt|geprüft)\b"
    r"|\w\s>\s\w",
    re.IGNORECASE,
)
_CUSTOMER = re.compile(
    r"\b(?:i|we)(?:['’]ve|\shave|\shad)?\s(?:already\s|also\s|even\s|just\s|now\s|both\s)*(?:tried|restarted|reset|reinstalled|cleared|changed"
    r"|rebooted|replaced|called|rung|rang|phoned|emailed|asked|contacted|checked|deleted|updated|followed|did|looked|unplugged"
    r"|switched|logged|swapped|cleaned|took|went|read|watched|requested|clicked|opened|pressed|downloaded|filled)\b"
    r"|^(?:tried|restarted|reset|reinstalled|rebooted|done|did)\b|\bdid\s(?:that|this|it)\b|\bi\stook\b|\bho\sgià\sprovato\b|\bya\she\b|\bhabe\s(?:schon|bereits)\b|\bj['’]ai\sdéjà\b",
    re.IGNORECASE,
)


def made(ticket: Ticket) -> tuple[Try, ...]:
    """What was tried, newest first, each once."""
    found: dict[str, Try] = {}
    for message, text in newest_first(ticket, Who.AGENT, Who.BOT, Who.CUSTOMER):
        theirs = message.who is Who.CUSTOMER
        for sentence in sentences(text):
            hit = (_CUSTOMER if theirs else _DESK).search(sentence)
            if (
                hit is None
                or (not theirs and is_promise(sentence))
                or (theirs and sentence.endswith("?") and "did" not in sentence)
            ):
                continue
            said = around(sentence, hit.start(), WORDS)
            found.setdefault(said.casefold(), Try(who=message.who, text=said, message_id=message.id, at=message.at))
        if len(found) >= MOST:
            break
    return tuple(found.values())[:MOST]
