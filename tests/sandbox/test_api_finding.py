"""Finding things: search, the incremental export, users and articles.

It must not look at how documents are stored.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox.app import create_app
from sandbox.settings import SandboxSettings
from tests.sandbox.caller import Api, Clock


def ids(answer: Any) -> list[int]:
    return [ticket["id"] for ticket in answer["results"]]


@pytest.fixture
def three(api: Api) -> Api:
    """Three tickets: a late parcel of Priya's, an invoice of Jonas's for Bea, and a solved one."""
    api.ticket(subject="Late parcel", tags=["hot", "vip"], priority="urgent")
    bea = api.user("bea@sandbox.example")["id"]
    jonas = {"email": "jonas@customer.example"}
    api.ticket(subject="An invoice", tags=["hot"], priority="low", requester=jonas, assignee_id=bea)
    api.clock.move(days=2)
    api.ticket(subject="Old parcel", status="solved", comment={"body": "It was wet"})
    return api


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type:ticket", [1, 2, 3]),
        ("type:ticket parcel", [1, 2, 3]),  # the first comment of the other two speaks of a parcel
        ('type:ticket "late parcel"', [1]),
        ("type:ticket wet", [3]),
        ("type:ticket tags:hot", [1, 2]),
        ("type:ticket tags:vip tags:hot", [1, 2]),
        ('type:ticket tags:"vip hot"', [1]),
        ("type:ticket -tags:hot", [3]),
        ("type:ticket status<solved", [1, 2]),
        ("type:ticket status:new status:solved", [1, 3]),
        ("type:ticket priority>=normal", [1]),
        ("type:ticket requester:jonas@customer.example", [2]),
        ("type:ticket assignee:none", [1]),
        ("type:ticket assignee:me", [3]),
        ("type:ticket group:Billing", [2]),
        ("type:ticket created>2026-03-03", [3]),
        ("type:ticket created<=2026-03-02", [1, 2]),
        ("type:ticket created>1hours", [3]),
        ("type:ticket solved>2026-03-01", [3]),
        ("type:ticket subject:invoice", [2]),
    ],
)
def test_search_finds_by(three: Api, query: str, found: list[int]) -> None:
    """Each part of the search language chooses the tickets it should."""
    answer = three.read("/api/v2/search.json", query=query, sort_by="created_at", sort_order="asc")
    assert ids(answer) == found
    assert answer["count"] == len(found)
    assert three.read("/api/v2/search/count.json", query=query)["count"] == len(found)


def test_search_finds_field_values(api: Api) -> None:
    """`fieldvalue` and `custom_field_ID` find a drop-down's option."""
    field = api.tagger("mood_bad", "mood_good")
    bad = api.ticket(custom_fields=[{"id": field["id"], "value": "mood_bad"}])
    api.ticket(custom_fields=[{"id": field["id"], "value": "mood_good"}])
    assert ids(api.read("/api/v2/search.json", query="type:ticket fieldvalue:mood_bad")) == [bad["id"]]
    assert ids(api.read("/api/v2/search.json", query=f"custom_field_{field['id']}:mood_bad")) == [bad["id"]]


def test_search_finds_users_and_requesters_by_id(three: Api) -> None:
    """Users are found by address, and tickets by their requester's id."""
    jonas = three.user("jonas@customer.example")
    assert ids(three.read("/api/v2/search.json", query="type:user email:jonas@customer.example")) == [jonas["id"]]
    answer = three.read("/api/v2/search.json", query=f"type:ticket requester:{jonas['id']}")
    assert [ticket["id"] for ticket in answer["results"]] == [2]
    assert answer["results"][0]["result_type"] == "ticket"


@pytest.mark.parametrize("query", ["", "type:ticket mood:bad", "type:ticket priority>loud", "created>soon"])
def test_a_wrong_query_is_refused(three: Api, query: str) -> None:
    """Unknown properties and values are 422."""
    answer = three.get("/api/v2/search.json", query=query)
    assert answer.status_code == 422
    assert answer.get_json()["error"] == "invalid"


def test_search_ends_at_a_thousand(api: Api) -> None:
    """A page beyond the first thousand results is refused, whatever it would hold."""
    assert api.get("/api/v2/search.json", query="type:ticket", page=10).status_code == 200
    assert api.get("/api/v2/search.json", query="type:ticket", page=11).status_code == 422


def test_search_export_goes_by_cursor(three: Api) -> None:
    """The export gives one kind of thing, page by page, and wants to know which."""
    path, seen = "/api/v2/search/export.json", []
    answer = three.read(path, **{"query": "", "filter[type]": "ticket", "page[size]": 2})
    while True:
        seen += ids(answer)
        if not answer["meta"]["has_more"]:
            break
        answer = three.read(answer["links"]["next"])
    assert sorted(seen) == [1, 2, 3]
    assert three.get(path, query="x").status_code == 400


def test_the_export_holds_the_newest_minute_back(api: Api) -> None:
    """What changed within the last minute is not there yet; a start time that young is refused."""
    start = int(api.clock().timestamp())
    ticket = api.ticket()
    path = "/api/v2/incremental/tickets/cursor.json"
    assert api.get(path, start_time=start).status_code == 400
    api.clock.move(seconds=59)
    assert api.read(path, start_time=start - 60)["tickets"] == []
    api.clock.move(seconds=1)
    answer = api.read(path, start_time=start)
    assert [one["id"] for one in answer["tickets"]] == [ticket["id"]]
    assert answer["end_of_stream"] is True


def test_the_export_loses_nothing_to_a_shared_second(api: Api) -> None:
    """Many tickets of one second, in pages of two: each comes once, and a later change comes from the last cursor."""
    start = int(api.clock().timestamp())
    made = [api.ticket()["id"] for _ in range(5)]
    api.delete(f"/api/v2/tickets/{made[4]}.json")
    api.clock.move(minutes=5)
    path, seen = "/api/v2/incremental/tickets/cursor.json", []
    answer = api.read(path, start_time=start, per_page=2)
    seen += answer["tickets"]
    while not answer["end_of_stream"]:
        answer = api.read(path, cursor=answer["after_cursor"], per_page=2)
        seen += answer["tickets"]
    assert sorted(ticket["id"] for ticket in seen) == made
    assert {ticket["id"]: ticket["status"] for ticket in seen}[made[4]] == "deleted"
    assert api.read(path, cursor=answer["after_cursor"])["tickets"] == []
    api.update(made[1], priority="low")
    api.clock.move(minutes=5)
    later = api.read(path, cursor=answer["after_cursor"])
    assert [ticket["id"] for ticket in later["tickets"]] == [made[1]]


def test_the_minute_of_the_export_can_be_set(settings: SandboxSettings, clock: Clock) -> None:
    """A desk set to hold nothing back exports at once."""
    app = create_app(replace(settings, export_delay_s=0), clock=clock)
    api = Api(app, clock)
    ticket = api.ticket()
    answer = api.read("/api/v2/incremental/tickets/cursor.json", start_time=int(clock().timestamp()))
    assert [one["id"] for one in answer["tickets"]] == [ticket["id"]]
    app.extensions["sandbox"].state.close()


def test_deleted_users_are_exported(api: Api) -> None:
    """Who is deleted comes from the last cursor, no longer active; the newest minute is held back."""
    path, start = "/api/v2/incremental/users/cursor.json", int(api.clock().timestamp())
    api.clock.move(minutes=5)
    before = api.read(path, start_time=start)
    user = api.read("/api/v2/users.json", role="end-user")["users"][-1]
    api.delete(f"/api/v2/users/{user['id']}.json")
    assert api.read(path, cursor=before["after_cursor"])["users"] == []
    api.clock.move(minutes=5)
    (gone,) = api.read(path, cursor=before["after_cursor"])["users"]
    assert (gone["id"], gone["active"]) == (user["id"], False)


def test_ticket_events_bring_comments_when_asked(api: Api) -> None:
    """Without the sideload only flags are there; with it the comment's text."""
    start = int(api.clock().timestamp())
    api.ticket(comment={"body": "secret words"})
    api.clock.move(minutes=2)
    path = "/api/v2/incremental/ticket_events.json"
    plain = api.get(path, start_time=start)
    assert "secret words" not in plain.text
    assert plain.get_json()["ticket_events"][0]["child_events"][0]["comment_present"] is True
    assert "secret words" in api.get(path, start_time=start, include="comment_events").text


def test_users_are_made_found_and_changed(api: Api) -> None:
    """A user can be made once, found, changed by the same address, and shown as inactive once deleted."""
    given = {"name": "Ines Roth", "email": "Ines@Customer.example"}
    answer = api.post("/api/v2/users.json", {"user": given})
    assert answer.status_code == 201
    user = answer.get_json()["user"]
    assert api.post("/api/v2/users.json", {"user": given}).status_code == 422
    again = api.post("/api/v2/users/create_or_update.json", {"user": {**given, "name": "Ines R."}})
    assert (again.status_code, again.get_json()["user"]["id"]) == (200, user["id"])
    assert api.read("/api/v2/users/search.json", query="ines r")["users"][0]["id"] == user["id"]
    assert api.read(f"/api/v2/users/show_many.json?ids={user['id']}")["users"][0]["name"] == "Ines R."
    assert api.made("PUT", f"/api/v2/users/{user['id']}.json", {"user": {"tags": ["vip"]}})["user"]["tags"] == ["vip"]
    assert api.made("DELETE", f"/api/v2/users/{user['id']}.json")["user"]["active"] is False
    for wrong in ({"name": ""}, {"name": "X", "email": "nowhere"}, {"name": "X", "role": "king"}):
        assert api.post("/api/v2/users.json", {"user": wrong}).status_code == 422


def test_a_requesters_tickets_are_listed(api: Api) -> None:
    """A requester's tickets come with both ways of paging, newest first if asked, without deleted ones."""
    made = [api.ticket()["id"] for _ in range(3)]
    priya = api.user("priya@customer.example")["id"]
    path = f"/api/v2/users/{priya}/tickets/requested.json"
    api.delete(f"/api/v2/tickets/{made[0]}.json")
    assert [ticket["id"] for ticket in api.read(path)["tickets"]] == made[1:]
    assert [t["id"] for t in api.read(path, **{"page[size]": 1, "sort": "-created_at"})["tickets"]] == made[2:]
    assert api.read(f"/api/v2/users/{priya}/related.json")["user_related"]["requested_tickets"] == 2
    assert api.get("/api/v2/users/1/tickets/requested.json").status_code == 404


def test_articles_are_found_by_words_and_labels(api: Api) -> None:
    """The Help Center's search ranks by words, takes a locale, and wants something to look for."""
    path = "/api/v2/help_center/articles/search.json"
    found = api.read(path, query="reset password", locale="en-us")["results"]
    assert found[0]["title"] == "How to reset your password"
    assert found[0]["html_url"].endswith(str(found[0]["id"]))
    assert [one["title"] for one in api.read(path, label_names="refund_status")["results"]] == [
        "When does a refund arrive?"
    ]
    assert api.read(path, query="password", locale="fr")["results"] == []
    assert api.get(path).status_code == 400
