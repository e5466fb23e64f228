"""Every event that was taken from the queue: searched, one by one, and what failed taken up again.

It must not know the queue: what is to be taken up again is handed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from integration.dashboard import guard, search, tables, words
from integration.dashboard.behind import Behind
from integration.dashboard.tickets import SURE, chapter
from integration.model import NotUnderstood

# The delivery's id in an address or a form: what the tables hold.
LONGEST_DELIVERY = 200


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the events."""

    @dashboard.get("/events")
    def events() -> Response:
        return guard.looking(behind, _listed)

    @dashboard.get("/events.csv")
    def events_file() -> Response:
        return guard.looking(behind, _file)

    @dashboard.get("/event")
    def event() -> Response:
        return guard.looking(behind, _one)

    @dashboard.post("/event/replay")
    def replay() -> Response:
        return guard.switching(behind, _replay)

    @dashboard.get("/events/replay-failed")
    def ask_replay() -> Response:
        return guard.looking(behind, _ask_replay)

    @dashboard.post("/events/replay-failed")
    def replay_failed() -> Response:
        return guard.switching(behind, _replay_failed)


def _listed(room: guard.Room) -> Response:
    wanted, number = search.wanted(), search.number()
    rows, count = room.memory.audit.events(wanted, room.behind.failures, (number - 1) * search.PAGE, search.PAGE)
    return guard.page(
        "events.html",
        rows=[(row, words.upshot(row, room.behind.failures)) for row in rows],
        page=search.Page(number=number, count=count),
        given=search.given(),
        to=lambda page: search.address("dashboard.events", page),
        file=url_for("dashboard.events_file", **search.given()),  # type: ignore[arg-type] # plain words
        kinds=words.KINDS,
        states=words.STATES,
    )


def _file(room: guard.Room) -> Response:
    rows, _ = room.memory.audit.events(search.wanted(), room.behind.failures, 0, search.MOST_SAVED)
    heads = ("at", "ticket", "event", "sentiment", "charge", "urgency", "intent", "upshot", "because", "delivery")
    lines = tuple(_line(row, room.behind.failures) for row in rows)
    return tables.saved(tables.Table(name="events", caption="Events", heads=heads, rows=lines))


def _line(row: Mapping[str, Any], failures: tuple[str, ...]) -> tuple[tables.Cell, ...]:
    read = (row["sentiment"], row["charge"], row["urgency"], row["intent"])
    upshot = words.upshot(row, failures)[0]
    return (words.when(row["at"]), row["ticket_id"], row["kind"], *read, upshot, row["because"], row["delivery_id"])


def _one(room: guard.Room) -> Response:
    delivery = request.args.get("delivery", "")[:LONGEST_DELIVERY].replace("\0", "")
    row = room.memory.audit.event(delivery)
    if row is None:
        return guard.said("No such event", "There is no event of this name; it may have been too old to keep.", 404)
    return guard.page(
        "event.html",
        chapter=chapter(row, room.behind.failures),
        failed=row["because"].startswith(room.behind.failures) and row["state"] == "done",
        desk=room.behind.desk(),
        sure=SURE,
    )


def _replay(room: guard.Room) -> Response:
    delivery = guard.only("delivery")["delivery"][:LONGEST_DELIVERY].replace("\0", "")
    if not delivery:
        raise NotUnderstood("delivery: name the event")
    return _taken_up(room.behind.replay(delivery).deliveries, 0)


def _ask_replay(room: guard.Room) -> Response:
    names = [f"ticket {one['ticket_id']}, {words.when(one['at'])}: {one['because']}" for one in room.behind.failed()]
    text = "These events failed, and nothing later made them good. Each is read and decided anew, as things are now:"
    return guard.page(
        "sure.html",
        head=f"Take up {len(names)} failed events again?" if names else "Nothing failed",
        text=text if names else "No event waits to be taken up again.",
        names=names,
        press_label="Take them up again" if names else "",
        action=url_for("dashboard.replay_failed"),
        back=url_for("dashboard.events"),
    )


def _replay_failed(room: guard.Room) -> Response:
    guard.only()
    found = room.behind.replay("")
    return _taken_up(found.deliveries, found.left)


def _taken_up(deliveries: tuple[str, ...], left: int) -> Response:
    guard.log.info("%d events taken up again from the dashboard", len(deliveries))
    return guard.page("taken_up.html", deliveries=deliveries, left=left)
