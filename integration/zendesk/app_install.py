"""How the Zendesk app is uploaded, built, installed and taken away, in the words of Zendesk's Apps API.

It must not decide whether any of it is done, nor what the app is made of.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from integration.model import Refused, TryLater
from integration.wire.resources import (
    APP,
    Body,
)
from integration.zendesk.app_package import Package
from integration.zendesk.session import Declined, Session, json_of
from integration.zendesk.standing import API, APP_LISTS, NOT_THERE

# A private app is built in seconds; after a minute somebody should look at it.
BUILT_WITHIN_S = 60.0
BUILD_LOOK_S = 0.5
_FAILED = frozenset({"failed", "killed"})
_UPLOAD_NAME = "attune.zip"


class Apps:
    """Writes apps and installations; every call raises TryLater or Refused, as the session does.

    https://developer.zendesk.com/documentation/apps/app-developer-guide/creating-and-managing-private-apps
    """

    def __init__(self, session: Session, wait: Callable[[float], None] = time.sleep) -> None:
        self._session = session
        self._wait = wait

    def create(self, kind: str, body: Body) -> Body:
        """Make an app of its package, or an installation of an app; gives it back with its `id`."""
        if kind == APP:
            return self.read(APP, self._built("POST", f"{API}/apps", body))
        return self._session.ask("POST", f"{API}/apps/installations", body=body)

    def update(self, kind: str, zendesk_id: str, body: Body) -> Body:
        """Put a new package in an app's place, or new settings in an installation's."""
        if kind == APP:
            self._built("PUT", f"{API}/apps/{zendesk_id}", body)
        else:
            settings = {"settings": body["settings"]}
            self._session.ask("PUT", f"{API}/apps/installations/{zendesk_id}", body=settings)
        return self.read(kind, zendesk_id)

    def delete(self, kind: str, zendesk_id: str) -> None:
        """Remove an app or an installation."""
        # Answered without a body, or with a page of text: what matters is that it went well.
        self._session.request("DELETE", f"{API}/{APP_LISTS[kind].own}/{zendesk_id}")

    def read(self, kind: str, zendesk_id: str) -> Body:
        """An app or an installation as it stands now; secure settings are never shown."""
        found = self._session.ask("GET", f"{API}/{APP_LISTS[kind].own}/{zendesk_id}")
        if str(found.get("id")) != zendesk_id:
            raise TryLater("Zendesk's answer was not understood")
        return found

    def _built(self, method: str, path: str, body: Body) -> str:
        """Upload the package and have an app made of it; gives the app's id."""
        asked = {name: value for name, value in body.items() if name != "package"}
        job = self._session.ask(method, path, body={**asked, "upload_id": self._uploaded(body["package"])})
        return self._finished(str(job.get("job_id") or ""))

    def _uploaded(self, package: Package) -> object:
        files = {"uploaded_data": (_UPLOAD_NAME, package.content, "application/zip")}
        try:
            answer = self._session.request("POST", f"{API}/apps/uploads", files=files)
        except Declined as declined:
            if declined.status not in (requests.codes.forbidden, NOT_THERE, requests.codes.payment_required):
                raise
            raise Refused(
                "this account takes no private apps: they need Support Professional, Suite Growth or above, "
                "and a user with the role admin; everything else of Attune works without the app"
            ) from None
        upload_id = json_of(answer).get("id")
        if not upload_id:
            raise TryLater("Zendesk's answer names no upload")
        return upload_id

    def _finished(self, job_id: str) -> str:
        """Wait for a build; gives the app's id. Raises Refused with Zendesk's words where it failed."""
        waited = 0.0
        while job_id:
            job = self._session.ask("GET", f"{API}/apps/job_statuses/{job_id}")
            status = str(job.get("status", "")).lower()
            if status == "completed" and job.get("app_id"):
                return str(job["app_id"])
            if status in _FAILED:
                raise Refused(f"Zendesk did not build the app: {_shown(job)}")
            if waited >= BUILT_WITHIN_S:
                break
            self._wait(BUILD_LOOK_S)
            waited += BUILD_LOOK_S
        raise TryLater("Zendesk is still building the app: run `flask install --app` again in a minute")


def _shown(job: Mapping[str, Any]) -> str:
    """Zendesk's reason: it speaks of our own files, so it holds nobody's words."""
    return str(job.get("message") or "no reason was given")[:500]
