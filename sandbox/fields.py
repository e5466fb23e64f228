"""Knows how custom field values and tags hang together: the value of a drop-down is a tag, and the tag is the value.
It must not know tickets, users or storage: fields, values and tags in, values and tags out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.errors import record_invalid
from sandbox.shapes import SYSTEM_TYPES

Doc = dict[str, Any]
Values = dict[int, Any]

_INTEGER = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def tag_list(given: object) -> list[str]:
    """Tags from a list or a text of words: lower case, each once, in the alphabet's order."""
    words = given.split() if isinstance(given, str) else [str(tag) for tag in given] if isinstance(given, list) else []
    return sorted({part.lower() for word in words for part in re.split(r"[\s,]+", word) if part})


def custom(fields: Iterable[Doc]) -> dict[int, Doc]:
    """The desk's own fields by id, without the system's."""
    return {field["id"]: field for field in fields if field["type"] not in SYSTEM_TYPES}


def wanted(given: object, fields: Mapping[int, Doc]) -> tuple[Values, list[str]]:
    """What an update's `custom_fields` asks for, and the ids of fields that this desk does not have.

    Takes Zendesk's list of `{id, value}` and the older object from id to value. Raises 422 for a value that its
    field cannot hold. Unknown ids are no error there either: they are dropped without a word in the body.
    """
    entries = given.items() if isinstance(given, dict) else [(e.get("id"), e.get("value")) for e in _dicts(given)]
    values: Values = {}
    unknown: list[str] = []
    for raw_id, value in entries:
        field = fields.get(int(str(raw_id))) if str(raw_id).isdigit() else None
        if field is None or not field["active"]:
            unknown.append(str(raw_id))
        else:
            values[field["id"]] = _checked(field, value)
    return values, unknown


def settle(
    fields: Mapping[int, Doc], values: Values, tags: list[str], changes: Values, new_tags: list[str] | None
) -> tuple[Values, list[str]]:
    """Values and tags after an update: new tags first pull the fields along, then changed fields swap their tags.

    `values` and `tags` are the ticket's now, `changes` the fields the update names, `new_tags` the list it sets.
    """
    after, now = dict(values), set(tags if new_tags is None else new_tags)
    for field_id, field in fields.items():
        if new_tags is not None and field_id not in changes:
            after[field_id] = _followed(field, values.get(field_id), now, added=now - set(tags))
    for field_id, value in changes.items():
        now -= field_tags(fields[field_id], after.get(field_id))
        now |= field_tags(fields[field_id], value)
        after[field_id] = value
    return after, sorted(now)


def field_tags(field: Doc, value: Any) -> set[str]:
    """The tags that a value of this field puts on a ticket."""
    if field["type"] == "tagger":
        return {value} if value else set()
    if field["type"] == "multiselect":
        return set(value or [])
    if field["type"] == "checkbox":
        return {field["tag"]} if value and field.get("tag") else set()
    return set()


def _followed(field: Doc, value: Any, tags: set[str], added: set[str]) -> Any:
    """The field's value once the tags are these. Two options of one field: the newly added tag wins, the other goes."""
    if field["type"] == "checkbox" and field.get("tag"):
        return field["tag"] in tags
    if field["type"] not in ("tagger", "multiselect"):
        return value
    present = [option["value"] for option in field["custom_field_options"] if option["value"] in tags]
    if field["type"] == "multiselect":
        return present or None
    chosen = next((option for option in present if option in added), value if value in present else None)
    if chosen is None and present:
        chosen = present[0]
    tags -= set(present) - {chosen}
    return chosen


def _checked(field: Doc, value: Any) -> Any:
    if value is None or value == "":
        return False if field["type"] == "checkbox" else None
    kind = field["type"]
    options = {option["value"] for option in field.get("custom_field_options", [])}
    if kind == "tagger":
        fits = value in options
    elif kind == "multiselect":
        value = value if isinstance(value, list) else [value]
        fits = set(value) <= options
    elif kind == "checkbox":
        fits = value in (True, False, "true", "false", "1", "0", 1, 0)
        value = value in (True, "true", "1", 1)
    elif kind == "integer":
        fits = bool(_INTEGER.fullmatch(str(value)))
        value = int(value) if fits else value
    elif kind == "decimal":
        fits = bool(_DECIMAL.fullmatch(str(value)))
    elif kind == "date":
        fits = bool(_DATE.fullmatch(str(value)))
    else:
        fits = isinstance(value, str | int | float)
        value = str(value)
    if not fits:
        raise record_invalid("base", f"{field['title']}: is not valid")
    return value


def _dicts(given: object) -> list[Doc]:
    return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
