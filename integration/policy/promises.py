"""Finds what was promised, by whom and until when, and judges from what came after whether it was kept.

It must not guess: a promise is a masked sentence of one message, and where nothing says otherwise it is open.
"""

from __future__ import annotations

import re
from datetime import datetime

from integration.model import Kept, Message, Promise, Ticket, Who
from integration.policy.due import due
from integration.policy.spoken import around, newest_first, plain, sentences

# Promises kept of one ticket, and words of one. Our choice: more stand in the ticket itself.
MOST = 12
WORDS = 20
# Why a promise counts as kept or broken where the customer wrote it.
SAID_SO = "the customer says so"


# A day or hour that a sentence of ours names is what the customer will wait for, whatever its verb.
_AHEAD = (
    r"(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\btomorrow\b|\btonight\b|\btoday\b|\bnext\s\w+|\b\d{1,2}(?:st|nd|rd|th)?\s(?:of\s)?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}\s?[ap]m\b"
    r"|\b(?:in|for|to|until|by)\s(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
)
_DAY_FIRST = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s\d{1,2}(?:st|nd|rd|th)?\b(?:\s[a-z]{3,9}\b)?"

_PROMISE = re.compile(
    r"\b(?:i|we|they|you|it|this|he|she|supply|engineers?|colleagues?|team|men|drivers?|somebody|someone)(?:['’]ll|\s+will|\s+shall)\b"
    r"|\b(?:will|should)\s+(?:be|get|arrive|call|reach|update|send|respond|reply|contact|come|see|appear|have|receive|phone|ring)\b"
    r"|\bappear\s\d|\bpromis\w+|\bguarantee\w*|\bwithin\s+(?:\d|one|two|three|an?\b|the\b)|\bby\s+(?:tomorrow|tonight|noon|(?:mon|tues|wednes|"
    r"thurs|fri|satur|sun)day|the\s+end|\d{1,2}\s?[ap]m|now\b)|\bas\ssoon\sas\spossible\b|\b(?:are|is)\s(?:working|looking)\s(?:on|into)\b"
    r"|['’](?:re|s)\s(?:working|looking)\s(?:on|into)\b|\bwe\saim\sto\b|\b\w{3,}ing\b.{0,20}\b(?:today|tonight|tomorrow)\b|\ball\snoted\b|\bare\syours\b|\bon\s(?:its|the)\sway\b|\bcharge,\s\d+\sminutes\b|^\d{1,3}\s?(?:minutes|mins|hours)\b"
    r"|\b(?:sera|serons|arrivera|rappellera|wird|werden|llegará|enviaremos|llamará|será|arriverà|enviar|ligar)\b.{0,40}\d"
    r"|\b(?:come|get)\s+back\s+to\s+you\b"
    rf"|\b(?:booked|scheduled|expected|planned|arranged|moved|postponed|rescheduled|due|looks\slike|reserved"
    rf"|going|coming|leaving|arriv(?:ing|es?)|ships?|leaves?|starts?|comes|goes)\b.{{0,25}}{_AHEAD}"
    r"|\b(?:are|is|get|gets|go)\s\w+\s(?:\w+\s){0,2}every\s\w+|\bsta(?:nno)?\s\w+ndo\b"
    rf"|\b(?:usually|normally|typically|generally)\s(?:takes?\s)?(?:about\s)?\d|^(?:yes\W{{1,3}})?{_DAY_FIRST}"
    r"|\b(?:zal|zullen|worden|wordt)\b.{1,60}(?:t|d|en)\b|\b(?:sarà|saranno|verrà|verranno|serán?|seront|vamos\sa|va\sa|allons)\b"
    r"|\b\w{3,}(?:[aei]rán?|[aei]remos?|[aei]rà|erons)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:i|we)(?:['’]ve)?\s(?:was|were|have\sbeen|been|got)\s(?:promised|assured)\b|\byou\s(?:promised|assured)\b"
    r"|\b(?:(?:i|we)(?:['’]ve)?\s(?:was|were|have\sbeen|been|got)\stold|you\s(?:said|told\s(?:me|us)))\b"
    r"(?=.{0,80}\b(?:would|will|wait|within|by|today|tomorrow|soon|\w+day)\b)"
    r"|\bthe\sreply\swas\b|\bwas\sto\s(?:come|arrive|be\sdelivered)\b",
    re.IGNORECASE,
)
_NO_PROMISE = re.compile(
    r"\bshould\s(?:not\s)?have\s(?:\w+ed|read|known|said|told|been|done|written|seen|sent)\b|"
    r"\bif\syou\sreply\b|\bnext\sbill\b|\b(?:contacting|writing|reaching|calling|visiting|doing|joining)\b.{0,25}\btoday\b|\?[^.!?]{0,3}$|\breminder\b|\b(?:invoice|bill|payment)\b.{0,30}\bdue\b|\bhelp\scent|\bthank\syou\sfor\byour\b|^\s*(?:note:|please\b|kindly\b)",
    re.IGNORECASE,
)

_DONE = (
    r"(?:arriv\w*|c[ao]me|call\w*|rang|rung|ring|phon\w+|receiv\w+|got|get|heard|happen\w*|answer\w*|repl\w+|turn\w*"
)
_DONE += r"|show\w*|reach\w*|contact\w*|deliver\w*|refund\w*|sent|paid|done|fix\w*)"
_BROKEN = re.compile(
    rf"\bstill\s(?:no|not|wait\w*|haven|hasn|have\snot|nothing|isn|don|doesn|down)\b|\b(?:never|didn['’]?t|did\snot|hasn['’]?t|has\snot"
    rf"|haven['’]?t|have\snot|nobody|no\s?one|none\sof\syou)\s(?:\w+\s){{0,2}}{_DONE}\b"
    r"|\bno\s(?:sign|news|call|reply|answer|word|update|refund|parcel|delivery|show|response|one\s\w+)\b"
    r"|\bnothing\s(?:came|arrived|happened|since|yet)\b|\bempty\spromise|\bbroken\spromise",
    re.IGNORECASE,
)
# “It's Friday”, “its 9pm”: said of a promise that names another day or hour, it says that the time has passed.
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_NOW = re.compile(rf"\bit(?:['’]s|\sis|s)\s(?:now\s|already\s)?({_DAY}|\d{{1,2}}\s?[ap]m)\b", re.IGNORECASE)
_WHEN = re.compile(rf"\b({_DAY}|\d{{1,2}}\s?[ap]m)\b", re.IGNORECASE)
_FULFILLED = re.compile(
    r"\b(?:he|she|they|you|iain|it)\s(?:rang|called|phoned|came|arrived|did)\b|\bit(?:['’]s|\sis|\shas)\s(?:arrived|here|come|back|working|fixed)\b"
    r"|\bas\spromised\b|\b(?:just|finally|has|have)\s(?:arrived|come|received|got\sit)\b|\b(?:all|now)\s(?:sorted|fixed|working)\b"
    r"|\bfixed\sit\b|\bcame\sthrough\b|\bsolved\b|\berledigt\b|\bc['’]était\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\?|\bno\b|\bnot\b|n['’]t\b|\bnever\b", re.IGNORECASE)


def made(ticket: Ticket, now: datetime | None = None) -> tuple[Promise, ...]:
    """What was promised, newest first, each once; judged from what came until `now` (the newest message by default)."""
    newest = ticket.newest
    until = now or (newest.at if newest else None)
    found: dict[str, Promise] = {}
    for message, text in newest_first(ticket, Who.AGENT, Who.BOT, Who.CUSTOMER):
        judged: set[str] = set()  # once a message, however often it repeats itself
        for sentence in sentences(text):
            if (hit := _promise(message, sentence)) is None:
                continue
            said = around(sentence, hit.start(), WORDS)
            known = found.get(said.casefold())
            if known and (known.kept is not Kept.OPEN or said in judged):
                continue
            judged.add(said)
            by = due(sentence, message.at)
            kept, why = _kept(ticket, message, sentence, by, until)
            if known and kept is not Kept.NO:
                continue  # said twice: what was broken the first time stays broken
            promise = Promise(
                who=message.who,
                text=said,
                message_id=message.id,
                at=message.at,
                due=by,
                kept=kept,
                why=why,
            )
            found[said.casefold()] = promise
        if len(found) >= MOST:
            break
    return tuple(found.values())[:MOST]


def is_promise(sentence: str) -> bool:
    """Whether an agent's sentence promises something."""
    return bool(_PROMISE.search(sentence)) and not _NO_PROMISE.search(sentence)


def _promise(message: Message, sentence: str) -> re.Match[str] | None:
    if message.who is Who.CUSTOMER:
        return _TOLD.search(sentence)
    return _PROMISE.search(sentence) if is_promise(sentence) else None


def _kept(
    ticket: Ticket, message: Message, sentence: str, by: datetime | None, until: datetime | None
) -> tuple[Kept, str]:
    """The customer's first clear word on it decides; else the day that has passed while they still write."""
    words = [one for one in ticket.after(message) if one.who is Who.CUSTOMER and one.public][-MOST:]
    for one in words:
        if verdict := _verdict(sentence, plain(one.text), early=by is not None and one.at <= by):
            return verdict
    if message.who is Who.CUSTOMER and _BROKEN.search(plain(message.text)):
        return Kept.NO, SAID_SO
    late = by is not None and until is not None and until > by and any(one.at > by for one in words)
    return (Kept.NO, "the day has passed and the customer still writes") if late else (Kept.OPEN, "")


def _verdict(sentence: str, text: str, *, early: bool) -> tuple[Kept, str] | None:
    """What one later message says; `early` where the promise is not due yet, so that “no news” breaks nothing."""
    fulfilled = any(_FULFILLED.search(one) and not _DENIED.search(one) for one in sentences(text))
    broken = _passed(sentence, text) or (not early and bool(_BROKEN.search(text)))
    if fulfilled == broken:
        return None
    return (Kept.YES if fulfilled else Kept.NO), SAID_SO


def _passed(sentence: str, text: str) -> bool:
    now, then = _NOW.search(text), _WHEN.search(sentence)
    if now is None or then is None or now[1][0].isdigit() is not then[1][0].isdigit():
        return False
    return now[1].casefold() != then[1].casefold()
