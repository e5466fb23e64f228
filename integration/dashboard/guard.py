"""Who may come in, and what every answer of the dashboard carries: the visit, the form's mark, the headers.

It must not know a page or a switch: it lets in or turns away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, make_response, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from integration import gate
from integration.dashboard.behind import Behind, Memory
from integration.model import NotTrusted, NotUnderstood, Refused, TryLater

log = logging.getLogger("attune.dashboard")

COOKIE = "attune_dashboard"
# Our choice: a working day.
VISIT_LIFE = timedelta(hours=8)
# Our largest form has four short values.
LARGEST_FORM_BYTES = 8 * 1024
# No script at all, our own style sheet and pictures; nobody may frame a page or have a form sent elsewhere.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",  # a link that opens the dashboard must not travel on
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody who was let in."""

    name: str
    may_switch: bool
    until: datetime
    press: str  # what their forms carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One request by somebody who may look."""

    behind: Behind
    guest: Guest
    now: datetime

    @property
    def memory(self) -> Memory:
        """The store."""
        return self.behind.memory()


def looking(behind: Behind, show: Callable[[Room], Response]) -> Response:
    """Show a page to whoever is signed in, and lead everybody else to the sign-in, with the way back."""
    return _answered(behind, lambda: _look(behind, show))


def switching(behind: Behind, turn: Callable[[Room], Response]) -> Response:
    """Let a form turn something: only for a visit that may, only from a page that we showed to it."""
    return _answered(behind, lambda: _switch(behind, turn))


def anybody(behind: Behind, show: Callable[[], Response]) -> Response:
    """Show what needs no visit: the sign-in, and the link that opens once."""
    return _answered(behind, show)


def guest_of(behind: Behind) -> Guest | None:
    """Whoever sent this request, as far as their cookie says so and we let them in."""
    try:
        name = gate.read_visit(request.cookies.get(COOKIE, ""), behind.key())
    except NotTrusted:
        return None
    visit = behind.memory().visits.standing(name, behind.clock())
    if visit is None:
        return None
    return Guest(name=name, may_switch=visit.may_switch, until=visit.until, press=gate.sign_press(name, behind.key()))


def check_press(behind: Behind, guest: Guest) -> None:
    """Raise NotTrusted unless the form of this request was shown to this visit."""
    _check_origin()
    gate.check_press(request.form.get("press", ""), guest.name, behind.key())


def only(*names: str) -> dict[str, str]:
    """The fields of the form; raises NotUnderstood where another is among them, or one is there twice."""
    given = request.form.to_dict(flat=False)
    strange = sorted(set(given) - {"press", *names})
    twice = sorted(name for name, values in given.items() if len(values) > 1)
    if strange or twice:
        raise NotUnderstood(f"the form has fields that are not known, or twice: {', '.join(strange or twice)[:200]}")
    return {name: given.get(name, [""])[0] for name in names}


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page of the dashboard."""
    return make_response(render_template(f"dashboard/{template}", **shown), status)


def said(head: str, text: str, status: int, retry_after_s: int = 0) -> Response:
    """A page that only says something."""
    response = page("said.html", status, head=head, text=text)
    if retry_after_s:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def lead(address: str) -> Response:
    """On to another page, by GET whatever was asked before; the address is a path of ours."""
    return make_response("", 303, {"Location": address})


def harden(response: Response) -> Response:
    """Put on every answer what keeps it safe."""
    response.headers.update(HEADERS)
    if request.endpoint == "dashboard.static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _look(behind: Behind, show: Callable[[Room], Response]) -> Response:
    guest = guest_of(behind)
    if guest is None:
        back = request.full_path.rstrip("?")
        return lead(url_for("dashboard.sign_in", next=back))
    g.guest = guest
    return show(Room(behind=behind, guest=guest, now=behind.clock()))


def _switch(behind: Behind, turn: Callable[[Room], Response]) -> Response:
    request.max_content_length = LARGEST_FORM_BYTES
    guest = guest_of(behind)
    if guest is None:
        raise NotTrusted("Sign in first: the visit has ended.")
    g.guest = guest
    try:
        check_press(behind, guest)
    except NotTrusted:
        return said("Please open the page again", "This form did not come from a page that you opened here.", 403)
    if not guest.may_switch:
        text = "You came by a link that is for looking. To switch, sign out and sign in with the admin password."
        return said("You may look, not switch", text, 403)
    return turn(Room(behind=behind, guest=guest, now=behind.clock()))


def _check_origin() -> None:
    """Browsers say where a form was sent from; another site's is refused whatever else it carries."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotTrusted("sent from another site")


def _answered(behind: Behind, act: Callable[[], Response]) -> Response:
    """Each failure has its page; none says more than whoever asks may know."""
    g.behind = behind
    try:
        return act()
    except NotTrusted as refused:
        log.warning("turned away: %s", refused)
        return said("Not signed in", str(refused), 401)
    except RequestEntityTooLarge:
        return said("Too much", f"A form here has at most {LARGEST_FORM_BYTES} bytes.", 413)
    except NotUnderstood as unclear:
        return said("That was not understood", str(unclear), 400)
    except Refused as refused:
        return said("That is not possible", str(refused), 409)
    except TryLater as later:
        log.error("cannot show the dashboard: %s", later)
        return said("Not now", f"{later}. Please load the page again in a moment.", 503, retry_after_s=10)
