"""The desk's side of the frame protocol, tried in a real browser by a small app over Zendesk's real SDK.
They know what an app may call and what it gets, never a message of the protocol, but where they forge one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from sandbox.app import running
from sandbox.hosting import sdk
from sandbox.settings import SandboxSettings
from tests.access import judge
from tests.e2e.test_browser import browser
from tests.sandbox.caller import READY
from tests.sandbox.tiny_app import KEY, MANIFEST, install, package

__all__ = ["browser"]

pytestmark = pytest.mark.browser

SIDEBAR, OTHER, BEHIND = 0, 1, 2


class _Far(BaseHTTPRequestHandler):
    """Attune's server, as far as the proxy sees it: says what came, and no to /no."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = {"path": self.path, "headers": dict(self.headers), "body": body}
        answer = json.dumps(told).encode()
        self.send_response(404 if self.path == "/no" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Place:
    """A desk with the tiny app installed twice, once in other words, and one ticket."""

    url: str
    tiny: int
    ticket: int

    def api(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {READY}"}
        answer = requests.request(method, self.url + path, headers=headers, timeout=20, **more)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A desk on a real socket whose app calls a server on another one."""
    try:
        sdk.bring()
    except sdk.Unavailable as error:
        pytest.skip(str(error))
    far = ThreadingHTTPServer(("127.0.0.1", 0), _Far)
    thread = Thread(target=far.serve_forever, daemon=True)
    thread.start()
    with running(SandboxSettings(db_path=":memory:", ready_token=READY)) as served:
        made = Place(url=served.url, tiny=0, ticket=0)
        made.tiny = install(made.api, server=f"http://127.0.0.1:{far.server_port}")
        other: Any = {"support": {"ticket_sidebar": "assets/page.html"}}
        install(made.api, package(MANIFEST | {"name": "Other", "location": other}), title="Other")
        given = {"subject": "Late parcel", "comment": {"body": "Where is it?"}, "tags": ["vip"]}
        given |= {"requester": {"name": "Priya Raman", "email": "priya@customer.example"}}
        made.ticket = made.api("POST", "/api/v2/tickets.json", json={"ticket": given})["ticket"]["id"]
        yield made
    far.shutdown()
    thread.join()
    far.server_close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One browser's memory for all tests: pages open faster, and keep nothing that a test looks at."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, place: Place) -> Iterator[Page]:
    """The ticket's page with its apps up; it keeps what the host asks of the composer. Errors in its console fail."""
    errors: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.add_init_script(
        """window.asked = [];
        for (const name of ["comment-set", "tags-changed", "macro", "notify"])
          document.addEventListener(`desk:${name}`, (event) => asked.push([name, event.detail]));"""
    )
    opened.goto(f"{place.url}/desk/tickets/{place.ticket}")
    yield opened
    opened.close()
    assert errors == []


def app(page: Page, number: int = SIDEBAR) -> Frame:
    """The frame of an app, once it is registered; the sidebar's comes first."""
    section = page.locator("[data-app]").nth(number)
    expect(section).to_have_class("app ready")
    handle = section.locator("iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def write(page: Page, text: str, public: bool = True) -> None:
    """Write in the composer, which tells the host when the words stand there already."""
    page.locator("#agent-body").fill(text)
    page.evaluate(
        "detail => document.dispatchEvent(new CustomEvent('desk:comment-changed', {detail}))",
        {"text": text, "public": public},
    )


def asked(page: Page, event: str) -> list[Any]:
    """What the host asked of the desk by this event, oldest first; what the desk itself says by it is left out."""
    seen = page.evaluate("asked")
    return [detail for name, detail in seen if name == event and detail.get("from") != "desk"]


GOT: list[tuple[str, Any]] = [
    ("ticket.subject", "Late parcel"),
    ("ticket.status", "new"),
    ("ticket.tags", ["vip"]),
    ("ticket.requester.email", "priya@customer.example"),
    ("ticket.via.channel", "api"),
    ("ticket.assignee.user", None),
    ("currentUser.name", "Ada Admin"),
    ("currentUser.role", "admin"),
    ("currentUser.locale", "en-US"),
    ("currentAccount.subdomain", "sandbox"),
    ("comment.text", ""),
    ("ticket.comment.type", "publicReply"),
    ("comment.useRichText", False),
]


def test_what_an_app_gets(page: Page, place: Place) -> None:
    """Each path gives the desk's value, one by one and all at once."""
    tiny = app(page)
    assert tiny.evaluate("client.get('ticket.id')") == {"ticket.id": place.ticket, "errors": {}}
    found = tiny.evaluate("paths => client.get(paths)", [path for path, _ in GOT])
    assert found == {**dict(GOT), "errors": {}}
    words = tiny.evaluate("client.get(['ticket.comments', 'ticket.conversation'])")
    assert words["ticket.comments"][0]["value"] == words["ticket.conversation"][0]["message"]["content"]
    assert "Where is it?" in words["ticket.comments"][0]["value"]


def test_what_is_not_there(page: Page) -> None:
    """An unknown path or action is an error of its own and no harm to the others; nothing inherited is a path."""
    tiny = app(page)
    paths = ["ticket.nothing", "ticket.id", "ticket.constructor", "currentUser.__proto__", "ticket.customField:x", "x"]
    found = tiny.evaluate("paths => client.get(paths)", paths)
    assert found["ticket.id"] is not None
    assert sorted(found["errors"]) == sorted(set(paths) - {"ticket.id"})
    assert found["errors"]["x"] == {"name": "APIUnsupportedError", "message": "No such Api", "path": "x"}
    for call in ("client.get('x')", "client.set('ticket.status', 'solved')", "client.invoke('fly')",
                 "client.invoke('toString')", "client.invoke('routeTo', 'user', 1)"):  # fmt: skip
        said = tiny.evaluate(f"{call}.then(() => 'went through', (error) => error.message)")
        assert "No such Api" in said, call


def test_metadata_and_context(page: Page, place: Place) -> None:
    """An app learns where it is and its open settings, and no secret."""
    tiny = app(page)
    known = tiny.evaluate("client.metadata()")
    assert (known["installationId"], known["version"]) == (place.tiny, "1.2")
    assert list(known["settings"]) == ["server"]
    context = tiny.evaluate("client.context()")
    assert (context["location"], context["ticketId"]) == ("ticket_sidebar", place.ticket)
    expect(page.frame_locator("[data-app] >> nth=0 >> iframe").get_by_role("heading")).to_have_text("at ticket_sidebar")
    assert KEY not in tiny.content() + page.content()


def test_the_composer_is_heard_and_asked(page: Page) -> None:
    """An app follows what is written, puts text in through the composer, and hears nothing once it has stopped."""
    tiny = app(page)
    tiny.evaluate("hear('comment.text.changed'); hear('comment.type.changed')")
    write(page, "Dear Priya")
    write(page, "Dear Priya", public=False)
    assert tiny.evaluate("untilSeen(3)")[1:] == [
        ["comment.text.changed", "Dear Priya"],
        ["comment.type.changed", "internalNote"],
    ]
    assert tiny.evaluate("client.get('comment.text')")["comment.text"] == "Dear Priya"
    tiny.evaluate("client.invoke('ticket.comment.appendText', ' and more')")
    tiny.evaluate("client.invoke('comment.appendHtml', '<p>One</p><p>Two<img src=x onerror=alert(1)></p>')")
    tiny.evaluate("client.set('comment.text', 'Instead')")
    assert asked(page, "comment-set") == [
        {"text": " and more", "append": True},
        {"text": "One\nTwo", "append": True},
        {"text": "Instead", "append": False},
    ]
    tiny.evaluate("""() => { const heard = () => seen.push("no"); client.on("pane.moved", heard);
                     client.off("pane.moved", heard); seen.length = 0; }""")
    tiny.evaluate("client.trigger('pane.moved')")
    assert tiny.evaluate("client.get('ticket.id').then(() => seen)") == []


SAVES: list[tuple[str, Any]] = [
    ("true", {"ok": True}),
    ("new Promise((done) => setTimeout(done, 50))", {"ok": True}),
    ("'They gave it already.'", {"ok": False, "message": "They gave it already."}),
    ("false", {"ok": False, "message": "Tiny stopped this save."}),
    ("Promise.reject('Later.')", {"ok": False, "message": "Later."}),
    ("(() => { throw new Error('Broken.'); })()", {"ok": False, "message": "Broken."}),
]


def test_an_app_may_hold_a_save(page: Page) -> None:
    """The desk's save waits for the app's handler, and is told its words; asked again, the app answers again."""
    tiny = app(page)
    app(page, OTHER)  # listens to nothing, and is not waited for
    assert page.evaluate("deskHost.beforeSave()") == {"ok": True}
    tiny.evaluate("client.on('ticket.save', () => window.handler())")
    for handler, verdict in SAVES:
        tiny.evaluate(f"() => {{ window.handler = () => {handler}; return client.get('ticket.id'); }}")
        both = page.evaluate("Promise.all([deskHost.beforeSave(), deskHost.beforeSave()])")
        assert both == [verdict, verdict], handler
        assert page.evaluate("deskHost.beforeSave()") == verdict, handler


def test_a_hook_that_hangs_holds_nobody_up(browser: Browser, place: Place) -> None:
    """An app that never answers is left behind after the set time."""
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{place.url}/desk/tickets/{place.ticket}")
    tiny = app(page)
    tiny.evaluate("client.on('ticket.save', () => new Promise(() => {}))")
    tiny.evaluate("client.get('ticket.id')")
    page.evaluate("() => { deskHost.beforeSave().then((said) => { window.said = said; }); }")
    page.clock.fast_forward(5000)  # real time goes on beside it: room for a loaded machine
    assert page.evaluate("window.said === undefined")
    page.clock.fast_forward(6000)
    assert page.evaluate("window.said") == {"ok": True}
    page.close()


def test_a_request_to_the_api(page: Page) -> None:
    """A path alone is asked as the agent; a failure brings status and words in jQuery's shape."""
    tiny = app(page)
    assert tiny.evaluate("client.request('/api/v2/users/me.json').then((d) => d.user.name)") == "Ada Admin"
    whole = "client.request({url: '/api/v2/users/me.json', httpCompleteResponse: true}).then((r) => r.status)"
    assert tiny.evaluate(whole) == 200
    failed = "client.request('/api/v2/tickets/999.json').catch((r) => [r.status, r.responseJSON.error, r.statusText])"
    assert tiny.evaluate(failed) == [404, "RecordNotFound", "error"]


def test_the_signed_request(page: Page, place: Place) -> None:
    """The call to the app's own server arrives signed with the secret that no page ever had."""
    call = """(path) => client.metadata().then(({settings}) => client.request({
        url: settings.server + path, type: "POST", contentType: "application/json", secure: true,
        data: JSON.stringify({label: "charge"}), headers: {Authorization: "Bearer {{jwt.token}}"},
        jwt: {algorithm: "HS256", secret_key: "{{setting.shared_value}}", expiry: 120, claims: {sub: "7"}}}))"""
    came = app(page).evaluate(call, "/sidebar/tickets/42/corrections")
    assert (came["path"], json.loads(came["body"])) == ("/sidebar/tickets/42/corrections", {"label": "charge"})
    claims = jwt.decode(came["headers"]["Authorization"].removeprefix("Bearer "), KEY, algorithms=["HS256"])
    assert claims["exp"] == claims["iat"] + 120
    assert claims["sub"] == "7"
    refused = app(page).evaluate(f"path => ({call})(path).catch((r) => [r.status, r.responseJSON.path])", "/no")
    assert refused == [404, "/no"]


def test_tags_wait_for_the_save(page: Page, place: Place) -> None:
    """Tags that an app adds are told to the desk's form and seen by apps at once; they change no ticket yet."""
    tiny = app(page)
    tiny.evaluate("hear('ticket.tags.changed')")
    tiny.evaluate("client.invoke('ticket.tags.add', ['Checked', 'by phone'])")
    tiny.evaluate("client.invoke('ticket.tags.remove', 'vip')")
    assert tiny.evaluate("client.get('ticket.tags')")["ticket.tags"] == ["by", "checked", "phone"]
    words = ["by", "checked", "phone"]
    assert asked(page, "tags-changed")[-1] == {"tags": words, "added": words, "removed": ["vip"]}
    assert tiny.evaluate("seen.at(-1)") == ["ticket.tags.changed", ["by", "checked", "phone"]]
    assert place.api("GET", f"/api/v2/tickets/{place.ticket}.json")["ticket"]["tags"] == ["vip"]


def test_tags_of_the_form_are_seen(page: Page) -> None:
    """What the agent changes in the desk's form is what apps see, until they take it back."""
    tiny = app(page)
    tiny.evaluate("hear('ticket.tags.changed'); client.get('ticket.id')")
    for tags in (["new", "vip"], ["vip"]):
        detail = {"from": "desk", "tags": tags}
        page.evaluate("detail => document.dispatchEvent(new CustomEvent('desk:tags-changed', {detail}))", detail)
    assert tiny.evaluate("untilSeen(3)")[1:] == [
        ["ticket.tags.changed", ["new", "vip"]],
        ["ticket.tags.changed", ["vip"]],
    ]
    assert tiny.evaluate("client.get('ticket.tags')")["ticket.tags"] == ["vip"]


def test_news_of_the_ticket(page: Page, place: Place) -> None:
    """A customer's next message and a changed status reach the apps while the page stays open."""
    tiny = app(page)
    tiny.evaluate("hear('ticket.conversation.changed'); hear('ticket.status.changed')")
    tiny.evaluate("client.get('ticket.id')")
    words = {"status": "open", "comment": {"body": "Are you there?"}}
    place.api("PUT", f"/api/v2/tickets/{place.ticket}.json", json={"ticket": words})
    told = dict(tiny.evaluate("untilSeen(3)")[1:])
    assert told["ticket.status.changed"] == "open"
    assert "Are you there?" in told["ticket.conversation.changed"][-1]["message"]["content"]
    place.api("PUT", f"/api/v2/tickets/{place.ticket}.json", json={"ticket": {"status": "new"}})


def test_a_macro_goes_to_the_composer(page: Page, place: Place) -> None:
    """Applying a macro hands the composer what it would give, placeholders filled in; an unknown one is an error."""
    actions = [{"field": "comment_value", "value": "Dear {{ticket.requester.first_name}}"}]
    macro = place.api("POST", "/api/v2/macros.json", json={"macro": {"title": "Greet", "actions": actions}})["macro"]
    tiny = app(page)
    tiny.evaluate("id => client.invoke('macro', id)", macro["id"])
    (given,) = asked(page, "macro")
    assert given["id"] == macro["id"]
    assert given["result"]["ticket"]["comment"]["body"] == "Dear Priya"
    for wrong in ("1", "'../../users/me'"):
        said = tiny.evaluate(f"client.invoke('macro', {wrong}).catch((error) => error.message)")
        assert "macro" in said, wrong
    assert len(asked(page, "macro")) == 1


def test_going_places_and_taking_room(page: Page, place: Place) -> None:
    """An app sizes and hides itself, has words shown, and leads the agent to a ticket or to its own page."""
    tiny = app(page)
    tiny.evaluate("client.invoke('resize', {width: '100%', height: '321px'})")
    assert page.locator("[data-app] iframe").first.bounding_box()["height"] == 321  # type: ignore[index]
    tiny.evaluate("client.invoke('resize', {height: 'url(evil)'})")
    assert page.locator("[data-app] iframe").first.bounding_box()["height"] == 321  # type: ignore[index]
    tiny.evaluate("client.invoke('notify', 'Done.', 'alert')")
    assert asked(page, "notify") == [{"message": "Done.", "kind": "alert"}]
    tiny.evaluate("client.invoke('hide')")
    expect(page.locator("[data-app]").first).to_be_hidden()
    tiny.evaluate("client.invoke('show')")
    expect(page.locator("[data-app]").first).to_be_visible()
    tiny.evaluate("() => { client.invoke('routeTo', 'nav_bar', 'tiny', ''); }")
    page.wait_for_url(f"{place.url}/desk/apps/nav/{place.tiny}")
    own = app(page)
    assert own.evaluate("client.context()")["location"] == "nav_bar"
    assert "No such Api" in own.evaluate("client.get('ticket.id').catch((error) => error.message)")
    own.evaluate("client.invoke('notify', 'From here too.')")
    expect(page.get_by_role("status").filter(has_text="From here too.")).to_be_visible()
    own.evaluate("id => { client.invoke('routeTo', 'ticket', id); }", place.ticket)
    page.wait_for_url(f"{place.url}/desk/tickets/{place.ticket}")


def test_parts_of_one_app_speak(page: Page) -> None:
    """Two frames of one app know and hear each other; another app's frame is not among them."""
    tiny, behind = app(page), app(page, BEHIND)
    others = tiny.evaluate("client.get('instances').then((found) => Object.values(found.instances))")
    assert sorted(one["location"] for one in others) == ["background", "ticket_sidebar"]
    (guid,) = [one["instanceGuid"] for one in others if one["location"] == "background"]
    behind.evaluate("hear('said'); client.get('ticket.id')")
    tiny.evaluate("guid => client.instance(guid).trigger('said', {words: 'hello'})", guid)
    assert behind.evaluate("untilSeen(2)")[1] == ["said", {"words": "hello"}]
    assert tiny.evaluate("guid => client.instance(guid).context()", guid)["location"] == "background"
    assert tiny.evaluate("guid => client.instance(guid).get('ticket.id')", guid)["errors"] == {}


def test_turning_away_and_back(page: Page) -> None:
    """An app is told once that it is up, and again when the agent comes back to the page."""
    tiny = app(page)
    tiny.evaluate("hear('app.deactivated'); client.get('ticket.id')")
    for hidden in ("true", "false"):
        page.evaluate(
            f"""() => {{ Object.defineProperty(document, "hidden", {{value: {hidden}, configurable: true}});
            document.dispatchEvent(new Event("visibilitychange")); }}"""
        )
    assert tiny.evaluate("untilSeen(3).then((all) => all.map(([event, value]) => [event, value.firstLoad]))") == [
        ["app.activated", True],
        ["app.deactivated", None],
        ["app.activated", False],
    ]


def test_an_app_cannot_reach_the_desk(page: Page, place: Place) -> None:
    """To the browser an app is another site: it cannot read or script the page around it, nor call anything itself."""
    tiny = app(page)
    assert (
        tiny.evaluate("() => { try { return parent.document.title; } catch (error) { return error.name; } }")
        == "SecurityError"
    )
    for address in (f"{place.url}/desk/", "/desk/apps/sdk.js", "https://example.org/"):
        assert tiny.evaluate("url => fetch(url).then(() => 'read', (error) => error.name)", address) == "TypeError"
    assert (
        tiny.evaluate("() => { try { top.location = 'about:blank'; return 'moved'; } catch (e) { return e.name; } }")
        == "SecurityError"
    )
    with page.expect_popup() as opened:
        tiny.evaluate("() => { window.popup = window.open('/desk/'); }")
    opened.value.wait_for_load_state()
    assert "loopback only" in opened.value.content()
    opened.value.close()


def test_forged_messages_are_dropped(page: Page) -> None:
    """Another app's frame that gives itself out as the first one is not heard, nor is a window that is no frame."""
    app(page)
    other = app(page, OTHER)
    guid = page.locator("[data-app]").first.get_attribute("data-app")
    forged = """guid => parent.postMessage(
        JSON.stringify({id: 9, request: "set", appGuid: guid, params: {"comment.text": "Forged"}}), "*")"""
    other.evaluate(forged, guid)
    page.evaluate(forged.replace("parent.", "window."), guid)
    other.evaluate("() => parent.postMessage('no JSON {', '*')")
    other.evaluate("() => parent.postMessage(null, '*')")
    other.evaluate("client.get('ticket.id')")  # has its answer only after those before it
    assert asked(page, "comment-set") == []


def test_for_everybody(page: Page, place: Place) -> None:
    """Frames have titles, the column and an app's own page break no rule of WCAG by day or night, and fit a phone."""
    app(page)
    assert judge.faults(page, by_night=False) == []
    page.goto(f"{place.url}/desk/apps/nav/{place.tiny}")
    app(page)
    assert judge.faults(page) == []
    page.set_viewport_size({"width": 360, "height": 780})
    assert judge.too_wide(page) == []


def test_an_app_that_stays_silent(browser: Browser, place: Place) -> None:
    """An app that never greets is said to be silent, takes no room, and holds up no save."""
    place_of_it: Any = {"support": {"ticket_sidebar": "assets/page.html"}}
    content = package(MANIFEST | {"location": place_of_it}, **{"page.html": "<!doctype html><p>mute</p>"})
    silent = install(place.api, content, title="Silent")
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{place.url}/desk/tickets/{place.ticket}")
    app(page)
    expect(page.get_by_text("Silent is starting …")).to_be_visible()
    page.clock.fast_forward(11_000)
    expect(page.get_by_text("Silent does not answer. You can go on without it.")).to_be_visible()
    assert page.evaluate("deskHost.beforeSave()") == {"ok": True}
    page.close()
    requests.delete(
        f"{place.url}/api/v2/apps/installations/{silent}.json", headers={"Authorization": f"Bearer {READY}"}, timeout=20
    )
