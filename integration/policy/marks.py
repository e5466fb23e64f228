"""The values of our fields and the tags that agents and admins see: their names, and which hold for a reading.

It must not know how they reach the ticket, nor decide what is done beside them.
"""

from __future__ import annotations

from integration.model import Charge, Field, Intent, Message, Reading, Ticket, Urgency

PROTECTED = "attune_protected"  # a protective signal was found in this ticket
UNSURE = "attune_unsure"  # a person should check the reading
ANSWERED = "attune_answered"  # an automated reply was sent on this ticket
DRAFTED = "attune_drafted"  # the newest note holds a draft answer
SENIOR = "attune_senior"  # handed to the senior group
WANTS_PERSON = "attune_wants_person"  # the customer asked for a person
VIP = "attune_vip"  # a high-value customer, by the admin's tags and fields
NOBODY_FREE = "attune_nobody_free"  # handed to a group in which nobody could be named
CALLBACK = "attune_callback"  # the customer booked a time with a person
CONFIRMED = "attune_confirmed"  # the customer said on our page that it is solved

# Any of these on the ticket keeps later automated replies away, too.
GUARDING = {
    PROTECTED: "an earlier message of this ticket needs protection",
    SENIOR: "the ticket was handed to the senior group",
    WANTS_PERSON: "the customer asked for a person earlier",
}


def option(field: Field, value: str) -> str:
    """The drop-down option, and so the tag, of one value: `attune_charge_calm`."""
    return f"attune_{field}_{value}"


def intent_tag(intent: Intent) -> str:
    """The tag of one intent: `attune_intent_order_status`."""
    return f"attune_intent_{intent}"


def values(reading: Reading, newest: Message) -> dict[Field, str]:
    """What our fields should hold; an unreadable message moves only the marker: a guess would be a false claim."""
    marker = {Field.MARKER: str(newest.id)}
    if not reading.readable:
        return marker
    return marker | {
        Field.SENTIMENT: option(Field.SENTIMENT, reading.sentiment),
        Field.CHARGE: option(Field.CHARGE, reading.charge),
        Field.URGENCY: option(Field.URGENCY, reading.urgency),
    }


def stale(ticket: Ticket, holding: frozenset[str]) -> frozenset[str]:
    """Our tags on the ticket that no longer hold; the options of our fields belong to the fields, not here.

    Once we have answered, the intents stay: a question that comes back after other words must be known as answered.
    """
    intents = frozenset() if ANSWERED in ticket.tags else frozenset(map(intent_tag, Intent))
    return (ticket.tags & (intents | {UNSURE, DRAFTED, NOBODY_FREE, CONFIRMED})) - holding


def earlier_charge(ticket: Ticket) -> Charge | None:
    """The charge that our field held before, or None."""
    return next((c for c in Charge if ticket.fields.get(Field.CHARGE) == option(Field.CHARGE, c)), None)


def earlier_urgency(ticket: Ticket) -> Urgency | None:
    """The urgency that our field held before, or None."""
    return next((u for u in Urgency if ticket.fields.get(Field.URGENCY) == option(Field.URGENCY, u)), None)
