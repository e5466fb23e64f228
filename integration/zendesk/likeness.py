"""Whether two things are the same thing: by name, by what they do, and by fingerprints of what was written before.

It must not know what is done about a difference, nor read or write the account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integration.model import Owned
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    APP_KEY,
    CATEGORY,
    FIELD,
    GROUP,
    MACRO,
    MARK,
    MEMBERSHIP,
    TRIGGER,
    VIEW,
    WEBHOOK,
    Body,
    Wanted,
    resolved,
)
from integration.zendesk.standing import Standing, Thing

BEHAVIOUR = "behaviour"
TEXTS = "texts"
# Kinds that tell ours by the mark alone: their names are no names of things, and anybody may choose the same ones.
MARKED = frozenset({WEBHOOK, TRIGGER, VIEW, MACRO, APP})
PRINT_LENGTH = 16  # hexadecimal digits: 64 bits are plenty to tell two versions of one thing apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """Fingerprints of one thing: our definition as last written, and what the desk made of it then."""

    behaviour: str = ""
    texts: str = ""
    behaviour_there: str = ""
    texts_there: str = ""

    def __str__(self) -> str:
        return ".".join((self.behaviour, self.texts, self.behaviour_there, self.texts_there))

    @classmethod
    def read(cls, text: str) -> Prints:
        """The fingerprints of a ledger row; a row of another make has none, so that all of it counts as changed."""
        parts = text.split(".")
        if len(parts) != 4:
            return cls()
        return cls(behaviour=parts[0], texts=parts[1], behaviour_there=parts[2], texts_there=parts[3])


def prints(one: Wanted, ids: Mapping[str, str], there: Thing) -> Prints:
    """The fingerprints to keep after `one` was written and the desk showed it as `there`."""
    return Prints(
        behaviour=fingerprint(resolved(one.behaviour, ids)),
        texts=fingerprint(resolved(one.texts, ids)),
        behaviour_there=fingerprint(_behaviour_there(one.kind, there)),
        texts_there=fingerprint(_texts_there(one.kind, there)),
    )


def edited_parts(row: Owned, there: Thing) -> frozenset[str]:
    """Which parts an admin has changed since we wrote them."""
    before = Prints.read(row.definition)
    texts = fingerprint(_texts_there(row.kind, there))
    behaviour = fingerprint(_behaviour_there(row.kind, there))
    found = set()
    if texts not in (before.texts_there, before.texts):
        found.add(TEXTS)
    if behaviour != before.behaviour_there:
        found.add(BEHAVIOUR)
    return frozenset(found)


def title_of(thing: Thing) -> str:
    """What the desk calls a thing; triggers and fields have titles, groups, categories and webhooks names."""
    return str(thing.get("title") or thing.get("name") or thing.get("id"))


def macro_text(thing: Thing) -> str:
    """The text of a macro as it stands in the desk."""
    actions = thing.get("actions") or ()
    said = (action.get("value") for action in actions if str(action.get("field", "")).startswith("comment_value"))
    return " ".join(str(value[-1] if isinstance(value, list) and value else value) for value in said)


def fingerprint(value: Any) -> str:
    """A short name for a value, the same for values that mean the same to the desk."""
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:PRINT_LENGTH]


def alike_by_name(one: Wanted, standing: Standing, ids: Mapping[str, str]) -> Thing | None:
    """The thing that this name already means in the account; webhooks have no unique name, so they go by address.

    Of the kinds in MARKED only one that bears our mark is meant: an admin's own of the same name is somebody else's.
    """
    things = (thing for thing in standing.of(one.kind) if may_be_ours(one.kind, thing, standing))
    if one.kind == WEBHOOK:
        found = (thing for thing in things if _is_webhook(one, thing))
    elif one.kind == MEMBERSHIP:
        found = (thing for thing in things if is_membership(one, thing, ids))
    elif one.kind == APP_INSTALLATION:
        app_id = ids.get(APP_KEY)
        found = (thing for thing in things if app_id and str(thing.get("app_id")) == app_id)
    else:
        found = (thing for thing in things if _is_titled(one, thing))
    return next(found, None)


def may_be_ours(kind: str, thing: Thing, standing: Standing) -> bool:
    """Whether a thing that stands there may be used and written as ours."""
    return not thing.get("deleted") and (kind not in MARKED or bears_our_mark(kind, thing, standing))


def listening_elsewhere(one: Wanted, standing: Standing) -> Thing | None:
    """The webhook of another Attune: it bears our mark and leads elsewhere, and none of ours leads to us."""
    marked = [thing for thing in standing.of(WEBHOOK) if may_be_ours(WEBHOOK, thing, standing)]
    if any(_leads_to(one, thing) for thing in marked):
        return None
    return next(iter(marked), None)


def _leads_to(one: Wanted, thing: Thing) -> bool:
    return bool(str(thing.get("endpoint", "")).rstrip("/") == one.behaviour["endpoint"])


def _is_webhook(one: Wanted, thing: Thing) -> bool:
    # The kind of a webhook's subscriptions cannot be changed, so one that hears events itself is another one.
    subscribed = thing.get("subscriptions") or one.behaviour["subscriptions"]
    return _leads_to(one, thing) and list(subscribed) == one.behaviour["subscriptions"]


def leads_elsewhere(one: Wanted, there: Thing) -> bool:
    """Whether the app's installation names another server than ours: then it works for nobody."""
    shown = there.get("settings") or {}
    return bool(shown.get("attune_url") != one.behaviour["settings"]["attune_url"])


def is_membership(one: Wanted, thing: Thing, ids: Mapping[str, str]) -> bool:
    meant = resolved(one.behaviour, ids)
    return all(str(thing.get(name)) == str(meant[name]) for name in ("user_id", "group_id"))


def _is_titled(one: Wanted, thing: Thing) -> bool:
    if one.kind == FIELD and thing.get("type") != one.behaviour["type"]:
        return False
    return title_of(thing).strip().casefold() == one.title.casefold()


def bears_our_mark(kind: str, thing: Thing, standing: Standing) -> bool:
    """Whether install made a thing that the ledger does not know: a lost database must not turn ours into theirs."""
    if kind == CATEGORY:  # has no description; one of our name that holds nobody else's triggers is ours
        inside = (one for one in standing.of(TRIGGER) if str(one.get("category_id")) == str(thing.get("id")))
        return all(MARK in str(one.get("description")) for one in inside)
    if kind == APP_INSTALLATION:  # an installation of ours is ours
        return any(
            str(app.get("id")) == str(thing.get("app_id")) and bears_our_mark(APP, app, standing)
            for app in standing.of(APP)
        )
    return any(MARK in str(thing.get(name)) for name in ("description", "agent_description", "short_description"))


def missing_options(one: Wanted, there: Thing) -> tuple[Body, ...]:
    """The options of a drop-down that are not there; those that are never get resent, lest one is left out."""
    have = {str(option.get("value")) for option in there.get("custom_field_options") or ()}
    wanted = one.behaviour.get("custom_field_options") or ()
    return tuple(option for option in wanted if option["value"] not in have)


def works_alike(one: Wanted, there: Thing, ids: Mapping[str, str]) -> bool:
    """Whether a thing already does what we want, in whatever types the desk writes ids and empty values."""
    meant = resolved(one.behaviour, ids)
    if one.kind == VIEW:
        found = dict(there.get("conditions") or {})
        return all(_plain(meant[name]) == _plain(found.get(name) or []) for name in ("all", "any"))
    return all(_plain(value) == _plain(there.get(name)) for name, value in meant.items())


def _behaviour_there(kind: str, there: Thing) -> Any:
    names = {
        WEBHOOK: ("endpoint", "http_method", "request_format", "subscriptions"),
        TRIGGER: ("conditions", "actions", "category_id"),
        FIELD: ("type",),
        VIEW: ("conditions",),
    }
    shown = {name: _plain(there.get(name)) for name in names.get(kind, ())}
    if kind == VIEW:
        execution = there.get("execution") or {}
        shown["columns"] = [str(column.get("id")) for column in execution.get("columns") or ()]
    return shown


def _texts_there(kind: str, there: Thing) -> Any:
    names = {
        WEBHOOK: ("name", "description"),
        CATEGORY: ("name",),
        TRIGGER: ("title", "description"),
        FIELD: ("title", "description", "agent_description"),
        GROUP: ("name", "description"),
        VIEW: ("title", "description"),
        MACRO: ("title", "description", "actions"),
    }
    return {name: there.get(name) for name in names.get(kind, ())}


def _plain(value: Any) -> Any:
    """A value without the differences that mean nothing: ids as text, empty as None."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if one not in (None, "", [])}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)
