"""Joins what the figures are counted from: the courses, the ladder's memory, and the team as the desk tells it.

It must not count: the panel is the insights' own.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from integration import insights
from integration.model import ROUTINE_INTENTS, AttuneError, Panel, Standing, Team
from integration.settings import SettingsError

if TYPE_CHECKING:
    from integration.assembly.parts import Assembly


def panel(parts: Assembly, since: datetime, until: datetime, now: datetime) -> Panel:
    """The figures of the tickets that began in since ≤ t < until; agents have no names where the desk is silent."""
    book, rules, team = parts.store.insight, parts.store.rules(), _team(parts, now)
    ladder = parts.store.autonomy
    agents = [one for one in team.agents or () if one.open_charged or (one.assignable and not one.suspended)]
    return insights.panel(
        book.courses(since, until),
        book.open_now(),
        since=since,
        until=until,
        now=now,
        standing=[Standing(intent=i, rung=rules.rung(i), figures=ladder.figures(i, since)) for i in ROUTINE_INTENTS],
        names={one.id: one.name for one in agents},
        carried={one.id: one.open_charged for one in agents} if team.agents and team.load_known else None,
        cap=rules.charged_per_person,
    )


def _team(parts: Assembly, now: datetime) -> Team:
    """The team, or nobody where the desk cannot be asked now: the rest of the figures does not depend on it."""
    try:
        return parts.roster.team(now)
    except (AttuneError, SettingsError):
        return Team()
