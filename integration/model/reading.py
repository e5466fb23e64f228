"""What a text can say and how it was read: the labels, the signals, the evidence.

It must not know tickets, the desk or what is done with a reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
        Signal.SARCASM,
    }
)


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
