"""Our own reading of Zendesk's rules for apps: nothing about ours, and each rule on an app that breaks it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from integration import __version__, content
from integration.model import Charge, Emotion, FactKind, Intent, Kept, Refused, Sentiment, Status, Urgency, Who
from integration.zendesk import app_package
from integration.zendesk.app_lint import SDK, Weight, complaints
from integration.zendesk.app_words import texts_of_module
from integration.zendesk.app_words import words as words_said

HOST = "https://attune.acme.example"
OURS = app_package.files(HOST)
Files = dict[str, bytes]


def manifest(change: Callable[[dict[str, Any]], object]) -> Files:
    """Our app with its manifest changed."""
    found = json.loads(OURS["manifest.json"])
    change(found)
    # Escaped as ours is, so that the letters of a scope's name are no complaint of their own.
    return {**OURS, "manifest.json": json.dumps(found).replace("secret", "s\\u0065cret").encode()}


def parameter(**given: object) -> Files:
    """Our app with its second parameter, the secure one, changed; None takes a key away."""

    def change(found: dict[str, Any]) -> None:
        one = found["parameters"][1]
        one.update(given)
        for name in (name for name, value in given.items() if value is None):
            del one[name]

    return manifest(change)


def with_file(name: str, text: str | bytes) -> Files:
    """Our app with one file more, or another in its place."""
    return {**OURS, name: text if isinstance(text, bytes) else text.encode()}


def without(name: str) -> Files:
    """Our app without one file."""
    return {path: text for path, text in OURS.items() if path != name}


def place(**given: object) -> Files:
    """Our app with another set of places in Support."""
    return manifest(lambda found: found["location"].update(support=given))


def html(text: str) -> Files:
    """Our app with a page more that holds this."""
    return with_file("assets/more.html", f'<script src="{SDK}"></script>{text}')


def words(language: str, change: Callable[[dict[str, str]], object]) -> Files:
    """Our app with the words of one language changed."""
    name = f"assets/words/{language}.js"
    found = texts_of_module(OURS[name])
    assert found is not None
    change(found)
    made = f"export default {json.dumps(found)};"
    return with_file(name, made.replace("password", "p\\u0061ssword"))


def translation(language: str, change: Callable[[dict[str, Any]], object]) -> Files:
    """Our app with one of Zendesk's translation files changed."""
    name = f"translations/{language}.json"
    found = json.loads(OURS[name])
    change(found["app"])
    return with_file(name, json.dumps(found))


MINIMAL_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{}</svg>'
BROKEN: list[tuple[str, Files, str, str]] = [
    # the manifest as a whole
    ("no manifest", without("manifest.json"), "error", "it is missing"),
    ("nested", {"app/manifest.json": b"{}"}, "error", "it must be at the root"),
    ("not JSON", with_file("manifest.json", "{"), "error", "not JSON"),
    ("not an object", with_file("manifest.json", "[]"), "error", "not a JSON object"),
    (
        "a key twice",
        with_file("manifest.json", OURS["manifest.json"].replace(b"{", b'{"version": "1",', 1)),
        "error",
        "version stands there twice",
    ),
    ("unknown key", manifest(lambda m: m.update(signedURL=True)), "error", "signedURL is no key"),
    ("framework 1.0", manifest(lambda m: m.update(frameworkVersion="1.0")), "error", 'must be "2.0"'),
    ("no framework", manifest(lambda m: m.pop("frameworkVersion")), "error", 'must be "2.0"'),
    ("signed pages", manifest(lambda m: m.update(signedUrls=True)), "error", "signedUrls"),
    ("no author", manifest(lambda m: m.pop("author")), "error", "author is missing"),
    ("author without e-mail", manifest(lambda m: m["author"].pop("email")), "error", "author.email"),
    ("author's address", manifest(lambda m: m["author"].update(url="acme")), "error", "author.url"),
    ("no locale", manifest(lambda m: m.pop("defaultLocale")), "error", "defaultLocale must be a locale"),
    ("odd locale", manifest(lambda m: m.update(defaultLocale="english")), "error", "defaultLocale must be a locale"),
    (
        "locale without file",
        manifest(lambda m: m.update(defaultLocale="ja")),
        "error",
        "translations/ja.json is missing",
    ),
    ("text for a switch", manifest(lambda m: m.update(private="true")), "error", "private must be true or false"),
    ("number for a text", manifest(lambda m: m.update(version=1)), "error", "version must be a text"),
    ("experiments", manifest(lambda m: m.update(experiments=[])), "error", "experiments must be an object"),
    ("old template", manifest(lambda m: m.update(noTemplate=True)), "error", "noTemplate"),
    (
        "public, no words",
        {**manifest(lambda m: m.update(private=False)), **{"translations/en.json": b'{"app": {"name": "A"}}'}},
        "error",
        "installation_instructions",
    ),
    # places
    ("no place", manifest(lambda m: m.pop("location")), "error", "location must be an object"),
    ("unknown product", manifest(lambda m: m.update(location={"mail": {"x": "y"}})), "error", "only support is known"),
    ("unknown place", place(ticket_side="assets/sidebar.html"), "error", "there is no such place"),
    ("file missing", place(modal="assets/none.html"), "error", "neither a file under assets/"),
    ("plain http page", place(modal="http://acme.example"), "error", "neither a file under assets/"),
    ("outside assets", place(modal="translations/en.json"), "error", "neither a file under assets/"),
    ("no page", place(modal={"flexible": True}), "error", "names no url"),
    ("odd flexible", place(modal={"url": "assets/nav.html", "flexible": "yes"}), "error", "flexible must be"),
    ("no icon", without("assets/icon_nav_bar.svg"), "warning", "icon_nav_bar.svg is missing"),
    # parameters
    ("no list", manifest(lambda m: m.update(parameters={})), "error", "parameters must be a list"),
    (
        "nameless",
        manifest(lambda m: m["parameters"].append({})),
        "error",
        "parameters must be a list of objects with a name",
    ),
    ("twice", manifest(lambda m: m["parameters"].append(m["parameters"][0])), "error", "attune_url stands there twice"),
    ("called name", manifest(lambda m: m["parameters"].append({"name": "name"})), "error", "may be called name"),
    ("unknown type", parameter(type="dropdown"), "error", "there is no type dropdown"),
    ("refused type", parameter(type="password"), "error", "there is no type password"),
    ("unknown key of one", parameter(helpText="x"), "error", "helpText is no key of a parameter"),
    ("odd required", parameter(required="yes"), "error", "required must be true or false"),
    ("hidden and required", parameter(type="hidden"), "error", "nobody could fill"),
    ("odd scope", parameter(scopes=["everything"]), "error", "scopes must be a list of"),
    ("secure oauth", parameter(type="oauth"), "error", "cannot be secure"),
    (
        "two oauth",
        manifest(lambda m: m["parameters"].extend([{"name": "a", "type": "oauth"}, {"name": "b", "type": "oauth"}])),
        "error",
        "one parameter of the type oauth",
    ),
    ("no scopes", parameter(scopes=None), "warning", "has no scopes"),
    ("default", parameter(default="x"), "warning", "has a default"),
    (
        "looks like a secret",
        manifest(lambda m: m["parameters"].append({"name": "my_token", "type": "text"})),
        "warning",
        "looks like a secret and is not secure",
    ),
    ("oauth block", manifest(lambda m: m.update(oauth={"client_id": "x"})), "error", "oauth lacks"),
    ("oauth without parameter", manifest(lambda m: m.update(oauth={})), "error", "needs a parameter of the type oauth"),
    # hosts
    ("scheme in a host", manifest(lambda m: m.update(domainWhitelist=[HOST])), "error", "must be a host only"),
    (
        "port in a host",
        manifest(lambda m: m.update(domainWhitelist=["acme.example:80"])),
        "error",
        "must be a host only",
    ),
    ("no host", manifest(lambda m: m.update(domainWhitelist=[])), "error", "and there are none"),
    (
        "no list of hosts",
        manifest(lambda m: m.update(domainWhitelist="acme.example")),
        "error",
        "must be a list of hosts",
    ),
    # translations of Zendesk's own pages
    ("odd file", with_file("translations/english.json", "{}"), "error", "is not named for a locale"),
    ("other file", with_file("translations/en.yml", ""), "error", "is not named for a locale"),
    ("no object", with_file("translations/de.json", "[]"), "error", "is not a JSON object"),
    ("no name", translation("de", lambda app: app.pop("name")), "error", "app.name is missing"),
    (
        "untranslated parameter",
        translation("fr", lambda app: app["parameters"]["attune_url"].pop("label")),
        "error",
        "attune_url.label is missing",
    ),
    (
        "too many labels",
        translation("fr", lambda app: app["parameters"].update(old={"label": "x"})),
        "warning",
        "app.parameters.old belongs to no parameter",
    ),
    (
        "empty text",
        translation("es", lambda app: app.update(short_description=" ")),
        "error",
        "app.short_description is empty",
    ),
    # the app's own words
    ("a language lacks a word", words("de", lambda w: w.pop("close")), "error", "close is missing"),
    ("no place to fill", words("es", lambda w: w.update(old="antes")), "error", "old has other places to fill"),
    ("no words", with_file("assets/words/pt.js", "export const words = {}"), "error", "a JSON object of texts"),
    (
        "unused word",
        {
            k: v.replace(b"export default {", b'export default {"unused.word": "x",') if "/words/" in k else v
            for k, v in OURS.items()
        },
        "warning",
        "unused.word is used nowhere",
    ),
    ("unknown word", with_file("assets/js/more.js", 'say("none.such")'), "error", "none.such is asked for and missing"),
    # all files
    ("a zip inside", with_file("assets/x.zip", ""), "error", "takes no zip files"),
    ("plain http", with_file("assets/js/more.js", 'fetch("http://acme.example/x")'), "warning", "is not https"),
    ("letters of a secret", with_file("assets/js/more.js", "\nlet password;"), "warning", "line 2: the letters “pass”"),
    ("a key", with_file("assets/js/more.js", "-----BEGIN RSA PRIVATE KEY-----"), "warning", "looks like a private key"),
    ("a token", with_file("assets/js/more.js", 'token: "abcdefgh"'), "warning", "looks like a token"),
    ("inline script", html("<script>run()</script>"), "error", "is inline"),
    ("inline style", html('<p style="color: red">'), "error", "is inline"),
    ("inline handler", html('<p onclick="run()">'), "error", "is inline"),
    ("foreign script", html('<script src="https://cdn.example/x.js"></script>'), "error", "is loaded from elsewhere"),
    ("no SDK", with_file("assets/more.html", "<p>"), "error", "does not load Zendesk's SDK"),
    # pictures
    ("no logo", without("assets/logo.png"), "error", "is missing"),
    ("small logo", with_file("assets/logo.png", OURS["assets/logo-small.png"]), "error", "320 × 320"),
    ("no picture", with_file("assets/logo-small.png", b"GIF89a"), "error", "128 × 128"),
    (
        "script in a drawing",
        with_file("assets/x.svg", MINIMAL_SVG.format("<script></script>")),
        "error",
        "script is taken out",
    ),
    (
        "handler in a drawing",
        with_file("assets/x.svg", MINIMAL_SVG.format('<g onload="x"></g>')),
        "error",
        "the attribute onload",
    ),
    (
        "comment in a drawing",
        with_file("assets/x.svg", MINIMAL_SVG.format("<!-- x -->")),
        "warning",
        "sanitiser would write it anew",
    ),
    ("no drawing", with_file("assets/x.svg", "<svg>"), "error", "is no XML"),
]


def test_ours_has_nothing_to_complain_of() -> None:
    """Zero errors and zero warnings, as it is packaged."""
    assert complaints(OURS) == ()


@pytest.mark.parametrize(("files", "weight", "words"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_each_rule_fires(files: Files, weight: str, words: str) -> None:
    """A broken app gets the complaint that names what is broken, with its weight."""
    found = [one for one in complaints(files) if words in one.what]
    assert [one.weight for one in found[:1]] == [Weight(weight)], [str(one) for one in complaints(files)]


def test_the_words_cover_every_label() -> None:
    """Each value that the server may send has a word in the app, so that no agent reads an identifier."""
    known = texts_of_module(OURS["assets/words/en.js"]) or {}
    closed = {"sentiment": Sentiment, "charge": Charge, "urgency": Urgency, "intent": Intent, "emotion": Emotion}
    closed |= {"fact": FactKind, "kept": Kept, "who": Who, "status": Status}
    lacking = {f"{name}.{value}" for name, values in closed.items() for value in values} - known.keys()
    assert {one for one in lacking if not one.endswith((".unknown", ".deleted"))} == set()


def test_the_languages_are_those_of_the_macros() -> None:
    """The app speaks every language that Attune's macros are written in, and Zendesk's own pages about it too."""
    spoken = {name.removeprefix("assets/words/").removesuffix(".js") for name in OURS if "/words/" in name}
    listed = {name.removeprefix("translations/").removesuffix(".json") for name in OURS if "translations/" in name}
    assert spoken == listed == set(content.LANGUAGES)
    assert list(words_said(OURS)) == []


def test_the_version_is_ours() -> None:
    """The app carries the version of the product, so that doctor can tell an old one."""
    assert json.loads(OURS["manifest.json"])["version"] == __version__


def test_the_zip() -> None:
    """The manifest lies at its root with the company's host alone, and the same files give the same bytes."""
    made = app_package.package(HOST)
    assert app_package.package(HOST) == made
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        assert {one.date_time for one in archive.infolist()} == {app_package.FIXED_TIME}
        found = json.loads(archive.read("manifest.json"))
    assert found["domainWhitelist"] == ["attune.acme.example"]
    assert found["parameters"][1]["scopes"] == ["jwt_secret_key"]
    assert len(made.content) < 200_000


def test_another_server_is_another_package() -> None:
    """The host is part of the app, so a moved server is seen as a change."""
    assert repr(app_package.package(HOST)) != repr(app_package.package("https://elsewhere.example"))


def test_files_that_are_no_app(tmp_path: Path) -> None:
    """A folder without a manifest, or with one that names hosts already, is refused in words; hidden files stay out."""
    with pytest.raises(Refused, match="holds no manifest"):
        app_package.files(HOST, tmp_path)
    (tmp_path / "manifest.json").write_text('{"domainWhitelist": ["a.example"]}')
    with pytest.raises(Refused, match="must hold"):
        app_package.files(HOST, tmp_path)
    (tmp_path / "manifest.json").write_text('{"version": "1", "domainWhitelist": []}')
    (tmp_path / ".DS_Store").write_text("x")
    assert set(app_package.files(HOST, tmp_path)) == {"manifest.json"}


def test_a_zip_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Zendesk would refuse is refused here, with both sizes."""
    monkeypatch.setattr(app_package, "MOST_BYTES", 100)
    with pytest.raises(Refused, match="Zendesk takes 100"):
        app_package.package(HOST)
