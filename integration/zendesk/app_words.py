"""The words of an app in its languages: Zendesk's own translation files, and those that the app shows.

It must not judge how well anything is translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from integration.zendesk.app_package import Files

LOCALE = re.compile(r"[a-z]{2,3}(?:-\w{2,3})?")
_TRANSLATIONS = "translations/"
# What the app shows stands in modules that are JSON but for their first two words, so that they can be read here too.
_WORDS = re.compile(r"assets/words/([^/]+)\.js")
_MODULE = "export default "
_SLOT = re.compile(r"\{(\w+)\}")
_PUBLIC = ("short_description", "long_description", "installation_instructions")
_WARN, _FAIL = "warning", "error"

Said = Iterator[tuple[str, str, str]]


def translations(manifest: Mapping[str, Any], files: Files) -> Said:
    """What is wrong with the translation files, as weight, file and words."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(name for name in files if name.startswith(_TRANSLATIONS)):
        locale = name.removeprefix(_TRANSLATIONS).removesuffix(".json")
        if not name.endswith(".json") or not LOCALE.fullmatch(locale):
            yield _FAIL, name, "is not named for a locale, such as en.json"
            continue
        texts = _texts(files[name])
        if texts is None:
            yield _FAIL, name, "is not a JSON object of texts"
            continue
        found[name] = texts
        if not texts.get("app.name"):
            yield _FAIL, name, "app.name is missing"
    yield from _labels(manifest, found)
    yield from _same_keys(found)


def has_instructions(files: Files) -> bool:
    """Whether the English texts are enough for an app that everybody may install."""
    texts = _texts(files.get("translations/en.json", b"")) or {}
    return all(texts.get(f"app.{name}") for name in _PUBLIC)


def words(files: Files) -> Said:
    """What is wrong with the words that the app shows: languages that differ, keys that nobody uses or has."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(files):
        if not _WORDS.fullmatch(name):
            continue
        texts = texts_of_module(files[name])
        if texts is None:
            yield _FAIL, name, f"must be “{_MODULE}”, a JSON object of texts, and a semicolon"
        else:
            found[name] = texts
    yield from _same_keys(found)
    if found:
        yield from _used(next(iter(found.values())), next(iter(found)), files)


def texts_of_module(content: bytes) -> dict[str, str] | None:
    """The texts of a module of words by their keys, or None where it is something else."""
    text = content.decode("utf-8", "replace").strip()
    if not text.startswith(_MODULE) or not text.endswith(";"):
        return None
    return _texts(text.removeprefix(_MODULE).removesuffix(";").encode())


def _labels(manifest: Mapping[str, Any], found: Mapping[str, Mapping[str, str]]) -> Said:
    given = manifest.get("parameters")
    names = [str(one.get("name")) for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    for file, texts in found.items():
        for name in names:
            if not texts.get(f"app.parameters.{name}.label"):
                yield _FAIL, file, f"app.parameters.{name}.label is missing: the admin would see {name}"
        written = {key.split(".")[2] for key in texts if key.startswith("app.parameters.")}
        for name in sorted(written - set(names)):
            yield _WARN, file, f"app.parameters.{name} belongs to no parameter"


def _same_keys(found: Mapping[str, Mapping[str, str]]) -> Said:
    every = {key for texts in found.values() for key in texts}
    for file, texts in found.items():
        for key in sorted(every - texts.keys()):
            yield _FAIL, file, f"{key} is missing, and another language has it"
        for key in sorted(key for key, text in texts.items() if not text.strip()):
            yield _FAIL, file, f"{key} is empty"
    for key in sorted(every):
        slots = {file: sorted(_SLOT.findall(texts[key])) for file, texts in found.items() if key in texts}
        first = next(iter(slots.values()))
        for file in (file for file, names in slots.items() if names != first):
            yield _FAIL, file, f"{key} has other places to fill than in another language"


def _used(texts: Mapping[str, str], file: str, files: Files) -> Said:
    """A key is used where its name stands in quotes, or where its beginning does and the rest is put in."""
    sources = [text for name, text in files.items() if name.endswith((".js", ".html")) and not _WORDS.search(name)]
    code = "\n".join(text.decode("utf-8", "replace") for text in sources)
    quoted = set(re.findall(r"[\"`]([\w.]+)[\"`]", code))
    begun = quoted | set(re.findall(r"`([\w.]+)\.\$\{", code))
    for key in sorted(texts):
        if key not in quoted and key.partition(".")[0] not in begun:
            yield _WARN, file, f"{key} is used nowhere"
    asked = {one or other for one, other in re.findall(r"""say\("([\w.]+)"|data-say="([\w.]+)\"""", code)}
    for key in sorted(asked - texts.keys()):
        yield _FAIL, file, f"{key} is asked for and missing"


def _texts(content: bytes) -> dict[str, str] | None:
    """The texts of a JSON object by their dotted keys, or None where it is something else."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return dict(_flat("", found)) if isinstance(found, dict) else None


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _flat(f"{key}.{name}" if key else name, one)
    else:
        yield key, value if isinstance(value, str) else ""
