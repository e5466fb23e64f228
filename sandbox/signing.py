"""Knows what one webhook request looks like on the wire: its headers, its proof of origin and its signature.
It must not know when it is sent, nor open a connection; the time comes in."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# The published secret that signs tests of webhooks not saved yet; base64 of "this_secret_is_for_testing_only".
# https://developer.zendesk.com/documentation/webhooks/verifying/#verifying-webhook-authenticity-before-creation
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - Zendesk publishes it for everybody

_CONTENT_TYPES = {
    "json": "application/json; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "form_encoded": "application/x-www-form-urlencoded; charset=utf-8",
}
# Methods whose requests carry no body; the signature then covers the timestamp alone.
_BODILESS = ("GET", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One HTTP request, ready to be sent."""

    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body: base64 of HMAC-SHA256 under the secret's text over the timestamp directly followed by the body.

    https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def outgoing(webhook: Mapping[str, Any], body: str, *, invocation_id: str, account_id: int, now: datetime) -> Outgoing:
    """Build the request for one attempt; `now` (aware) is what it is signed for, whole seconds.

    `webhook` is the stored document with its secrets; one without a secret is signed with `TEST_SECRET`.
    https://developer.zendesk.com/documentation/webhooks/anatomy-of-a-webhook-request/
    """
    method = str(webhook.get("http_method") or "POST")
    raw = b"" if method in _BODILESS else body.encode()
    timestamp = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    added, params = _authentication(webhook.get("authentication") or {})
    headers = {
        **{str(name): str(value) for name, value in (webhook.get("custom_headers") or {}).items()},
        **added,
        "User-Agent": "Zendesk Webhook",
        "X-Zendesk-Account-Id": str(account_id),
        "X-Zendesk-Webhook-Id": str(webhook.get("id") or ""),
        "X-Zendesk-Webhook-Invocation-Id": invocation_id,
        "X-Zendesk-Webhook-Signature": signature(_secret(webhook), timestamp, raw),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }
    if raw:
        headers["Content-Type"] = _CONTENT_TYPES[str(webhook.get("request_format") or "json")]
    return Outgoing(method=method, url=str(webhook["endpoint"]), params=params, headers=headers, body=raw)


def _secret(webhook: Mapping[str, Any]) -> str:
    return str((webhook.get("signing_secret") or {}).get("secret") or TEST_SECRET)


def _authentication(given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the headers and the query parameters that prove the sender to the receiver."""
    held: Mapping[str, Any] = given.get("data") or {}
    match given.get("type"):
        case "basic_auth":
            pair = f"{held.get('username', '')}:{held.get('password', '')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, {}
        case "bearer_token":
            return {"Authorization": f"Bearer {held.get('token', '')}"}, {}
        case "api_key":
            named = {str(held.get("name", "")): str(held.get("value", ""))}
            return ({}, named) if given.get("add_position") == "query_string" else (named, {})
    return {}, {}
