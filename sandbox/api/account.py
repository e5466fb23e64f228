"""Knows the addresses of what a desk is: settings, locales, brands, tags, who is available, and its Help Center.
It must not know tickets beyond the tags on them."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, g, jsonify, request

from sandbox import people
from sandbox.api import here, tickets
from sandbox.errors import bad_request
from sandbox.state import Doc

blueprint = Blueprint("account", __name__, url_prefix="/api/v2")

STATUSES = {"online": 3, "away": 4, "transfers_only": 5, "offline": 2}
"""Unified agent statuses and their numbers."""


@blueprint.get("/account/settings")
def settings() -> here.Answer:
    """Show the account's settings."""
    here.staff()
    return jsonify({"settings": here.one("setting", "account")["settings"]})


@blueprint.get("/locales")
@blueprint.get("/locales/agent", endpoint="locales_agent")
@blueprint.get("/locales/public", endpoint="locales_public")
def locales() -> here.Answer:
    """List the locales that are switched on."""
    return jsonify({"locales": [_locale(doc) for doc in here.state().list("locale")]})


@blueprint.get("/locales/current")
def current_locale() -> here.Answer:
    """Show the caller's locale."""
    return jsonify({"locale": _locale(here.one("locale", here.me()["locale_id"]))})


@blueprint.get("/locales/<int:locale_id>")
def locale(locale_id: int) -> here.Answer:
    """Show a locale."""
    return jsonify({"locale": _locale(here.one("locale", locale_id))})


@blueprint.get("/brands")
def brands() -> here.Answer:
    """List brands."""
    return jsonify(here.page("brands", "brand", here.state().list("brand")))


@blueprint.get("/brands/<int:brand_id>")
def brand(brand_id: int) -> here.Answer:
    """Show a brand."""
    return here.answer("brand", "brand", here.one("brand", brand_id))


@blueprint.get("/tags")
def tags() -> here.Answer:
    """List the tags in use with their counts, the most used first."""
    here.staff()
    counts = Counter(tag for ticket in tickets.live(here.state().list("ticket")) for tag in ticket["tags"])
    found = [{"id": name, "name": name, "count": count} for name, count in counts.most_common()]
    return jsonify(here.paged("tags", found, lambda tag: {"name": tag["name"], "count": tag["count"]}))


@blueprint.get("/agent_availabilities")
def availabilities() -> here.Answer:
    """List who is available, in JSON:API shape; `filter[channel_status]=support:online`, `filter[group_ids]`."""
    here.staff()
    channel, _, status = request.args.get("filter[channel_status]", "support:").partition(":")
    if channel != "support":
        raise bad_request("InvalidFilter", "only the channel support is served here")
    groups = {int(id) for id in here.ids("filter[group_ids]")}
    found = [
        user
        for user in here.state().list("user")
        if people.may_be_assigned(user)
        and status in ("", _status(user))
        and (not groups or groups & set(people.group_ids(here.state(), user["id"])))
    ]
    answer = here.paged("data", found, _availability, cursor_only=True)
    return jsonify({**answer, "included": [_channel(here.one("user", one["id"])) for one in answer["data"]]})


@blueprint.get("/agent_availabilities/<int:agent_id>")
def availability(agent_id: int) -> here.Answer:
    """Show whether one agent is available."""
    here.staff()
    user = here.one("user", agent_id)
    return jsonify({"data": _availability(user), "included": [_channel(user)]})


@blueprint.get("/help_center/articles/search")
@blueprint.get("/help_center/<locale>/articles/search", endpoint="articles_search_in")
def articles_search(locale: str | None = None) -> here.Answer:
    """Find articles by words of `query`, `locale` and `label_names`; drafts never, restricted ones for staff only."""
    wanted = request.args.get("query", "").lower().split()
    labels = set(here.ids("label_names"))
    if not wanted and not labels:
        raise bad_request("InvalidParameter", "One of query, category, section or label_names is required")
    language = (locale or request.args.get("locale") or "*").lower()
    found = [article for article in here.state().list("article") if _may_be_read(article)]
    found = [article for article in found if language in ("*", article["locale"])]
    found = [article for article in found if not labels or labels & set(article["label_names"])]
    scored = [(sum(_text(article).count(word) for word in wanted), article) for article in found]
    best = [article for score, article in sorted(scored, key=lambda pair: -pair[0]) if score or not wanted]
    answer = here.paged("results", best, _article_shown)
    return jsonify({**answer, "page": int(request.args.get("page", 1)), "per_page": 100, "page_count": 1})


@blueprint.get("/help_center/articles")
@blueprint.get("/help_center/<locale>/articles", endpoint="articles_in")
def articles(locale: str | None = None) -> here.Answer:
    """List articles, of one locale if the path names one."""
    found = [a for a in here.state().list("article") if locale in (None, a["locale"])]
    return jsonify(here.paged("articles", found, _article_shown))


@blueprint.get("/help_center/articles/<int:article_id>")
def article(article_id: int) -> here.Answer:
    """Show an article."""
    return jsonify({"article": _article_shown(here.one("article", article_id))})


def _locale(doc: Doc) -> Doc:
    return {"url": f"{here.base()}/api/v2/locales/{doc['id']}.json", **doc}


def _status(user: Doc) -> str:
    known = here.state().get("availability", user["id"])
    return str(known["status"]) if known else "online"


def _availability(user: Doc) -> Doc:
    status = _status(user)
    return {
        "id": str(user["id"]),
        "type": "agent_availabilities",
        "attributes": {
            "agent_id": user["id"],
            "agent_status": {"id": STATUSES[status], "name": status},
            "group_ids": people.group_ids(here.state(), user["id"]),
            "skills": [],
            "version": 1,
        },
        "relationships": {"channels": {"data": [{"id": f"{user['id']}:support", "type": "channels"}]}},
    }


def _channel(user: Doc) -> Doc:
    open_tickets = here.state().find("ticket", assignee_id=user["id"], status="open")
    work = {"work_item_count": len(open_tickets), "max_capacity": 20, "status": _status(user), "name": "support"}
    return {"id": f"{user['id']}:support", "type": "channels", "attributes": work}


def _may_be_read(article: Doc) -> bool:
    signed_in = "user" in g and people.is_staff(here.me())
    return not article["draft"] and (article["user_segment_id"] is None or signed_in)


def _text(article: Doc) -> str:
    return f"{article['title']} {article['title']} {article['body']}".lower()


def _article_shown(article: Doc) -> Doc:
    path = f"/hc/{article['locale']}/articles/{article['id']}"
    links = {"url": f"{here.base()}/api/v2/help_center/{article['locale']}/articles/{article['id']}.json"}
    return {**article, **links, "html_url": here.base() + path, "snippet": article["body"][:200]}
