"""What an app's request becomes on its way out: settings by scope, the signed token, and every place it may not go.
The table is pure; what is really sent goes to servers on loopback."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hosting.installed import Installed
from sandbox.hosting.outward import LARGEST_ANSWER_BYTES, NoAnswer, sent
from sandbox.hosting.proxy import NotProxied, Outgoing, prepared
from tests.sandbox.tiny_app import KEY, MANIFEST

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OWN = "http://127.0.0.1:4000"
SETTINGS = {"server": "https://a.good.example", "shared_value": KEY, "pass_phrase": 'open "sesame"', "anywhere": "x&y"}
APP = Installed(id=1, app_id=2, title="Tiny", version="1", manifest=MANIFEST, settings=SETTINGS)
JWT: Any = {"algorithm": "HS256", "secret_key": "{{setting.shared_value}}", "expiry": 120, "claims": {"sub": "7"}}


def prepare(**options: Any) -> Outgoing:
    return prepared(options, APP, OWN, NOW)


def test_the_signed_call() -> None:
    """The call that Attune's app makes leaves with a token that its server can check, and the key is nowhere in it."""
    sent_out = prepare(
        url="{{setting.server}}/sidebar/tickets/42",
        type="POST",
        contentType="application/json",
        data='{"label": "charge"}',
        secure=True,
        headers={"Authorization": "Bearer {{jwt.token}}"},
        jwt=JWT,
    )
    assert sent_out.url == "https://a.good.example/sidebar/tickets/42"
    assert (sent_out.method, sent_out.body) == ("POST", b'{"label": "charge"}')
    assert sent_out.headers["Content-Type"] == "application/json"
    token = sent_out.headers["Authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {"sub": "7", "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 120}
    assert KEY not in repr(sent_out)


def test_times_are_the_proxys() -> None:
    """An app cannot write `exp` or `iat` itself."""
    forged = JWT | {"claims": {"exp": 9_999_999_999, "iat": 1}}
    token = prepare(url="https://a.good.example/{{jwt.token}}", secure=True, jwt=forged).url.rpartition("/")[2]
    claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert claims == {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 120}


GOOD, PORTED = "https://a.good.example/x", "https://ported.example:8443"
LITERAL = GOOD + "?{{setting.server}}"
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("a key outside the jwt", {"url": f"{GOOD}?k={{{{setting.shared_value}}}}"}, "may not stand in url"),
    ("a key in a header", {"headers": {"X-Key": "{{setting.shared_value}}"}}, "may not stand in header"),
    ("a key in the body", {"type": "POST", "data": "{{setting.shared_value}}"}, "may not stand in body"),
    ("a key in a form", {"type": "POST", "data": {"k": "{{ setting.shared_value }}"}}, "may not stand in body"),
    ("a key in a query", {"data": {"k": "{{setting.shared_value}}"}}, "may not stand in url"),
    ("a key as a claim", {"jwt": JWT | {"claims": {"k": "{{setting.shared_value}}"}}}, "may not stand in jwt_claim"),
    ("a phrase as a key", {"jwt": JWT | {"secret_key": "{{setting.pass_phrase}}"}}, "may not stand in jwt_secret_key"),
    ("an unknown setting", {"headers": {"X-Key": "{{setting.nothing}}"}}, "has no value"),
    ("a phrase elsewhere", {"url": "https://evil.example/", "headers": {"X": "{{setting.pass_phrase}}"}}, "Whitelist"),
    ("a token elsewhere", {"url": "https://evil.example/", "headers": {"X": "{{jwt.token}}"}, "jwt": JWT}, "Whitelist"),
    ("a like name", {"url": "https://notgood.example/", "headers": {"X": "{{setting.pass_phrase}}"}}, "Whitelist"),
    ("a name behind", {"url": "https://a.good.example.evil.example/{{setting.anywhere}}"}, "Whitelist"),
    ("another port", {"url": "https://ported.example:1/{{setting.anywhere}}"}, "Whitelist"),
    ("a host of settings", {"url": "https://{{setting.anywhere}}.example/"}, "Whitelist"),
    ("the API with a secret", {"url": "/api/v2/users/me?x={{setting.anywhere}}"}, "no secure setting goes there"),
    ("a token without a jwt", {"headers": {"X": "{{jwt.token}}"}}, "no jwt to sign"),
    ("no algorithm", {"jwt": JWT | {"algorithm": "none"}}, "HS256"),
    ("a list as jwt", {"jwt": []}, "HS256"),
    ("a long life", {"jwt": JWT | {"expiry": 10**6}}, "jwt.expiry"),
    ("a life in words", {"jwt": JWT | {"expiry": "120"}}, "jwt.expiry"),
    ("a true life", {"jwt": JWT | {"expiry": True}}, "jwt.expiry"),
    ("claims in words", {"jwt": JWT | {"claims": "sub"}}, "jwt.claims"),
    ("no key", {"jwt": JWT | {"secret_key": ""}}, "jwt.secret_key"),
    ("a bad issuer", {"jwt": JWT | {"claims": {"iss": 7}}, "headers": {"X": "{{jwt.token}}"}}, "cannot be signed"),
    ("an underscore", {"headers": {"X_Key": "1"}}, "letters, digits and hyphens"),
    ("a second header", {"headers": {"X": "1\r\nHost: evil.example"}}, "characters that a header cannot have"),
    ("headers in words", {"headers": "X: 1"}, "headers must be an object"),
    ("an odd method", {"type": "TRACE"}, "not a method"),
    ("cors", {"cors": True}, "cors"),
    ("no url", {"url": ""}, "url is missing"),
    ("a space", {"url": "https://a.good.example/a b"}, "characters that an address cannot have"),
    ("a backslash", {"url": "https://a.good.example\\@evil.example/"}, "characters that an address cannot have"),
    ("a user name", {"url": "https://a.good.example@evil.example/"}, "no user name"),
    ("another scheme", {"url": "file:///etc/passwd"}, "web address"),
    ("no scheme", {"url": "//evil.example/x"}, "web address"),
    ("a bad port", {"url": "https://a.good.example:99999/"}, "no valid port"),
    ("another account", {"url": "https://other.zendesk.com/api/v2/users.json"}, "is Zendesk's"),
    ("a page of the desk", {"url": "/sandbox/tokens", "type": "POST"}, "begins with /api/"),
    ("a page by its address", {"url": f"{OWN}/sandbox/tokens"}, "begins with /api/"),
    ("a way up", {"url": "/api/v2/../../sandbox/tokens"}, "begins with /api/"),
    ("too much", {"type": "POST", "data": "x" * 1_000_001}, "longer than"),
]


@pytest.mark.parametrize(("options", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_carried(options: dict[str, Any], words: str) -> None:
    """Each misuse is refused before anything is sent, in words that name it and without the secret."""
    with pytest.raises(NotProxied, match=words) as refusal:
        prepare(**({"url": GOOD, "secure": True} | options))
    assert KEY not in str(refusal.value)
    assert "sesame" not in str(refusal.value)


CARRIED: list[tuple[str, dict[str, Any], tuple[str, dict[str, str], bytes | None]]] = [
    ("a phrase in its header", {"headers": {"X-K": "{{setting.pass_phrase}}"}}, (GOOD, {"X-K": 'open "sesame"'}, None)),
    ("an open setting", {"url": "{{setting.server}}/a"}, ("https://a.good.example/a", {}, None)),
    ("a named port", {"url": f"{PORTED}/{{{{setting.anywhere}}}}"}, (f"{PORTED}/x&y", {}, None)),
    ("without secure", {"secure": False, "url": LITERAL}, (LITERAL, {}, None)),
    ("a query", {"data": {"a": "b c", "k": "{{setting.anywhere}}"}}, (f"{GOOD}?a=b+c&k=x%26y", {}, None)),
    ("own address", {"url": f"{OWN}/api/v2/users/me"}, ("/api/v2/users/me", {}, None)),
    ("not theirs", {"headers": {"Host": "evil.example", "Cookie": "a", "X-A": "1"}}, (GOOD, {"X-A": "1"}, None)),
    ("anywhere without secrets", {"url": "https://other.example/"}, ("https://other.example/", {}, None)),
    (
        "a form",
        {"type": "post", "data": {"k": "{{setting.anywhere}}"}},
        (GOOD, {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}, b"k=x%26y"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), [row[1:] for row in CARRIED], ids=[row[0] for row in CARRIED])
def test_what_is_carried(options: dict[str, Any], expected: tuple[str, dict[str, str], bytes | None]) -> None:
    """Settings stand where their scopes let them, escaped for the place, and nothing else changes."""
    out = prepare(**({"url": GOOD, "secure": True} | options))
    assert (out.url, dict(out.headers), out.body) == expected


def test_a_value_is_not_read_again() -> None:
    """Braces inside a setting's value are text: one setting cannot pull another one in."""
    app = Installed(
        id=1, app_id=2, title="", version="", manifest=MANIFEST, settings=SETTINGS | {"server": "{{setting.anywhere}}"}
    )
    out = prepared({"url": GOOD, "secure": True, "headers": {"X": "{{setting.server}}"}}, app, OWN, NOW)
    assert out.headers["X"] == "{{setting.anywhere}}"


def test_json_stays_json() -> None:
    """A value with quotes in it does not break out of the JSON text that it is put into."""
    manifest = MANIFEST | {"parameters": [{"name": "pass_phrase", "type": "text", "secure": True, "scopes": ["body"]}]}
    app = Installed(id=1, app_id=2, title="", version="", manifest=manifest, settings=SETTINGS)
    options = {"url": GOOD, "secure": True, "type": "POST", "contentType": "application/json"}
    out = prepared(options | {"data": '{"phrase": "{{setting.pass_phrase}}"}'}, app, OWN, NOW)
    assert json.loads(out.body or b"") == {"phrase": 'open "sesame"'}


WORDS = st.text(max_size=20) | st.sampled_from(["{{setting.shared_value}}", GOOD, "HS256"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("url", "type", "headers", "data", "jwt", "secure"), JSON)))
def test_whatever_an_app_sends(options: dict[str, Any]) -> None:
    """No options whatever bring the signing key out, and none end in anything but a request or a refusal."""
    try:
        out = prepared(options, APP, OWN, NOW)
    except NotProxied:
        return
    assert KEY not in out.url + repr(dict(out.headers)) + repr(out.body)


# --- what is really sent ---------------------------------------------------------------------------------------------


class _Far(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.6)
        body = b"x" * (LARGEST_ANSWER_BYTES + 1) if self.path == "/long" else self.path.encode()
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Set-Cookie", "a=b")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def far() -> Iterator[int]:
    """A server of somebody else's; gives its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Far)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def certificate(name: str, folder: Path) -> Path:
    """A self-signed certificate for a host of this name, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    said = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(said, said, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    how = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*how))
    return file


@pytest.mark.parametrize(("name", "trusted"), [("localhost", True), ("other.example", True), ("localhost", False)])
def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool) -> None:
    """Over https the host must prove its name to an authority that this machine trusts; else nothing is sent."""
    file = certificate(name, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file if trusted else certificate("nobody", tmp_path)))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Far)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a caller that turns away is what is tried
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        if trusted and name == "localhost":
            assert sent(out_to(f"https://localhost:{server.server_port}/a"), 4000).body == "/a"
        else:
            with pytest.raises(NoAnswer, match="SSLCertVerificationError"):
                sent(out_to(f"https://localhost:{server.server_port}/a"), 4000)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def out_to(url: str) -> Outgoing:
    return Outgoing(method="GET", url=url, headers={}, body=None)


def test_an_answer_comes_back(far: int) -> None:
    """Status, headers and body come back; cookies stay behind."""
    answer = sent(out_to(f"http://localhost:{far}/a?b=c"), 4000)
    assert (answer.status, answer.body) == (200, "/a?b=c")
    assert "Set-Cookie" not in answer.headers


def test_a_redirect_is_not_followed(far: int) -> None:
    """A host that points elsewhere is answered with just that: nothing is asked of the other address."""
    assert sent(out_to(f"http://127.0.0.1:{far}/away"), 4000).status == 302


@pytest.mark.parametrize(("path", "status"), [("/slow", 504), ("/long", 502)])
def test_patience_and_room_end(far: int, path: str, status: int) -> None:
    """A host that is too slow, or says too much, is given up."""
    with pytest.raises(NoAnswer) as gone:
        sent(out_to(f"http://127.0.0.1:{far}{path}"), 4000, timeout_s=0.3)
    assert gone.value.status == status


def test_nobody_there() -> None:
    """A closed port is told as what it is."""
    with pytest.raises(NoAnswer, match="cannot be reached"):
        sent(out_to("http://127.0.0.1:9/"), 4000, timeout_s=2)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://169.254.169.254/latest/meta-data/", "private network"),
        ("http://169.254.169.254/latest/meta-data/", "private network"),
        ("https://[::ffff:169.254.169.254]/", "private network"),
        ("https://[fd00:ec2::254]/", "private network"),
        ("https://10.0.0.8/", "private network"),
        ("https://192.168.1.1/", "private network"),
        ("https://0.0.0.0/", "private network"),
        ("https://224.0.0.1/", "private network"),
        ("http://8.8.8.8/", "begin the address with https"),
        ("http://127.0.0.1:4000/sandbox/tokens", "the desk itself"),
        ("http://localhost:4000/sandbox/tokens", "the desk itself"),
        ("http://2130706433:4000/", "the desk itself"),
        ("http://[::ffff:127.0.0.1]:4000/", "the desk itself"),
    ],
)
def test_inner_places_are_not_called(url: str, words: str) -> None:
    """Private networks, a cloud's metadata and the desk's own back doors are refused, however they are written."""
    with pytest.raises(NotProxied, match=words):
        sent(out_to(url), 4000, timeout_s=1)
