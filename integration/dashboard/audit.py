"""The audit log: every write on a ticket, every switch, every fall, correction and undo, with who and when.

It must not leave anything out, nor change a line.
"""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from integration.dashboard import guard, search, tables, words
from integration.dashboard.behind import Behind
from integration.model import Deed, Done


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the audit log."""

    @dashboard.get("/audit")
    def audit() -> Response:
        return guard.looking(behind, _listed)

    @dashboard.get("/audit.csv")
    def audit_file() -> Response:
        return guard.looking(behind, _file)


def _listed(room: guard.Room) -> Response:
    wanted, number = search.wanted(), search.number()
    lines, count = room.memory.audit.done(wanted, (number - 1) * search.PAGE, search.PAGE)
    return guard.page(
        "audit.html",
        lines=[(line, _what(line), _changes(line)) for line in lines],
        page=search.Page(number=number, count=count),
        given=search.given(),
        to=lambda page: search.address("dashboard.audit", page),
        file=url_for("dashboard.audit_file", **search.given()),  # type: ignore[arg-type] # plain words
        by=words.BY,
        deeds=words.DEEDS,
    )


def _file(room: guard.Room) -> Response:
    lines, _ = room.memory.audit.done(search.wanted(), 0, search.MOST_SAVED)
    heads = ("at", "by", "deed", "what", "ticket", "changes", "because", "delivery")
    rows = tuple(
        (
            *(words.when(line.at), line.by.value, line.deed.value, line.what, line.ticket_id),
            *("; ".join(_changes(line)), line.because, line.delivery_id),
        )
        for line in lines
    )
    return tables.saved(tables.Table(name="audit", caption="Audit log", heads=heads, rows=rows))


def _what(line: Done) -> str:
    if line.deed in (Deed.WRITE, Deed.UNDO):
        said = {"reply": "a reply to the customer", "note": "an internal note"}.get(line.said, "")
        return f"{words.kind(line.what)}{': ' + said if said else ''}"
    return words.plain(line.what.removeprefix("rungs."))


def _changes(line: Done) -> list[str]:
    """What stood there before and what stands there now, a line for each."""
    if line.deed is not Deed.WRITE:
        return [f"{_stood(line.was)} → {_stood(line.is_now)}"] if line.was or line.is_now else []
    found = [
        f"{words.plain(one.name.removeprefix('fields.'))}: {words.value(one.before)} → {words.value(one.after)}"
        for one in line.changes
    ]
    tags = [*(f"+{tag}" for tag in sorted(line.added)), *(f"−{tag}" for tag in sorted(line.dropped))]
    return [*found, *([f"tags: {' '.join(tags)}"] if tags else [])]


def _stood(value: str) -> str:
    return {"True": "on", "False": "off"}.get(value) or words.value(value)
