"""Reads a text that is meant for a customer and says what would make it cold, false or hard to read.

It must not know where the text comes from; it judges English wording only.
"""

from __future__ import annotations

import re

# Longest sentence, in words: the UK government's writing guide asks for 25 at most.
# https://www.gov.uk/guidance/content-design/writing-for-gov-uk
LONGEST_SENTENCE_WORDS = 25
# Exclamation marks in one text: one can be warm, two shout. Our choice.
MOST_EXCLAMATIONS = 1
# One apology is heard, a second one sounds like a formula. Our choice, from the house rule on empathy macros.
MOST_APOLOGIES = 1

_APOLOGY = re.compile(r"\b(?:sorry|apolog\w+|pardon|forgive\w*|(?:we|i) regret)\b", re.IGNORECASE)
_GREETING = re.compile(r"^(?:hello|hi|dear)\b[^\n]*,\s*$", re.IGNORECASE | re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")

_FALSE_FEELINGS = (
    r"\bwe(?:'re|’re| are)? (?:truly |really |deeply )?(?:value|cherish|treasure|care about|feel|hate to)\b",
    r"\bvalued (?:customer|client|member)\b",
    r"\b(?:we|i) (?:completely |fully |totally |can |do )*(?:understand|imagine|appreciate|know)"
    r" (?:your|how|that you|the)\b"
    r"[^.]{0,40}\b(?:frustrat\w+|feel\w*|ups\w+|anger|angry|annoy\w+|disappoint\w+|concern\w*|stress\w*|pain\w*)",
    r"\b(?:we|i)(?:'m|’m|'re|’re| am| are) (?:so |very |truly |really |absolutely )*"
    r"(?:thrilled|delighted|excited|happy|glad|sad|devastated|heartbroken|overjoyed|pleased)\b",
    r"\b(?:heartfelt|sincere(?:st|ly)?|deepest|profound(?:ly)?)\b",
    r"\byour (?:feedback|satisfaction|business|opinion|call) (?:is|means)\b",
    r"\b(?:i|we) feel (?:your|for you)\b",
)
_BLAME = (
    r"\byou (?:should|could|ought to|must) have\b",
    r"\byou (?:failed|forgot|neglected|omitted|refused|ignored|misunderstood|misread)\b",
    r"\byour (?:own )?(?:mistake|error|fault|failure)\b",
    r"\bas (?:i|we)(?: have|'ve|’ve)? (?:already |previously )?(?:said|told|mentioned|explained|stated)\b",
    r"\bas (?:already|previously) (?:said|told|mentioned|explained|stated)\b",
    r"\bif you had\b",
    r"\bunfortunately,? you\b",
    r"\buser error\b",
    r"\bcalm down\b",
)
_JARGON = (
    r"\b(?:utili[sz]e\w*|leverag\w+|facilitat\w+|expedit\w+|escalat\w+|remediat\w+|troubleshoot\w*)\b",
    r"\b(?:sla|kpi|eta|rma|tier ?[123]|back-?end|root cause|ticket (?:id|number))\b",
    r"\b(?:touch base|reach out|circle back|going forward|moving forward|at your earliest convenience)\b",
    r"\b(?:please be advised|do not hesitate|don['’]t hesitate|rest assured|kindly|per our|as per|pursuant)\b",
    r"\binconvenience\b",
)


def lint(text: str) -> tuple[str, ...]:
    """Everything wrong with the wording of `text`, in plain words with the place quoted; empty when it may be used."""
    return (
        *_phrases("false feeling", _FALSE_FEELINGS, text),
        *_phrases("blame", _BLAME, text),
        *_phrases("jargon", _JARGON, text),
        *_apologies(text),
        *_exclamations(text),
        *_long_sentences(text),
    )


def _phrases(fault: str, patterns: tuple[str, ...], text: str) -> list[str]:
    found = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return [f"{fault}: “{hit[0]}”" for hit in found if hit]


def _apologies(text: str) -> list[str]:
    count = len(_APOLOGY.findall(text))
    return [f"{count} apologies, {MOST_APOLOGIES} is enough"] if count > MOST_APOLOGIES else []


def _exclamations(text: str) -> list[str]:
    count = text.count("!")
    return [f"{count} exclamation marks"] if count > MOST_EXCLAMATIONS else []


def _long_sentences(text: str) -> list[str]:
    sentences = (sentence.split() for sentence in _SENTENCE_END.split(_GREETING.sub("", text)))
    return [
        f"{len(words)} words in one sentence: “{' '.join(words[:6])} …”"
        for words in sentences
        if len(words) > LONGEST_SENTENCE_WORDS
    ]
