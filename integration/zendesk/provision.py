"""How each kind of thing is made, changed and deleted in the account: zenpy's provisioning over our own session.

It must not decide what is made or changed, nor keep anything in mind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from zenpy import Zenpy
from zenpy.lib import api_objects as zenpy_objects
from zenpy.lib.exception import ZenpyException

from integration.model import TryLater
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    CATEGORY,
    FIELD,
    GROUP,
    MACRO,
    MEMBERSHIP,
    TRIGGER,
    VIEW,
    WEBHOOK,
    Body,
)
from integration.zendesk.app_install import Apps
from integration.zendesk.session import READ_TIMEOUT_S, Session, json_of
from integration.zendesk.standing import API, PATHS

T = TypeVar("T")

# zenpy's part of the API and its class for each kind; it knows no trigger categories.
_ZENPY: Mapping[str, tuple[str, str]] = {
    WEBHOOK: ("webhooks", "Webhook"),
    TRIGGER: ("triggers", "Trigger"),
    FIELD: ("ticket_fields", "TicketField"),
    GROUP: ("groups", "Group"),
    MEMBERSHIP: ("group_memberships", "GroupMembership"),
    VIEW: ("views", "View"),
    MACRO: ("macros", "Macro"),
}
_OF_APPS = frozenset({APP, APP_INSTALLATION})  # zenpy knows nothing of apps


class Provision:
    """Writes to the account, for one thread: zenpy's objects remember what is being sent.

    Every call raises TryLater or Refused, as the session does. The session repeats no write, so a write whose answer
    was lost may have been done: whoever calls must look at the account again before writing a second time.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._zenpy = _client(session)
        self._apps = Apps(session)

    def create(self, kind: str, body: Body) -> Body:
        """Make one thing; gives it back as the desk wrote it, with its `id`."""
        if kind == CATEGORY:
            made = self._send_category("POST", "", body)
        elif kind in _OF_APPS:
            made = self._apps.create(kind, body)
        else:
            made = _one(kind, _understood(lambda: self._api(kind).create(_made(kind, body))))
        if not made.get("id"):
            raise TryLater("Zendesk's answer names no id")
        return made

    def update(self, kind: str, zendesk_id: str, body: Body) -> Body:
        """Write the named properties of one thing, all others stay; gives it back as the desk wrote it."""
        if kind == CATEGORY:
            return self._send_category("PATCH", zendesk_id, body)
        if kind in _OF_APPS:
            return self._apps.update(kind, zendesk_id, body)
        if kind == WEBHOOK:  # answers without a body
            _understood(lambda: self._api(kind).patch(_made(kind, {"id": zendesk_id, **body})))
            return self.read(kind, zendesk_id)
        return _one(kind, _understood(lambda: self._api(kind).update(_made(kind, {"id": zendesk_id, **body}))))

    def add_option(self, field_id: str, option: Body) -> None:
        """Add one option to a drop-down; the list is never resent, since what it lacks is wiped from tickets.

        https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
        """
        options = self._zenpy.ticket_fields.options
        _understood(lambda: options.create_or_update(int(field_id), zenpy_objects.CustomFieldOption(**option)))

    def delete(self, kind: str, zendesk_id: str) -> None:
        """Delete one thing."""
        if kind in _OF_APPS:
            return self._apps.delete(kind, zendesk_id)
        self._session.ask("DELETE", f"{API}/{PATHS[kind]}/{zendesk_id}")
        return None

    def read(self, kind: str, zendesk_id: str) -> Body:
        """One thing as it stands now."""
        if kind in _OF_APPS:
            return self._apps.read(kind, zendesk_id)
        return _one(kind, self._session.ask("GET", f"{API}/{PATHS[kind]}/{zendesk_id}"))

    def signing_secret(self, webhook_id: str) -> str:
        """The secret that the webhook's deliveries are signed with; empty where the account gives none."""
        answer = self._session.ask("GET", f"{API}/{PATHS[WEBHOOK]}/{webhook_id}/signing_secret")
        return str((answer.get("signing_secret") or {}).get("secret") or "")

    def _api(self, kind: str) -> Any:
        return getattr(self._zenpy, _ZENPY[kind][0])

    def _send_category(self, method: str, zendesk_id: str, body: Body) -> Body:
        path = f"{API}/{PATHS[CATEGORY]}" + (f"/{zendesk_id}" if zendesk_id else "")
        return _one(CATEGORY, self._session.ask(method, path, body={CATEGORY: body}))


class _AsItCame:
    """zenpy's word for a reader of answers; this one gives the JSON as it came.

    zenpy's own readers take only answers from the host that zenpy made up, and drop what its classes do not know.
    """

    def __init__(self, *_: Any) -> None:
        """Takes what zenpy hands to all of its readers; nothing of it is needed."""

    @staticmethod
    def applies_to(*_: Any) -> bool:
        """Every answer: the session has already turned failures into ours."""
        return True

    def build(self, response: Any) -> Body:
        """The answer's JSON object, empty where it has no body."""
        return json_of(response)


def _client(session: Session) -> Any:
    # zenpy builds https://SUBDOMAIN.DOMAIN/api/v2/…; the session uses the path only.
    client = Zenpy(subdomain="account", domain="invalid", session=session, timeout=READ_TIMEOUT_S, disable_cache=True)
    for name, _ in _ZENPY.values():
        getattr(client, name)._response_handlers = (_AsItCame,)
    client.ticket_fields.options._response_handlers = (_AsItCame,)
    return client


def _made(kind: str, body: Body) -> Any:
    made = getattr(zenpy_objects, _ZENPY[kind][1])(**body)
    for name in (name for name, value in body.items() if value is None):
        setattr(made, name, None)  # zenpy's constructors leave None out, and Zendesk means something by it
    return made


def _one(kind: str, answer: Mapping[str, Any]) -> Body:
    found = answer.get(kind)
    if not isinstance(found, dict):
        raise TryLater("Zendesk's answer was not understood")
    return found


def _understood(write: Callable[[], T]) -> T:
    """zenpy builds objects from whatever comes; what it chokes on is an answer that was not understood."""
    try:
        return write()
    except (ZenpyException, KeyError, AttributeError, TypeError, ValueError) as error:
        raise TryLater(f"Zendesk's answer was not understood ({type(error).__name__})") from error
