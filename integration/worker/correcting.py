"""Counts what people put right in the sidebar, as a correction of a field is counted.

It must not know where corrections are kept, nor write anything on a ticket.
"""

from __future__ import annotations

from integration.model import Correction, Label, Reading, Ticket, Verdict
from integration.policy import corrected, marks
from integration.worker.beside import Judgements
from integration.worker.ladder import Ladder


def counted(
    pressed: tuple[Correction, ...], ticket: Ticket, ladder: Ladder | None, judgements: Judgements | None
) -> tuple[str, ...]:
    """Tell the ladder; gives back the falls in words for the admin. A word of praise moves nothing."""
    if ladder is None or judgements is None:
        return ()
    falls: list[str] = []
    for one in pressed:
        if one.label is not Label.ANSWER:
            falls += ladder.corrected(ticket, one.message_id, one.label, _as_written(one))
        elif one.is_now == Verdict.SHOULD_NOT and (reading := known_now(one.message_id, ticket.id, judgements)):
            falls += ladder.should_not(ticket, one.message_id, reading)
    return tuple(falls)


def known_now(message_id: int | None, ticket_id: int, judgements: Judgements) -> Reading | None:
    """The reading of one message with a person's last words laid over it."""
    said = [one for one in judgements.corrections(ticket_id) if one.message_id == message_id]
    read = next((one for one in judgements.readings(ticket_id) if one.message_id == message_id), None)
    return corrected.shown(read.reading, said) if read else None


def _as_written(one: Correction) -> str:
    """The new value as the ladder knows it from our fields."""
    field = corrected.FIELDS.get(one.label)
    return marks.option(field, one.is_now) if field else one.is_now
