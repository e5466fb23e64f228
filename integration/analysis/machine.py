"""Tells machine mail from a person's: out-of-office, bounces, no-reply senders, reports.

It must not judge the words of a person; where it is in doubt it says nothing, and the scoring decides.
"""

from __future__ import annotations

import re

from integration.analysis.finding import Finding
from integration.model import Intent, Signal

# The local parts that mail servers and notifiers use. RFC 5321 §4.5.1 names postmaster; the others are custom.
_SENDER = re.compile(
    r"^(?:mailer-?daemon|postmaster|no-?_?\.?reply|do-?_?not-?_?reply|bounces?|auto-?(?:reply|responder|mailer)|"
    r"notifications?|alerts?|newsletter|system|daemon|robot|reports?|prvs=)(?:[-+._=][^@]{0,64}|\d{0,4})?@",
    re.I,
)
_SUBJECTS = (
    r"auto(?:matic|mated)?[ -]?(?:reply|response|antwort|respuesta)",
    r"automatische? (?:antwort|antwoord)",
    r"out of (?:the )?office|ooo\b|i am away|away from|on (?:annual )?leave",
    r"abwesenheit|abwesend|nicht im büro|afwezig|absence du bureau",
    r"fuera de la oficina|fuori ufficio|fora do escritório",
    r"réponse automatique|respuesta automática|risposta automatica|resposta automática|autoreply|autosvar",
    r"undeliver|delivery (?:status notification|failure|has failed)|mail delivery|returned mail|failure notice",
    r"unzustellbar|message not delivered|read:|gelesen:|(?:accepted|declined|tentative):",
    r"\[?auto\]?:|dmarc|report domain",
)
_SUBJECT = re.compile(r"^\W{0,3}(?:" + "|".join(_SUBJECTS) + ")", re.I)
# Every repeat is bounded and stops at a full stop or line end, so that no text can stall the search.
_BODIES = (
    r"\b(?:i am|i'm|i will be|we are|i’m) (?:currently |now )?(?:out of (?:the )?office|"
    r"away from (?:the office|my desk))",
    r"\b(?:i am|i'm|i will be|i’m) (?:currently |now )?on (?:\w{1,12} )?leave (?:until|from|till|and|with|through)",
    r"\b(?:i am|i'm|i will be|i’m) (?:currently |now )?(?:on (?:holiday|vacation)|away) (?:until|from|till)\b",
    r"\bthis (?:is an|message (?:was|is)|e-?mail (?:was|is)) [^.\n]{0,30}(?:automat|generated)",
    r"\bthis (?:mailbox|inbox|address|account)(?: is|'s| isn't|’s| isn’t)[^.\n]{0,20}(?:monitored|in use|unmonitored)",
    r"\b(?:do not|please don't|don’t) reply to this (?:e-?mail|message|address)",
    r"\b(?:automated|automatic|automatically generated|auto-generated) (?:message|reply|response|notification|e-?mail)",
    r"\bdelivery to the following recipient|\bcould not be delivered|\bdelivery (?:has )?failed|\bdiagnostic-code",
    r"\brecipient address rejected|\b550 5\.\d|\bmailbox (?:is )?(?:full|unavailable)|\buser unknown",
    r"\bmail delivery (?:system|subsystem)",
    r"\bich bin [^\n]{0,40}(?:nicht im (?:büro|haus)|abwesend|im urlaub|außer haus)[^.\n]{0,30}"
    r"(?:bis|ab|vom|zurück|wieder)",
    r"\bje suis (?:actuellement )?(?:absent|en congés?|en vacances|en déplacement)[^.\n]{0,30}(?:jusqu|du |de retour)",
    r"\b(?:estoy|estaré) (?:fuera de la oficina|de vacaciones|ausente)[^.\n]{0,30}(?:hasta|del )",
    r"\b(?:sono|sarò) (?:fuori ufficio|assente|in ferie)[^.\n]{0,30}(?:fino|dal )",
    r"\b(?:ik ben|momenteel) [^.\n]{0,20}(?:afwezig|niet op kantoor|met vakantie)",
    r"\bestou (?:ausente|de férias|fora do escritório)",
    r"\bthank you for (?:your (?:e-?mail|message)|contacting|getting in touch)[^\n]{0,120}"
    r"(?:will (?:reply|respond|get back|be in touch|be answered)|has been received|have received|office is closed)",
    r"\bwe have received your (?:e-?mail|message|request|enquiry|ticket)",
    r"\byour (?:ticket|request|case|enquiry) (?:has been|was) (?:received|logged|created|registered)",
    r"\b(?:on my return|when i (?:return|am back|get back) to the office|upon my return)",
    r"\b(?:for|in) urgent (?:matters|issues|cases|enquiries|queries)[^.\n]{0,20}(?:contact|please|call|write)",
    r"\b(?:no longer works? (?:for|at|here)|is no longer with) (?:the|our|this)? ?\w{1,20}",
)
_BODY = re.compile("|".join(_BODIES), re.I)


def find(subject: str, text: str, sender: str) -> list[Finding]:
    """What shows that no person wrote this: the sender's address, the subject, or the words, which stand in `text`."""
    found: list[Finding] = []
    if sender and _SENDER.match(sender.strip()[:320]):  # characters: RFC 5321's longest address
        found.append(_finding("Sent from an address that machines use"))
    title = " ".join(subject.split())[:300]
    if _SUBJECT.match(title):
        shown = text.startswith(title)
        found.append(_finding("The subject of an automatic mail", end=len(title) if shown else 0))
    match = _BODY.search(text)
    if match:
        found.append(_finding("The words of an automatic mail", match.start(), match.end()))
    return found


def _finding(reason: str, start: int = 0, end: int = 0) -> Finding:
    return Finding(signal=Signal.MACHINE, weight=0.9, reason=reason, start=start, end=end, intent=Intent.AUTO_REPLY)
