"""The sandbox against Zendesk's own description of its API: every answer and request of every path both have.

It must not excuse anything in silence: where the description and life differ, a table below says so, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped] # it ships no types
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4
from werkzeug.test import TestResponse

from sandbox.app import create_app
from sandbox.settings import SandboxSettings
from tests.sandbox.caller import READY, Api, Clock

DESCRIPTION = Path(__file__).parents[3] / "shared" / "reference" / "zendesk-openapi.json"


@cache
def description() -> Any:
    return json.loads(DESCRIPTION.read_text())


@dataclass(frozen=True)
class Call:
    """One call as it went over the wire."""

    method: str
    pattern: str
    sent: Any
    answer: TestResponse

    @property
    def name(self) -> str:
        return f"{self.method} {self.pattern}"


@dataclass
class Recorder(Api):
    """A caller who remembers."""

    calls: list[Call] = field(default_factory=list)

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        answer = super().call(method, path, json, **more)
        plain = path.split("?")[0].removesuffix(".json")
        rule, _ = self.app.url_map.bind("localhost").match(plain, method, return_rule=True)
        if rule.rule.startswith(("/api/", "/oauth/")):
            self.calls.append(Call(method, _spelled(rule.rule), json, answer))
        return answer


# What the description has otherwise than life: a pattern over `faults`, and the reason. Nothing else may differ.
EXCUSES = {
    r"responses (tickets\.\[\]|ticket)\.(assignee_id|custom_status_id|external_id|forum_topic_id|group_id|problem_id"
    r"|organization_id|priority|recipient|type): null": "recorded tickets have null where nothing is set",
    r"responses tickets\.\[\]\.custom_fields\.\[\]\.value: null": "nullable, but no choice of its oneOf takes null",
    r"responses (users\.\[\]|user)\.(default_group_id|last_login_at|signature): null": "so on recorded end users",
    r"responses (brands\.\[\]|brand)\.(host_mapping|logo): null": "a brand without a logo or domain has null",
    r"responses (ticket_fields\.\[\]|ticket_field)\.agent_description: null": "null until somebody writes one",
    r"responses (views\.\[\]|view)\.restriction: null": "the reference: null is a view for everybody",
    r"responses links\.(next|prev): null": "cursor paging ends with null, as the pagination guide says",
    r"responses audit\.events\.\[\]\.previous_value: null": "what was not set before had no value",
    r"responses result\.ticket\.fields: type": "the reference's example has a list of fields, the schema a single one",
    r"responses satisfaction_rating: type": "the reference's example shows one rating, the schema a list of them",
    r"requestBody user: oneOf": "its three alternatives overlap: any user with a name and an address is two of them",
}

# Served here and not in the Support API's description, with where they are described.
ELSEWHERE = {
    r".* /api/v2/agent_availabilities": "Agent Availability API",
    r".* /api/v2/apps": "Apps API",
    r"GET /api/v2/help_center/": "Help Center API",
    r"GET /api/v2/groups/{group_id}/": "variants in the Group Memberships and Users references' path lists",
    r"GET /api/v2/users/{user_id}/": "variants in the Tickets, Groups and Requests references' path lists",
    r"GET /api/v2/tickets/{ticket_id}/metrics": "a variant in the Ticket Metrics reference's path list",
}


def drive(api: Recorder) -> None:
    """A realistic day: everything that the sandbox's API can do is done at least once."""
    _people(api)
    field = _fields(api)
    macro = _rules(api, field)
    ticket = _tickets(api, field, macro)
    _views_and_search(api)
    _desk(api)
    _many_and_gone(api, ticket)
    _tidy_up(api, field, macro)


def _people(api: Recorder) -> None:
    api.post(
        "/oauth/tokens",
        {
            "grant_type": "client_credentials",
            "client_id": "attune",
            "client_secret": "attune-sandbox-secret",
            "scope": "read write",
        },
    )
    users, priya = "/api/v2/users", api.user("priya@customer.example")["id"]
    ines = {"name": "Ines Roth", "email": "ines@customer.example"}
    made = api.made("POST", users, {"user": ines})["user"]
    api.made("POST", f"{users}/create_or_update", {"user": ines})
    api.made("PUT", f"{users}/{made['id']}", {"user": {**ines, "external_id": "crm-7"}})
    for path in ("", "/me", f"/{priya}", f"/{priya}/related", f"/show_many?ids={priya}", "/autocomplete?name=ines"):
        api.read(f"{users}{path}")
    api.made("DELETE", f"{users}/{made['id']}")
    group = api.made("POST", "/api/v2/groups", {"group": {"name": "Senior"}})["group"]
    api.made("PUT", f"/api/v2/groups/{group['id']}", {"group": {"name": "Senior people"}})
    joined = {"user_id": api.user("sam@sandbox.example")["id"], "group_id": group["id"]}
    joined = api.made("POST", "/api/v2/group_memberships", {"group_membership": joined})["group_membership"]
    for path in (f"group_memberships/{joined['id']}", "group_memberships", "group_memberships/assignable"):
        api.read(f"/api/v2/{path}")
    for path in ("groups", f"groups/{group['id']}", "groups/assignable"):
        api.read(f"/api/v2/{path}")
    api.delete(f"/api/v2/group_memberships/{joined['id']}")
    organization = {"organization": {"name": "Initech", "tags": ["vip"], "organization_fields": {"tier": "gold"}}}
    organization = api.made("POST", "/api/v2/organizations", organization)["organization"]
    api.made("PUT", f"/api/v2/organizations/{organization['id']}", {"organization": {"name": "Initech", "tags": []}})
    for path in ("organizations", f"organizations/{organization['id']}"):
        api.read(f"/api/v2/{path}")
    api.delete(f"/api/v2/groups/{group['id']}")


def _fields(api: Recorder) -> Any:
    options = [{"name": "Bad", "value": "mood_bad"}, {"name": "Good", "value": "mood_good"}]
    given = {"type": "tagger", "title": "Mood", "custom_field_options": options}
    field = api.made("POST", "/api/v2/ticket_fields", {"ticket_field": given})["ticket_field"]
    path = f"/api/v2/ticket_fields/{field['id']}"
    api.made("PUT", path, {"ticket_field": {"title": "Mood of the customer"}})
    option = {"custom_field_option": {"name": "Fine", "value": "mood_fine"}}
    option = api.made("POST", f"{path}/options", option)["custom_field_option"]
    api.made("POST", f"{path}/options", {"custom_field_option": {**option, "name": "Quite fine"}})
    for one in ("/api/v2/ticket_fields", path, f"{path}/options", f"{path}/options/{option['id']}"):
        api.read(one)
    api.delete(f"{path}/options/{option['id']}")
    return field


def _rules(api: Recorder, field: Any) -> Any:
    actions = [
        {"field": "comment_value", "value": "Dear {{ticket.requester.first_name}}"},
        {"field": "current_tags", "value": "sorry"},
    ]
    actions.append({"field": f"custom_fields_{field['id']}", "value": "mood_good"})
    macro = api.made("POST", "/api/v2/macros", {"macro": {"title": "Attune::Sorry", "actions": actions}})["macro"]
    changed = {"macro": {"title": "Attune::Very sorry", "actions": actions}}
    api.made("PUT", f"/api/v2/macros/{macro['id']}", changed)
    for path in ("", f"/{macro['id']}", "/active", "/categories", "/search?query=sorry", f"/{macro['id']}/apply"):
        api.read(f"/api/v2/macros{path}")
    hook = _webhook(api)
    category = {"trigger_category": {"name": "Attune", "position": 1}}
    category = api.made("POST", "/api/v2/trigger_categories", category)["trigger_category"]
    conditions = {"all": [{"field": "update_type", "operator": "is", "value": "Create"}], "any": []}
    action = {"field": "notification_webhook", "value": [hook["id"], '{"ticket": "{{ticket.id}}"}']}
    given = {"title": "Tell", "conditions": conditions, "actions": [action], "category_id": category["id"]}
    trigger = api.made("POST", "/api/v2/triggers", {"trigger": given})["trigger"]
    api.made("PUT", f"/api/v2/triggers/{trigger['id']}", {"trigger": {**given, "active": True}})
    for path in ("", f"/{trigger['id']}", "/active", "/definitions", "/search?query=tell"):
        api.read(f"/api/v2/triggers{path}")
    path = f"/api/v2/trigger_categories/{category['id']}"
    api.made("PATCH", path, {"trigger_category": {"name": "Attune's"}})
    api.read(path)
    api.read("/api/v2/trigger_categories")
    api.customer_writes()
    api.read(f"/api/v2/webhooks/{hook['id']}/invocations")
    sent = api.read(f"/api/v2/webhooks/{hook['id']}/invocations")["invocations"][0]["id"]
    api.read(f"/api/v2/webhooks/{hook['id']}/invocations/{sent}/attempts")
    api.delete(f"/api/v2/triggers/{trigger['id']}")
    api.delete(path)
    api.delete(f"/api/v2/webhooks/{hook['id']}")
    return macro


def _webhook(api: Recorder) -> Any:
    given = {"name": "Attune", "endpoint": "http://127.0.0.1:1/events", "http_method": "POST", "request_format": "json"}
    given |= {"status": "active", "subscriptions": ["conditional_ticket_events"]}  # type: ignore[dict-item]
    hook = api.made("POST", "/api/v2/webhooks", {"webhook": given})["webhook"]
    path = f"/api/v2/webhooks/{hook['id']}"
    api.put(path, {"webhook": {**given, "description": "Ours"}})
    api.call("PATCH", path, {"webhook": {"name": "Attune events"}})
    api.made("POST", "/api/v2/webhooks/test", {"webhook": {"endpoint": "http://127.0.0.1:1/events"}})
    api.made("POST", f"{path}/signing_secret")
    for one in ("/api/v2/webhooks", path, f"{path}/signing_secret"):
        api.read(one)
    return hook


def _tickets(api: Recorder, field: Any, macro: Any) -> Any:
    ticket = api.ticket(priority="high", custom_fields=[{"id": field["id"], "value": "mood_bad"}], tags=["vip"])
    path = f"/api/v2/tickets/{ticket['id']}"
    sam = api.user("sam@sandbox.example")
    stamp = {"safe_update": True, "updated_stamp": ticket["updated_at"]}
    api.update(
        ticket["id"], comment={"body": "Dear Priya", "public": True}, assignee_id=sam["id"], status="solved", **stamp
    )
    for one in ("", "/comments", "/comments/count", "/tags", "/audits", "/related", f"/macros/{macro['id']}/apply"):
        api.read(f"{path}{one}")
    comment = api.read(f"{path}/comments")["comments"][0]
    api.read(f"{path}/audits/{comment['audit_id']}")
    api.put(f"{path}/comments/{comment['id']}/redact", {"text": "parcel"})
    api.put(f"{path}/comments/{comment['id']}/make_private")
    for method in ("POST", "PUT", "DELETE"):
        api.call(method, f"{path}/tags", {"tags": ["vip", "late"]})
    for one in ("", "/count", f"/show_many?ids={ticket['id']}"):
        api.read(f"/api/v2/tickets{one}")
    rating = {"satisfaction_rating": {"score": "good", "comment": "Quick"}}
    rater = api.as_user("priya@customer.example")
    rater = Recorder(api.app, api.clock, rater.token, api.calls)
    rating = rater.made("POST", f"{path}/satisfaction_rating", rating)["satisfaction_rating"]
    for one in ("", "/count", f"/{rating['id']}"):
        api.read(f"/api/v2/satisfaction_ratings{one}")
    return ticket


def _views_and_search(api: Recorder) -> None:
    given = {"title": "Open", "all": [{"field": "status", "operator": "less_than", "value": "solved"}]}
    view = api.made("POST", "/api/v2/views", {"view": given})["view"]
    api.made("PUT", f"/api/v2/views/{view['id']}", {"view": {"title": "Still open"}})
    one = f"/{view['id']}"
    for path in (
        "",
        "/active",
        one,
        f"{one}/tickets",
        f"{one}/execute",
        f"{one}/count",
        f"/count_many?ids={view['id']}",
    ):
        api.read(f"/api/v2/views{path}")
    api.made("POST", "/api/v2/views/preview", {"view": given})
    api.made("POST", "/api/v2/views/preview/count", {"view": given})
    api.delete(f"/api/v2/views{one}")
    for path in ("?query=parcel", "/count?query=type:ticket", "/export?query=parcel&filter[type]=ticket"):
        api.read(f"/api/v2/search{path}")
    api.clock.move(minutes=5)
    start = int(api.clock().timestamp()) - 600
    api.read(f"/api/v2/incremental/tickets/cursor?start_time={start}")
    api.read(f"/api/v2/incremental/users/cursor?start_time={start}")
    api.read(f"/api/v2/incremental/ticket_events?start_time={start}&include=comment_events")


def _desk(api: Recorder) -> None:
    brand = api.read("/api/v2/brands")["brands"][0]
    locales = ("locales", "locales/1", "locales/current", "locales/agent", "locales/public")
    for path in ("account/settings", f"brands/{brand['id']}", "tags", "suspended_tickets", *locales):
        api.read(f"/api/v2/{path}")


def _many_and_gone(api: Recorder, ticket: Any) -> None:
    given = {"subject": "One of many", "comment": {"body": "Hello"}}
    job = api.made("POST", "/api/v2/tickets/create_many", {"tickets": [given, given, given]})["job_status"]
    first, second, third = (r["id"] for r in api.read(f"/api/v2/job_statuses/{job['id']}")["job_status"]["results"])
    api.made("PUT", f"/api/v2/tickets/update_many?ids={first},{second},999", {"ticket": {"priority": "low"}})
    api.made("POST", f"/api/v2/tickets/{first}/merge", {"ids": [second]})
    api.read("/api/v2/job_statuses")
    api.read(f"/api/v2/job_statuses/show_many?ids={job['id']}")
    api.delete(f"/api/v2/tickets/{ticket['id']}")
    api.read("/api/v2/deleted_tickets")
    api.put(f"/api/v2/deleted_tickets/{ticket['id']}/restore")
    api.put(f"/api/v2/tickets/{third}/mark_as_spam")
    api.delete(f"/api/v2/tickets/destroy_many?ids={first}")


def _tidy_up(api: Recorder, field: Any, macro: Any) -> None:
    api.delete(f"/api/v2/macros/{macro['id']}")
    api.delete(f"/api/v2/ticket_fields/{field['id']}")


@pytest.fixture(scope="module")
def calls() -> Iterator[list[Call]]:
    """The calls of one day at a fresh desk."""
    if not DESCRIPTION.exists():
        pytest.skip(f"Zendesk's OpenAPI file is not at {DESCRIPTION}: the shapes are not checked against it")
    clock = Clock()
    app = create_app(SandboxSettings(db_path=":memory:", ready_token=READY), clock=clock)
    api = Recorder(app, clock)
    drive(api)
    yield api.calls
    app.extensions["sandbox"].state.close()


@cache
def described() -> dict[str, tuple[str, str]]:
    """`GET /api/v2/tickets/{}` to the path's own spelling and method in the description."""
    return {
        f"{method.upper()} {_bare(path)}": (path, method)
        for path, operations in description()["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }


def _bare(pattern: str) -> str:
    return re.sub(r"{\w+}", "{}", pattern)


def faults(call: Call) -> Iterator[str]:
    """What is wrong with a call, each as `where: what`."""
    path, method = described()[_bare(call.name)]
    operation = description()["paths"][path][method]
    if call.sent is not None and "requestBody" in operation:
        yield from _judged(OAS30WriteValidator, [path, method, "requestBody"], operation["requestBody"], call.sent)
    code = str(call.answer.status_code)
    if code not in operation["responses"]:
        yield f"status: {code}"
    elif call.answer.data:
        found = operation["responses"][code]
        yield from _judged(OAS30ReadValidator, [path, method, "responses", code], found, call.answer.get_json())


def _judged(kind: Any, where: list[str], owner: Any, document: Any) -> Iterator[str]:
    if "application/json" not in owner.get("content", {}):
        return
    steps = ["paths", *where, "content", "application/json", "schema"]
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
    validator = kind({"$ref": f"urn:zendesk#/{pointer}"}, registry=registry(), format_checker=oas30_format_checker)
    for error in validator.iter_errors(document):
        for leaf in _leaves(error):
            yield f"{where[2]} {_place(leaf)}: {'null' if leaf.instance is None else leaf.validator}"


def _leaves(error: ValidationError) -> list[ValidationError]:
    """The innermost reasons; of a failed choice, those of the alternative that came closest."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for one in error.context:
        branches.setdefault(one.schema_path[0] if one.schema_path else 0, []).extend(_leaves(one))
    return min(branches.values(), key=len)


def _place(error: ValidationError) -> str:
    return ".".join("[]" if isinstance(part, int) else str(part) for part in error.absolute_path)


@cache
def registry() -> Any:
    return Registry().with_resource("urn:zendesk", DRAFT4.create_resource(description()))


def served(api: Api) -> set[str]:
    """Every method and path that the sandbox's API serves."""
    return {
        f"{method} {_spelled(rule.rule)}"
        for rule in api.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/", "/oauth/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def _spelled(rule: str) -> str:
    return re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule)


def test_everything_served_is_driven(calls: list[Call], api: Api) -> None:
    """Each path of the sandbox that the description has was called, and every call went well."""
    failed = [f"{call.name}: {call.answer.text}" for call in calls if call.answer.status_code >= 400]
    assert failed == []
    shared = {name for name in served(api) if _bare(name) in described()}
    assert shared - {call.name for call in calls} == set()
    assert len(shared) > 100


def test_what_the_description_lacks_is_described_elsewhere(calls: list[Call], api: Api) -> None:
    """Paths beyond the description are few, and each is known from another reference; no line of the table is idle."""
    beyond = {name for name in served(api) if _bare(name) not in described()}
    assert {name for name in beyond if not any(re.match(pattern, name) for pattern in ELSEWHERE)} == set()
    assert [pattern for pattern in ELSEWHERE if not any(re.match(pattern, name) for name in beyond)] == []


def test_every_call_fits_the_description(calls: list[Call]) -> None:
    """Requests and answers have the described shapes but for the excuses, and no excuse is idle."""
    found = {f"{call.name} {fault}" for call in calls if _bare(call.name) in described() for fault in faults(call)}
    unexcused = {fault for fault in found if not any(re.search(pattern + "$", fault) for pattern in EXCUSES)}
    assert sorted(unexcused) == []
    assert [pattern for pattern in EXCUSES if not any(re.search(pattern + "$", fault) for fault in found)] == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("GET /api/v2/tickets/{ticket_id}", {"ticket": {"requester_id": "11000000001"}}),
        ("GET /api/v2/tickets/{ticket_id}", {"ticket": {"status": "asleep"}}),
        ("GET /api/v2/macros", {"macros": [{"title": "no actions"}]}),
        ("GET /api/v2/search/count", {"count": "3"}),
        ("POST /api/v2/webhooks", {"webhook": {"name": "x"}}),
    ],
)
def test_the_check_sees_a_wrong_answer(calls: list[Call], name: str, change: Any) -> None:
    """A wrong type, an unknown word and a missing property are each noticed."""
    call = next(call for call in calls if call.name == name)
    wrong = TestResponse(
        iter([json.dumps(change).encode()]), call.answer.status, call.answer.headers, call.answer.request
    )
    assert list(faults(Call(call.method, call.pattern, None, wrong))) != []
