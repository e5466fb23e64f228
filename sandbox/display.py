"""Knows how the desk's documents are drawn for people: names, badges, times, histories, as plain values for templates.
It must not know requests, nor change anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from sandbox import markup
from sandbox.people import is_robot, is_staff
from sandbox.shapes import parse
from sandbox.state import State
from sandbox.triggers import ticket_matches

Doc = dict[str, Any]

# Drop-downs whose options begin so are drawn as coloured badges: a reading of the ticket belongs beside its subject.
BADGE_PREFIX = "attune_"
# How a badge is coloured, by the word its option ends in; the longest fitting word wins.
_TONES = {
    "very_negative": "alarm", "negative": "warn", "neutral": "flat", "positive": "good", "very_positive": "bright",
    "calm": "good", "mild": "warn", "charged": "alarm",
    "low": "flat", "normal": "good", "high": "warn", "critical": "alarm",
}  # fmt: skip
# The shape beside a badge's word: which way a feeling points, how full a charge is, how high an urgency stands.
_SHAPES = {
    "very_negative": "down-down", "negative": "down", "neutral": "level", "positive": "up", "very_positive": "up-up",
    "calm": "empty", "mild": "half", "charged": "full",
    "low": "one", "normal": "two", "high": "three", "critical": "four",
}  # fmt: skip
CHANNELS = {
    "email": "Email", "web": "Web form", "native_messaging": "Messaging", "chat": "Chat", "whatsapp": "WhatsApp",
    "sms": "Text message", "facebook": "Facebook", "twitter": "X (Twitter)", "voice": "Phone", "mobile": "Mobile app",
    "api": "API", "rule": "Trigger", "closed_ticket": "Follow-up", "merge": "Merge",
}  # fmt: skip
LONG = 4000
"""Characters of a message that is shown in a box of its own to scroll in: about two screens (our choice)."""

STATUSES: Mapping[str, str] = {
    "new": "New", "open": "Open", "pending": "Pending", "hold": "On-hold", "solved": "Solved", "closed": "Closed",
}  # fmt: skip
_NOBODY = {"id": None, "name": "–", "email": None, "role": "end-user"}


class Names:
    """Looks up who and what an id is, each once for a page."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[tuple[str, object], Doc] = {}

    def user(self, user_id: int | None) -> Doc:
        """The user; the system for -1, and someone without a name for an id nobody has."""
        if user_id == -1:
            return {**_NOBODY, "id": -1, "name": "System", "role": "admin"}
        return self._one("user", user_id)

    def group(self, group_id: int | None) -> str:
        """The group's name, or a dash."""
        return str(self._one("group", group_id)["name"])

    def organization(self, organization_id: int | None) -> Doc | None:
        """The organization, or None."""
        found = self._one("organization", organization_id)
        return None if found is _NOBODY else found

    def _one(self, kind: str, wanted: int | None) -> Doc:
        if (kind, wanted) not in self._known:
            self._known[kind, wanted] = (self._state.get(kind, wanted) if wanted is not None else None) or _NOBODY
        return self._known[kind, wanted]


def live_tickets(state: State) -> list[Doc]:
    """Every ticket that is not deleted, the last changed one first."""
    found = [ticket for ticket in state.list("ticket") if ticket["status"] != "deleted"]
    return sorted(found, key=lambda ticket: (str(ticket["updated_at"]), int(ticket["id"])), reverse=True)


def in_view(
    view: Mapping[str, Any], tickets: Iterable[Doc], fields: list[Doc], now: datetime, viewer: int
) -> list[Doc]:
    """The tickets that belong to a view, in the order given."""
    return [one for one in tickets if ticket_matches(view["conditions"], one, fields, now, viewer)]


def found_by(words: str, tickets: Iterable[Doc], names: Names) -> list[Doc]:
    """Tickets that have every word somewhere in subject, first message, tags, or the requester's name or address."""
    wanted = words.lower().split()

    def text(ticket: Doc) -> str:
        who = names.user(ticket["requester_id"])
        parts = (
            ticket["subject"],
            ticket["description"],
            *ticket["tags"],
            who["name"],
            who["email"],
            f"#{ticket['id']}",
        )
        return " ".join(str(part or "") for part in parts).lower()

    return [ticket for ticket in tickets if all(word in text(ticket) for word in wanted)]


def row(ticket: Doc, names: Names, fields: list[Doc], now: datetime) -> Doc:
    """One line of a list of tickets. Tags that only repeat a badge are left out."""
    drawn = badges(ticket, fields)
    repeated = {one["value"] for one in drawn}
    return {
        "id": ticket["id"],
        "subject": ticket["subject"] or str(ticket["description"])[:80],
        "requester": names.user(ticket["requester_id"])["name"],
        "assignee": names.user(ticket["assignee_id"])["name"],
        "group": names.group(ticket["group_id"]),
        "status": ticket["status"],
        "priority": ticket["priority"],
        "channel": channel(ticket),
        "tags": [tag for tag in ticket["tags"] if tag not in repeated],
        "badges": drawn,
        "updated": ticket["updated_at"],
        "ago": ago(ticket["updated_at"], now),
    }


def badges(ticket: Doc, fields: list[Doc]) -> list[Doc]:
    """The ticket's readings, of each badge field that has a value: title, short label, value, name, tone and shape."""
    values = _values(ticket)
    return [
        {
            "title": field["title"],
            "label": field["title"].removeprefix("Attune").strip().lower(),
            "value": option["value"],
            "name": option["name"],
            "tone": _by_last_word(_TONES, option["value"], "flat"),
            "shape": _by_last_word(_SHAPES, option["value"], "level"),
        }
        for field in fields
        for option in field.get("custom_field_options") or []
        if option["value"] == values.get(field["id"]) and option["value"].startswith(BADGE_PREFIX)
    ]


def conversation(ticket: Doc, comments: Iterable[Doc], names: Names, now: datetime) -> list[Doc]:
    """The ticket's comments, oldest first. `side` is customer, agent or robot; the HTML is cleaned once more here."""
    told = []
    for comment in comments:
        author = names.user(comment["author_id"])
        side = "customer" if not is_staff(author) else "agent"
        if is_robot(author) or author["id"] == -1:
            side = "robot"
        told.append(
            {
                "id": comment["id"],
                "author": author["name"],
                "initials": initials(author["name"]),
                "side": side,
                "long": len(comment["body"]) > LONG,
                "is_requester": author["id"] == ticket["requester_id"],
                "public": comment["public"],
                "html": Markup(markup.shown(comment["html_body"])),  # noqa: S704 - the line cleans what it marks
                "at": comment["created_at"],
                "ago": ago(comment["created_at"], now),
                "channel": CHANNELS.get(comment["via"]["channel"], comment["via"]["channel"]),
            }
        )
    return told


def history(audits: Iterable[Doc], names: Names, fields: list[Doc], now: datetime) -> list[Doc]:
    """What happened to the ticket, newest first: who, when, and `changes` of `{what, old, new}`, at least one each.

    A trigger's part of an update stands apart from the part of whoever made it fire.
    """
    told: list[Doc] = []
    for audit in audits:
        for event in audit["events"]:
            change = _change(event, names, fields)
            if change is None:
                continue
            rule = (event.get("via") or {}).get("source", {}).get("from", {}).get("title")
            who = f"Trigger “{rule}”" if rule else str(names.user(audit["author_id"])["name"])
            if not told or (told[-1]["id"], told[-1]["who"]) != (audit["id"], who):
                at = audit["created_at"]
                told.append({"id": audit["id"], "who": who, "at": at, "ago": ago(at, now), "changes": []})
            told[-1]["changes"].append(change)
    return told[::-1]


def channel(ticket: Doc) -> str:
    """The channel by which the ticket came, in words."""
    name = str(ticket["via"].get("channel", ""))
    return CHANNELS.get(name, name)


def initials(name: str) -> str:
    """Up to two letters that stand for a person."""
    return "".join(part[0] for part in name.split()[:2]).upper() or "?"


def ago(stamp: str, now: datetime) -> str:
    """How long ago an ISO time was, in the largest fitting unit."""
    seconds = max(0, int((now - parse(stamp)).total_seconds()))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def clock_text(stamp: str) -> str:
    """An ISO time as people write it, in UTC."""
    return f"{parse(stamp):%d %b %Y, %H:%M} UTC"


def _values(ticket: Doc) -> dict[int, Any]:
    return {entry["id"]: entry["value"] for entry in ticket["custom_fields"]}


def _by_last_word(words: Mapping[str, str], value: str, otherwise: str) -> str:
    """What belongs to the longest of the words in which the value ends."""
    fitting = [word for word in words if value.endswith(word)]
    return words[max(fitting, key=len)] if fitting else otherwise


def _change(event: Doc, names: Names, fields: list[Doc]) -> Doc | None:
    """One event of an audit in words; None for what agents have no use for."""
    if event["type"] == "Comment":
        return {"what": "public message" if event["public"] else "internal note", "old": "", "new": "written"}
    if event["type"] not in ("Create", "Change") or event["field_name"] in ("is_public", "brand_id"):
        return None
    name = str(event["field_name"])
    field: Doc = next((one for one in fields if str(one["id"]) == name), {})
    options = {option["value"]: option["name"] for option in field.get("custom_field_options") or []}
    old, new = (
        options.get(value) if isinstance(value, str) and value in options else _said(name, value, names)
        for value in (event.get("previous_value"), event.get("value"))
    )
    return {"what": field.get("title", name.removesuffix("_id").replace("_", " ")), "old": old, "new": new}


def _said(field_name: str, value: Any, names: Names) -> str:
    """A value of an audit's event in words; ids of people and groups as their names."""
    if value in (None, "", []):
        return "–"
    if field_name in ("assignee_id", "requester_id"):
        return str(names.user(int(value))["name"])
    if field_name == "group_id":
        return names.group(int(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
