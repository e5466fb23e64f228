"""The nouns every part speaks in, and the four ways things fail.

It must not know Zendesk's field names, any library, the clock or the network: standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# --- what a ticket can say -------------------------------------------------------------------------------------------


class Sentiment(StrEnum):
    """How the customer feels now, in Zendesk's five words; ordered from worst to best."""

    VERY_NEGATIVE = "very_negative"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    VERY_POSITIVE = "very_positive"


class Charge(StrEnum):
    """How strong the feeling is that a reply must meet; ordered."""

    CALM = "calm"
    MILD = "mild"
    CHARGED = "charged"


class Urgency(StrEnum):
    """How much harm waiting does, whatever the tone; ordered."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Emotion(StrEnum):
    """The eight feelings that are named; a reading carries a strength of 0…1 for each one found."""

    ANGER = "anger"
    FRUSTRATION = "frustration"
    DISAPPOINTMENT = "disappointment"
    ANXIETY = "anxiety"
    SADNESS = "sadness"
    CONFUSION = "confusion"
    GRATITUDE = "gratitude"
    JOY = "joy"


class Intent(StrEnum):
    """What the customer wants; the first fourteen are routine."""

    ORDER_STATUS = "order_status"
    RETURN_HOW_TO = "return_how_to"
    REFUND_STATUS = "refund_status"
    DELIVERY_CHANGE = "delivery_change"
    INVOICE_COPY = "invoice_copy"
    BILLING_QUESTION = "billing_question"
    PLAN_QUESTION = "plan_question"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - an intent's name, not a secret
    ACCOUNT_UPDATE = "account_update"
    HOW_TO = "how_to"
    PRODUCT_AVAILABILITY = "product_availability"
    OPENING_HOURS = "opening_hours"
    CANCEL_HOW_TO = "cancel_how_to"
    THANKS = "thanks"

    COMPLAINT = "complaint"
    DAMAGED_OR_WRONG_ITEM = "damaged_or_wrong_item"
    DOUBLE_CHARGE = "double_charge"
    FRAUD_OR_SECURITY = "fraud_or_security"
    OUTAGE = "outage"
    BUG_REPORT = "bug_report"
    CHURN_THREAT = "churn_threat"
    LEGAL_THREAT = "legal_threat"
    SAFETY_OR_HEALTH = "safety_or_health"
    BEREAVEMENT = "bereavement"
    VULNERABLE_CUSTOMER = "vulnerable_customer"
    WANTS_HUMAN = "wants_human"
    FEATURE_REQUEST = "feature_request"
    SALES_LEAD = "sales_lead"
    PRAISE = "praise"
    AUTO_REPLY = "auto_reply"
    SPAM = "spam"
    OTHER = "other"


ROUTINE_INTENTS = frozenset(list(Intent)[:14])


class Signal(StrEnum):
    """What a piece of evidence points at; the protective ones can only raise protection, never lower it."""

    FEELING = "feeling"  # a word or phrase with an emotional weight
    LOUD = "loud"  # capitals, exclamation marks, emoji
    INTENT = "intent"  # words that name the request
    DEADLINE = "deadline"  # a date or hour by which harm is done
    AMOUNT = "amount"  # money named
    REPEAT_CONTACT = "repeat_contact"  # asked before, or an answer that did not help
    BROKEN_PROMISE = "broken_promise"  # something was promised and not kept
    SARCASM = "sarcasm"  # praise beside a failure
    PROFANITY = "profanity"
    CHURN = "churn"  # says they are leaving
    WANTS_PERSON = "wants_person"
    BEREAVEMENT = "bereavement"
    SELF_HARM = "self_harm"
    SAFETY = "safety"  # injury, illness, fire, violence
    FRAUD = "fraud"  # stolen, unknown charge, account taken over
    LEGAL = "legal"  # lawyers, regulators, data-protection claims
    VULNERABLE = "vulnerable"  # disability, illness, dependence, abuse at home
    MONEY_WORRY = "money_worry"  # not enough money to live on
    MINOR = "minor"  # a child is writing or is concerned
    IDENTITY = "identity"  # who may act on this account is in question
    MACHINE = "machine"  # out-of-office, bounce, no-reply, our own mail
    ORDERS_TO_SOFTWARE = "orders_to_software"  # "ignore your rules": read as text, never obeyed
    MANY_AFFECTED = "many_affected"  # an outage, or a fault for many people


# Somebody may be hurt, dead or helpless: heard also where other words are not listened to.
GRAVE_SIGNALS = frozenset({Signal.SELF_HARM, Signal.SAFETY, Signal.BEREAVEMENT, Signal.VULNERABLE})
# Any one of these keeps a bot silent, whatever else was read.
PROTECTIVE_SIGNALS = frozenset(
    {
        Signal.WANTS_PERSON,
        Signal.BEREAVEMENT,
        Signal.SELF_HARM,
        Signal.SAFETY,
        Signal.FRAUD,
        Signal.LEGAL,
        Signal.VULNERABLE,
        Signal.MONEY_WORRY,
        Signal.MINOR,
        Signal.IDENTITY,
        Signal.MACHINE,
        Signal.CHURN,
    }
)


# --- what comes in ---------------------------------------------------------------------------------------------------


class EventKind(StrEnum):
    """Why we were called; an unknown kind is named, not crashed on."""

    CUSTOMER_MESSAGE = "customer_message"
    CORRECTION = "correction"  # a person changed one of our fields
    CLOSED = "closed"  # the ticket was solved or closed
    RATED = "rated"  # the customer rated the contact
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """A hint to look at a ticket: thin, so that late, doubled and disordered deliveries do no harm."""

    delivery_id: str  # the sender's invocation id, constant over its retries; our workflow id
    ticket_id: int
    kind: EventKind
    happened_at: datetime  # aware, UTC
    note: str = ""  # the sender's own name of the kind where it is UNKNOWN


class Who(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"  # we ourselves, or another machine of the desk
    SYSTEM = "system"  # a rule, a merge, a notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One comment of a ticket; `text` is as written (it may hold HTML, quotes and signatures)."""

    id: int
    who: Who
    text: str
    at: datetime
    public: bool
    author_id: int | None = None
    ours: bool = False  # written by Attune's own user


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The customer whose ticket it is, as the desk knows them."""

    id: int
    name: str = ""
    email: str = ""
    locale: str = ""
    tags: frozenset[str] = frozenset()
    suspended: bool = False  # or deleted


class Status(StrEnum):
    """Zendesk's status categories."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    DELETED = "deleted"


class Priority(StrEnum):
    """Zendesk's four priorities; ordered."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Field(StrEnum):
    """The ticket fields that Attune owns."""

    SENTIMENT = "sentiment"
    CHARGE = "charge"
    URGENCY = "urgency"
    MARKER = "marker"  # the comment that the last write answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as it is now, with its whole conversation, oldest message first."""

    id: int
    subject: str
    requester: Requester
    channel: str  # LABELS.md's words: email, web, chat, native_messaging, ...
    status: Status
    priority: Priority | None
    tags: frozenset[str]
    group_id: int | None
    assignee_id: int | None
    messages: tuple[Message, ...]
    stamp: str  # the version stamp, exactly as the desk wrote it
    created_at: datetime
    fields: Mapping[Field, str | None] = field(default_factory=dict)  # our own fields; absent when not installed
    from_messaging: bool = False  # an active conversation that the tickets API cannot answer
    has_ccs: bool = False
    shared: bool = False  # with another account, a side conversation, a follow-up, or merged with another ticket
    satisfaction: str = ""  # good, bad, offered, or empty
    loaded_at: datetime | None = None  # our clock just before we asked for it

    @property
    def newest(self) -> Message | None:
        """The newest public message of the customer, or None where there is none."""
        return next((m for m in reversed(self.messages) if m.who is Who.CUSTOMER and m.public), None)

    def after(self, message: Message) -> tuple[Message, ...]:
        """What was written after `message`, in order."""
        position = next(i for i, m in enumerate(self.messages) if m.id == message.id)
        return self.messages[position + 1 :]

    def before(self, message: Message) -> tuple[Message, ...]:
        """What was written before `message`, in order."""
        position = next(i for i, m in enumerate(self.messages) if m.id == message.id)
        return self.messages[:position]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    """One earlier ticket of the same requester."""

    id: int
    subject: str
    status: Status
    created_at: datetime
    sentiment: Sentiment | None = None  # as read by us then, where we did


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the desk and we know of the requester beside this ticket; None where it is not known."""

    tickets_90d: int | None = None  # tickets in the last 90 days, this one included
    reopens: int | None = None
    bad_ratings: int | None = None
    days_open: int | None = None
    recent: tuple[PastTicket, ...] = ()  # newest first, this ticket left out


# --- what we make of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason of a reading: the phrase, where it stands in the cleaned text, and what it says."""

    signal: Signal
    quote: str  # empty where the reason is a fact of the history
    start: int  # offset into the cleaned text, characters
    end: int
    weight: float  # 0...1: how much it counted
    reason: str  # plain words, free of the customer's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a ticket was read; unreadable is a reading with `readable` false, not an exception."""

    sentiment: Sentiment
    polarity: float  # -1...1
    charge: Charge
    charge_score: float  # 0...1
    emotions: Mapping[Emotion, float]  # strengths 0...1 of those found
    urgency: Urgency
    intent: Intent
    language: str  # ISO 639-1, "und" where unknown
    confidence: Mapping[str, float]  # 0...1 by sentiment, charge, emotions, urgency, intent, language, and `harmless`:
    # how sure it is that an answer in set words harms nobody
    evidence: tuple[Evidence, ...]
    readable: bool = True
    why_unreadable: str = ""
    text: str = ""  # the cleaned text that the offsets point into; never stored, never logged

    @property
    def signals(self) -> frozenset[Signal]:
        """Every signal that has evidence."""
        return frozenset(e.signal for e in self.evidence)


# --- what an admin may turn ------------------------------------------------------------------------------------------


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

    def rung(self, intent: Intent) -> Rung:
        """The rung of one intent."""
        return self.rungs.get(intent, self.default_rung)


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


# --- what we decide --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFields:
    """Put the reading and the marker into our ticket fields."""

    values: Mapping[Field, str]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTags:
    """Add tags, and drop those of ours that no longer hold."""

    tags: frozenset[str]
    because: str
    drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One automated public reply; the ticket is left pending."""

    macro: MacroRef
    text: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One internal note."""

    text: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Hand the ticket to a group."""

    group_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPriority:
    """Raise the priority; it is never lowered."""

    priority: Priority
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReview:
    """Ask a person to look, because we are not sure."""

    because: str


Action = SetFields | AddTags | Reply | Note | Route | SetPriority | AskForReview


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What should be done, and why; with no actions it says why there are none."""

    actions: tuple[Action, ...]
    because: str
    silence: tuple[str, ...] = ()  # why no automated reply is sent; empty exactly when one is
    macros: tuple[MacroRef, ...] = ()  # suggested to the agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What one write did, and what stood there before."""

    audit_id: int | None
    comment_id: int | None  # of the reply or note
    before: Mapping[str, object]  # the earlier value of everything touched
    after: Mapping[str, object]
    dropped: tuple[str, ...] = ()  # keys that the desk silently left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Exactly one per event taken from the queue."""

    event: TicketEvent
    plan: Plan
    at: datetime
    reading: Reading | None = None
    applied: Applied | None = None
    message_id: int | None = None  # the customer's message that was read
    requester_id: int | None = None
    notes: tuple[str, ...] = ()  # findings for the admin, such as a field that is gone


# --- how things fail -------------------------------------------------------------------------------------------------


class AttuneError(Exception):
    """The root of our failures; only its four children are raised."""


class NotTrusted(AttuneError):
    """The caller is not who they must be: answer 401, store nothing."""


class NotUnderstood(AttuneError):
    """The message lacks or garbles something; the text names the field."""


class TryLater(AttuneError):
    """It may work later: a limit, a timeout, a 5xx, an edit conflict."""

    def __init__(self, reason: str, after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(reason)
        self.after = after


class Refused(AttuneError):
    """It will never work; the text says why and what to do."""
