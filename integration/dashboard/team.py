"""Who carries what: the charged tickets of each person, their cap, and their pauses.

It must not rank anybody: people stand in the order in which the desk names them.
"""

from __future__ import annotations

from flask import Blueprint, Response

from integration.dashboard import guard, tables, words
from integration.dashboard.behind import Behind, Colleague, Crowd

_AT_WORK = {True: "yes", False: "no", None: "not told"}


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the team's page."""

    @dashboard.get("/team")
    def team() -> Response:
        return guard.looking(behind, _shown)

    @dashboard.get("/team.csv")
    def team_file() -> Response:
        return guard.looking(behind, lambda room: tables.saved(_table(room.behind.team()[0])))


def _shown(room: guard.Room) -> Response:
    crowds, remarks = room.behind.team()
    return guard.page("team.html", crowds=crowds, remarks=remarks, at_work=_AT_WORK, now=room.now)


def _table(crowds: tuple[Crowd, ...]) -> tables.Table:
    heads = ("group", "person", "open charged tickets", "cap", "given in the last hour", "at work", "asked now")
    rows = tuple(
        (crowd.name, one.name, one.carries, one.cap, one.last_hour, _AT_WORK[one.at_work], _asked(one))
        for crowd in crowds
        for one in crowd.people
    )
    return tables.Table(name="team", caption="Who carries what", heads=heads, rows=rows)


def _asked(one: Colleague) -> str:
    return f"no: {one.why_not}" + (f", until {words.when(one.until)}" if one.until else "") if one.why_not else "yes"
