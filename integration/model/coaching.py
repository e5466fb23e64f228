"""What an agent may be told about the wording of a draft.

It must not say how any of it is found, nor hold more of a draft than the words that are pointed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AdviceKind(StrEnum):
    """What a piece of advice is about, the weightiest first."""

    ASKS_AGAIN = "asks_again"  # for something that the customer has given already
    BLAME = "blame"
    TONE = "tone"  # cheerful, cold or loud where it does not fit
    NOT_ACKNOWLEDGED = "not_acknowledged"  # upset, and the beginning names nothing of what happened
    SECOND_APOLOGY = "second_apology"
    EMPTY_SYMPATHY = "empty_sympathy"
    NO_DATE = "no_date"  # a promise without a day or an hour
    JARGON = "jargon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One piece of advice on a draft; a hint for its writer, never a verdict on a person."""

    kind: AdviceKind
    say: str  # one or two plain sentences for the agent, in English as in the notes
    quote: str = ""  # the words of the draft that are meant; empty where something is missing
    start: int = 0  # offset into the draft, characters
    end: int = 0
