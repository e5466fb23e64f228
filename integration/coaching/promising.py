"""Finds promises of a draft that name no day and no hour.

It must not object where a time stands anywhere near, or where the promise waits for something to happen.
"""

from __future__ import annotations

from collections.abc import Iterator

from integration import content
from integration.coaching.draft import Draft, Sentence
from integration.coaching.lists import Lists, excuses
from integration.coaching.talk import Talk
from integration.model import Advice, AdviceKind

_ENDS = ".!?…"


def no_date(draft: Draft, _talk: Talk, lists: Lists) -> Iterator[Advice]:
    """Advice on the first promise without a time."""
    if excuses().deadline.search(draft.text):
        return
    awaited = False
    for sentence in draft.sentences:
        waits, awaited = awaited, bool(excuses().awaited.search(sentence.text))
        if waits or excuses().time.search(sentence.text) or excuses().condition.search(sentence.text):
            continue
        if span := _promise(sentence, draft, lists):
            start, end = span
            yield Advice(
                kind=AdviceKind.NO_DATE,
                say=content.coaching()["say"]["no_date"],
                quote=draft.original[start:end],
                start=start,
                end=end,
            )
            return


def _promise(sentence: Sentence, draft: Draft, lists: Lists) -> tuple[int, int] | None:
    """Where the promise stands; one that the agent is just writing may still get its day, and is left alone."""
    for pattern in lists.promise:
        hit = pattern.search(sentence.text)
        if hit and (sentence.start + hit.end() < len(draft.text.rstrip()) or sentence.text.endswith(tuple(_ENDS))):
            return sentence.start + hit.start(), sentence.start + hit.end()
    if any(pattern.search(sentence.text) for pattern in lists.not_vague):
        return None
    hit = next((hit for pattern in lists.vague if (hit := pattern.search(sentence.text))), None)
    if hit is None:
        return None
    start, end = hit.span("at" if hit.groupdict().get("at") else 0)
    return sentence.start + start, sentence.start + end
