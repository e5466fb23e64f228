"""What Zendesk asks of the parameters of an app's manifest, and what it warns of.

It must not know the rest of the manifest, nor what a parameter is used for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

# https://developer.zendesk.com/documentation/apps/app-developer-guide/manifest/#parameters; `password` and `dropdown`
# are refused today.
TYPES = frozenset({"text", "checkbox", "url", "number", "multiline", "hidden", "oauth", "mtls"})
SCOPES = frozenset(
    {"header", "body", "url", "jwt_secret_key", "jwt_claim", "basic_auth_username", "basic_auth_password"}
)
_KEYS = frozenset({"name", "type", "required", "secure", "scopes", "default"})
# Names of which Zendesk expects that they are kept secure.
_SECURABLE = re.compile("token|key|pwd|password", re.IGNORECASE)
_WARN, _FAIL = "warning", "error"

Said = Iterator[tuple[str, str]]


def listed(manifest: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The parameters that are objects; the others are complained of by `complaints`."""
    given = manifest.get("parameters")
    return tuple(one for one in given if isinstance(one, dict)) if isinstance(given, list) else ()


def complaints(manifest: Mapping[str, Any]) -> Said:
    """Every complaint, as its weight and what is wrong."""
    given = manifest.get("parameters", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) and one.get("name") for one in given):
        yield _FAIL, "parameters must be a list of objects with a name"
        return
    names = Counter(str(one["name"]) for one in given)
    for name in (name for name, count in names.items() if count > 1):
        yield _FAIL, f"the parameter {name} stands there twice"
    if names["name"]:
        yield _FAIL, "no parameter may be called name"
    if sum(one.get("type") == "oauth" for one in given) > 1:
        yield _FAIL, "there may be one parameter of the type oauth"
    for one in given:
        yield from _one(one)


def _one(one: Mapping[str, Any]) -> Said:
    name, kind = one["name"], one.get("type", "text")
    for key in sorted(one.keys() - _KEYS):
        yield _FAIL, f"the parameter {name}: {key} is no key of a parameter"
    if kind not in TYPES:
        yield _FAIL, f"the parameter {name}: there is no type {kind}"
    for key in ("required", "secure"):
        if not isinstance(one.get(key, False), bool):
            yield _FAIL, f"the parameter {name}: {key} must be true or false"
    if kind == "hidden" and one.get("required"):
        yield _FAIL, f"the parameter {name}: nobody could fill a hidden one that is required"
    if kind == "oauth" and one.get("secure"):
        yield _FAIL, f"the parameter {name}: one of the type oauth cannot be secure"
    yield from _safety(one)


def _safety(one: Mapping[str, Any]) -> Said:
    name, kind, scopes = one["name"], one.get("type", "text"), one.get("scopes")
    if scopes is not None and (not isinstance(scopes, list) or not SCOPES.issuperset(map(str, scopes))):
        yield _FAIL, f"the parameter {name}: scopes must be a list of {', '.join(sorted(SCOPES))}"
    if one.get("secure") and not scopes:
        yield _WARN, f"the parameter {name} is secure and has no scopes"
    if _SECURABLE.search(str(name)) and kind == "text" and not one.get("secure"):
        yield _WARN, f"the parameter {name} looks like a secret and is not secure"
    if "default" in one and (one.get("secure") or kind == "hidden"):
        yield _WARN, f"the parameter {name} is secure or hidden and has a default that everybody can read"
