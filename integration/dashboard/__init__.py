"""The dashboard for admins: what Attune did and why, and the switches.

It must not read a ticket, decide, or speak to Zendesk: it draws what it is handed, and passes on what is pressed.
"""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from integration.dashboard import (
    audit,
    autonomy,
    events,
    figures,
    guard,
    overview,
    sign_in,
    tables,
    team,
    tickets,
    words,
)
from integration.dashboard.behind import (
    Behind,
    Budget,
    Colleague,
    Crowd,
    Footing,
    House,
    Part,
    Ratio,
    Replayed,
)

__all__ = [
    "Behind",
    "Budget",
    "Colleague",
    "Crowd",
    "Footing",
    "House",
    "Part",
    "Ratio",
    "Replayed",
    "blueprint",
]

_ROOMS = (sign_in, overview, figures, tickets, autonomy, team, events, audit)


def blueprint(behind: Behind) -> Blueprint:
    """The routes of the dashboard, under /dashboard."""
    dashboard = Blueprint(
        "dashboard",
        __name__,
        url_prefix="/dashboard",
        template_folder="../templates",
        static_folder="../static/dashboard",
        static_url_path="/static",
    )
    for room in _ROOMS:
        room.add(dashboard, behind)

    @dashboard.get("")
    def without_slash() -> Response:
        return guard.lead(url_for("dashboard.overview"))

    @dashboard.get("/<path:_anything>")
    def nowhere(_anything: str) -> Response:
        return guard.anybody(behind, lambda: guard.said("No such page", "The dashboard has no page of this name.", 404))

    for name in ("plain", "kind", "action", "value", "when", "span", "percent", "listed"):
        dashboard.add_app_template_filter(getattr(words, name), f"in_{name}")
    dashboard.add_app_template_filter(tables.is_number, "is_number")
    dashboard.after_request(guard.harden)
    return dashboard
