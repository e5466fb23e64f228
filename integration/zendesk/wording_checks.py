"""Whether the texts of our macros, as admins have edited them, still read as a customer should be written to.

It must not change a macro; what it looks for is the lint that our own texts pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from integration import content, wire
from integration.content import MacroText
from integration.model import Owned
from integration.wire.resources import (
    MACRO,
    macro_key,
)
from integration.zendesk.findings import Case, Finding, ok, warning
from integration.zendesk.likeness import macro_text, title_of
from integration.zendesk.standing import Thing

# Faults named of one macro: the rest shows when these are mended. Our choice.
MOST_FAULTS = 3


def wording(case: Case) -> Iterator[Finding]:
    """What is cold, false, blaming or hard to read in an answer or an empathy macro; one finding for each macro."""
    things = case.things(MACRO)
    shipped = {macro_key(text.key): text for text in content.macros()}
    standing = [(row, things[row.zendesk_id]) for row in case.of(MACRO) if row.zendesk_id in things]
    found = [finding for row, there in standing for finding in _macro(row, there, shipped.get(row.key))]
    yield from found
    if standing and not found:
        yield ok("wording", f"the texts of {len(standing)} macros read well")


def _macro(row: Owned, there: Thing, text: MacroText | None) -> Iterator[Finding]:
    said = wire.plain_text(macro_text(there))
    if text is None or not said or there.get("active") is False:
        return
    edited = replace(text, text=said)
    if row.key.startswith(macro_key("empathy/")):
        faults = content.lint_macro(edited)
    else:
        faults = content.lint(said, text.language)
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        yield warning(
            "wording",
            f"{title_of(there)}: {'; '.join(faults[:MOST_FAULTS])}{more}",
            "reword it in Admin Center, Macros; an answer with such a fault is drafted, not sent",
        )
