"""Knows every number and switch of the sandbox, with its default.
It must not know who reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.webhooks import DeliverySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """One desk. Secrets here open a desk on loopback and nothing else."""

    db_path: Path | str = Path("var/sandbox.db")
    """The file that keeps the desk; `:memory:` forgets it at the end."""

    subdomain: str = "sandbox"
    public_url: str = "http://127.0.0.1:8089"
    """Where the desk is reached, without a slash at the end; used for links made outside a request."""

    client_id: str = "attune"
    client_secret: str = "attune-sandbox-secret"  # noqa: S105 - opens a desk on loopback only
    ready_token: str | None = None
    """A bearer token of the integration user that never ends; None for a desk without one."""

    token_life_s: int = 1800
    """Seconds a token lives when the client names no `expires_in`: 30 minutes for clients made since April 2026."""

    requests_per_minute: int = 700
    """The account's API budget: https://developer.zendesk.com/api-reference/introduction/rate-limits/ (Enterprise)."""

    ticket_updates_per_minute: int = 100
    """Ticket updates of the whole account; a sandbox or trial account has 20."""

    updates_per_ticket_in_10_minutes: int = 30
    """Updates of one ticket by one user."""

    exports_per_minute: int = 10
    """Calls of the incremental exports."""

    export_delay_s: int = 60
    """The newest seconds that an incremental export never returns; tests set 0."""

    sdk_folder: Path = Path(__file__).parents[1] / "var" / "sdk"
    """Where `python -m sandbox sdk` leaves what apps need; the desk shows no apps while it is empty."""

    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    """How webhooks are delivered."""
