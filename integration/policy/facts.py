"""Finds what the customer has already given: numbers, amounts, dates, devices, errors, names, contact details, papers.

It must not guess: a fact is a masked piece of one message, word for word, and carries the message's id.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import chain, islice

from integration.model import Fact, FactKind, Ticket, Who
from integration.policy.masking import masked_lines
from integration.policy.names import named
from integration.policy.spoken import newest_first, plain

# Facts kept of one ticket, and of one kind: more are a table, which nobody reads beside the ticket. Our choice.
MOST = 40
MOST_OF_A_KIND = 12


_NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dos|tres|cuatro|cinco|seis|siete|diez"
    r"|deux|trois|quatre|cinq|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|siebzig|dois|duas|três|due|tre)"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|octubre|noviembre|diciembre"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre)[a-z]{0,6}\.?"
)
_FULL_MONTH = (
    r"(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?:in|since|until|of|by|from|for|last|next)\s(?:March|May))"
)
_WEEKDAY = (
    r"(?:mon|tues?|weds|wednes|thur?s?|fri|satur|sun)(?:day)?s?"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|segunda(?!\s(?:vez|via|mano|parte))|terça|quarta|quinta|sexta|lunedì|martedì|giovedì"
    r"|venerdì|sabato|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
)
_DAY_NAMED = rf"(?:{_WEEKDAY}|tomorrow|tmrw|tmw|yesterday|tonight)"
_CLOCK = (
    r"(?:(?:(?:at|by|before|until|since|around)\s)?\d{1,2}(?::\d{2})?\s?[ap]\.?m\b\.?|\d{1,2}:\d{2}(?!\d)\s?(?:[ap]\.?m\b\.?)?|\d{1,2}\.\d{2}\s?[ap]\.?m\b\.?|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2}h(?:\d{2})?\b(?!-)|(?:half|quarter)\s(?:past|to)\s\w{2,8}|(?:at|till|until|by|um|om)\s\d{1,2}\.\d{2}(?![\d.])|(?:(?:by|before|until|at)\s)?(?:noon|midnight)"
    rf"|(?:at|by|before|until|since)\s(?:1[0-2]|[1-9]|{_NUMBER})(?![\w%]|[.,:]?\d|\s(?:of|by|x)\b|\s?[ap]\.?m\b|\s\w+s\b))"
)
_OF = r"(?:order|booking|reservation|reserva|pedido|bestellung|commande|ordine|ref(?:erence)?|case|ticket|complaint"
_OF += r"|request"
_OF += r"|return|claim|invoice|tracking|parcel|policy|contract|serial|meter|reading|customer|flight|licen[cs]e|account"
_OF += r"|utenza|membership|agent|quote|rma|po|fare)"
_THING = (
    r"(?:photos?|pictures?|pics?|screenshots?|screen\s?shots?|videos?|receipts?|proof|certificate|scan|invoice|file"
    r"|plan|list|form|copy|documents?|statement|report)"
)
_COUNTED = (
    r"(?:passengers|adults|children|child|kids?|bab(?:y|ies)|dogs?|cats?|rooms?|nights|tickets|bags|suitcases|pieces|pairs"
    r"|parcels|boxes|bottles|chairs|cups|bedrooms|cards|accounts|devices|phones|laptops|seats|users|guests|people)"
)
# After a number these are spans, sums, days or no things at all; spans, sums and counts have kinds of their own.
_UNCOUNTED = (
    r"(?:minutes|mins|hours|hrs|days|weeks|wks|months|years|yrs|nights|times|veces|vezes|volte|fois|mails|emails|calls|letters|messages|pounds"
    r"|euros|dollars|ways|things|others|reasons|questions|kinds|sorts|words|sides|says|was|has|is|his|its|this|thus|as"
    r"|always|plus|across|sometimes|stars|percents|hundreds|thousands|digits|does|gets|goes|comes|needs|wants|looks|means|ones)"
)

# Between a number and what is counted stands a word that says of which kind, never one of these.
_SMALL = (
    r"(?:of|or|to|and|the|in|on|for|at|is|are|was|were|with|but|an?|as|we|you|they|it|that|this|who|whom|from|more|have|had"
    r"|month|week|year|day|hour|minute|euro|dollar|pound|percent)"
)

# FactKind → pattern; a pattern gives back the words as the customer wrote them. Every repetition is bounded.
_PATTERNS: tuple[tuple[FactKind, str], ...] = (
    (
        FactKind.REFERENCE,
        rf"\b{_OF}(?:\s+(?:no\.?|nr\.?|number|id|code))?\s*(?:is\s+)?[:#]?\s*#?"
        r"(?=[A-Za-z\-/]{0,12}\d)(?!\d{1,3}\b(?![-/]))(?!(?:19|20)\d\d\b)[A-Za-z0-9][A-Za-z0-9\-/]{1,23}\b",
    ),
    (FactKind.REFERENCE, r"\bvat\s(?:number|no\.?|id)?\s?[A-Z]{2}\s?\d[\d ]{5,14}\d\b"),
    (
        FactKind.REFERENCE,
        rf"\bends?\s(?:in\s|with\s|on\s)?(?:{_NUMBER}\s){{1,5}}{_NUMBER}\b|\bend(?:s|ing)\s(?:in\s)?\d{{3,6}}\b",
    ),
    (
        FactKind.REFERENCE,
        r"(?<![\w&/#])#?(?-i:(?=[A-Z0-9\-]{0,20}[A-Z])(?=[A-Z\-]{0,20}\d)[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,8}){1,4})(?![\w\-])",
    ),
    (
        FactKind.REFERENCE,
        r"\b(?:user\s?name|login|user\sid|workspace|nickname)\s?(?:is|:)?\s(?=[\w.\-]{0,20}[\d._\-])[\w.\-]{3,30}\w",
    ),
    (FactKind.REFERENCE, r"\b[a-z]{2,20}_[a-z0-9_]{2,20}\b"),
    (FactKind.REFERENCE, r"(?<![\w&/#])#[a-z]{1,4}-?\d{2,12}\b"),
    (FactKind.REFERENCE, r"(?<![\w&/])#\d{3,12}\b|(?<![\w&/])#\d{2,6}-\w{2,8}\b"),
    (FactKind.REFERENCE, r"(?-i:\b[A-Z]{1,5}-\d[\dA-Z\-]{2,15}\b|\b[A-Z]{2,5}\d{3,12}\b)"),
    (
        FactKind.REFERENCE,
        r"(?-i:\b\d{3,8}-[A-Z]{1,4}\b|\b\d{2,8}-\d{3,8}(?:-\d{2,8})?\b|\b(?!(?:19|20)\d\d-)\d{3,8}-\d{2}(?![\w-])|\b(?=\w*\d\w*-)[0-9a-f]{4,8}-[0-9a-f]{4,8}\b)",
    ),
    (FactKind.REFERENCE, r"(?<![\w.,:/\-+€$£])\d{5,12}(?![\w,]|[.\-/:]\d|\s?(?:[€£%]|eur|usd|kr|days|people)|\s\d{3})"),
    (
        FactKind.AMOUNT,
        r"(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|AUD|CAD|SEK|NOK|DKK|PLN|INR|ZAR)\s)\s?\d{1,3}(?:[.,\s]?\d{3}){0,3}(?:[.,]\d{1,2})?\b"
        r"|\b\d{1,3}(?:[.,]?\d{3}){0,3}(?:[.,]\d{1,2})?\s?(?:[€£]|(?:euros?|dollars|pounds|quid|USD|EUR|GBP|CHF|kr)\b)(?:\s(?:a|per)\s(?:day|week|month|year))?",
    ),
    (FactKind.AMOUNT, r"(?<![\w.,:/])\d{1,3}(?:[.,]\d)?\s?k\b"),
    (
        FactKind.AMOUNT,
        r"\b(?:from\s)\d{1,5}(?:[.,]\d{2})?\sto\s\d{1,5}(?:[.,]\d{2})?\b(?!\s?(?:[ap]m|days|weeks|hours|minutes))",
    ),
    (
        FactKind.AMOUNT,
        rf"\b\d{{1,3}}(?:[.,]\d)?\s(?:million|billion|thousand)\s\w{{3,12}}\b|\b\d{{1,5}}\s(?:a|per|al|por|par|pro)\s(?:month|mese|mes|mois|monat|week|year)\b|\b{_NUMBER}\s(?:hundred|thousand)\b",
    ),
    (
        FactKind.AMOUNT,
        r"(?<![\w.,:/£€$¥₹-])\d{1,3}(?:,\d{3}){1,2}(?:\.\d{2})?(?![\w,]|\.\d|\s[a-z]{3,14}s\b)|(?<![\w.,:/£€$¥₹-])(?<!\bat\s)\d{1,6}[.]\d{2}(?![\w.,:]|\s?[ap]m)",
    ),
    (
        FactKind.AMOUNT,
        r"\b(?:for|minus|paid|owe|worth|pensione\sdi|pension\sof)\s(?!19\d\d|20\d\d)\d{3,6}\b(?![\w-]|[.,]\d|\s\w+s\b)",
    ),
    (
        FactKind.DATE,
        rf"\b\d{{1,2}}\s?[-–]\s?\d{{1,2}}\s{_MONTH}(?!\w)"
        rf"|\b(?:the\s)?\d{{1,2}}(?:st|nd|rd|th|\.)?(?:\s+(?:of|de))?\s+{_MONTH}(?:\s+\d{{4}})?(?!\w)"
        rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?![\w:])"
        r"|\b(?:the\s)?\d{1,2}(?:st|nd|rd|th)?\sof\s(?:this|next|last)\smonth\b|\b(?:zum|am|bis|vom|ab)\s\d{1,2}\.(?![\d:])"
        r"|\b\d{4}-\d{2}-\d{2}\b|(?<!born )(?<![\d.])\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
        r"|\b(?:the\s)?\d{1,2}(?:st|nd|rd|th)\b(?!\s(?:time|message|text|mail|e-?mail|call|contact|notice|reminder|birthday|one|visit|engineer|driver|parcel))"
        r"|\b(?:el|le|il|am|dia|día|giorno)\s\d{1,2}\b(?!\s?(?:%|€|euro))",
    ),
    (FactKind.DATE, rf"\bfrom\s{_DAY_NAMED}\sto\s{_DAY_NAMED}\b"),
    (
        FactKind.DATE,
        rf"\b(?:{_CLOCK}\s(?:on\s)?)?(?:(?:last|next|this|every|since|until|by|on|due|bis|seit|ab|hasta|desde|avant|até|entro|tot)\s)?{_DAY_NAMED}\b"
        rf"(?:,?\s(?:at\s)?{_CLOCK}|\s(?:morning|afternoon|evening|night))?",
    ),
    (
        FactKind.DATE,
        r"\blast\s(?:night|week|month|year)\b|\b(?:end\sof\s)?(?:next|this)\s(?:week|weekend|month|morning|afternoon|evening)\b",
    ),
    (
        FactKind.DATE,
        r"\b(?:the\s)?(?:week(?:end)?|day|month|night)\s(?:after\snext|after\stomorrow|before\slast|before\syesterday)\b",
    ),
    (FactKind.DATE, r"(?<![\w.,/:\-#€£$])(?:19[5-9]\d|20[0-4]\d)(?![\w%]|[.,/:\-]\d)"),
    (
        FactKind.DATE,
        r"\b(?:alle|a\slas|às)\s(?:ore\s)?\d{1,2}(?:[:.h]\d{2})?h?\b(?!\s?[%€])|\b\d{1,2}(?:[:.]\d{2})?\s(?:uhr|uur|heures)\b",
    ),
    (FactKind.DATE, r"\bnext\s(?:couple\sof|few|two|three)\s(?:days|weeks)\b|\b(?:by|until|due|since)\stoday\b"),
    (FactKind.DATE, rf"(?-i:\b{_FULL_MONTH}\b)|(?<![\w.]){_CLOCK}"),
    (
        FactKind.DEVICE,
        r"\b(?:iphone|ipad|macbook|galaxy|pixel|thinkpad|windows|android|ios|macos|chrome|firefox|safari|edge)\s?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[a-z]\d{1,2})"
        r"(?:\s(?:pro|plus|max|mini|ultra|air)){0,2}\b|\b(?:app\s)?(?:version|build|firmware)\s\d[\w.]{0,12}\b|\bv\d{1,3}(?:\.\d{1,4}){1,3}\b",
    ),
    (
        FactKind.COUNT,
        r"\b(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|[2-9](?:nd|rd|th))\s"
        r"(?:time|message|text|chat|mail|e-?mail|call|contact|attempt|notice|reminder|letter|ticket|complaint|request|try|replacement|repair|appointment|visit|engineer|driver|parcel|week|day)\b"
        rf"|\b(?:\d{{1,2}}|{_NUMBER}|several|many)\s(?:times|e?-?mails|calls|messages|tickets|letters|contacts)\b|\btwice\b",
    ),
    (
        FactKind.DURATION,
        rf"\b(?:\d{{1,3}}|{_NUMBER})(?:\s?(?:-|–|to|or)\s?(?:\d{{1,3}}|{_NUMBER}))?\s?(?:working\s|business\s)?"
        r"(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|months?|years?|nights?|wochen|tagen?|días|semanas|jours|semaines|giorni|dias)(?:['’])?\b"
        r"|\b(?:an|half\san)\shour\b|\ba\s(?:week|month|fortnight)\b|\bday\s\d{1,3}\b",
    ),
    (FactKind.COUNT, rf"\b(?:\d{{1,2}}|{_NUMBER})\s(?:mal|veces|vezes|volte|fois|keer)\b"),
    (FactKind.QUANTITY, rf"\b(?:\d{{1,4}}|(?!one\b){_NUMBER})\sof\s(?:us|them)\b"),
    (FactKind.QUANTITY, r"\b[a-z]{3,14}s\s\d{1,4}(?:,\s\d{1,4}){0,6}\s(?:and|&|und|y|et|e)\s\d{1,4}\b"),
    (FactKind.ERROR, r"(?:\berror\s(?:code\s)?[A-Z0-9][A-Z0-9\-_]{1,15}\b|\bHTTP/?\s?\d?\.?\d?\s?[45]\d\d\b)"),
    (
        FactKind.ERROR,
        r"(?<=[\s:])[\"“](?=[^\"”\n]{0,80}\s|[\w.\-]{6})[^\"”\n@]{6,80}[\"”]",
    ),
    (
        FactKind.PLAN,
        r"\b(?-i:Pro|Basic|Premium|Business|Enterprise|Starter|Free|Team|Standard|Plus|Gold|Family)\s(?:plan|tier|subscription|package|tariff)\b",
    ),
    (
        FactKind.QUANTITY,
        r"\b\d{1,4}(?:[.,]\d{1,2})?\s?(?:m|cm|mm|km|kg|kilos?|litres?|gb|mb|kwh|%)(?!\w)|\b\d{1,4}\s(?:by|x)\s\d{1,4}(?:\s(?:by|x)\s\d{1,4})?\b"
        rf"|\b(?:\d{{2,6}}|{_NUMBER})\s(?:paid\s)?(?:seats|users|licen[cs]es|agents|flats|families|units|boxes|employees|customers|copies|items|guests|people)\b"
        rf"|\ball\s\d{{2,6}}\b|\b(?:[a-z]{{3,15}}\s)?(?:is|at|reads?|shows?)\s\d{{1,3}}\.\d\b(?![.\d])",
    ),
    (
        FactKind.QUANTITY,
        r"\b(?:page|flat|apartment|apt\.?|room|gate|seat|row|unit|house|number|floor|platform|terminal|bay|branch|store|step|stop"
        r"|locker|table|aisle|zone)s?\s(?:no\.?\s)?#?\d{1,5}[a-z]?\b(?![.,:\-/]\d)|\b(?-i:\d{1,3}[A-FH-JL-Z])\b",
    ),
    (
        FactKind.QUANTITY,
        rf"(?<![\w.,:/\-€£$#])(?:\d{{1,4}}|{_NUMBER}(?:-{_NUMBER})?)\s(?:(?!of\b|or\b|to\b|and\b)[a-z]{{3,12}}\s)?{_COUNTED}\b",
    ),
    (
        FactKind.QUANTITY,
        rf"(?<![\w.,:/\-€£$#])(?:[2-9]\d{{0,3}}|1\d{{1,3}}|\d{{1,3}}(?:,\d{{3}}){{1,2}}|(?!one\b){_NUMBER})\s"
        rf"(?:(?!{_SMALL}\b|{_UNCOUNTED}\b)[a-z]{{3,12}}\s)?"
        rf"(?!{_UNCOUNTED}\b)[a-z]{{3,14}}(?<!s)s\b",
    ),
    (
        FactKind.QUANTITY,
        rf"\b(?:i['’]?m|i\sam|s?he(?:['’]s|\sis|\swas)|aged?)\s(?:\d{{2}}|{_NUMBER}-{_NUMBER})\b(?![\w%€£:]|\s?[%€£]|\.\d|\s\w+s\b)"
        rf"|\bis\s{_NUMBER}-{_NUMBER}\b(?!\s\w+s\b)",
    ),
    (
        FactKind.ATTACHMENT,
        rf"\b{_THING}\s(?:(?:is|are|was|were)\s)?(?:attached|enclosed|below|uploaded)\b"
        rf"|\b(?:attached|enclosed|uploaded|sent)\s(?:(?:you|a|an|the|my|some|two|three|is|are|both)\s){{0,3}}{_THING}\b"
        r"|\battached\s(?:here(?:\sagain)?|again|below)\b|\b(?:see|in\sthe)\sattach(?:ed|ment)s?\b",
    ),
    (FactKind.EMAIL, r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,3}"),
    (FactKind.PHONE, r"\b(?:line|phone|mobile|línea|linea|ligne|linha|móvil)\s\d[\d ]{6,14}\d\b"),
    (FactKind.PHONE, r"(?<![\w.,\-/])(?:\+\d{1,3}|0)[\d]{1,4}(?:[\s\-/()]{1,2}\d{2,6}){1,4}\b(?!-)"),
)
_FACTS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
_EDGES = " .,:;“”\"'"
_LEADING = re.compile(r"^(?:on|is|at(?=\s\d+\.\d)|in)\s(?=\S)", re.IGNORECASE)
# A quoted phrase is a message of the product where one of these words goes before it.
_SAYS = re.compile(
    r"(?:say(?:s|ing)?|said|error|message|shows?|with|get|got|it['’]s|answers?|answered|replied|tells?|told|page|button|banner|post:|prompt|\d|or|reads|states?|asks?|still|status|stays|is|was|as|if|called|named|than|that|workspace|account|profile)\s*:?\s*$",
    re.IGNORECASE,
)
_PHONE_SHOWN = 3


def given(ticket: Ticket) -> tuple[Fact, ...]:
    """What the customer has already told us: kind by kind, newest message first, each once."""
    texts: list[tuple[str, int | None, datetime | None]] = [
        (text, message.id, message.at) for message, text in newest_first(ticket, Who.CUSTOMER)
    ]
    found: list[Fact] = []
    for kind in FactKind:
        of_kind: list[Fact] = []
        for text, message_id, at in [*texts, (masked_lines(plain(ticket.subject)), None, None)]:
            if len(of_kind) >= MOST_OF_A_KIND:
                break
            if kind is FactKind.NAME and message_id is None:
                continue  # a subject capitalises as it likes
            for hit in _hits(kind, text):
                if said := _said(kind, hit):
                    _keep(of_kind, found, Fact(kind=kind, text=said, message_id=message_id, at=at))
        found += of_kind[:MOST_OF_A_KIND]
    return tuple(found)[:MOST]


def _hits(kind: FactKind, text: str) -> list[re.Match[str]]:
    finders = [named] if kind is FactKind.NAME else [pattern.finditer for which, pattern in _FACTS if which is kind]
    found = chain.from_iterable(islice(find(text), MOST_OF_A_KIND) for find in finders)
    return sorted(found, key=lambda hit: hit.start())


def _said(kind: FactKind, hit: re.Match[str]) -> str:
    """The words as the customer wrote them, masked; empty where they are no fact after all."""
    if (
        kind is FactKind.ERROR
        and hit[0][:1] in '"“'
        and not _SAYS.search(hit.string[max(0, hit.start() - 20) : hit.start()])
    ):
        return ""
    text = " ".join(hit[0].split()).strip(_EDGES)
    if kind is FactKind.PHONE:
        return "phone ••• " + re.sub(r"\D", "", hit[0])[-_PHONE_SHOWN:]
    if kind is FactKind.EMAIL:
        name, _, host = text.partition("@")
        return f"{name[:1]}•••@{host}"
    return text if kind is FactKind.REFERENCE else _LEADING.sub("", text)


def _keep(of_kind: list[Fact], found: list[Fact], fact: Fact) -> None:
    """Keep a fact unless it is already part of another one: “AB-1234” beside “order AB-1234”."""
    said = fact.text.casefold()
    if not said or any(_part(said, other.text.casefold()) for other in (*found, *of_kind)):
        return
    anywhere = fact.kind is FactKind.REFERENCE  # a number is the same number in every message; a day need not be
    beside = [one for one in of_kind if anywhere or one.message_id == fact.message_id]
    wider = [one for one in beside if _part(one.text.casefold(), said)]
    if not wider:
        of_kind.append(fact)
        return
    of_kind[of_kind.index(wider[0])] = fact
    for other in wider[1:]:
        of_kind.remove(other)


def _part(small: str, large: str) -> bool:
    """Whether one text stands in the other as whole words."""
    return re.search(rf"(?<!\w){re.escape(small)}(?!\w)", large) is not None
