"""Macros, triggers, webhooks, views and apps over the API: what is accepted, what is refused, what is shown.

It must not deliver anything: the engine does that.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.sandbox.caller import Api

HOOK = {
    "name": "Attune",
    "endpoint": "http://127.0.0.1:1/zendesk/events",
    "http_method": "POST",
    "request_format": "json",
    "status": "active",
    "subscriptions": ["conditional_ticket_events"],
}
CONDITIONS = {
    "all": [
        {"field": "comment_is_public", "operator": "is", "value": "true"},
        {"field": "role", "operator": "is", "value": "end_user"},
        {"field": "current_via_id", "operator": "is_not", "value": "5"},
        {"field": "current_tags", "operator": "not_includes", "value": "attune_skip"},
        {"field": "status", "operator": "less_than", "value": "solved"},
    ],
    "any": [
        {"field": "update_type", "operator": "is", "value": "Create"},
        {"field": "update_type", "operator": "is", "value": "Change"},
    ],
}


def hook(api: Api, **more: Any) -> Any:
    return api.made("POST", "/api/v2/webhooks", {"webhook": {**HOOK, **more}})["webhook"]


def trigger(api: Api, hook_id: str, **more: Any) -> Any:
    action = {"field": "notification_webhook", "value": [hook_id, '{"ticket_id": {{ticket.id}}}']}
    given = {"title": "Tell Attune", "conditions": CONDITIONS, "actions": [action], **more}
    return api.made("POST", "/api/v2/triggers.json", {"trigger": given})["trigger"]


def macro(api: Api, *actions: Any, title: str = "Attune::Delay::Sorry") -> Any:
    return api.made("POST", "/api/v2/macros.json", {"macro": {"title": title, "actions": list(actions)}})["macro"]


def test_a_webhook_hides_its_secrets(api: Api) -> None:
    """The signing secret has an endpoint of its own, and credentials are never shown again."""
    made = hook(api, authentication={"type": "bearer_token", "data": {"token": "sesame"}, "add_position": "header"})
    shown = api.read(f"/api/v2/webhooks/{made['id']}")["webhook"]
    secret = api.read(f"/api/v2/webhooks/{made['id']}/signing_secret")["signing_secret"]
    assert secret["algorithm"] == "SHA256"
    assert "sesame" not in json.dumps([made, shown])
    assert secret["secret"] not in json.dumps([made, shown])
    fresh = api.made("POST", f"/api/v2/webhooks/{made['id']}/signing_secret")["signing_secret"]
    assert fresh["secret"] != secret["secret"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"endpoint": "ftp://x.example"},
        {"endpoint": "nowhere"},
        {"http_method": "FETCH"},
        {"request_format": "yaml"},
        {"status": "asleep"},
        {"subscriptions": ["conditional_ticket_events", "zen:event-type:ticket.created"]},
        {"subscriptions": ["zen:event-type:ticket.created"], "http_method": "PUT"},
        {"subscriptions": ["something"]},
        {"authentication": {"type": "magic"}},
        {"authentication": {"type": "basic_auth", "data": {}, "add_position": "header"}},
        {"custom_headers": {"X-Number": 1}},
    ],
)
def test_a_wrong_webhook_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    """Each rule of a webhook is checked, and nothing is stored."""
    answer = api.post("/api/v2/webhooks", {"webhook": {**HOOK, **wrong}})
    assert answer.status_code == 400
    assert answer.get_json()["errors"]
    assert api.read("/api/v2/webhooks")["webhooks"] == []


def test_a_webhook_changes_but_not_its_kind(api: Api) -> None:
    """PATCH changes some, PUT all, and neither turns a trigger webhook into an event webhook."""
    made = hook(api)
    path = f"/api/v2/webhooks/{made['id']}"
    assert api.call("PATCH", path, {"webhook": {"status": "inactive"}}).status_code == 204
    assert api.read(path)["webhook"]["status"] == "inactive"
    assert api.put(path, {"webhook": {"name": "only"}}).status_code == 400
    assert api.put(path, {"webhook": {**HOOK, "name": "Other"}}).status_code == 204
    turned = {"webhook": {"subscriptions": ["zen:event-type:ticket.created"]}}
    assert api.call("PATCH", path, turned).status_code == 400
    assert [one["name"] for one in api.read("/api/v2/webhooks", **{"filter[name_contains]": "oth"})["webhooks"]] == [
        "Other"
    ]


def test_a_webhook_in_use_is_not_deleted(api: Api) -> None:
    """The trigger goes first, then the webhook."""
    made = hook(api)
    firing = trigger(api, made["id"])
    assert api.delete(f"/api/v2/webhooks/{made['id']}").status_code == 400
    assert api.delete(f"/api/v2/triggers/{firing['id']}.json").status_code == 204
    assert api.delete(f"/api/v2/webhooks/{made['id']}").status_code == 204
    assert api.get(f"/api/v2/webhooks/{made['id']}").status_code == 404


def test_a_customers_message_reaches_the_webhook_and_an_api_one_does_not(api: Api) -> None:
    """The trigger's guards hold: a customer's mail makes an invocation, our own update of the ticket makes none."""
    made = hook(api)
    trigger(api, made["id"])
    ticket = api.customer_writes()
    sent = api.read(f"/api/v2/webhooks/{made['id']}/invocations")["invocations"]
    assert len(sent) == 1
    api.update(ticket["id"], comment={"body": "Hello", "author_id": ticket["requester_id"], "public": True})
    api.ticket(comment={"body": "By API", "author_id": ticket["requester_id"]})
    assert len(api.read(f"/api/v2/webhooks/{made['id']}/invocations")["invocations"]) == 1
    assert api.read(f"/api/v2/webhooks/{made['id']}/invocations/{sent[0]['id']}/attempts") == {"attempts": []}


def test_only_the_newest_message_of_a_thread_is_news(api: Api) -> None:
    """Earlier messages are there with their authors, in order, but only the last one fires."""
    made = hook(api)
    trigger(api, made["id"])
    thread = [{"author": "customer", "body": "One"}, {"author": "bot", "body": "Two"}, {"author": "agent", "body": "3"}]
    ticket = api.customer_writes("Four", thread=thread)
    assert len(api.read(f"/api/v2/webhooks/{made['id']}/invocations")["invocations"]) == 1
    answer = api.read(f"/api/v2/tickets/{ticket['id']}/comments.json", include="users")
    names = {user["id"]: user["name"] for user in answer["users"]}
    assert [(names[comment["author_id"]], comment["body"]) for comment in answer["comments"]] == [
        ("Cara Novak", "One"),
        ("Helper bot", "Two"),
        ("Sam Okafor", "3"),
        ("Cara Novak", "Four"),
    ]
    times = [comment["created_at"] for comment in answer["comments"]]
    assert times == sorted(set(times))


def test_what_a_trigger_does_joins_the_audit(api: Api) -> None:
    """A trigger's change stands in the audit of the update that fired it, named by the rule, and in the answer."""
    api.made(
        "POST",
        "/api/v2/triggers.json",
        {
            "trigger": {
                "title": "Mark",
                "conditions": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}]},
                "actions": [{"field": "current_tags", "value": "marked"}],
            }
        },
    )
    ticket = api.customer_writes()
    assert ticket["tags"] == ["marked"]
    audits = api.read(f"/api/v2/tickets/{ticket['id']}/audits.json")["audits"]
    assert len(audits) == 1
    by_rule = [event for event in audits[0]["events"] if event.get("via", {}).get("channel") == "rule"]
    assert [(event["field_name"], event["value"]) for event in by_rule] == [("tags", ["marked"])]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"actions": []},
        {"conditions": {"all": [], "any": []}},
        {"conditions": {"all": [{"field": "mood", "operator": "is", "value": "bad"}]}},
        {"conditions": {"all": [{"field": "status", "operator": "resembles", "value": "open"}]}},
        {"conditions": {"all": [{"field": "status", "operator": "is", "value": "asleep"}]}},
        {"conditions": {"all": [{"field": "custom_fields_123", "operator": "is", "value": "x"}]}},
        {"actions": [{"field": "shout", "value": "x"}]},
        {"actions": [{"field": "notification_webhook", "value": ["01NOSUCHHOOK", "{}"]}]},
        {"actions": [{"field": "group_id", "value": "4711"}]},
        {"category_id": "4711"},
    ],
)
def test_a_wrong_trigger_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    """Unknown fields, operators and values, and a webhook that does not exist, are 422; nothing is stored."""
    right = {"title": "T", "conditions": CONDITIONS, "actions": [{"field": "current_tags", "value": "x"}]}
    answer = api.post("/api/v2/triggers.json", {"trigger": {**right, **wrong}})
    assert answer.status_code == 422, answer.text
    assert api.read("/api/v2/triggers.json")["triggers"] == []


def test_a_trigger_update_replaces_both_lists(api: Api) -> None:
    """What a PUT's conditions or actions leave out is gone; what it does not mention stays."""
    made = trigger(api, hook(api)["id"])
    path, few = f"/api/v2/triggers/{made['id']}.json", {"all": [CONDITIONS["all"][0]]}
    after = api.made("PUT", path, {"trigger": {"conditions": few}})["trigger"]
    assert after["conditions"] == {"all": [CONDITIONS["all"][0]], "any": []}
    assert after["actions"] == made["actions"]
    assert api.put(path, {"trigger": {"actions": []}}).status_code == 422
    assert api.made("PUT", path, {"trigger": {"active": False}})["trigger"]["active"] is False
    assert api.read("/api/v2/triggers/active.json")["triggers"] == []


def test_definitions_name_what_this_desk_has(api: Api) -> None:
    """Own fields, groups and webhooks stand in the definitions."""
    field, made = api.tagger("mood_bad"), hook(api)
    known = api.read("/api/v2/triggers/definitions.json")["definitions"]
    assert f"custom_fields_{field['id']}" in {rule["subject"] for rule in known["conditions_all"]}
    named = next(rule for rule in known["actions"] if rule["subject"] == "notification_webhook")
    assert [one["value"] for one in named["values"]] == [made["id"]]


def test_categories_hold_triggers(api: Api) -> None:
    """A category can be named or made with the trigger, counts its triggers, and goes only when empty."""
    path = "/api/v2/trigger_categories"
    category = api.made("POST", path, {"trigger_category": {"name": "Attune", "position": 0}})["trigger_category"]
    made = trigger(api, hook(api)["id"], category_id=category["id"])
    counted = api.read(path, include="rule_counts")["trigger_categories"]
    counts = {one["name"]: one["rule_counts"]["active_count"] for one in counted}
    assert counts == {"Attune": 1, "Notifications": 0}
    assert api.delete(f"{path}/{category['id']}").status_code == 400
    renamed = api.call("PATCH", f"{path}/{category['id']}", {"trigger_category": {"name": "A"}})
    assert renamed.get_json()["trigger_category"]["name"] == "A"
    api.delete(f"/api/v2/triggers/{made['id']}")
    assert api.delete(f"{path}/{category['id']}").status_code == 204
    assert api.get(f"{path}/{category['id']}").get_json()["errors"][0]["code"] == "TriggerCategoryNotFound"


def test_a_macro_is_shown_applied_and_changes_nothing(api: Api) -> None:
    """Applying previews the ticket: placeholders filled in, tags added, option set, text in three shapes."""
    field = api.tagger("mood_bad")
    made = macro(
        api,
        {"field": "comment_value_html", "value": "<p>Dear {{ticket.requester.first_name}}, about #{{ticket.id}}</p>"},
        {"field": "comment_mode_is_public", "value": "false"},
        {"field": "current_tags", "value": "sorry late"},
        {"field": "status", "value": "pending"},
        {"field": f"custom_fields_{field['id']}", "value": "mood_bad"},
    )
    ticket = api.ticket(tags=["vip"], requester={"name": "<b>Eve</b> Mill", "email": "eve@customer.example"})
    result = api.read(f"/api/v2/tickets/{ticket['id']}/macros/{made['id']}/apply.json")["result"]["ticket"]
    assert result["comment"]["body"] == f"Dear <b>Eve</b>, about #{ticket['id']}"
    assert "&lt;b&gt;Eve&lt;/b&gt;" in result["comment"]["html_body"]
    assert result["comment"]["public"] is False
    assert result["tags"] == ["late", "sorry", "vip"]
    assert (result["status"], result["id"]) == ("pending", ticket["id"])
    assert {"id": field["id"], "value": "mood_bad"} in result["fields"]
    assert api.read(f"/api/v2/tickets/{ticket['id']}.json")["ticket"] == ticket


def test_a_macro_without_a_ticket_keeps_its_placeholders(api: Api) -> None:
    """The plain preview cannot know whom it is for; the channel form of a text is understood."""
    made = macro(api, {"field": "comment_value", "value": ["channel:web", "Dear {{ticket.requester.first_name}}"]})
    comment = api.read(f"/api/v2/macros/{made['id']}/apply.json")["result"]["ticket"]["comment"]
    assert comment["body"] == "Dear {{ticket.requester.first_name}}"
    assert comment["scoped_body"] == [["channel:web", comment["body"]]]
    assert comment["public"] is True


def test_macros_are_found_by_category_and_words(api: Api) -> None:
    """Titles with `::` give categories; `query`, `category` and `active` narrow."""
    made = [macro(api, {"field": "status", "value": "open"}, title=t) for t in ("Attune::Delay::Sorry", "Other")]
    assert api.read("/api/v2/macros/categories.json") == {"categories": ["Attune"]}
    assert [m["id"] for m in api.read("/api/v2/macros.json", category="Attune")["macros"]] == [made[0]["id"]]
    assert [m["id"] for m in api.read("/api/v2/macros/search.json", query="oth")["macros"]] == [made[1]["id"]]
    api.made("PUT", f"/api/v2/macros/{made[0]['id']}.json", {"macro": {"active": False}})
    assert [m["id"] for m in api.read("/api/v2/macros/active.json")["macros"]] == [made[1]["id"]]
    assert api.delete(f"/api/v2/macros/{made[0]['id']}.json").status_code == 204
    assert api.get(f"/api/v2/macros/{made[0]['id']}.json").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"title": " "}, {"actions": []}, {"actions": [{"field": "shout", "value": "x"}]}],
)
def test_a_wrong_macro_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    """A macro needs a title and actions that exist."""
    right = {"title": "T", "actions": [{"field": "status", "value": "open"}]}
    assert api.post("/api/v2/macros.json", {"macro": {**right, **wrong}}).status_code == 422


def test_a_macro_of_a_group_is_for_the_group(api: Api) -> None:
    """A restricted macro is not listed for agents outside its groups; admins see all."""
    billing = next(g["id"] for g in api.read("/api/v2/groups.json")["groups"] if g["name"] == "Billing")
    given = {"title": "Refund", "actions": [{"field": "status", "value": "open"}]}
    restricted = {**given, "restriction": {"type": "Group", "id": billing, "ids": [billing]}}
    api.made("POST", "/api/v2/macros.json", {"macro": restricted})
    counts = [len(one.read("/api/v2/macros.json")["macros"]) for one in _people(api)]
    assert counts == [0, 1, 1]


def _people(api: Api) -> list[Api]:
    return [api.as_user("sam@sandbox.example"), api.as_user("bea@sandbox.example"), api]


VIEW = {
    "title": "Charged",
    "all": [
        {"field": "status", "operator": "less_than", "value": "solved"},
        {"field": "current_tags", "operator": "includes", "value": "hot"},
    ],
    "output": {"columns": ["priority", "subject", "requester"], "sort_by": "priority", "sort_order": "desc"},
}


def test_a_view_shows_its_tickets_in_order(api: Api) -> None:
    """Conditions choose, the order sorts by rank, and count, rows and tickets agree."""
    low, urgent = (api.ticket(tags=["hot"], priority=priority) for priority in ("low", "urgent"))
    api.ticket(tags=["hot"], status="solved")
    api.ticket(tags=["cold"])
    view = api.made("POST", "/api/v2/views.json", {"view": VIEW})["view"]
    path = f"/api/v2/views/{view['id']}"
    expected = [urgent["id"], low["id"]]
    assert [ticket["id"] for ticket in api.read(f"{path}/tickets.json")["tickets"]] == expected
    table = api.read(f"{path}/execute.json")
    assert [row["ticket"]["id"] for row in table["rows"]] == expected
    assert [row["priority"] for row in table["rows"]] == ["urgent", "low"]
    assert [column["id"] for column in table["columns"]] == VIEW["output"]["columns"]  # type: ignore[index]
    assert api.read(f"{path}/count.json")["view_count"]["value"] == 2
    preview = api.made("POST", "/api/v2/views/preview.json", {"view": VIEW})
    assert [row["ticket"]["id"] for row in preview["rows"]] == expected
    assert api.made("POST", "/api/v2/views/preview/count.json", {"view": VIEW})["view_count"]["value"] == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"all": [{"field": "current_tags", "operator": "includes", "value": "hot"}]},
        {"output": {"columns": [f"c{n}" for n in range(11)]}},
    ],
)
def test_a_wrong_view_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    """A view needs a title, a narrowing condition and at most ten columns."""
    assert api.post("/api/v2/views.json", {"view": {**VIEW, **wrong}}).status_code == 422


def test_views_of_a_group_are_for_the_group(api: Api) -> None:
    """Agents outside the groups do not see it; a view can be changed and removed."""
    billing = next(g["id"] for g in api.read("/api/v2/groups.json")["groups"] if g["name"] == "Billing")
    given = {**VIEW, "restriction": {"type": "Group", "id": billing, "ids": [billing]}}
    view = api.made("POST", "/api/v2/views.json", {"view": given})["view"]
    assert [len(one.read("/api/v2/views.json")["views"]) for one in _people(api)] == [0, 1, 1]
    path = f"/api/v2/views/{view['id']}.json"
    assert api.made("PUT", path, {"view": {"active": False}})["view"]["active"] is False
    assert api.read("/api/v2/views/active.json")["views"] == []
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_groups_and_who_is_in_them(api: Api) -> None:
    """A new group takes agents, refuses customers and doubles, and lets its members be assigned."""
    group = api.made("POST", "/api/v2/groups.json", {"group": {"name": "Senior"}})["group"]
    sam, priya = api.user("sam@sandbox.example")["id"], api.user("priya@customer.example")["id"]
    path = "/api/v2/group_memberships.json"
    joined = {"user_id": sam, "group_id": group["id"]}
    membership = api.made("POST", path, {"group_membership": joined})["group_membership"]
    assert membership["default"] is False
    assert api.post(path, {"group_membership": joined}).status_code == 422
    assert api.post(path, {"group_membership": {**joined, "user_id": priya}}).status_code == 422
    assert api.post("/api/v2/groups.json", {"group": {"name": "Senior"}}).status_code == 422
    members = api.read(f"/api/v2/groups/{group['id']}/memberships.json", include="users")
    assert [user["id"] for user in members["users"]] == [sam]
    assert group["id"] in [g["id"] for g in api.read(f"/api/v2/users/{sam}/groups.json")["groups"]]
    ticket = api.ticket(group_id=group["id"], assignee_id=sam)
    assert ticket["group_id"] == group["id"]
    assert api.delete(f"/api/v2/groups/{group['id']}.json").status_code == 204
    assert api.update(ticket["id"], group_id=group["id"], assignee_id=None).status_code == 422
    assert group["id"] not in [g["id"] for g in api.read("/api/v2/groups.json")["groups"]]


def test_light_agents_are_not_assignable(api: Api) -> None:
    """The list of assignable memberships leaves light agents out."""
    found = api.read("/api/v2/group_memberships/assignable.json")["group_memberships"]
    assert api.user("lee@sandbox.example")["id"] not in {membership["user_id"] for membership in found}
    assert api.user("sam@sandbox.example")["id"] in {membership["user_id"] for membership in found}


def test_availability_follows_the_switch(api: Api) -> None:
    """An agent set offline is no longer among those online."""
    sam = api.user("sam@sandbox.example")["id"]

    def online() -> set[int]:
        answer = api.read("/api/v2/agent_availabilities", **{"filter[channel_status]": "support:online"})
        return {one["attributes"]["agent_id"] for one in answer["data"]}

    assert sam in online()
    api.made("POST", f"/sandbox/agents/{sam}/status", {"status": "offline"})
    assert sam not in online()


def _zip(manifest: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("assets/iframe.html", "<p>hi</p>")
    return packed.getvalue()


MANIFEST = {
    "name": "Attune",
    "version": "1",
    "location": {"support": {"ticket_sidebar": "assets/iframe.html"}},
    "parameters": [
        {"name": "address", "type": "text", "required": True},
        {"name": "shared_value", "type": "text", "secure": True},
    ],
}


def upload(api: Api, content: bytes) -> Any:
    return api.call("POST", "/api/v2/apps/uploads.json", data={"uploaded_data": (io.BytesIO(content), "app.zip")})


def test_an_app_is_uploaded_made_and_installed(api: Api) -> None:
    """Upload, job, installation: the zip is kept, secure settings are never shown, an update keeps installations."""
    upload_id = upload(api, _zip(MANIFEST)).get_json()["id"]
    job = api.made("POST", "/api/v2/apps.json", {"name": "Attune", "upload_id": upload_id})
    done = api.read(f"/api/v2/apps/job_statuses/{job['job_id']}.json")
    assert done["status"] == "completed"
    assert [app["id"] for app in api.read("/api/v2/apps/owned.json")["apps"]] == [done["app_id"]]
    given = {"app_id": done["app_id"], "settings": {"name": "Attune", "shared_value": "hush"}, "enabled": True}
    assert api.post("/api/v2/apps/installations.json", given).status_code == 422
    given["settings"]["address"] = "http://127.0.0.1"
    made = api.made("POST", "/api/v2/apps/installations.json", given)
    assert made["settings"] == {"name": "Attune", "address": "http://127.0.0.1"}
    path = f"/api/v2/apps/installations/{made['id']}.json"
    assert api.made("PUT", path, {"enabled": False, "settings": {"address": "x"}})["settings"]["address"] == "x"
    newer = upload(api, _zip({**MANIFEST, "version": "2"})).get_json()["id"]
    api.made("PUT", f"/api/v2/apps/{done['app_id']}.json", {"upload_id": newer})
    assert api.read(f"/api/v2/apps/{done['app_id']}.json")["version"] == "2"
    assert len(api.read("/api/v2/apps/installations.json")["installations"]) == 1
    kept = api.app.extensions["sandbox"].state.get_file(f"app/{done['app_id']}.zip")
    assert zipfile.ZipFile(io.BytesIO(kept)).read("assets/iframe.html") == b"<p>hi</p>"
    assert api.delete(path).status_code == 204
    assert api.delete(f"/api/v2/apps/{done['app_id']}.json").status_code == 204


def test_a_broken_app_is_refused(api: Api) -> None:
    """A zip must be one, with a manifest at its root that names a location."""
    for content in (b"not a zip", _zip({"name": "x"}), _zip([])):
        assert upload(api, content).status_code == 422
    assert api.post("/api/v2/apps.json", {"name": "x", "upload_id": 4711}).status_code == 422
