"""How somebody comes in: by the admin password, which lets them switch, or by a link that opens once.

It must not show anything of what is inside.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from flask import Blueprint, Response, g, request, url_for

from integration import gate
from integration.dashboard import guard
from integration.dashboard.behind import Behind
from integration.model import NotTrusted

# Our choice: enough for somebody who mistypes, hopeless for somebody who guesses.
TRIES_A_MINUTE = 5
# Where a sign-in may lead: a page of ours, by its path alone.
_INSIDE = re.compile(r"/dashboard/(?!/)[A-Za-z0-9_~%.=&?+:-]*(?:/[A-Za-z0-9_~%.=&?+:-]+)*/?")


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the door."""

    @dashboard.get("/sign-in")
    def sign_in() -> Response:
        return guard.anybody(behind, lambda: _asked(inside(request.args.get("next", ""))))

    @dashboard.post("/sign-in")
    def signed_in() -> Response:
        request.max_content_length = guard.LARGEST_FORM_BYTES
        return guard.anybody(behind, lambda: _tried(behind))

    @dashboard.post("/sign-out")
    def sign_out() -> Response:
        return guard.anybody(behind, lambda: _left(behind))

    @dashboard.get("/enter/<token>")
    def enter(token: str) -> Response:
        if request.method == "HEAD":  # somebody's program looks whether the link is alive: that must not use it up
            return Response(status=405, headers={"Allow": "GET"})
        return guard.anybody(behind, lambda: _entered(behind, token))


def inside(address: str) -> str:
    """The address where it leads to a page of ours, else the overview."""
    home = url_for("dashboard.overview")
    decoded = address.replace("%2e", ".").replace("%2E", ".")
    well = _INSIDE.fullmatch(address) and ".." not in decoded and "%5c" not in decoded.lower()
    return address if well else home


def _asked(back: str, wrong: str = "", status: int = 200) -> Response:
    return guard.page("sign_in.html", status, back=back, wrong=wrong)


def _tried(behind: Behind) -> Response:
    given, back = request.form.get("password", ""), inside(request.form.get("next", ""))
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotTrusted("The sign-in has to be sent from its own page.")
    visits, now = behind.memory().visits, behind.clock()
    place = gate.place_of(request.remote_addr or "", behind.key())
    if visits.tried(place, now) > TRIES_A_MINUTE:
        response = _asked(back, "Too many tries. Please wait a minute.", 429)
        response.headers["Retry-After"] = "60"
        return response
    if not gate.right_password(given, behind.password()):
        guard.log.warning("a wrong password for the dashboard")
        return _asked(back, "That is not the admin password.", 401)
    visits.forgive(place)
    return _with_cookie(behind, guard.lead(back), may_switch=True)


def _entered(behind: Behind, token: str) -> Response:
    """The page leads on by itself: a browser keeps a strict cookie back on a way that began at another site."""
    try:
        now = behind.clock()
        entry = gate.read_entry(token, behind.key(), now)
        if not behind.memory().visits.burn(entry.nonce, entry.until + timedelta(minutes=1), now):
            raise NotTrusted("the link was used before")
    except NotTrusted as refused:
        guard.log.info("refused a link into the dashboard: %s", refused)
        text = "It opens once, within two minutes. Please ask for a new one where you found it, or sign in."
        return guard.said("This link opens nothing any more", text, 401)
    response = guard.page("entered.html", may_switch=entry.may_switch)
    return _with_cookie(behind, response, may_switch=entry.may_switch)


def _left(behind: Behind) -> Response:
    guest = guard.guest_of(behind)
    if guest is not None:
        guard.check_press(behind, guest)
        behind.memory().visits.close(guest.name)
    g.guest = None
    response = guard.lead(url_for("dashboard.sign_in"))
    response.delete_cookie(guard.COOKIE, path="/dashboard", httponly=True, samesite="Strict", secure=behind.secure())
    return response


def _with_cookie(behind: Behind, response: Response, *, may_switch: bool) -> Response:
    name, now = secrets.token_urlsafe(24), behind.clock()
    behind.memory().visits.open(name, now + guard.VISIT_LIFE, now, may_switch=may_switch)
    response.set_cookie(
        guard.COOKIE,
        gate.sign_visit(name, behind.key()),
        max_age=guard.VISIT_LIFE,
        path="/dashboard",
        secure=behind.secure(),
        httponly=True,
        samesite="Strict",
    )
    guard.log.info("somebody came in who may %s", "switch" if may_switch else "look")
    return response
