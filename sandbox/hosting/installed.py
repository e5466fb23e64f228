"""Knows which apps are installed on a desk, where each of them is shown, and which of its settings are secret.
It must not know HTTP, nor what is inside an app's package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.state import State

Doc = dict[str, Any]

PRODUCT = "support"
"""The product whose locations this desk has: https://developer.zendesk.com/documentation/apps/ names the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One switched-on installation: the app's manifest, and the values of all its settings."""

    id: int
    app_id: int
    title: str
    version: str
    manifest: Doc
    settings: Doc

    @property
    def open_settings(self) -> Doc:
        """The settings that the app's own page may read: all but the secure ones."""
        return {name: value for name, value in self.settings.items() if name not in self.scopes}

    @property
    def scopes(self) -> dict[str, frozenset[str] | None]:
        """For each secure setting the parts of a request that it may be put into; None where the manifest says none."""
        secure = [one for one in self.manifest.get("parameters") or [] if one.get("secure")]
        return {one["name"]: frozenset(one["scopes"]) if one.get("scopes") else None for one in secure}

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that secure settings may be sent to, as the manifest's `domainWhitelist` writes them."""
        return tuple(str(one).strip().lower() for one in self.manifest.get("domainWhitelist") or [])

    def page_at(self, location: str) -> str | None:
        """The path in the package of the page for a location, such as `assets/sidebar.html`; None where it has none.

        A page on a server of the app's own is none of ours: such an app is not shown.
        """
        places = (self.manifest.get("location") or {}).get(PRODUCT)
        found = places.get(location) if isinstance(places, dict) else None
        url = str((found.get("url") if isinstance(found, dict) else found) or "")
        return url if url.startswith("assets/") else None


def installed(state: State, installation_id: int) -> Installed | None:
    """The installation, or None where there is none or it is switched off."""
    found = state.get("app_installation", installation_id)
    app = state.get("app", found["app_id"]) if found and found["enabled"] else None
    if found is None or app is None:
        return None
    own = found["settings"]
    return Installed(
        id=found["id"],
        app_id=app["id"],
        title=str(own.get("title") or own.get("name") or app["name"]),
        version=str(app.get("version") or ""),
        manifest=app["manifest"],
        settings={name: value for name, value in own.items() if name not in ("name", "title")},
    )


def shown_at(state: State, location: str) -> list[Installed]:
    """The switched-on installations that have a page for this location, the oldest first."""
    found = [installed(state, one["id"]) for one in state.list("app_installation")]
    return [one for one in found if one is not None and one.page_at(location)]
