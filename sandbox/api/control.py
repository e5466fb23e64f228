"""Knows the desk's control plane: customers who write, tokens that are revoked, calls that are counted, faults.
It must not be mistaken for Zendesk: nothing here exists there, and nothing here asks for a token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request

from sandbox import auth, customers, people
from sandbox.api import here, tickets
from sandbox.errors import bad_request, record_invalid
from sandbox.seed import seed
from sandbox.shapes import parse
from sandbox.state import Doc

blueprint = Blueprint("control", __name__, url_prefix="/sandbox")


@blueprint.post("/reset")
def reset() -> here.Answer:
    """Begin anew: every document gone, the seed back, limits and faults at rest."""
    desk = here.desk()
    with desk.state.transaction():
        desk.state.clear()
        seed(desk.state, desk.settings, here.now())
    desk.engine.limits.reset()
    desk.engine.faults.clear()
    return jsonify({"reset": True})


@blueprint.post("/tickets")
def write() -> here.Answer:
    """A customer writes: `requester {name, email}`, `channel`, `subject`, `body`, `tags`, and an earlier `thread`.

    The thread's messages (`{author: customer|agent|bot, body}`, oldest first) are stored without a word to triggers
    or webhooks; only the newest message, `body`, is news.
    """
    ticket_id = customers.write(here.desk(), here.body())
    return jsonify({"ticket": here.ticket_show()(here.one("ticket", ticket_id))}), 201


@blueprint.post("/tickets/<int:ticket_id>/reply")
def reply(ticket_id: int) -> here.Answer:
    """Somebody answers: `author` is customer, agent, bot or a user's id; with `body`, `public` and `status`.

    A customer's reply to a closed ticket makes a follow-up, as in Zendesk.
    """
    given, ticket = here.body(), tickets.one(ticket_id)
    author = customers.author(here.state(), given.get("author", "customer"), ticket)
    comment = {"body": given.get("body"), "public": given.get("public", True)}
    if not people.is_staff(author) and (ticket["status"] == "closed" or "status" not in given):
        written = customers.reply(here.desk(), ticket, comment, author)
    else:
        body = {"comment": comment} | ({"status": given["status"]} if "status" in given else {})
        channel = "web" if people.is_staff(author) else ticket["via"]["channel"]
        written = here.desk().tickets.update(ticket_id, body, actor=author, channel=channel, now=here.now())
    return jsonify({"ticket": here.ticket_show()(written.ticket)})


@blueprint.post("/tickets/<int:ticket_id>/rate")
def rate(ticket_id: int) -> here.Answer:
    """The customer rates: `score` good or bad, and a `comment`."""
    requester = here.one("user", tickets.one(ticket_id)["requester_id"])
    rating = here.desk().tickets.rate(ticket_id, here.body(), actor=requester, now=here.now())
    return here.answer("satisfaction_rating", "satisfaction_rating", rating)


@blueprint.post("/tokens")
def mint() -> here.Answer:
    """Give a token of any user: `user_id`, `scope`, `life_s` (null for one that never ends)."""
    given = here.body()
    user = here.one("user", given.get("user_id"))
    life_s = given.get("life_s", here.desk().settings.token_life_s)
    scope = given.get("scope", auth.READY_TOKEN_SCOPE)
    token = auth.mint(here.state(), user["id"], scope=scope, life_s=life_s, now=here.now())
    return jsonify({"access_token": token}), 201


@blueprint.post("/tokens/revoke")
def revoke() -> here.Answer:
    """Make every granted token worthless, as an admin does who deletes the OAuth client's tokens."""
    return jsonify({"revoked": auth.revoke_all(here.state())})


@blueprint.post("/agents/<int:agent_id>/status")
def set_status(agent_id: int) -> here.Answer:
    """Set an agent's `status`: online, away, transfers_only or offline."""
    status = here.body().get("status")
    if status not in ("online", "away", "transfers_only", "offline"):
        raise record_invalid("status", "Status is invalid")
    here.one("user", agent_id)
    here.state().put("availability", {"id": agent_id, "status": status})
    return jsonify({"status": status})


@blueprint.get("/calls")
def calls() -> here.Answer:
    """Count API calls by method and path, since the start or `?since=` (ISO 8601 or Unix time)."""
    return jsonify(here.desk().calls.since(_moment(request.args.get("since"))))


@blueprint.get("/pending")
def pending() -> here.Answer:
    """Count webhook deliveries that wait or are on the wire."""
    return jsonify({"pending": here.desk().engine.courier.pending()})


@blueprint.get("/faults")
def faults() -> here.Answer:
    """Show which troubles are switched on."""
    return jsonify(here.desk().engine.faults.as_dict())


@blueprint.put("/faults")
def set_faults() -> here.Answer:
    """Switch troubles; switches that are not named stay, `{}` puts all to rest."""
    return _set(here.desk().engine.faults, here.body())


@blueprint.get("/limits")
def limits() -> here.Answer:
    """Show the rate limits."""
    return jsonify(here.desk().engine.limits.as_dict())


@blueprint.put("/limits")
def set_limits() -> here.Answer:
    """Change rate limits by name; what was taken so far is forgotten."""
    here.desk().engine.limits.reset()
    return _set(here.desk().engine.limits, here.body())


def _set(switchboard: Any, given: Doc) -> here.Answer:
    """Both kinds of switches refuse unknown names and wrong values with ValueError."""
    try:
        switchboard.set(given) if given or not hasattr(switchboard, "clear") else switchboard.clear()
    except ValueError as error:
        raise bad_request("InvalidParameter", str(error)) from None
    return jsonify(switchboard.as_dict())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse(text) if not text.replace(".", "").isdigit() else _EPOCH + timedelta(seconds=float(text))
    except ValueError:
        raise bad_request("InvalidParameter", "since is not a time") from None


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
