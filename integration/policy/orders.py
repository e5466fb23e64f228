"""Finds the one order number that a ticket is about, and what else of a ticket fills the slots of a look-up.

It must not guess: two different numbers are no number, and a date or another kind of number is none either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from integration.model import Ticket, Who

# Characters read of one message: numbers stand early, and a pasted log must not cost seconds.
_READ = 4000
# An order number has at least so many digits: “order 2 shirts” names none. Our choice.
_FEWEST_DIGITS = 3

_NAMED = re.compile(
    r"\b(?:orders?|purchase|bestell(?:ung|nummer|nr\.?)|auftrag(?:snummer)?|commande|pedido|encomenda)"
    r"(?:[\s-]+(?:no\.?|nr\.?|num(?:ber)?|nummer|numéro|número|id|code|ref(?:erence)?))?[\s:#]*(?:(?:is|was|ist|est|es)\s+)?"
    r"[\s:#]*([A-Za-z0-9][A-Za-z0-9-]{2,23})(?![\w/.]*\d)",
    re.IGNORECASE,
)
_ALSO = re.compile(r"^[\s]*(?:,|and|or|&|und|et|y|e)\s*#?([A-Za-z]{0,5}-?\d[\dA-Za-z-]{2,20})\b", re.IGNORECASE)
_HASH = re.compile(r"(?<![\w&/])#(\d{3,12})\b")
_BARE = re.compile(r"\b(?:[A-Z]{1,5}-\d[\dA-Z-]{2,15}|[A-Z]{2,5}\d{4,12})\b")
# A number that is named otherwise is none of an order.
_OTHERWISE = re.compile(
    r"\b(?:invoice|tracking|parcel|serial|model|policy|contract|customer|account|ticket|case|claim|flight|booking|ref|item"
    r"|sku|product|article|voucher|coupon|licen[cs]e|iban|vat|phone|zip|post\s?code|rechnung(?:snummer)?|facture|factura"
    r"|tracking-?nummer|kundennummer)\w*[\s:#.]*(?:(?:no|nr|number|id|code)\.?)?[\s:#]*(?:(?:is|was)\s+)?$",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}-\d{1,2}-\d{2,4}|(?:19|20)\d{2}")
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)

SEVERAL = "several order numbers are named"


def order_numbers(ticket: Ticket) -> tuple[str, ...]:
    """The different order numbers of the newest message and the subject; of earlier messages where those name none."""
    newest = ticket.newest
    if newest is None:
        return ()
    now = _different([ticket.subject, newest.text])
    earlier = [m.text for m in ticket.before(newest) if m.who is Who.CUSTOMER and m.public]
    return now or _different(earlier)


def slots(ticket: Ticket) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What the ticket gives for the slots of a look-up, and why others are missing, by the slot's name."""
    found = order_numbers(ticket)
    known = {f"field_{id_}": value for id_, value in ticket.given.items()}
    if ticket.requester.email:
        known["requester_email"] = ticket.requester.email
    if len(found) == 1:
        known["order_number"] = found[0]
    return known, {"order_number": SEVERAL} if len(found) > 1 else {}


def _different(texts: Iterable[str]) -> tuple[str, ...]:
    """Each number once, by its letters and digits: “ab-1234” is “AB-1234”."""
    found: dict[str, str] = {}
    for text in texts:
        for number in _numbers(_QUOTED.sub("", text[:_READ])):
            found.setdefault(number.casefold(), number)
    return tuple(found.values())


def _numbers(text: str) -> Iterator[str]:
    for hit in _NAMED.finditer(text):
        if _is_number(hit[1]):
            yield hit[1].strip("-")
            if (also := _ALSO.match(text[hit.end(1) :])) and _is_number(also[1]):
                yield also[1].strip("-")
    for pattern in (_HASH, _BARE):
        for hit in pattern.finditer(text):
            if _is_number(number := hit[hit.lastindex or 0]) and not _OTHERWISE.search(text[: hit.start()][-60:]):
                yield number.strip("-")


def _is_number(words: str) -> bool:
    return sum(c.isdigit() for c in words) >= _FEWEST_DIGITS and not _DATE.fullmatch(words)
