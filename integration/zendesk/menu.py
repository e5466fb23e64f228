"""For which languages and groups the empathy macros stand in the agents' menu: the ledger and the account remember it.

It must not decide what is done about a choice, nor read or write the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from integration import content
from integration.content import MacroText
from integration.model import Owned, Refused
from integration.wire.resources import (
    GROUP,
    MACRO,
    Body,
    macro_key,
)
from integration.zendesk.likeness import Prints, fingerprint, may_be_ours, title_of
from integration.zendesk.standing import Standing, Thing

GROUP_RESTRICTION = "Group"  # Zendesk's word for a macro that only some groups see


def chosen_languages(named: Iterable[str] | None, rows: Iterable[Owned], standing: Standing) -> tuple[str, ...]:
    """English, and the languages named beside it; where none is named, those that stand already."""
    if named is None:
        named = [text.language for text, _, _ in _standing(rows, standing)]
    wished = {content.ENGLISH, *named}
    return tuple(language for language in content.LANGUAGES if language in wished)


def chosen_restriction(names: Iterable[str] | None, rows: Iterable[Owned], standing: Standing) -> Body:
    """What the macros say about who sees them: the named groups, everybody for no name, and for None what install
    wrote before; an empty body says nothing. Raises Refused for a name that no group has.

    https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
    """
    if names is None:
        found = (_ours(row, there) for _, row, there in _standing(rows, standing))
        before = next((restriction for restriction in found if restriction), None)
        return {"restriction": before} if before else {}
    ids = sorted(_group_id(name, standing) for name in names)
    return {"restriction": _to(ids) if ids else None}


def dropped_keys(languages: Iterable[str]) -> frozenset[str]:
    """The keys of the macros in all the other languages: those that are not to stand any longer."""
    others = [language for language in content.LANGUAGES if language not in set(languages)]
    return frozenset(macro_key(text.key) for text in (content.empathy(*others) if others else ()))


def described(languages: Iterable[str], restriction: Body, standing: Standing) -> str:
    """The choice in one line for people."""
    names = content.languages()
    groups = {int(group["id"]): title_of(group) for group in standing.of(GROUP)}
    ids = (restriction.get("restriction") or {}).get("ids", ())
    seen = f"; seen by {', '.join(groups.get(one, str(one)) for one in ids)} only" if ids else ""
    return f"Empathy macros in {', '.join(names[language] for language in languages)}{seen}."


def _standing(rows: Iterable[Owned], standing: Standing) -> Iterator[tuple[MacroText, Owned | None, Thing]]:
    """Our empathy macros that stand; without a ledger, those of our title that bear our mark."""
    by_key = {row.key: row for row in rows if row.kind == MACRO}
    titled = {title_of(thing): thing for thing in standing.of(MACRO) if may_be_ours(MACRO, thing, standing)}
    for text in content.empathy(*content.LANGUAGES):
        row = by_key.get(macro_key(text.key))
        there = standing.by_id(MACRO, row.zendesk_id) if row else titled.get(text.title) if not by_key else None
        if there is not None:
            yield text, row, there


def _ours(row: Owned | None, there: Thing) -> Body | None:
    """The restriction of a macro, where it is the one that install wrote and not an admin's own."""
    found = there.get("restriction") or {}
    if found.get("type") != GROUP_RESTRICTION:
        return None
    restriction = _to(sorted({int(one) for one in (found.get("ids") or [found["id"]])}))
    if row is not None and Prints.read(row.definition).behaviour != fingerprint({"restriction": restriction}):
        return None
    return restriction


def _to(ids: list[int]) -> Body:
    return {"type": GROUP_RESTRICTION, "id": ids[0], "ids": ids}


def _group_id(name: str, standing: Standing) -> int:
    groups = {title_of(group): int(group["id"]) for group in standing.of(GROUP) if not group.get("deleted")}
    found = next((one for title, one in groups.items() if title.strip().casefold() == name.strip().casefold()), None)
    if found is None:
        raise Refused(f"there is no group {name}; there are {', '.join(sorted(groups))}")
    return found
