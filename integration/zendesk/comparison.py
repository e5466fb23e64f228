"""What install and uninstall would do: the wanted things against those that stand there and those we answer for.

It is a decision as a value: nothing here reads or writes the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from integration.content import unfilled
from integration.model import Owned
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    CATEGORY,
    FIELD,
    GROUP,
    MACRO,
    MEMBERSHIP,
    TRIGGER,
    VIEW,
    WEBHOOK,
    Body,
    Wanted,
    resolved,
)
from integration.zendesk.likeness import (
    BEHAVIOUR,
    TEXTS,
    Prints,
    alike_by_name,
    bears_our_mark,
    edited_parts,
    fingerprint,
    is_membership,
    leads_elsewhere,
    macro_text,
    may_be_ours,
    missing_options,
    prints,
    title_of,
    works_alike,
)
from integration.zendesk.standing import Standing, Thing


class Verb(StrEnum):
    """What is done with one thing."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"  # it stands there without our knowing: use it, do not double it
    KEEP = "keep"
    REMOVE = "remove"
    FORGET = "forget"  # leave the account as it is and stop answering for the thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a plan; `verb`, `kind`, `title` and `because` are for people."""

    verb: Verb
    key: str
    kind: str
    title: str
    because: str
    zendesk_id: str = ""  # empty for what is to be created
    wanted: Wanted | None = None
    send: frozenset[str] = frozenset()  # which parts are written: behaviour, texts
    options: tuple[Body, ...] = ()  # drop-down options to add
    row: Owned | None = None  # what the ledger says now, or shall say where nothing is written
    made_by_us: bool = True
    edited: bool = False  # an admin changed it since we wrote it


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallPlan:
    """What will be done, in this order."""

    steps: tuple[Step, ...]
    remark: str = ""  # what was chosen for all of it, one line for people

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that do something; none of them means that running would change nothing."""
        return tuple(step for step in self.steps if step.verb is not Verb.KEEP)


def compare(
    wanted: Sequence[Wanted],
    standing: Standing,
    owned: Iterable[Owned],
    taken: Mapping[str, Thing] | None = None,
    dropped: frozenset[str] = frozenset(),
) -> InstallPlan:
    """Decide what install does; `wanted` names each thing after those that it needs.

    `taken` are things of another Attune to use as ours, by key; `dropped` are keys that an admin chose against.
    """
    rows = {row.key: row for row in owned}
    ids: dict[str, str] = {}
    steps: list[Step] = []
    for one in wanted:
        if taken and one.key in taken:
            other = taken[one.key]
            because = f"belongs to another Attune, at {other.get('endpoint')}, and is taken over"
            steps.append(replace(_adopted(one, other, standing, ids), because=because))
        else:
            steps += _steps(one, standing, rows.get(one.key), ids)
        if steps[-1].zendesk_id:
            ids[one.key] = steps[-1].zendesk_id
    known = {one.key for one in wanted}
    steps += [_no_longer_wanted(row, standing, row.key in dropped) for row in rows.values() if row.key not in known]
    return InstallPlan(steps=tuple(steps))


def compare_removal(standing: Standing, owned: Iterable[Owned], keep_fields: bool = False) -> InstallPlan:
    """Decide what uninstall does: remove exactly what install made, users of a thing before the thing."""
    order = (APP_INSTALLATION, APP, TRIGGER, CATEGORY, WEBHOOK, VIEW, MACRO, FIELD, MEMBERSHIP, GROUP)
    rows = sorted(owned, key=lambda row: order.index(row.kind) if row.kind in order else len(order))
    ours = frozenset(row.zendesk_id for row in rows if row.kind == TRIGGER and row.made_by_us)
    return InstallPlan(steps=tuple(_leave(row, standing, ours, keep_fields) for row in rows))


# --- one wanted thing ------------------------------------------------------------------------------------------------


def _steps(one: Wanted, standing: Standing, row: Owned | None, ids: Mapping[str, str]) -> list[Step]:
    there = standing.by_id(one.kind, row.zendesk_id) if row else None
    if row and not row.made_by_us and there is not None and not may_be_ours(one.kind, there, standing):
        return [_found_or_new(one, standing, ids)]  # an admin's own of the same name, which is not ours to write
    if row and there is not None and _moved(one, standing, row, there, ids):
        retired = [_retired(row, there)] if row.made_by_us else []
        return [*retired, _found_or_new(one, standing, ids)]
    if row is None or there is None:
        return [_found_or_new(one, standing, ids, lost=row is not None)]
    return [_known(one, row, there, ids)]


def _found_or_new(one: Wanted, standing: Standing, ids: Mapping[str, str], lost: bool = False) -> Step:
    there = alike_by_name(one, standing, ids)
    if there is not None:
        return _adopted(one, there, standing, ids)
    because = "was deleted in the desk" if lost else "is not there yet"
    return Step(verb=Verb.CREATE, key=one.key, kind=one.kind, title=one.title, because=because, wanted=one)


def _adopted(one: Wanted, there: Thing, standing: Standing, ids: Mapping[str, str]) -> Step:
    works = one.kind not in (WEBHOOK, TRIGGER, VIEW, APP, APP_INSTALLATION) or works_alike(one, there, ids)
    missing = missing_options(one, there)
    because = "stands there already" + ("" if works and not missing else " and is brought up to date; texts stay")
    return Step(
        verb=Verb.ADOPT,
        key=one.key,
        kind=one.kind,
        title=title_of(there) if one.kind != MEMBERSHIP else one.title,
        because=because,
        zendesk_id=str(there["id"]),
        wanted=one,
        send=frozenset() if works else frozenset({BEHAVIOUR}),
        options=missing,
        made_by_us=bears_our_mark(one.kind, there, standing),
    )


def _known(one: Wanted, row: Owned, there: Thing, ids: Mapping[str, str]) -> Step:
    before, now = Prints.read(row.definition), prints(one, ids, there)
    edited = edited_parts(row, there)
    changed = {BEHAVIOUR} if one.behaviour and before.behaviour != now.behaviour else set()
    if before.texts != now.texts and TEXTS not in edited and not _would_empty(one, there):
        changed.add(TEXTS)
    if one.kind == APP_INSTALLATION and leads_elsewhere(one, there):
        changed.add(BEHAVIOUR)
    missing = missing_options(one, there)
    step = Step(
        verb=Verb.UPDATE if changed or missing else Verb.KEEP,
        key=one.key,
        kind=one.kind,
        title=title_of(there) if one.kind != MEMBERSHIP else one.title,
        because="",
        zendesk_id=row.zendesk_id,
        wanted=one,
        send=frozenset(changed),
        options=missing,
        row=row,
        made_by_us=row.made_by_us,
        edited=bool(edited),
    )
    return replace(step, because=_why(step, edited, before.texts != now.texts))


def _why(step: Step, edited: frozenset[str], texts_changed: bool) -> str:
    if step.options and not step.send:
        return f"lacks {len(step.options)} of its options"
    if step.kind == MACRO and step.send == {BEHAVIOUR}:
        return "other groups are to see it"
    if step.kind == APP and step.send:
        return "another version of the app is installed"
    if step.kind == APP_INSTALLATION and step.send:
        return "its settings are to be written anew"
    if step.send:
        return "our definition changed" + ("; the desk's own wording stays" if TEXTS in edited else "")
    if texts_changed and TEXTS in edited:
        return "was edited in the desk; our new wording is not written over it"
    if texts_changed:
        return "its facts were filled in earlier; name them again to write our new wording"
    if not step.made_by_us:
        return "stood there before install and is used"
    return "was edited in the desk and stays so" if edited else "is as it should be"


def _would_empty(one: Wanted, there: Thing) -> bool:
    """Whether writing a macro's text anew would take facts out of it that were filled in earlier."""
    if one.kind != MACRO:
        return False
    return bool(set(unfilled(macro_text(one.texts))) - set(unfilled(macro_text(there))))


def _moved(one: Wanted, standing: Standing, row: Owned, there: Thing, ids: Mapping[str, str]) -> bool:
    """Whether a row names another thing than the one now meant: another senior group, or a place in another group."""
    if one.kind == MEMBERSHIP:
        return not is_membership(one, there, ids)
    if one.kind != GROUP or Prints.read(row.definition).texts == fingerprint(resolved(one.texts, ids)):
        return False
    named = alike_by_name(one, standing, ids)
    return named is not there and (named is not None or not row.made_by_us)


def _retired(row: Owned, there: Thing, because: str = "is no longer used; uninstall will remove it") -> Step:
    key = f"{row.kind}/retired/{row.zendesk_id}"
    return Step(
        verb=Verb.FORGET,
        key=row.key,
        kind=row.kind,
        title=title_of(there),
        because=because,
        zendesk_id=row.zendesk_id,
        row=replace(row, key=key),
    )


def _no_longer_wanted(row: Owned, standing: Standing, dropped: bool) -> Step:
    there = standing.by_id(row.kind, row.zendesk_id)
    step = Step(
        verb=Verb.KEEP,
        key=row.key,
        kind=row.kind,
        title=row.title or row.key,
        because="is no longer part of Attune and stays until uninstall",
        zendesk_id=row.zendesk_id,
        row=row,
        made_by_us=row.made_by_us,
    )
    if there is None:
        return replace(step, verb=Verb.FORGET, because="was deleted in the desk", row=None)
    if dropped and row.made_by_us:
        if TEXTS in edited_parts(row, there):
            return _retired(row, there, "was not chosen, but edited in the desk: it stays until uninstall")
        return replace(step, verb=Verb.REMOVE, because="was not chosen")
    # Fields, groups, macros and places in a group may be in people's hands by now; rules of ours are not.
    if row.kind in (TRIGGER, VIEW) and row.made_by_us:
        return replace(step, verb=Verb.REMOVE, because="is no longer part of Attune")
    return step


# --- leaving ---------------------------------------------------------------------------------------------------------


def _leave(row: Owned, standing: Standing, our_triggers: frozenset[str], keep_fields: bool) -> Step:
    there = standing.by_id(row.kind, row.zendesk_id)
    step = Step(
        verb=Verb.FORGET,
        key=row.key,
        kind=row.kind,
        title=row.title or (title_of(there) if there else row.key),
        because="is already gone",
        zendesk_id=row.zendesk_id,
        made_by_us=row.made_by_us,
    )
    if there is None:
        return step
    if not row.made_by_us:
        return replace(step, because="stood there before install and stays")
    if row.kind == CATEGORY and _holds_others(row, standing, our_triggers):
        return replace(step, because="holds triggers that are not ours and stays")
    if row.kind == FIELD and keep_fields:
        return replace(step, verb=Verb.KEEP, because="is kept as asked, with its values", row=row)
    because = _WARNINGS.get(row.kind, "install made it")
    if row.kind == WEBHOOK and (users := _other_users(row, standing, our_triggers)):
        because += f"; WARNING: Zendesk keeps it as long as these triggers use it: {', '.join(users)}"
    return replace(step, verb=Verb.REMOVE, because=because)


_WARNINGS: Mapping[str, str] = {
    # https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
    FIELD: "install made it; WARNING: its values go from every ticket, old ones too",
    GROUP: "install made it; WARNING: tickets in it are left without a group",
    WEBHOOK: "install made it; its signing secret ends with it",
    APP_INSTALLATION: "install made it; the app goes from every ticket at once",
}


def _holds_others(row: Owned, standing: Standing, our_triggers: frozenset[str]) -> bool:
    inside = (one for one in standing.of(TRIGGER) if str(one.get("category_id")) == row.zendesk_id)
    return any(str(one.get("id")) not in our_triggers for one in inside)


def _other_users(row: Owned, standing: Standing, our_triggers: frozenset[str]) -> list[str]:
    """The titles of triggers that are not ours and call our webhook."""
    others = (one for one in standing.of(TRIGGER) if str(one.get("id")) not in our_triggers)
    return [
        title_of(one) for one in others if any(_calls(action, row.zendesk_id) for action in one.get("actions") or ())
    ]


def _calls(action: Thing, webhook_id: str) -> bool:
    value = action.get("value")
    return isinstance(value, list) and bool(value) and str(value[0]) == webhook_id
