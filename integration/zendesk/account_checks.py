"""Whether the account lets us work: credentials, who we are there, scopes, clocks and the rate budget.

It must not change anything in the account, nor know what install made there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

from integration.wire.resources import (
    FIELD,
    MACRO,
    TRIGGER,
    VIEW,
)
from integration.zendesk.findings import Case, Finding, ok, problem, warning
from integration.zendesk.session import Declined, Session
from integration.zendesk.standing import API, PATHS

# A difference that people should know of: clocks with a time service agree within a second or two.
SKEW_TO_NOTICE = timedelta(seconds=60)
# A difference at which every delivery is refused: the window in which a signature's time is believed.
SKEW_TOO_LARGE = timedelta(seconds=300)
FORBIDDEN = 403  # what Zendesk answers where a scope or a right is missing
# No ticket, trigger or macro has this id, so nothing comes to harm when it is "changed".
NOBODY = 0
# Under this share of a minute's requests left, work is about to wait for Zendesk.
BUDGET_TO_NOTICE = 0.2
# Ticket updates a minute on a trial or sandbox account; others have 100 and more.
# https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
TRIAL_UPDATES = 20
# Words by which a service's account is told from a person's.
_SERVICE_WORDS = ("attune", "bot", "service", "support", "assistant", "automat", "integration", "system", "help", "api")


def credentials(case: Case) -> Iterator[Finding]:
    """Whether Zendesk knows us."""
    me = _me(case)
    if me.get("id"):
        yield ok("credentials", f"Zendesk knows us as user {me['id']}")
    else:  # an unknown caller is answered with an anonymous user, not with 401
        yield problem(
            "credentials",
            "Zendesk takes us for an anonymous visitor",
            "check ZENDESK_CLIENT_ID and ZENDESK_CLIENT_SECRET, or ZENDESK_ACCESS_TOKEN",
        )


def identity(case: Case) -> Iterator[Finding]:
    """Whether the user we act as is one to act as."""
    me = _me(case)
    role = str(me.get("role") or "unknown")
    if me.get("suspended") or me.get("active") is False:
        yield problem("identity", "Attune's user is suspended", "lift the suspension in Admin Center, People")
    if role != "admin":
        yield problem(
            "identity",
            f"Attune's user has the role {role}",
            "make it an admin: install, and the list of missed tickets, are for admins only",
        )
    elif not _looks_like_a_service(me):
        yield warning(
            "identity",
            "Attune's user looks like a person's own account, and its replies would carry that name",
            "make a user of its own, such as “Support assistant”, and an OAuth client under it",
        )
    else:
        yield ok("identity", "Attune acts as an admin user of its own")


def scopes(case: Case) -> Iterator[Finding]:
    """Whether the token may read and write what Attune reads and writes."""
    unread = [name for name in ("tickets", *PATHS.values()) if _forbidden(case.session, "GET", name)]
    written = ("tickets", *(PATHS[kind] for kind in (TRIGGER, FIELD, MACRO, VIEW)))
    unwritten = [name for name in written if _forbidden(case.session, "PUT", f"{name}/{NOBODY}")]
    for verb, scope, names in (("read", "read", unread), ("change", "write", unwritten)):
        if names:
            yield problem(
                "scopes",
                f"may not {verb} {', '.join(names)}",
                f"give the OAuth client the scope `{scope}`, and its user the role admin",
            )
    if not unread and not unwritten:
        yield ok("scopes", "may read and write what Attune needs")


def clock(case: Case) -> Iterator[Finding]:
    """Whether our clock and Zendesk's agree: signatures are believed for minutes only."""
    response = case.session.request("GET", f"{API}/users/me")
    here = case.clock()
    try:
        there = parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        yield warning("clock", "Zendesk's answer names no time", "make sure that this machine's clock is set by NTP")
        return
    skew = abs(here - (there if there.tzinfo else there.replace(tzinfo=UTC)))
    what = f"this machine's clock is {skew.total_seconds():.0f} s off Zendesk's"
    if skew > SKEW_TOO_LARGE:
        yield problem("clock", what, "set the clock by NTP: until then every delivery is refused as too old or too new")
    elif skew > SKEW_TO_NOTICE:
        yield warning(
            "clock", what, f"set the clock by NTP: from {SKEW_TOO_LARGE.seconds} s on, deliveries are refused"
        )
    else:
        yield ok("clock", what)


def budget(case: Case) -> Iterator[Finding]:
    """How much Zendesk still lets us ask this minute, as its last answer said."""
    rates = case.session.rates
    if rates is None or rates.limit is None or rates.remaining is None:
        yield ok("rate budget", "Zendesk's answers say nothing of a limit")
        return
    what = f"{rates.remaining} of {rates.limit} requests are left this minute"
    if rates.remaining < rates.limit * BUDGET_TO_NOTICE:
        yield warning("rate budget", what, "see which other apps use the API: Attune waits when nothing is left")
    else:
        yield ok("rate budget", what)
    if rates.updates_limit is not None and rates.updates_limit <= TRIAL_UPDATES:
        yield warning(
            "rate budget",
            f"only {rates.updates_limit} ticket updates a minute are allowed, as on trial and sandbox accounts",
            "expect Attune to wait at busy times; a paid account allows 100",
        )


def _me(case: Case) -> dict[str, object]:
    found = case.session.ask("GET", f"{API}/users/me").get("user")
    return found if isinstance(found, dict) else {}


def _looks_like_a_service(me: dict[str, object]) -> bool:
    shown = f"{me.get('name') or ''} {me.get('alias') or ''} {me.get('email') or ''}".lower()
    local = shown.replace("@", " @").split()
    # The address's domain says whose desk it is, not who writes: support.example.com is no service account.
    return any(word in part for word in _SERVICE_WORDS for part in local if not part.startswith("@"))


def _forbidden(session: Session, method: str, path: str) -> bool:
    """Whether a harmless call is answered with "not allowed"; any other answer means that the scope is there."""
    try:
        if method == "GET":
            session.ask("GET", f"{API}/{path}", params={"page[size]": 1})
        else:
            session.ask(method, f"{API}/{path}", body={})
    except Declined as declined:
        return declined.status == FORBIDDEN
    return False
