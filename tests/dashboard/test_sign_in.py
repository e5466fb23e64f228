"""The door of the dashboard over real HTTP answers: password, link, cookie, tries, the way back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from integration import assembly, gate
from integration.dashboard import guard, sign_in
from tests.dashboard.staging import PASSWORD, House

PAGES = ("", "figures", "autonomy", "team", "events", "audit", "tickets/42", "event?delivery=x", "autonomy/start")
FILES = ("autonomy.csv", "team.csv", "events.csv", "audit.csv", "figures/speed.csv")


@pytest.mark.parametrize("path", [*PAGES, *FILES, "events/replay-failed"])
def test_nobody_looks_without_a_visit(house: House, path: str) -> None:
    """Every page and file leads a stranger to the sign-in, and keeps in mind where they wanted to go."""
    answer = house.client.get(f"/dashboard/{path}")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/dashboard/sign-in?next=/dashboard/")
    assert answer.get_data() == b""


def test_the_password_opens(house: House) -> None:
    """The right password lets in, leads back, and the cookie is for this site, this path and no script."""
    answer = house.sign_in(next="/dashboard/events?words=late")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/events?words=late")
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/dashboard", "Max-Age=28800"):
        assert part in cookie
    assert "Secure" not in cookie  # http on loopback: a secure cookie would never come back
    assert house.client.get("/dashboard/").status_code == 200


def test_the_cookie_is_secure_over_https(tmp_path: Path) -> None:
    """Where browsers reach us by https, the cookie travels by https only."""
    found = House(f"sqlite:///{tmp_path / 'attune.sqlite'}", tmp_path, secure=True)
    found.parts.migrate()
    assert "Secure" in found.sign_in().headers["Set-Cookie"]
    found.parts.close()


@pytest.mark.parametrize("wrong", ["", "admin", PASSWORD.upper(), PASSWORD + " ", "\0", "é" * 600])
def test_a_wrong_password_opens_nothing(house: House, wrong: str) -> None:
    """A wrong password is told so, gets no cookie, and is not shown again."""
    answer = house.sign_in(wrong)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "That is not the admin password." in answer.text
    assert 'type="password"' in answer.text
    assert f'value="{wrong}"' not in answer.text.replace('value=""', "").replace('value="admin"', "")


def test_guessing_is_slow(house: House) -> None:
    """Five tries a minute for one address, the right password among the sixth's; another address is not held up."""
    for _ in range(sign_in.TRIES_A_MINUTE):
        assert house.sign_in("guess").status_code == 401
    late = house.sign_in()
    assert (late.status_code, late.headers["Retry-After"]) == (429, "60")
    other = {"REMOTE_ADDR": "203.0.113.9"}
    elsewhere = house.client.post("/dashboard/sign-in", data={"password": PASSWORD}, environ_base=other)
    assert elsewhere.status_code == 303
    house.later = timedelta(seconds=61)
    assert house.sign_in().status_code == 303


def test_the_tries_are_counted_by_all_processes(house: House, tmp_path: Path) -> None:
    """Another web process on the same database goes on counting where the first stopped."""
    for _ in range(3):
        house.sign_in("guess")
    other = House(house.url, tmp_path)
    assert [other.sign_in("guess").status_code for _ in range(3)] == [401, 401, 429]
    other.parts.close()


def test_a_right_password_forgets_the_tries(house: House) -> None:
    """Who mistyped four times and then got it right may sign in again at once."""
    for _ in range(3):
        for _ in range(4):
            house.sign_in("guess")
        assert house.sign_in().status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/dashboard//evil.example",
        "/dashboard/../../zendesk/events",
        "/dashboard/%2e%2e/x",
        "/dashboard/x%5c@evil",
        "javascript:alert(1)",
        "/dashboardish",
        "/dashboard/\r\nSet-Cookie: a=b",
        " /dashboard/events",
        "/sidebar/enter",
        "",
    ],
)
def test_the_way_back_stays_inside(house: House, address: str) -> None:
    """Whatever a link to the sign-in names, it leads to a page of ours, and by default to the overview."""
    answer = house.sign_in(next=address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard/")
    assert 'value="/dashboard/"' in house.client.get("/dashboard/sign-in", query_string={"next": address}).text


@pytest.mark.parametrize("address", ["/dashboard/", "/dashboard/tickets/42", "/dashboard/figures?days=90&x=a%20b"])
def test_the_way_back_is_kept(house: House, address: str) -> None:
    """A page that somebody wanted before they signed in is where they come to."""
    assert house.sign_in(next=address).headers["Location"] == address


def test_a_link_opens_once(house: House) -> None:
    """The app's link lets somebody look, without switches; the second time it opens nothing."""
    link = house.parts.entry_url()
    path = link.removeprefix("http://127.0.0.1:8000")
    first = house.client.get(path)
    assert first.status_code == 200
    assert 'http-equiv="refresh" content="0; url=/dashboard/"' in first.text
    page = house.text("/dashboard/")
    assert "Stop all sending" not in page
    assert "look, not switch" in page
    stranger = house.app.test_client()
    second = stranger.get(path)
    assert second.status_code == 401
    assert "Set-Cookie" not in second.headers
    assert stranger.get("/dashboard/").status_code == 303


def test_looking_at_a_links_head_does_not_use_it_up(house: House) -> None:
    """A program that asks whether a link is alive gets no visit, and the person after it does."""
    path = house.parts.entry_url().removeprefix("http://127.0.0.1:8000")
    head = house.client.head(path)
    assert (head.status_code, head.headers["Allow"]) == (405, "GET")
    assert "Set-Cookie" not in head.headers
    assert house.client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/dashboard", "//dashboard//events", "/dashboard//", "/dashboard/events//"])
def test_no_host_that_a_caller_made_up_is_led_to(migrated: Path, path: str) -> None:
    """An address in need of tidying leads to a path of ours or nowhere, never to the host that the request names."""
    app = assembly.create_app({"DATABASE_URL": f"sqlite:///{migrated / 'attune.sqlite'}", "SECRET_KEY": "k" * 32})
    answer = app.test_client().get(path, headers={"Host": "evil.example"})
    assert answer.status_code in {303, 404}
    assert "evil.example" not in answer.headers.get("Location", "") + answer.text


def test_a_link_opens_in_time(house: House) -> None:
    """Two minutes after it was made, a link opens nothing; nor does one that was made up."""
    path = house.parts.entry_url().removeprefix("http://127.0.0.1:8000")
    house.later = gate.ENTRY_LIFE + timedelta(seconds=2)
    assert house.client.get(path).status_code == 401
    assert house.client.get("/dashboard/enter/made-up").status_code == 401
    assert house.client.get("/dashboard/enter/..%2f..%2f").status_code in (401, 404)


def test_who_sits_at_the_server_may_switch(house: House) -> None:
    """The link that `flask dashboard` prints lets switch as well."""
    house.enter(may_switch=True)
    assert "Stop all sending" in house.text("/dashboard/")


def test_a_visit_ends(house: House) -> None:
    """After its eight hours a visit is over, whatever the cookie says."""
    house.sign_in()
    house.later = guard.VISIT_LIFE - timedelta(minutes=1)
    assert house.client.get("/dashboard/audit").status_code == 200
    house.later = guard.VISIT_LIFE + timedelta(minutes=1)
    assert house.client.get("/dashboard/audit").status_code == 303


def test_signing_out_ends_it_for_good(house: House) -> None:
    """The cookie of a visit that was ended opens nothing, even where somebody kept a copy."""
    house.sign_in()
    kept = house.client.get_cookie(guard.COOKIE, path="/dashboard")
    assert kept is not None
    assert house.press("/dashboard/sign-out").status_code == 303
    assert house.client.get("/dashboard/").status_code == 303
    thief = house.app.test_client()
    thief.set_cookie(guard.COOKIE, kept.value, path="/dashboard")
    assert thief.get("/dashboard/").status_code == 303


def test_another_site_cannot_sign_out(house: House) -> None:
    """Without the mark of a form of ours, nobody is signed out."""
    house.sign_in()
    assert house.client.post("/dashboard/sign-out").status_code == 401
    assert house.client.get("/dashboard/").status_code == 200


@pytest.mark.parametrize("cookie", ["", "x", "name.mark", "." * 50, "a" * 3000])
def test_a_made_up_cookie_is_none(house: House, cookie: str) -> None:
    """Only what we signed is a cookie."""
    house.client.set_cookie(guard.COOKIE, cookie, path="/dashboard")
    assert house.client.get("/dashboard/").status_code == 303


def test_a_signed_name_without_a_visit_is_none(house: House) -> None:
    """Even a rightly signed name opens nothing where no visit of that name stands."""
    key = house.parts.seal.key(f"dashboard {PASSWORD}")
    house.client.set_cookie(guard.COOKIE, gate.sign_visit("made-up", key), path="/dashboard")
    assert house.client.get("/dashboard/").status_code == 303


def test_a_new_password_signs_everybody_out(house: House, tmp_path: Path) -> None:
    """Whoever changes the password has changed the locks: old cookies and links open nothing."""
    house.sign_in()
    cookie = house.client.get_cookie(guard.COOKIE, path="/dashboard")
    assert cookie is not None
    other = assembly.create_app(
        {"DATABASE_URL": house.url, "SECRET_KEY": "k" * 32, "ADMIN_PASSWORD": "quite another password"}
    ).test_client()
    other.set_cookie(guard.COOKIE, cookie.value, path="/dashboard")
    assert other.get("/dashboard/").status_code == 303


def test_a_password_is_made_where_none_is_set(tmp_path: Path) -> None:
    """Without ADMIN_PASSWORD one is made once, for its owner's eyes only, long enough, and the same every time."""
    first = assembly.generated_password(tmp_path)
    file = tmp_path / assembly.PASSWORD_FILE
    assert first == assembly.generated_password(tmp_path) == file.read_text()
    assert len(first) >= 20  # 120 random bits
    assert file.stat().st_mode & 0o077 == 0
