"""Finds the cues of the tables in a message: what must raise protection whatever a scoring makes of the rest.

It must not score, and it must never take protection away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integration.analysis import tables
from integration.analysis.finding import Finding
from integration.analysis.language import UNKNOWN
from integration.analysis.phrases import Word
from integration.analysis.tables import Cue, CueTable
from integration.model import PROTECTIVE_SIGNALS

# A hint is a phrase that means its cue only about half the time on our corpus.
HINT = 0.5
# How many findings one cue may add: more of the same says no more, and a wall of capitals should not fill the page.
_MOST_PER_CUE = 3
# What was said earlier in the conversation counts a little less than what is said now.
EARLIER = 0.7


def find(words: Sequence[Word], language: str, table: CueTable | None = None) -> list[Finding]:
    """Every cue in `words`, in order of place; cues of other languages than `language` and English are left out.

    `table` is the one to look in, by default that of every installation.
    """
    table = tables.cues() if table is None else table
    taken_back = {(id(cue), position) for cue, start, end in table.unless.find(words) for position in range(start, end)}
    spans: dict[int, list[tuple[int, int, Cue, bool]]] = {}
    for row, start, end in table.phrases.find(words):
        if row.cue.language not in {tables.ENGLISH, language} and language != UNKNOWN:
            continue
        if any((id(row.cue), position) in taken_back for position in range(start, end)):
            continue
        spans.setdefault(id(row.cue), []).append((start, end, row.cue, row.sure))
    found = [_finding(words, *span) for listed in spans.values() for span in _apart(listed)]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.signal))


def earlier(conversation: Iterable[Sequence[Word]], language: str) -> list[Finding]:
    """What protects, found in the customer's earlier messages: facts of the history, so without a quote."""
    found: dict[str, Finding] = {}
    for words in conversation:
        for finding in find(words, language):
            if finding.signal in PROTECTIVE_SIGNALS and finding.weight > HINT:
                reason = f"Earlier in this conversation: {finding.reason[:1].lower()}{finding.reason[1:]}"
                weight = finding.weight * EARLIER
                found[reason] = Finding(signal=finding.signal, weight=weight, reason=reason, hint=finding.hint)
    return list(found.values())


def _apart(spans: list[tuple[int, int, Cue, bool]]) -> list[tuple[int, int, Cue, bool]]:
    """The surest and longest spans that do not overlap, no more than a few."""
    chosen: list[tuple[int, int, Cue, bool]] = []
    for span in sorted(spans, key=lambda s: (not s[3], s[0] - s[1], s[0])):
        if len(chosen) < _MOST_PER_CUE and all(span[1] <= other[0] or other[1] <= span[0] for other in chosen):
            chosen.append(span)
    return chosen


def _finding(words: Sequence[Word], start: int, end: int, cue: Cue, sure: bool) -> Finding:
    share = 1.0 if sure else HINT
    return Finding(
        signal=cue.signal,
        weight=cue.weight * share,
        reason=cue.reason if sure else f"Perhaps: {cue.reason[:1].lower()}{cue.reason[1:]}",
        start=words[start].start,
        end=words[end - 1].end,
        polarity=cue.polarity * share,
        emotions={emotion: strength * share for emotion, strength in cue.emotions.items()},
        intent=cue.intent if sure else None,
        charge=cue.charge if sure else None,
        urgency=cue.urgency if sure else None,
        hint=not sure,
    )
