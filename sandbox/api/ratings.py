"""Knows the addresses of satisfaction ratings.
It must not know when a ticket may be rated: that is `sandbox.tickets`."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from sandbox.api import here
from sandbox.shapes import parse
from sandbox.state import Doc

blueprint = Blueprint("ratings", __name__, url_prefix="/api/v2")

# `score=received` and its kin name several scores at once.
_SCORES = {
    "received": ("good", "bad"),
    "received_with_comment": ("good", "bad"),
    "good_with_comment": ("good",),
    "good_without_comment": ("good",),
    "bad_with_comment": ("bad",),
    "bad_without_comment": ("bad",),
}


@blueprint.get("/satisfaction_ratings")
def index() -> here.Answer:
    """List ratings; `score`, `start_time` and `end_time` (Unix times) narrow. Admins only."""
    here.admin()
    found = [rating for rating in here.state().list("satisfaction_rating") if _wanted(rating)]
    return jsonify(here.page("satisfaction_ratings", "satisfaction_rating", found))


@blueprint.get("/satisfaction_ratings/count")
def count() -> here.Answer:
    """Count ratings."""
    here.admin()
    return here.count_answer(len([r for r in here.state().list("satisfaction_rating") if _wanted(r)]))


@blueprint.get("/satisfaction_ratings/<int:rating_id>")
def show(rating_id: int) -> here.Answer:
    """Show a rating."""
    here.admin()
    return here.answer("satisfaction_rating", "satisfaction_rating", here.one("satisfaction_rating", rating_id))


@blueprint.post("/tickets/<int:ticket_id>/satisfaction_rating")
def create(ticket_id: int) -> here.Answer:
    """Rate a solved ticket; only its requester may."""
    rating = here.desk().tickets.rate(ticket_id, here.body("satisfaction_rating"), actor=here.me(), now=here.now())
    return here.answer("satisfaction_rating", "satisfaction_rating", rating)


def _wanted(rating: Doc) -> bool:
    score, made = request.args.get("score", ""), parse(rating["updated_at"]).timestamp()
    if not float(request.args.get("start_time", 0)) <= made <= float(request.args.get("end_time", "inf")):
        return False
    if score and rating["score"] not in _SCORES.get(score, (score,)):
        return False
    if score.endswith("_without_comment"):
        return not rating["comment"]
    return bool(rating["comment"]) if score.endswith("_with_comment") else True
