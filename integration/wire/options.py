"""Knows how our words stand in Zendesk: a reading's word as a drop-down option, whose value is also a tag.

It must not know a ticket or a plan: a field and a word in, an option out, and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from integration.model import Charge, Field, Sentiment, Urgency

# Zendesk's own sentiment feature writes `sentiment__…`; ours must never be taken for it.
PREFIX = "attune_"

# On a ticket where we ask a person to look because we are not sure.
REVIEW_TAG = "attune_unsure"

# The words of the fields that are drop-downs; the marker is plain text.
WORDS: Mapping[Field, type[StrEnum]] = {
    Field.SENTIMENT: Sentiment,
    Field.CHARGE: Charge,
    Field.URGENCY: Urgency,
}


def option(field: Field, value: str) -> str:
    """The value to write: `attune_charge_charged` for a drop-down's word, the text itself for the marker."""
    return value if field not in WORDS or value.startswith(_stem(field)) else _stem(field) + value


def value_of(field: Field, written: object) -> str | None:
    """Our word for what stands in the field, or None where nothing stands there. Foreign words are kept as they are."""
    text = "" if written is None else str(written).strip()
    return text.removeprefix(_stem(field)) if field in WORDS and text else text or None


def option_tags(field: Field) -> frozenset[str]:
    """Every tag that an option of this field puts on a ticket; none for the marker."""
    return frozenset(_stem(field) + word for word in WORDS[field]) if field in WORDS else frozenset()


def _stem(field: Field) -> str:
    return f"{PREFIX}{field}_"
