"""Tickets over the API: what an update does, and the traps that Zendesk lays for whoever writes one.

It must not look at how tickets are stored.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sandbox.caller import Api


def comments(api: Api, ticket_id: int) -> list[Any]:
    return list(api.read(f"/api/v2/tickets/{ticket_id}/comments.json")["comments"])


def value(ticket: Any, field: Any) -> Any:
    return next(entry["value"] for entry in ticket["custom_fields"] if entry["id"] == field["id"])


def test_a_created_ticket_is_complete(api: Api) -> None:
    """A new ticket answers 201 with its address, its audit, and the customer as requester but not as submitter."""
    answer = api.post(
        "/api/v2/tickets.json",
        {
            "ticket": {
                "subject": "Hello",
                "comment": {"body": "First"},
                "priority": "high",
                "requester": {"name": "New Person", "email": "New@Customer.example"},
            }
        },
    )
    made = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/api/v2/tickets/{made['ticket']['id']}.json")
    assert api.user("new@customer.example")["id"] == made["ticket"]["requester_id"]
    assert made["ticket"]["submitter_id"] == api.read("/api/v2/users/me.json")["user"]["id"]
    assert made["ticket"]["status"] == "new"
    assert made["ticket"]["url"].endswith(f"/tickets/{made['ticket']['id']}.json")
    told = {event.get("field_name"): event.get("value") for event in made["audit"]["events"]}
    assert told["priority"] == "high"
    assert told["subject"] == "Hello"


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_paths_work_with_and_without_suffix(api: Api, suffix: str) -> None:
    """Both spellings of a path lead to the same ticket."""
    ticket = api.ticket()
    assert api.read(f"/api/v2/tickets/{ticket['id']}{suffix}")["ticket"]["id"] == ticket["id"]


@pytest.mark.parametrize("started_public", [True, False])
def test_a_comment_inherits_the_first_comments_visibility(api: Api, started_public: bool) -> None:
    """A comment that does not say whether it is public is what the ticket started as, whatever came in between."""
    ticket = api.ticket(comment={"body": "Start", "public": started_public})
    api.update(ticket["id"], comment={"body": "The opposite", "public": not started_public})
    answer = api.update(ticket["id"], comment={"body": "An internal summary, we thought"})
    assert answer.get_json()["audit"]["events"][0]["public"] is started_public
    assert [comment["public"] for comment in comments(api, ticket["id"])] == [
        started_public,
        not started_public,
        started_public,
    ]


def test_a_light_agents_comment_is_private(api: Api) -> None:
    """A light agent may only note: a comment meant as public is private, and other changes are forbidden."""
    ticket, light = api.ticket(), api.as_user("lee@sandbox.example")
    assert light.update(ticket["id"], comment={"body": "Hi", "public": True}).status_code == 200
    assert comments(api, ticket["id"])[-1]["public"] is False
    assert light.update(ticket["id"], priority="low").status_code == 403


def test_tags_replace(api: Api) -> None:
    """Tags in an update are the whole new list; one update's tags wipe another's."""
    ticket = api.ticket(tags=["vip", "First"])
    assert ticket["tags"] == ["first", "vip"]
    assert api.update(ticket["id"], tags=["new one"]).get_json()["ticket"]["tags"] == ["new", "one"]


def test_additional_tags_are_for_bulk_only(api: Api) -> None:
    """`additional_tags` does nothing on a single ticket but is named in the warning; in bulk it adds."""
    ticket = api.ticket(tags=["vip"])
    answer = api.update(ticket["id"], additional_tags=["more"])
    assert answer.get_json()["ticket"]["tags"] == ["vip"]
    assert "ticket.additional_tags" in answer.headers["x-zendesk-api-warn"]
    body = {"ticket": {"additional_tags": ["more"], "remove_tags": ["vip"]}}
    api.made("PUT", f"/api/v2/tickets/update_many.json?ids={ticket['id']}", body)
    assert api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]["tags"] == ["more"]


def test_unknown_keys_and_fields_are_dropped_with_a_warning(api: Api) -> None:
    """A 200 may have dropped what it did not know: only the header says so."""
    ticket = api.ticket()
    answer = api.update(
        ticket["id"], made_up=1, comment="not an object", custom_fields=[{"id": 4711, "value": "x"}], priority="low"
    )
    assert answer.status_code == 200
    assert answer.get_json()["ticket"]["priority"] == "low"
    warning = answer.headers["x-zendesk-api-warn"]
    assert "ticket.made_up" in warning
    assert "ticket.custom_fields.4711" in warning
    assert ':invalid_values=>["ticket.comment"]' in warning
    assert len(comments(api, ticket["id"])) == 1
    assert "x-zendesk-api-warn" not in api.update(ticket["id"], priority="high").headers


def test_a_safe_update_with_an_old_stamp_conflicts(api: Api) -> None:
    """The stamp must be the ticket's own; the refused update leaves nothing behind."""
    ticket = api.ticket()
    stamp = ticket["updated_at"]
    assert api.update(ticket["id"], priority="low", safe_update=True, updated_stamp=stamp).status_code == 200
    answer = api.update(ticket["id"], priority="high", safe_update=True, updated_stamp=stamp, comment={"body": "Hi"})
    assert answer.status_code == 409
    assert answer.get_json()["error"] == "UpdateConflict"
    after = api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]
    assert after["priority"] == "low"
    assert len(comments(api, ticket["id"])) == 1


def test_safe_update_false_is_still_safe(api: Api) -> None:
    """Any value of `safe_update` turns it on; a stamp is then needed."""
    ticket = api.ticket()
    old = "2020-01-01T00:00:00Z"
    assert api.update(ticket["id"], priority="low", safe_update=False, updated_stamp=old).status_code == 409
    assert api.update(ticket["id"], priority="low", safe_update=False).status_code == 400
    assert api.update(ticket["id"], priority="low", updated_stamp=old).status_code == 200


def test_a_safe_update_loses_nothing_within_one_second(api: Api) -> None:
    """Of many safe updates with one stamp, sent at once while the clock stands, exactly one wins."""
    ticket = api.ticket()

    def write(number: int) -> int:
        safe = {"safe_update": True, "updated_stamp": ticket["updated_at"]}
        return int(api.update(ticket["id"], comment={"body": f"Reply {number}"}, **safe).status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(write, range(8)))
    assert statuses == [200] + [409] * 7
    assert len(comments(api, ticket["id"])) == 2


def test_an_update_that_changes_nothing_moves_nothing(api: Api) -> None:
    """`updated_at` moves only for updates that produce an event."""
    ticket = api.ticket(priority="low")
    api.clock.move(minutes=5)
    answer = api.update(ticket["id"], priority="low").get_json()
    assert answer["audit"]["events"] == []
    assert answer["ticket"]["updated_at"] == ticket["updated_at"]
    assert len(api.read(f"/api/v2/tickets/{ticket['id']}/audits.json")["audits"]) == 1


def test_a_drop_downs_value_is_a_tag(api: Api) -> None:
    """Setting the option adds its tag, changing it swaps the tag, clearing it takes the tag off."""
    field = api.tagger("mood_bad", "mood_good")
    ticket = api.ticket(tags=["vip"], custom_fields=[{"id": field["id"], "value": "mood_bad"}])
    assert ticket["tags"] == ["mood_bad", "vip"]
    after = api.update(ticket["id"], custom_fields=[{"id": field["id"], "value": "mood_good"}]).get_json()["ticket"]
    assert after["tags"] == ["mood_good", "vip"]
    after = api.update(ticket["id"], custom_fields=[{"id": field["id"], "value": None}]).get_json()["ticket"]
    assert after["tags"] == ["vip"]
    assert value(after, field) is None


def test_tags_pull_the_drop_down_along(api: Api) -> None:
    """Replacing the tags sets the option whose tag is there and clears the one whose tag is gone."""
    field = api.tagger("mood_bad", "mood_good")
    ticket = api.ticket(custom_fields=[{"id": field["id"], "value": "mood_bad"}])
    after = api.update(ticket["id"], tags=["mood_good", "vip"]).get_json()["ticket"]
    assert value(after, field) == "mood_good"
    after = api.update(ticket["id"], tags=["vip"]).get_json()["ticket"]
    assert value(after, field) is None


def test_an_unknown_option_is_refused(api: Api) -> None:
    """A drop-down takes only its own options: 422 with the details, and nothing changed."""
    field = api.tagger("mood_bad")
    ticket = api.ticket()
    answer = api.update(ticket["id"], priority="low", custom_fields=[{"id": field["id"], "value": "mood_odd"}])
    assert answer.status_code == 422
    assert answer.get_json()["error"] == "RecordInvalid"
    assert answer.get_json()["details"]["base"]
    assert api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]["priority"] is None


def test_an_omitted_option_wipes_its_value(api: Api) -> None:
    """A field's option list is the whole list: what it omits goes from tickets, tags and macros."""
    field = api.tagger("mood_bad", "mood_good")
    ticket = api.ticket(tags=["vip"], custom_fields=[{"id": field["id"], "value": "mood_bad"}])
    action = {"field": f"custom_fields_{field['id']}", "value": "mood_bad"}
    macro = {"title": "Bad", "actions": [action, {"field": "priority", "value": "low"}]}
    macro = api.made("POST", "/api/v2/macros.json", {"macro": macro})["macro"]
    kept = [option for option in field["custom_field_options"] if option["value"] != "mood_bad"]
    api.made("PUT", f"/api/v2/ticket_fields/{field['id']}.json", {"ticket_field": {"custom_field_options": kept}})
    after = api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]
    assert value(after, field) is None
    assert after["tags"] == ["vip"]
    actions = api.read(f"/api/v2/macros/{macro['id']}.json")["macro"]["actions"]
    assert [action["field"] for action in actions] == ["priority"]


def test_the_option_endpoint_adds_without_wiping(api: Api) -> None:
    """An option put by itself leaves the others, and the values on tickets, as they are."""
    field = api.tagger("mood_bad")
    ticket = api.ticket(custom_fields=[{"id": field["id"], "value": "mood_bad"}])
    path = f"/api/v2/ticket_fields/{field['id']}/options.json"
    answer = api.post(path, {"custom_field_option": {"name": "Fine", "value": "mood_fine"}})
    assert answer.status_code == 201
    assert [option["value"] for option in api.read(path)["custom_field_options"]] == ["mood_bad", "mood_fine"]
    assert value(api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"], field) == "mood_bad"


def test_markup_in_a_body_is_stripped(api: Api) -> None:
    """`body` is text: markup goes, comparisons stay, and what is shown as HTML is escaped."""
    ticket = api.ticket(comment={"body": "<b>Now</b> if 3 < 4 & so<script>alert(1)</script>"})
    comment = comments(api, ticket["id"])[0]
    assert comment["body"] == "Now if 3 < 4 & so"
    assert "3 &lt; 4 &amp; so" in comment["html_body"]


def test_html_bodies_are_cleaned(api: Api) -> None:
    """`html_body` loses scripts and handlers, keeps harmless markup, and gives the plain text."""
    ticket = api.ticket()
    dirty = '<p onclick="x()">Dear <b>you</b>,</p><p>hi<script>alert(1)</script><img src=x onerror=alert(2)></p>'
    api.update(ticket["id"], comment={"html_body": dirty, "public": True})
    comment = comments(api, ticket["id"])[-1]
    assert comment["plain_body"] == "Dear you,\nhi"
    assert "<b>you</b>" in comment["html_body"]
    assert not any(word in comment["html_body"] for word in ("script", "onclick", "onerror"))


@pytest.mark.parametrize("body", ["", "  \n ", "<p></p>", "x" * 65_536])
def test_empty_and_endless_comments_are_refused(api: Api, body: str) -> None:
    """A comment must say something, in no more than 64 KB."""
    ticket = api.ticket()
    answer = api.update(ticket["id"], priority="low", comment={"body": body})
    assert answer.status_code == 422
    assert answer.get_json()["error"] == "RecordInvalid"


def test_the_author_may_be_named_but_the_updater_stays(api: Api) -> None:
    """`author_id` makes a comment another's; the audit still names whose token it was, and the ticket stays solved."""
    ticket = api.ticket(status="solved")
    answer = api.update(ticket["id"], comment={"body": "Still broken", "author_id": ticket["requester_id"]}).get_json()
    assert answer["audit"]["events"][0]["author_id"] == ticket["requester_id"]
    assert answer["audit"]["author_id"] == api.read("/api/v2/users/me.json")["user"]["id"]
    assert answer["ticket"]["status"] == "solved"


@pytest.mark.parametrize("status", ["pending", "hold", "solved"])
def test_a_customers_reply_opens_the_ticket(api: Api, status: str) -> None:
    """A ticket that waits, or is solved, opens when its customer writes; a reopening is counted."""
    ticket = api.customer_writes()
    api.update(ticket["id"], status=status)
    after = api.made("POST", f"/sandbox/tickets/{ticket['id']}/reply", {"author": "customer", "body": "And?"})["ticket"]
    assert after["status"] == "open"
    metric = api.read(f"/api/v2/tickets/{ticket['id']}/metrics.json")["ticket_metric"]
    assert metric["reopens"] == (1 if status == "solved" else 0)
    assert metric["solved_at"] is None


def test_solving_takes_the_ticket(api: Api) -> None:
    """A ticket solved while nobody has it goes to whoever solved it."""
    ticket = api.ticket()
    after = api.update(ticket["id"], status="solved").get_json()["ticket"]
    assert after["assignee_id"] == api.read("/api/v2/users/me.json")["user"]["id"]


def test_closed_tickets_cannot_be_changed(api: Api) -> None:
    """Closed is for ever: 422; a customer's reply makes a follow-up."""
    ticket = api.customer_writes()
    api.update(ticket["id"], status="closed")
    assert api.update(ticket["id"], priority="low").status_code == 422
    reply = {"author": "customer", "body": "Once more"}
    follow_up = api.made("POST", f"/sandbox/tickets/{ticket['id']}/reply", reply)["ticket"]
    assert follow_up["id"] != ticket["id"]
    assert follow_up["via"]["channel"] == "closed_ticket"


def test_deleted_tickets_are_gone_until_restored(api: Api) -> None:
    """A deleted ticket answers 404, stands among the deleted, and comes back as it was."""
    ticket = api.ticket(status="pending")
    assert api.delete(f"/api/v2/tickets/{ticket['id']}.json").status_code == 204
    for answer in (api.get(f"/api/v2/tickets/{ticket['id']}.json"), api.update(ticket["id"], priority="low")):
        assert answer.status_code == 404
        assert answer.get_json() == {"error": "RecordNotFound", "description": "Not found"}
    assert [one["id"] for one in api.read("/api/v2/deleted_tickets.json")["deleted_tickets"]] == [ticket["id"]]
    api.made("PUT", f"/api/v2/deleted_tickets/{ticket['id']}/restore.json")
    assert api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]["status"] == "pending"


def test_assignee_and_group_fit_together(api: Api) -> None:
    """An assignee brings their group, a group alone sends a stranger away, and both at odds are refused."""
    groups = {group["name"]: group["id"] for group in api.read("/api/v2/groups.json")["groups"]}
    sam, bea = api.user("sam@sandbox.example")["id"], api.user("bea@sandbox.example")["id"]
    ticket = api.ticket()
    after = api.update(ticket["id"], assignee_id=bea).get_json()["ticket"]
    assert (after["group_id"], after["status"]) == (groups["Billing"], "open")
    after = api.update(ticket["id"], assignee_id=sam).get_json()["ticket"]
    assert after["group_id"] == groups["Support"]
    after = api.update(ticket["id"], group_id=groups["Billing"]).get_json()["ticket"]
    assert after["assignee_id"] is None
    assert api.update(ticket["id"], group_id=groups["Billing"], assignee_id=sam).status_code == 422
    assert api.update(ticket["id"], assignee_id=api.user("lee@sandbox.example")["id"]).status_code == 422


def test_a_repeated_creation_with_one_key_makes_one_ticket(api: Api) -> None:
    """An idempotency key gives the first answer again; with another body it is refused."""
    headers, body = {"Idempotency-Key": "k1"}, {"ticket": {"subject": "Once", "comment": {"body": "x"}}}
    first = api.post("/api/v2/tickets.json", body, headers=headers)
    again = api.post("/api/v2/tickets.json", body, headers=headers)
    assert [a.headers["x-idempotency-lookup"] for a in (first, again)] == ["miss", "hit"]
    assert first.get_json() == again.get_json()
    assert api.read("/api/v2/tickets/count.json")["count"]["value"] == 1
    other = api.post("/api/v2/tickets.json", {"ticket": {"comment": {"body": "y"}}}, headers=headers)
    assert other.status_code == 400


def test_more_than_a_hundred_ids_are_too_many(api: Api) -> None:
    """The limit is a hundred ids."""
    answer = api.get("/api/v2/tickets/show_many.json", ids=",".join(map(str, range(1, 102))))
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "TooManyValues"


@pytest.mark.parametrize("path", ["/api/v2/tickets.json", "/api/v2/search.json"])
def test_cursors_and_pages_reach_every_ticket_once(api: Api, path: str) -> None:
    """Both ways of paging give every ticket exactly once."""
    made = {api.ticket()["id"] for _ in range(7)}
    key, number, seen = ("tickets", 1, []) if "tickets" in path else ("results", 1, [])
    while number:
        answer = api.read(path, per_page=3, page=number, query="type:ticket")
        seen += [ticket["id"] for ticket in answer[key]]
        number = number + 1 if answer["next_page"] else 0
    assert sorted(seen) == sorted(made)
    if key == "tickets":
        seen, link = [], f"{path}?page[size]=3"
        while link:
            answer = api.read(link)
            seen += [ticket["id"] for ticket in answer[key]]
            link = answer["links"]["next"]
            assert answer["meta"]["has_more"] is (link is not None)
        assert seen == sorted(made)


def test_bulk_updates_report_each_ticket(api: Api) -> None:
    """A job is queued at first, then tells for each ticket whether it went well."""
    good, closed = api.ticket(), api.ticket(status="closed")
    body = {"tickets": [{"id": good["id"], "priority": "low"}, {"id": closed["id"], "priority": "low"}]}
    job = api.made("PUT", "/api/v2/tickets/update_many.json", body)["job_status"]
    assert job["status"] == "queued"
    done = api.read(f"/api/v2/job_statuses/{job['id']}.json")["job_status"]
    assert done["status"] == "completed"
    assert [result["success"] for result in done["results"]] == [True, False]
    assert api.read(f"/api/v2/job_statuses/show_many.json?ids={job['id']}")["job_statuses"][0]["id"] == job["id"]


def test_tags_have_endpoints_of_their_own(api: Api) -> None:
    """POST sets, PUT adds, DELETE takes off, and PUT honours a stamp."""
    ticket = api.ticket(tags=["a"])
    path = f"/api/v2/tickets/{ticket['id']}/tags.json"
    assert api.post(path, {"tags": ["b"]}).get_json() == {"tags": ["b"]}
    assert api.put(path, {"tags": ["c"]}).get_json() == {"tags": ["b", "c"]}
    stale = {"tags": ["d"], "safe_update": "true", "updated_stamp": ticket["updated_at"]}
    assert api.put(path, stale).status_code == 409
    assert api.delete(path, {"tags": ["b"]}).status_code == 204
    assert api.read(path) == {"tags": ["c"]}


def test_redaction_reaches_every_copy(api: Api) -> None:
    """A redacted word is gone from the comment, its audit and the ticket's description."""
    ticket = api.ticket(comment={"body": "My card is 4111 really"})
    comment = comments(api, ticket["id"])[0]
    path = f"/api/v2/tickets/{ticket['id']}/comments/{comment['id']}/redact.json"
    assert api.put(path, {"text": "4111"}).get_json()["comment"]["body"] == "My card is ▇▇▇▇ really"
    for where in ("", "/comments", "/audits"):
        assert "4111" not in api.get(f"/api/v2/tickets/{ticket['id']}{where}.json").text


def test_a_comment_can_be_made_private(api: Api) -> None:
    """A public comment becomes a note, with an event that says so."""
    ticket = api.ticket()
    comment = comments(api, ticket["id"])[0]
    api.made("PUT", f"/api/v2/tickets/{ticket['id']}/comments/{comment['id']}/make_private.json")
    assert comments(api, ticket["id"])[0]["public"] is False
    audits = api.read(f"/api/v2/tickets/{ticket['id']}/audits.json")["audits"]
    assert audits[-1]["events"][0]["type"] == "CommentPrivacyChange"


def test_merged_tickets_close(api: Api) -> None:
    """The source is closed with a tag, and both tickets get a private note about it."""
    target, source = api.ticket(), api.ticket()
    api.made("POST", f"/api/v2/tickets/{target['id']}/merge.json", {"ids": [source["id"]]})
    after = api.read(f"/api/v2/tickets/{source['id']}.json")["ticket"]
    assert (after["status"], after["tags"]) == ("closed", ["closed_by_merge"])
    assert f"#{source['id']}" in comments(api, target["id"])[-1]["body"]
    assert comments(api, target["id"])[-1]["public"] is False


def test_comments_come_in_both_orders_with_their_authors(api: Api) -> None:
    """`sort=-created_at` turns the list round; `include=users` brings the authors."""
    ticket = api.customer_writes("One")
    api.made("POST", f"/sandbox/tickets/{ticket['id']}/reply", {"author": "agent", "body": "Two"})
    answer = api.read(f"/api/v2/tickets/{ticket['id']}/comments.json", sort="-created_at", include="users")
    assert [comment["body"] for comment in answer["comments"]] == ["Two", "One"]
    assert {user["email"] for user in answer["users"]} == {"sam@sandbox.example", "cara@customer.example"}


def test_a_ticket_brings_its_people(api: Api) -> None:
    """Sideloads give users and groups beside the ticket, and the number of comments on it."""
    sam = api.user("sam@sandbox.example")
    ticket = api.ticket(assignee_id=sam["id"])
    answer = api.read(f"/api/v2/tickets/{ticket['id']}.json", include="users,groups,comment_count")
    assert {user["id"] for user in answer["users"]} >= {sam["id"], ticket["requester_id"]}
    assert [group["name"] for group in answer["groups"]] == ["Support"]
    assert answer["ticket"]["comment_count"] == 1


def test_a_rating_is_the_customers(api: Api) -> None:
    """Only the requester rates, only a solved ticket; the score stands on the ticket and in the list."""
    ticket = api.ticket()
    cara = api.as_user("priya@customer.example")
    path, good = f"/api/v2/tickets/{ticket['id']}/satisfaction_rating.json", {"satisfaction_rating": {"score": "good"}}
    assert cara.post(path, good).status_code == 422
    api.update(ticket["id"], status="solved")
    assert api.post(path, good).status_code == 403
    assert cara.post(path, good).get_json()["satisfaction_rating"]["score"] == "good"
    assert api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"]["satisfaction_rating"]["score"] == "good"
    assert len(api.read("/api/v2/satisfaction_ratings.json", score="good")["satisfaction_ratings"]) == 1
    assert api.read("/api/v2/satisfaction_ratings.json", score="bad")["satisfaction_ratings"] == []
