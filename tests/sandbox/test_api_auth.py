"""Tokens, scopes, roles and refusals at the door of the API.

It must not look at how tokens are stored.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Api

CLIENT = {"grant_type": "client_credentials", "client_id": "attune", "client_secret": "attune-sandbox-secret"}


def granted(api: Api, **more: Any) -> Any:
    return api.made("POST", "/oauth/tokens", {**CLIENT, "scope": "read write", **more})


def status(api: Api, method: str, path: str, token: str | None, json: Any = None) -> int:
    return int(Api(api.app, api.clock, token).call(method, path, json).status_code)


def test_client_credentials_give_a_token_of_the_integration(api: Api) -> None:
    """The token acts as the integration's user, an admin, and says how long it lives."""
    answer = granted(api)
    assert (answer["token_type"], answer["scope"], answer["expires_in"]) == ("bearer", "read write", 1800)
    me = Api(api.app, api.clock, answer["access_token"]).read("/api/v2/users/me.json")["user"]
    assert (me["name"], me["role"]) == ("Attune", "admin")


def test_a_form_is_taken_too(api: Api) -> None:
    """OAuth libraries send forms."""
    answer = api.call("POST", "/oauth/tokens", data={**CLIENT, "scope": "read", "expires_in": "600"})
    assert answer.status_code == 201
    assert answer.get_json()["expires_in"] == 600


@pytest.mark.parametrize(
    ("wrong", "code", "error"),
    [
        ({"client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "guess"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_are_refused(api: Api, wrong: dict[str, str], code: int, error: str) -> None:
    """A wrong secret, client or grant gets no token."""
    answer = api.post("/oauth/tokens", {**CLIENT, **wrong})
    assert answer.status_code == code
    assert answer.get_json()["error"] == error


@pytest.mark.parametrize("life_s", [299, 172_801, "soon"])
def test_a_life_outside_the_range_is_refused(api: Api, life_s: Any) -> None:
    """`expires_in` goes from five minutes to two days."""
    assert api.post("/oauth/tokens", {**CLIENT, "scope": "read", "expires_in": life_s}).status_code == 400


def test_a_token_ends_on_time(api: Api) -> None:
    """A token is good until its life is over, then it is 401 `invalid_token` and another must be asked for."""
    token = granted(api, expires_in=300)["access_token"]
    api.clock.move(seconds=299)
    assert status(api, "GET", "/api/v2/users/me.json", token) == 200
    api.clock.move(seconds=1)
    answer = Api(api.app, api.clock, token).get("/api/v2/users/me.json")
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"
    assert status(api, "GET", "/api/v2/users/me.json", granted(api)["access_token"]) == 200


def test_all_tokens_can_be_revoked(api: Api) -> None:
    """The switch ends every granted token at once; new ones are given."""
    token = granted(api)["access_token"]
    assert api.made("POST", "/sandbox/tokens/revoke")["revoked"] == 1
    assert status(api, "GET", "/api/v2/users/me.json", token) == 401
    assert status(api, "GET", "/api/v2/users/me.json", granted(api)["access_token"]) == 200


@pytest.mark.parametrize("scope", [["read", "write"], "read,write", "everything", "", None])
def test_a_malformed_scope_gives_a_token_that_opens_nothing(api: Api, scope: Any) -> None:
    """The mistake shows only later: the token is given, and every request with it is 403."""
    token = granted(api, scope=scope)["access_token"]
    assert status(api, "GET", "/api/v2/users/me.json", token) == 403
    assert status(api, "GET", "/api/v2/tickets.json", token) == 403


@pytest.mark.parametrize(
    ("scope", "method", "path", "code"),
    [
        ("read", "GET", "/api/v2/tickets.json", 200),
        ("read", "POST", "/api/v2/tickets.json", 403),
        ("tickets:read", "GET", "/api/v2/tickets.json", 200),
        ("tickets:read", "GET", "/api/v2/macros.json", 403),
        ("tickets:write", "GET", "/api/v2/tickets.json", 403),
        ("triggers:write webhooks:write read", "GET", "/api/v2/macros.json", 200),
        ("triggers:read", "GET", "/api/v2/trigger_categories.json", 200),
        ("hc:read", "GET", "/api/v2/help_center/articles/search.json?query=order", 200),
    ],
)
def test_scopes_open_what_they_name(api: Api, scope: str, method: str, path: str, code: int) -> None:
    """A scope covers reading or writing, of everything or of one resource."""
    assert status(api, method, path, granted(api, scope=scope)["access_token"]) == code


def test_no_token_and_basic_auth_are_refused(api: Api) -> None:
    """API tokens by basic authentication are no more; only the Help Center's search is open."""
    nobody = Api(api.app, api.clock, None)
    assert nobody.get("/api/v2/tickets.json").status_code == 401
    basic = nobody.call("GET", "/api/v2/tickets.json", headers={"Authorization": "Basic YTpi"})
    assert basic.status_code == 401
    assert nobody.get("/api/v2/help_center/articles/search.json", query="order").status_code == 200


@pytest.mark.parametrize(
    ("email", "method", "path", "code"),
    [
        ("priya@customer.example", "GET", "/api/v2/tickets.json", 403),
        ("priya@customer.example", "GET", "/api/v2/users/me.json", 200),
        ("sam@sandbox.example", "GET", "/api/v2/tickets.json", 200),
        ("sam@sandbox.example", "GET", "/api/v2/webhooks", 403),
        ("sam@sandbox.example", "GET", "/api/v2/incremental/tickets/cursor.json?start_time=0", 403),
        ("sam@sandbox.example", "GET", "/api/v2/satisfaction_ratings.json", 403),
        ("lee@sandbox.example", "DELETE", "/api/v2/tickets/1.json", 403),
    ],
)
def test_roles_limit_what_a_token_opens(api: Api, email: str, method: str, path: str, code: int) -> None:
    """End users see themselves, agents see tickets, admins see everything."""
    assert api.as_user(email).call(method, path).status_code == code


@pytest.mark.parametrize("path", ["/api/v2/ticket_fields.json", "/api/v2/triggers.json", "/api/v2/groups.json"])
def test_only_admins_make_fields_triggers_and_groups(api: Api, path: str) -> None:
    """An agent's attempt is 403, before its body is looked at."""
    assert api.as_user("sam@sandbox.example").post(path, {}).status_code == 403


def test_every_refusal_is_json(api: Api) -> None:
    """Unknown paths, wrong methods and broken bodies are answered in JSON."""
    broken = api.call("POST", "/api/v2/tickets.json", data="{", content_type="application/json")
    for answer, code in (
        (api.get("/api/v2/nothing.json"), 404),
        (api.get("/api/v2/tickets/999.json"), 404),
        (api.delete("/api/v2/users/me.json"), 405),
        (broken, 400),
        (api.post("/api/v2/tickets.json", {"wrong": {}}), 400),
    ):
        assert answer.status_code == code
        assert answer.get_json()["error"]


def test_webhook_paths_have_no_suffix(api: Api) -> None:
    """The webhook API never had `.json`."""
    assert api.get("/api/v2/webhooks").status_code == 200
    assert api.get("/api/v2/webhooks.json").status_code == 404


def test_the_budget_is_counted_and_told(api: Api) -> None:
    """Answers carry what is left; beyond it 429 says when to come back, and the endpoint limit has its own header."""
    ticket = api.ticket()
    api.made("PUT", "/sandbox/limits", {"tickets_update": 2, "account": 50})
    answers = [api.update(ticket["id"], priority=priority) for priority in ("low", "high", "low")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "remaining=1" in answers[0].headers["Zendesk-RateLimit-tickets-update"]
    assert answers[0].headers["X-Rate-Limit"] == "50"
    assert int(answers[2].headers["Retry-After"]) > 0
    assert api.get(f"/api/v2/tickets/{ticket['id']}.json").status_code == 200


def test_faults_reach_the_api(api: Api) -> None:
    """Switched on they fail requests without doing them; lost answers are done all the same."""
    api.made("PUT", "/sandbox/faults", {"api_error_rate": 1.0, "api_error_status": 503, "api_error_retry_after_s": 3})
    answer = api.post("/api/v2/tickets.json", {"ticket": {"comment": {"body": "x"}}})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    api.made("PUT", "/sandbox/faults", {})
    assert api.read("/api/v2/tickets/count.json")["count"]["value"] == 0
    api.made("PUT", "/sandbox/faults", {"api_drop_answer_rate": 1.0, "only_methods": "POST"})
    assert api.post("/api/v2/tickets.json", {"ticket": {"comment": {"body": "x"}}}).status_code == 504
    assert api.read("/api/v2/tickets/count.json")["count"]["value"] == 1
    assert api.put("/sandbox/faults", {"no_such": 1}).status_code == 400


def test_calls_are_counted_by_pattern(api: Api) -> None:
    """Calls count by method and path pattern, since the start or since a time."""
    first = api.ticket()
    api.clock.move(minutes=1)
    since = api.clock().isoformat()
    api.read(f"/api/v2/tickets/{first['id']}.json")
    api.read(f"/api/v2/tickets/{first['id']}")
    assert api.read("/sandbox/calls")["calls"]["POST /api/v2/tickets"] == 1
    assert api.read("/sandbox/calls", since=since)["calls"] == {"GET /api/v2/tickets/<ticket_id>": 2}


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.rebound.example:4000", "192.0.2.7", "[nonsense"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/oauth/tokens"), ("GET", "/api/v2/tickets.json"), ("POST", "/api/v2/tickets"), ("GET", "/nowhere")],
)
def test_a_name_bent_to_lead_here_is_refused_everywhere(api: Api, method: str, path: str, host: str) -> None:
    """A page whose own name resolves to this machine gets neither a token nor an answer, even with the right token."""
    assert api.call(method, path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:4000", "localhost:4000", "[::1]:4000"])
def test_the_names_of_this_machine_are_served(api: Api, host: str) -> None:
    """Every way of naming loopback works, whatever the port."""
    assert api.call("GET", "/api/v2/tickets.json", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}},
        {"headers": {"Origin": "https://elsewhere.example"}},
        {"base_url": "http://rebound.example"},
    ],
)
def test_the_control_plane_is_for_this_machine(api: Api, more: dict[str, Any]) -> None:
    """Strangers, and pages from elsewhere in a local browser, are refused."""
    assert api.call("POST", "/sandbox/reset", **more).status_code == 403
    assert api.call("POST", "/sandbox/reset").status_code == 200
