"""Knows the queue: the views with their counts, one list of tickets, how it is sorted, and what an agent has not seen.
It must not know what stands on a ticket's own page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from sandbox import display
from sandbox.desk.door import blueprint, here, page, signed_in
from sandbox.display import Names
from sandbox.state import State
from sandbox.triggers import PRIORITIES, STATUSES

Doc = dict[str, Any]

PAGE_SIZE = 50
"""Tickets on one page of a list (our choice)."""

# By what a list can be sorted: the column's key, and what of a ticket is compared.
SORTS: Mapping[str, Callable[[Doc, Names], Any]] = {
    "status": lambda ticket, _: STATUSES.index(ticket["status"]),
    "subject": lambda ticket, _: str(ticket["subject"] or ticket["description"]).lower(),
    "requester": lambda ticket, names: str(names.user(ticket["requester_id"])["name"]).lower(),
    "group": lambda ticket, names: names.group(ticket["group_id"]).lower(),
    "assignee": lambda ticket, names: str(names.user(ticket["assignee_id"])["name"]).lower(),
    "priority": lambda ticket, _: PRIORITIES.index(ticket["priority"] or ""),
    "updated": lambda ticket, _: (str(ticket["updated_at"]), int(ticket["id"])),
}
_DOWN_FIRST = frozenset({"priority", "updated"})
"""Columns of which the largest is wanted first: the most urgent, the newest."""


@blueprint.get("/")
def tickets() -> ResponseReturnValue:
    """List tickets: all, those of the `view`, or those that the words of `q` find; by `sort` and `order`."""
    at, names, fields = here(), Names(here().state), here().state.list("ticket_field")
    me, everything = signed_in(), display.live_tickets(here().state)
    view, words = _view(request.args.get("view")), request.args.get("q", "").strip()
    found = everything if view is None else display.in_view(view, everything, fields, at.clock(), me["id"])
    order = Order(request.args)
    found = order.sorted(display.found_by(words, found, names), names)
    number = max(1, request.args.get("page", 1, int))
    shown, known = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], seen(at.state, me["id"])
    rows = [
        {
            **display.row(ticket, names, fields, at.clock()),
            "unread": known.get(str(ticket["id"])) != ticket["updated_at"],
        }
        for ticket in shown
    ]
    return page(
        "tickets.html",
        rows=rows,
        view=view,
        views=[_counted(one, everything, fields, me["id"]) for one in _views()],
        total=len(everything),
        words=words,
        count=len(found),
        number=number,
        pages=-(-len(found) // PAGE_SIZE),
        order=order,
        stream=at.stream.progress(),
    )


class Order:
    """How a list is sorted, as its address says: `sort` names a column, `order` is asc or desc."""

    def __init__(self, given: Mapping[str, str]) -> None:
        """Anything that is no column means the last changed first."""
        self.column = given.get("sort", "") if given.get("sort") in SORTS else "updated"
        self.down = given.get("order", "desc" if self.column in _DOWN_FIRST else "asc") == "desc"

    def sorted(self, found: list[Doc], names: Names) -> list[Doc]:
        """The tickets in this order; those that are alike keep the order they came in."""
        return sorted(found, key=lambda ticket: SORTS[self.column](ticket, names), reverse=self.down)

    def next(self, column: str) -> str:
        """Which way a press on a column's head sorts."""
        down = not self.down if column == self.column else column in _DOWN_FIRST
        return "desc" if down else "asc"

    def aria(self, column: str) -> str | None:
        """The column's `aria-sort`; None where the list is not sorted by it."""
        return ("descending" if self.down else "ascending") if column == self.column else None


def seen(state: State, agent_id: int) -> dict[str, str]:
    """Which tickets an agent has opened, and each one's `updated_at` of that time."""
    return dict((state.get("seen", agent_id) or {}).get("tickets", {}))


def mark_seen(state: State, agent_id: int, ticket: Doc) -> None:
    """Remember that this agent has the ticket before them as it is now."""
    with state.transaction():
        known = seen(state, agent_id)
        if known.get(str(ticket["id"])) != ticket["updated_at"]:
            state.put("seen", {"id": agent_id, "tickets": known | {str(ticket["id"]): ticket["updated_at"]}})


def _views() -> list[Doc]:
    active = [view for view in here().state.list("view") if view.get("active", True)]
    return sorted(active, key=lambda view: (view.get("position") or 0, view["id"]))


def _view(wanted: str | None) -> Doc | None:
    if not wanted:
        return None
    return here().state.get("view", wanted) or abort(404, "There is no such view.")


def _counted(view: Doc, everything: list[Doc], fields: list[Doc], viewer: int) -> Doc:
    count = len(display.in_view(view, everything, fields, here().clock(), viewer))
    return {"id": view["id"], "title": view["title"], "count": count}
