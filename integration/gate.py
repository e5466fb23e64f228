"""Is this really Zendesk? Bytes, headers, secret and the time in; nothing or NotTrusted out.

It must not know what a body says, nor read it as anything but bytes: no JSON, no clock, no settings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from integration.model import NotTrusted

SIGNATURE_HEADER = "x-zendesk-webhook-signature"
TIMESTAMP_HEADER = "x-zendesk-webhook-signature-timestamp"

# Our choice: Zendesk names no tolerance. Longer than its 12 s timeout with five retries, short for a replay.
WINDOW = timedelta(minutes=5)

# Signs test requests of webhooks that do not exist yet, with a value that is printed in the documentation.
# https://developer.zendesk.com/documentation/webhooks/verifying/
PUBLIC_TEST_SECRETS = frozenset({"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", "this_secret_is_for_testing_only"})

_EPOCH_SECONDS = re.compile(r"[0-9]{1,12}")


def check(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """Return when `body` was signed with `secret` within WINDOW of `now` (aware); raise NotTrusted otherwise.

    `headers` may be written in any case, `body` must be the bytes as they came: Zendesk pretty-prints some of them.
    """
    if not secret.strip():
        raise NotTrusted("no webhook secret is set")
    if secret.strip() in PUBLIC_TEST_SECRETS:
        raise NotTrusted("the webhook secret is Zendesk's public test value")
    given = {name.lower(): value for name, value in headers.items()}
    signature, timestamp = given.get(SIGNATURE_HEADER, ""), given.get(TIMESTAMP_HEADER, "")
    if not signature or not timestamp:
        raise NotTrusted("the signature headers are missing")
    # The digest first: whoever cannot sign learns nothing of our clock.
    if not hmac.compare_digest(signature.strip().encode(), sign(timestamp, body, secret).encode()):
        raise NotTrusted("the signature does not fit")
    if abs(now - _moment(timestamp)) > WINDOW:
        raise NotTrusted("the signature is too old or from the future")


def sign(timestamp: str, body: bytes, secret: str) -> str:
    """Base64 of HMAC-SHA256 over the timestamp's text and the body; the secret is used as the text it is.

    https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    digest = hmac.new(secret.encode(), timestamp.encode(errors="surrogateescape") + body, hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()


def _moment(timestamp: str) -> datetime:
    """ISO 8601 is what Zendesk sends; seconds since 1970 are what several stand-ins send."""
    try:
        if _EPOCH_SECONDS.fullmatch(timestamp):
            return datetime.fromtimestamp(int(timestamp), UTC)
        moment = datetime.fromisoformat(timestamp)
    except (ValueError, OverflowError, OSError):
        raise NotTrusted("the signature's timestamp is not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
