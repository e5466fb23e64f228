"""The desk: its people and groups, what install put there, and every rule that an admin may turn.

It must not know a single ticket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from integration.model.reading import Intent
from integration.model.ticket import Field


class Care(StrEnum):
    """What can make a ticket one for a group of its own; ordered, the gravest first."""

    SAFETY = "safety"
    FRAUD = "fraud"
    BEREAVEMENT = "bereavement"
    VULNERABLE = "vulnerable"
    LEGAL = "legal"
    VIP = "vip"
    CHURN = "churn"


# How the name of a group for one language begins in `Rules.groups_for`: "language:de".
LANGUAGE_CARE = "language:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One person of the desk, and what they carry; we ourselves and other machines are not among them."""

    id: int
    name: str
    groups: frozenset[int]
    tags: frozenset[str] = frozenset()  # an admin's words for skills ("fraud", "refund_status") and "speaks_de"
    language: str = ""  # ISO 639-1, of their own locale
    available: bool | None = None  # None: the account does not tell, which counts as available
    assignable: bool = True  # false: a light agent, or another role that cannot hold tickets
    suspended: bool = False
    open_charged: int = 0  # tickets handed over as charged, urgent or protected that they hold now
    taken: tuple[datetime, ...] = ()  # when we gave them such tickets in the last hours, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What the desk says of a customer's organization."""

    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)  # custom fields by key; a ticked box is "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who could take a ticket, as far as it was asked for and could be read; None where it is not known."""

    agents: tuple[Agent, ...] | None = None
    groups: Mapping[str, int] | None = None  # ids by name, the deleted ones left out
    omnichannel: bool | None = None  # whether Zendesk itself chooses the person
    organization: Organization | None = None  # the requester's
    load_known: bool = True  # false: open tickets could not be counted, so what we gave lately is taken as still open
    trouble: str = ""  # why something could not be read


class Rung(StrEnum):
    """How much Attune may do by itself for one intent; ordered."""

    OBSERVE = "observe"  # read and record, touch nothing
    TAG = "tag"  # fields, tags, routing and notes
    DRAFT = "draft"  # the answer as an internal note for a person to send
    SHARE = "share"  # send to a share of the tickets, draft for the rest
    SEND = "send"  # send


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Every number and switch an admin may turn, with its default."""

    sending: bool = True  # the one switch that stops every automated reply at once
    default_rung: Rung = Rung.TAG
    rungs: Mapping[Intent, Rung] = field(default_factory=lambda: {Intent.ORDER_STATUS: Rung.DRAFT})
    share_percent: int = 5  # of tickets, on the rung `share`; users.md §12: begin with one in twenty
    replies_per_ticket: int = 2  # automated public replies, at most
    replies_per_hour: int = 60  # over the whole desk; a calm hour of a small desk, above it people should look
    oldest_answered_hours: int = 24  # our choice: after a day the matter has moved on, and a quick answer is late
    confidence_floor: float = 0.7  # how sure it must be that an answer harms nobody; under it no reply is sent
    reply_channels: frozenset[str] = frozenset({"email", "web", "mobile", "api"})
    reply_languages: frozenset[str] = frozenset({"en"})  # only those in which replies were measured safe
    skip_tag: str = "attune_skip"  # an agent's or trigger's way to say: leave this ticket alone
    person_word: str = "person"  # what a customer may answer to reach a person; any wording works too
    human_reply_within: str = "one working day"  # the honest time for a person's answer, in the admin's words
    help_articles: int = 2  # at most under an answer; users read the first two links of a list, if any; 0 for none

    assign: bool = False  # name a person for each charged ticket; off at first: desks want to see the group fill first
    groups_for: Mapping[str, int] = field(default_factory=dict)  # group ids by `Care` or "language:de"; else the senior
    vip_tags: frozenset[str] = frozenset({"vip"})  # on requester, organization or ticket; Zendesk's own usual word
    vip_fields: frozenset[str] = frozenset()  # of the organization: "tier=gold", or "key_account" for a ticked box
    charged_per_person: int = 6  # open at once; our choice: at about an hour each they fill a working day
    pause_after_charged: int = 3  # within an hour; 0: never. Our choice: one every twenty minutes is a hard run
    pause_minutes: int = 30  # without a new one after a hard run; our choice: a break and the notes of the last one
    business_hours: str = ""  # such as "Mon-Fri 09:00-17:00"; empty: not told, so nothing is promised or booked
    time_zone: str = "UTC"  # IANA's name of the zone of the business hours
    holidays: frozenset[str] = frozenset()  # days on which nobody works, such as 2026-12-25
    callback_minutes: int = 30  # length of a bookable time; our choice: a call and the note after it
    callbacks_per_slot: int = 0  # how many may book the same time; 0: none, until an admin says who will be there
    callback_days_ahead: int = 5  # calendar days; our choice: who must wait longer is better served by an answer
    keep_days: int = 180  # of what we wrote down; our choice: half a year shows a season, and no longer is needed
    # Autonomy is earned: above these an intent falls back to drafts. Our choices, for each desk to turn.
    ways_out_percent: int = 20  # of replies: where one in five must ask on, the answer costs people more than it saves
    reopens_percent: int = 15  # of replies: a solved ticket that comes back was not solved; stricter than asking on
    bad_ratings_percent: int = 20  # of ratings: four good ones in five is what desks commonly hold for well
    corrections_percent: int = 10  # of replies: a label that a person had to put right is our own error, so strictest
    least_replies: int = 20  # replies before shares are judged: under that the interval is wider than any bound
    least_ratings: int = 5  # ratings before they are judged: one bad one of one would look like all
    window_days: int = 28  # days looked back: four whole weeks, so that every weekday counts alike
    earned_replies: int = 50  # answers or drafts before a climb is suggested: without a flaw, 7 % at most would be bad
    pack: str = ""  # the line of business: fintech, ecommerce, saas; empty for none
    ceilings: Mapping[Intent, Rung] = field(default_factory=dict)  # follow from the pack; no rung goes above them

    def rung(self, intent: Intent) -> Rung:
        """The rung of one intent: as set, and never above the ceiling of the pack."""
        return lower(self.rungs.get(intent, self.default_rung), self.ceilings.get(intent, Rung.SEND))


def lower(one: Rung, other: Rung) -> Rung:
    """The lower of two rungs."""
    return min(one, other, key=list(Rung).index)


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroRef:
    """A macro that install made: its content key, its id and title in the desk."""

    key: str  # such as "answer/order_status" or "empathy/delay/first"
    id: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer macro as the desk rendered it for one ticket."""

    macro: MacroRef
    text: str  # plain text
    missing: tuple[str, ...] = ()  # facts it needs that nobody knows
    others: tuple[MacroRef, ...] = ()  # further answers in the same text, where several things were asked
    unfit: tuple[str, ...] = ()  # why it must not be sent as it is, whatever else holds; a draft it may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Where the facts of one intent's answer are asked for, as an admin configured it."""

    intent: Intent
    url: str  # with {order_number}, {requester_email}, {field_ID} in its path or query
    fields: Mapping[str, str]  # name of the fact to its dotted path in the JSON answer
    headers: Mapping[str, str] = field(default_factory=dict)  # ${NAME} stands for a variable of the environment
    owner_field: str = ""  # dotted path of an e-mail address that must be the requester's


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look-up brought: facts by name, and why others are missing; `why` never holds what was looked up."""

    facts: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One Help Center article that every customer may read."""

    id: int
    title: str
    snippet: str  # plain text: how it begins, or where the words were found
    url: str
    locale: str  # such as en-us


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What install put into the account, and who we are there."""

    self_id: int
    fields: Mapping[Field, int] = field(default_factory=dict)
    senior_group_id: int | None = None
    macros: tuple[MacroRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One thing in the account that install answers for."""

    key: str  # such as "field/charge" or "macro/empathy/delay/first"
    kind: str  # webhook, trigger, trigger_category, ticket_field, group, group_membership, view, macro
    zendesk_id: str
    made_by_us: bool  # false: it stood there before, and uninstall leaves it
    definition: str  # hash of our definition as last written
    title: str = ""
