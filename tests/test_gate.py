"""Knows what a trusted delivery looks like, by signatures that others have published, and what must be refused.

It must not know what a delivery says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import gate
from integration.model import NotTrusted

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "a-secret-of-this-webhook-alone"
BODY = b'{\n   "ticket_id": "42",\n   "kind": "customer_message"\n}\n'
PUBLIC_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="


def signed(body: bytes = BODY, at: str = "2026-11-21T12:00:00Z", secret: str = SECRET) -> dict[str, str]:
    return {
        "X-Zendesk-Webhook-Signature": gate.sign(at, body, secret),
        "X-Zendesk-Webhook-Signature-Timestamp": at,
    }


def test_published_signature_is_reproduced():
    """Our signing gives the signature that a third party computed for its own receiver (webhookx-io/webhookx)."""
    body = b'{"event_type": "foo.bar","data": {"key": "value"}}'
    assert gate.sign("1531420618", body, PUBLIC_SECRET) == "qtmu3iClLKujnujOBkwe7yjI34o5CzsLD04Uy4LbE2A="


def test_signature_of_the_old_documentation_is_refused():
    """A signature over body then timestamp, as an old page printed it, is not taken."""
    headers = {
        "X-Zendesk-Webhook-Signature": "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw=",
        "X-Zendesk-Webhook-Signature-Timestamp": "2021-07-25T10:00:00Z",
    }
    then = datetime(2021, 7, 25, 10, 0, tzinfo=UTC)
    with pytest.raises(NotTrusted, match="does not fit"):
        gate.check(headers, b'{"say": "hello"}', "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", then)


@pytest.mark.parametrize("secret", ["", "  ", PUBLIC_SECRET, f" {PUBLIC_SECRET}\n", "this_secret_is_for_testing_only"])
def test_secret_that_everybody_knows_is_refused(secret: str):
    """No delivery is trusted on no secret, nor on the one that Zendesk prints in its documentation."""
    with pytest.raises(NotTrusted, match="secret"):
        gate.check(signed(secret=secret), BODY, secret, NOW)


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:04:59.123456789Z",
        "2026-11-21T11:55:01Z",
        "2026-11-21T14:00:00+02:00",
        "2026-11-21T12:00:00",
        str(int(NOW.timestamp())),
    ],
)
def test_delivery_signed_just_now_is_trusted(at: str):
    """Within five minutes either way, in Zendesk's ISO 8601 or in seconds since 1970, a right signature is trusted."""
    gate.check(signed(at=at), BODY, SECRET, NOW)


def test_header_names_are_read_in_any_case():
    """Servers write header names as they like."""
    gate.check({name.upper(): value for name, value in signed().items()}, BODY, SECRET, NOW)
    gate.check({name.lower(): value for name, value in signed().items()}, BODY, SECRET, NOW)


def test_absent_body_counts_as_empty():
    """A delivery without a body is signed over its timestamp alone."""
    gate.check(signed(body=b""), b"", SECRET, NOW)


@pytest.mark.parametrize("at", ["2026-11-21T11:54:59Z", "2026-11-21T12:05:01Z", "2021-07-25T10:00:00Z", "1531420618"])
def test_replayed_delivery_is_refused(at: str):
    """A right signature from more than five minutes ago or ahead is refused."""
    with pytest.raises(NotTrusted, match="too old"):
        gate.check(signed(at=at), BODY, SECRET, NOW)


@pytest.mark.parametrize("at", ["soon", "٣٤٥", "9" * 12, "9" * 400, "2026-13-45T99:00:00Z", "NaN", "-5", "١"])
def test_garbled_timestamp_is_refused(at: str):
    """A timestamp that is no time is refused even when it is rightly signed, by no other exception."""
    with pytest.raises(NotTrusted):
        gate.check(signed(at=at), BODY, SECRET, NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Zendesk-Webhook-Signature", ""),
        ("X-Zendesk-Webhook-Signature-Timestamp", ""),
        ("X-Zendesk-Webhook-Signature", "bm90IHRoZSBzaWduYXR1cmU="),
        ("X-Zendesk-Webhook-Signature", "ünïcode"),
        ("X-Zendesk-Webhook-Signature-Timestamp", "2026-11-21T12:00:01Z"),
    ],
)
def test_altered_header_is_refused(name: str, value: str):
    """Changing either header breaks the trust."""
    with pytest.raises(NotTrusted):
        gate.check(signed() | {name: value}, BODY, SECRET, NOW)


@pytest.mark.parametrize("body", [BODY + b" ", BODY.strip(), BODY.replace(b"42", b"43"), b""])
def test_altered_body_is_refused(body: bytes):
    """A body that differs by one byte, its last line feed included, is refused."""
    with pytest.raises(NotTrusted, match="does not fit"):
        gate.check(signed(), body, SECRET, NOW)


@given(signature=st.text(max_size=60), timestamp=st.text(max_size=40), body=st.binary(max_size=200))
def test_nothing_but_not_trusted_comes_out(signature: str, timestamp: str, body: bytes):
    """Whatever a stranger sends, the only failure is NotTrusted."""
    headers = {"X-Zendesk-Webhook-Signature": signature, "X-Zendesk-Webhook-Signature-Timestamp": timestamp}
    with pytest.raises(NotTrusted):
        gate.check(headers, body, SECRET, NOW)


@given(seconds=st.integers(min_value=-600, max_value=600))
def test_window_is_five_minutes_either_way(seconds: int):
    """A rightly signed delivery is trusted exactly when its time is within five minutes of ours."""
    at = (NOW + timedelta(seconds=seconds)).isoformat()
    if abs(seconds) <= 300:
        gate.check(signed(at=at), BODY, SECRET, NOW)
    else:
        with pytest.raises(NotTrusted):
            gate.check(signed(at=at), BODY, SECRET, NOW)


@given(timestamp=st.text(max_size=40).filter(lambda text: not text.isdigit()))
def test_signed_nonsense_is_not_trusted(timestamp: str):
    """A holder of the secret who sends no time at all is not trusted, and nothing else breaks."""
    with pytest.raises(NotTrusted):
        gate.check(signed(at=timestamp), BODY, SECRET, NOW)
