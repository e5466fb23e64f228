"""Whether an app's files are as Zendesk wants them: its validator's rules, told beforehand, and what it does not see.

It must not read files or speak to Zendesk: the files are handed in, complaints come out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integration.zendesk import app_parameters, app_words
from integration.zendesk.app_images import images
from integration.zendesk.app_package import MANIFEST, Files


class Weight(StrEnum):
    """How bad a complaint is."""

    ERROR = "error"  # Zendesk refuses the app, or it could not work
    WARNING = "warning"  # Zendesk takes it, and tells the admin about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong, in which file, and what to do."""

    weight: Weight
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.weight}: {self.where}: {self.what}"


# The manifest's keys, as Zendesk's validator and packager read them.
# https://developer.zendesk.com/documentation/apps/app-developer-guide/manifest/
_KEYS = frozenset(
    {
        *("name", "author", "version", "defaultLocale", "frameworkVersion", "private", "location", "parameters"),
        *("domainWhitelist", "singleInstall", "signedUrls", "oauth", "requirementsOnly", "marketingOnly", "gaID"),
        *("experiments", "noTemplate", "remoteInstallationURL", "termsConditionsURL"),
    }
)
_LOCATIONS = frozenset(
    {
        *("ticket_sidebar", "new_ticket_sidebar", "user_sidebar", "organization_sidebar", "nav_bar", "top_bar"),
        *("background", "modal", "ticket_editor"),
    }
)
_BOOLEANS = ("private", "singleInstall", "signedUrls", "requirementsOnly", "marketingOnly")
_STRINGS = ("defaultLocale", "version", "frameworkVersion", "remoteInstallationURL", "termsConditionsURL", "gaID")
_WITH_ICON = ("nav_bar", "top_bar", "ticket_editor")
_OAUTH_KEYS = ("client_id", "client_secret", "authorize_uri", "access_token_uri")
_HOST = re.compile(r"(?=.{1,253}$)(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_REFUSED_ENDINGS = frozenset(
    {
        *("7z", "avi", "bin", "bz", "bz2", "csh", "doc", "docx", "gzip", "jar", "mp3", "mpeg", "odt", "pdf", "ppt"),
        *("pptx", "rar", "sh", "xls", "xlsx", "zip"),
    }
)
# Words in a text file that Zendesk's validator takes for a secret, wherever they stand.
_SECRET_WORDS = re.compile("pass|secret|auth_?[kK]ey|auth_user|AuthUser|username|api_key")
_SECRET_VALUES: Mapping[str, re.Pattern[str]] = {
    "a private key": re.compile(r"-----BEGIN (?:RSA|OPENSSH|DSA|EC|PGP) PRIVATE KEY"),
    "a token": re.compile(r"(?i:token) ?[:\"=-].*.[0-9a-zA-Z+_.-]{4,156}"),
    "an AWS key": re.compile(r"AKIA[0-9A-Z]{8,24}"),
    "an app's key": re.compile(r"(?i:app|consumer|master|private)[-_](?i:key) ?[:\"=-].*.[0-9a-zA-Z+_.-]{4,156}"),
}
_SLASHES = "://"
_PLAIN_HTTP = re.compile(rf"http{_SLASHES}[^\s\"'<>]+")
_TEXT_FILE = re.compile(r"\.(?:html?|xml|js|json)$")


def complaints(files: Files) -> tuple[Complaint, ...]:
    """Everything that is wrong with an app's files; nothing where neither Zendesk nor we have anything to say.

    https://developer.zendesk.com/documentation/apps/app-developer-guide/manifest/ and zendesk_apps_support, the code
    behind Zendesk's own validation.
    """
    found = list(_files(files))
    manifest, wrong = _manifest(files)
    found += wrong
    if manifest is not None:
        for rule in (_frame, _author, _types, _whitelist, _location, _parameters, _oauth):
            found += rule(manifest, files)
        found += (_said(*one) for one in app_words.translations(manifest, files))
    found += (_said(*one) for one in (*app_words.words(files), *images(files)))
    return tuple(found)


def error(where: str, what: str) -> Complaint:
    """A complaint for which Zendesk refuses the app."""
    return Complaint(weight=Weight.ERROR, where=where, what=what)


def warning(where: str, what: str) -> Complaint:
    """A complaint that Zendesk shows, or that people would meet."""
    return Complaint(weight=Weight.WARNING, where=where, what=what)


def _said(weight: str, where: str, what: str) -> Complaint:
    return Complaint(weight=Weight(weight), where=where, what=what)


# --- the manifest ----------------------------------------------------------------------------------------------------


def _manifest(files: Files) -> tuple[dict[str, Any] | None, list[Complaint]]:
    if MANIFEST not in files:
        nested = next((name for name in files if name.count("/") == 1 and name.endswith(f"/{MANIFEST}")), None)
        what = f"it must be at the root, and was found as {nested}" if nested else "it is missing"
        return None, [error(MANIFEST, what)]
    doubled: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        doubled.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return dict(pairs)

    try:
        manifest = json.loads(files[MANIFEST], object_pairs_hook=once)
    except ValueError as wrong:
        return None, [error(MANIFEST, f"not JSON: {wrong}")]
    if not isinstance(manifest, dict):
        return None, [error(MANIFEST, "not a JSON object")]
    return manifest, [error(MANIFEST, f"{name} stands there twice") for name in doubled]


def _frame(manifest: dict[str, Any], files: Files) -> Iterator[Complaint]:
    for name in sorted(manifest.keys() - _KEYS):
        yield error(MANIFEST, f"{name} is no key of a manifest: Zendesk would not read it")
    if manifest.get("frameworkVersion") != "2.0":
        yield error(MANIFEST, 'frameworkVersion must be "2.0"')
    if manifest.get("signedUrls"):
        yield error(MANIFEST, "signedUrls asks a server for the page, and this app's page is a file")
    locale = manifest.get("defaultLocale")
    if not isinstance(locale, str) or not app_words.LOCALE.fullmatch(locale):
        yield error(MANIFEST, "defaultLocale must be a locale such as en or pt-br")
    elif f"translations/{locale}.json" not in files:
        yield error(MANIFEST, f"defaultLocale is {locale}, and translations/{locale}.json is missing")
    if manifest.get("private") is False and not app_words.has_instructions(files):
        yield error("translations/en.json", "a public app needs installation_instructions and descriptions")


def _author(manifest: dict[str, Any], _: Files) -> Iterator[Complaint]:
    author = manifest.get("author")
    if not isinstance(author, dict):
        yield error(MANIFEST, "author is missing: an object with name and email")
        return
    for name in ("name", "email"):
        if not author.get(name) or not isinstance(author[name], str):
            yield error(MANIFEST, f"author.{name} must be a text")
    url = author.get("url", "https://")
    if not isinstance(url, str) or not url.startswith(("https://", f"http{_SLASHES}")):
        yield error(MANIFEST, "author.url must be a web address")


def _types(manifest: dict[str, Any], _: Files) -> Iterator[Complaint]:
    for name in _BOOLEANS:
        if name in manifest and not isinstance(manifest[name], bool):
            yield error(MANIFEST, f"{name} must be true or false")
    for name in _STRINGS:
        if name in manifest and not isinstance(manifest[name], str):
            yield error(MANIFEST, f"{name} must be a text")
    if "experiments" in manifest and not isinstance(manifest["experiments"], dict):
        yield error(MANIFEST, "experiments must be an object")
    if "noTemplate" in manifest:
        yield error(MANIFEST, "noTemplate is of an older framework")


def _whitelist(manifest: dict[str, Any], _: Files) -> Iterator[Complaint]:
    hosts = manifest.get("domainWhitelist") or []
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        yield error(MANIFEST, "domainWhitelist must be a list of hosts")
        return
    for host in hosts:
        if not _HOST.fullmatch(host):
            yield error(MANIFEST, f"domainWhitelist: {host!r} must be a host only, without scheme, port or path")
    if not hosts and any(one.get("secure") for one in app_parameters.listed(manifest)):
        yield error(MANIFEST, "a secure parameter is sent to hosts of domainWhitelist only, and there are none")


def _location(manifest: dict[str, Any], files: Files) -> Iterator[Complaint]:
    location = manifest.get("location")
    if not isinstance(location, dict) or not location:
        yield error(MANIFEST, "location must be an object that names a product, such as support")
        return
    for product, places in location.items():
        if product != "support" or not isinstance(places, dict) or not places:
            yield error(MANIFEST, f"location.{product}: only support is known here, with an object of places")
            continue
        for place, given in places.items():
            yield from _place(place, given, files)


def _place(place: str, given: object, files: Files) -> Iterator[Complaint]:
    where = f"location.support.{place}"
    if place not in _LOCATIONS:
        yield error(MANIFEST, f"{where}: there is no such place")
        return
    options = given if isinstance(given, dict) else {"url": given}
    url = options.get("url")
    if not isinstance(url, str) or not url:
        yield error(MANIFEST, f"{where}: names no url")
    elif not _leads_somewhere(url, files):
        yield error(MANIFEST, f"{where}: {url} is neither a file under assets/ nor an https address")
    if not isinstance(options.get("flexible", False), bool):
        yield error(MANIFEST, f"{where}: flexible must be true or false")
    if place in _WITH_ICON and f"assets/icon_{place}.svg" not in files:
        yield warning(MANIFEST, f"{where}: assets/icon_{place}.svg is missing, so a grey square is shown")


def _leads_somewhere(url: str, files: Files) -> bool:
    own = url.startswith("assets/") and url.partition("?")[0] in files
    return own or url.startswith("https://") or "{{setting." in url


def _parameters(manifest: dict[str, Any], _: Files) -> Iterator[Complaint]:
    return (_said(weight, MANIFEST, what) for weight, what in app_parameters.complaints(manifest))


def _oauth(manifest: dict[str, Any], _: Files) -> Iterator[Complaint]:
    block = manifest.get("oauth")
    if block is None:
        return
    lacking = [name for name in _OAUTH_KEYS if not isinstance(block, dict) or not block.get(name)]
    if lacking:
        yield error(MANIFEST, f"oauth lacks {', '.join(lacking)}")
    if not any(one.get("type") == "oauth" for one in app_parameters.listed(manifest)):
        yield error(MANIFEST, "an oauth block needs a parameter of the type oauth")


# --- all files -------------------------------------------------------------------------------------------------------


def _files(files: Files) -> Iterator[Complaint]:
    for name, content in sorted(files.items()):
        ending = name.rpartition(".")[2].lower()
        if ending in _REFUSED_ENDINGS:
            yield error(name, f"Zendesk takes no {ending} files")
        if _TEXT_FILE.search(name):
            yield from _text(name, content.decode("utf-8", "replace"))


def _text(name: str, text: str) -> Iterator[Complaint]:
    if not name.endswith(".json"):
        for address in sorted(set(_PLAIN_HTTP.findall(text))):
            yield warning(name, f"{address} is not https")
    if word := _SECRET_WORDS.search(text):
        line = text[: word.start()].count("\n") + 1
        yield warning(name, f"line {line}: the letters “{word[0]}” look like a secret to Zendesk's validator")
    for kind, pattern in _SECRET_VALUES.items():
        if found := pattern.search(text):
            yield warning(name, f"line {text[: found.start()].count(chr(10)) + 1}: looks like {kind}")
    if name.endswith((".html", ".htm")):
        yield from _markup(name, text)


_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
_LOADED = re.compile(r"<script[^>]*\ssrc=\"([^\"]*)\"|<link[^>]*\shref=\"([^\"]*)\"|<img[^>]*\ssrc=\"([^\"]*)\"")
SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"


def _markup(name: str, text: str) -> Iterator[Complaint]:
    """Our own: no inline script or style, and nothing loaded but the app's files and Zendesk's SDK."""
    for found in _INLINE.finditer(text):
        yield error(name, f"{found[0].strip()} is inline: a strict content security policy stops it")
    for loaded in (next(filter(None, groups), "") for groups in _LOADED.findall(text)):
        if _SLASHES in loaded and loaded != SDK:
            yield error(name, f"{loaded} is loaded from elsewhere: only Zendesk's SDK may be")
    if SDK not in text:
        yield error(name, f"does not load Zendesk's SDK, {SDK}")
