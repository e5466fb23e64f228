"""Whether what install made still stands and works: webhook, secret, fields, triggers, group, views and macros.

It must not repair anything; the test event that it has Zendesk send is of a kind that changes nothing.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integration import content
from integration.model import Field, Owned
from integration.wire.events import LARGEST_ID
from integration.wire.options import option_tags
from integration.wire.resources import (
    EVENTS_PATH,
    FIELD,
    GROUP_KEY,
    MACRO,
    NEEDED_TRIGGERS,
    TRIGGER,
    VIEW,
    WEBHOOK,
    WEBHOOK_KEY,
    field_key,
    macro_key,
)
from integration.zendesk.findings import Case, Finding, ok, problem, warning
from integration.zendesk.likeness import BEHAVIOUR, edited_parts, macro_text, title_of
from integration.zendesk.session import Declined
from integration.zendesk.standing import API, NOT_THERE, PATHS, Thing

INSTALL = "run `flask install`"
TEST_KIND = "doctor"  # no kind of ours: the event is taken, written down as unknown, and changes nothing
NO_TICKET = str(LARGEST_ID)  # so that the test stands in no real ticket's history
ANSWER_KEYS = macro_key("answer/")  # how the keys of the macros begin whose texts are sent to customers
RECENT = 100  # deliveries looked at, one page
_FAILED = frozenset({"failed", "timeout", "circuit broken", "throttled", "client error", "server error", "terminated"})
_TRUSTED_BUT_UNCLEAR = (400, 422)  # the signature held; only the test's body was not one of ours


def webhook(case: Case) -> Iterator[Finding]:
    """Whether the webhook stands, is switched on, and leads to us."""
    row = case.row(WEBHOOK_KEY)
    there = case.things(WEBHOOK).get(row.zendesk_id) if row else None
    if row is None or there is None:
        yield problem("webhook", "there is no webhook" if row is None else "the webhook was deleted", INSTALL)
        return
    meant = case.public_url.rstrip("/") + EVENTS_PATH
    right = str(there.get("endpoint", "")).rstrip("/") == meant
    if not right:
        yield problem("webhook", f"the webhook does not lead to {meant}", f"correct PUBLIC_URL, or {INSTALL}")
    if there.get("status") != "active":
        yield problem("webhook", "the webhook is switched off", "activate it in Admin Center, Apps and integrations")
    elif right:
        yield ok("webhook", f"the webhook leads to {meant}")


def delivery(case: Case) -> Iterator[Finding]:
    """Whether a real, signed test event sent by Zendesk arrives and is believed, and how recent deliveries fared."""
    row = case.row(WEBHOOK_KEY)
    if row is None:
        yield problem("delivery", "nothing can be delivered without a webhook", INSTALL)
        return
    yield _test_event(case, row.zendesk_id)
    yield from _recent_deliveries(case, row.zendesk_id)


def secret(case: Case) -> Iterator[Finding]:
    """Whether the secret that deliveries are checked with is the one that Zendesk signs them with."""
    row = case.row(WEBHOOK_KEY)
    if row is None:
        yield problem("secret", "there is no webhook whose secret could be compared", INSTALL)
        return
    answer = case.session.ask("GET", f"{API}/{PATHS[WEBHOOK]}/{row.zendesk_id}/signing_secret")
    theirs = str((answer.get("signing_secret") or {}).get("secret") or "")
    if theirs and hmac.compare_digest(theirs.encode(), case.stored_secret.encode()):
        yield ok("secret", "the webhook's signing secret is the one we check with")
        return
    what = "is not the one we check with" if case.stored_secret else "is not known to us"
    yield problem("secret", f"the webhook's signing secret {what}", f"{INSTALL}, or remove ZENDESK_WEBHOOK_SECRET")


def fields(case: Case) -> Iterator[Finding]:
    """Whether our ticket fields stand with all their options, and nobody else uses the same tags."""
    things = case.things(FIELD)
    found = [finding for name in Field for finding in _field(name, case.row(field_key(name)), things)]
    yield from found or [ok("fields", f"all {len(Field)} ticket fields stand with their options")]


def triggers(case: Case) -> Iterator[Finding]:
    """Whether the triggers stand, are switched on, and are as we wrote them."""
    things = case.things(TRIGGER)
    found = [finding for key in NEEDED_TRIGGERS if case.row(key) is None for finding in [_no_trigger(key)]]
    found += [finding for row in case.of(TRIGGER) for finding in _trigger(row, things.get(row.zendesk_id))]
    yield from found or [ok("triggers", f"all {len(case.of(TRIGGER))} triggers stand as install wrote them")]


def group(case: Case) -> Iterator[Finding]:
    """Whether the senior group stands and has somebody in it."""
    row = case.row(GROUP_KEY)
    if row is None:
        yield problem("group", "there is no senior group", INSTALL)
        return
    try:
        there = case.session.ask("GET", f"{API}/groups/{row.zendesk_id}").get("group") or {}
    except Declined as declined:
        if declined.status != NOT_THERE:
            raise
        there = {"deleted": True}
    if there.get("deleted"):
        yield problem("group", f"the group {row.title} was deleted", INSTALL)
        return
    people = _assignable(case, row.zendesk_id)
    if people:
        yield ok("group", f"the group {title_of(there)} has {people} assignable member{'s' if people > 1 else ''}")
        return
    yield warning(
        "group",
        f"nobody is in the group {title_of(there)}, so charged tickets would wait there unseen",
        "add senior agents in Admin Center, People, Groups, or by `flask install --senior-member ADDRESS`",
    )


def views(case: Case) -> Iterator[Finding]:
    """Whether the views stand."""
    things = case.things(VIEW)
    gone = [row.title or row.key for row in case.of(VIEW) if row.zendesk_id not in things]
    if not case.of(VIEW) or gone:
        yield warning("views", f"missing: {', '.join(gone) or 'all views'}", INSTALL)
    else:
        yield ok("views", f"all {len(case.of(VIEW))} views stand")


def macros(case: Case) -> Iterator[Finding]:
    """Whether the macros stand, and which facts of the company the answers still lack."""
    things, rows = case.things(MACRO), case.of(MACRO)
    gone = [row.title or row.key for row in rows if row.zendesk_id not in things]
    if not rows or gone:
        yield warning("macros", f"missing: {', '.join(gone) or 'all macros'}", INSTALL)
    standing = [things[row.zendesk_id] for row in rows if row.zendesk_id in things]
    lacking = Counter(slot for macro in standing for slot in content.unfilled(macro_text(macro)))
    if lacking:
        asked = content.facts()
        named = ", ".join(f"{slot} ({asked[slot]})" if slot in asked else slot for slot in sorted(lacking))
        yield warning(
            "macros",
            f"facts of the company are missing, so answers that need them are never sent: {named}",
            "run `flask install --fact NAME=VALUE …`, or fill the [[NAME]] places where you edit macros",
        )
    altered = [finding for row in rows for finding in _answer(row, things.get(row.zendesk_id))]
    yield from altered
    new = _new_macros(rows)
    if new:
        more = f" and {len(new) - 1} more" if len(new) > 1 else ""
        yield warning("macros", f"not in the desk yet, new in this version: {new[0]}{more}", INSTALL)
    if rows and not (gone or lacking or altered or new):
        yield ok("macros", f"all {len(rows)} macros stand and lack no facts")


# --- one thing each --------------------------------------------------------------------------------------------------


def _test_event(case: Case, webhook_id: str) -> Finding:
    """Have Zendesk send one. The published description and clients in use differ in the names, so both are given.

    https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#test-webhook
    """
    body = {"ticket_id": NO_TICKET, "kind": TEST_KIND, "happened_at": case.clock().isoformat(timespec="seconds")}
    request = {
        "endpoint": case.public_url.rstrip("/") + EVENTS_PATH,
        "http_method": "POST",
        "request_format": "json",
        "payload": json.dumps(body),
    }
    answer = case.session.ask(
        "POST",
        f"{API}/webhooks/test",
        params={"webhook_id": webhook_id},
        body={"webhook": request, "request": request},
    )
    return _heard(_answer_code(answer))


def _answer_code(answer: Mapping[str, Any]) -> int | None:
    """The status that our own door answered the test with, or None where nobody answered."""
    told = answer.get("test") or answer.get("response") or {}
    code = next((told[name] for name in ("response_code", "status") if str(told.get(name, "")).isdigit()), None)
    return int(code) if code is not None else None


def _heard(code: int | None) -> Finding:
    name = "delivery"
    if code is None or code == 0:
        return problem(
            name,
            "Zendesk could not reach us",
            "make sure that PUBLIC_URL leads to the web process from the internet, with a valid certificate",
        )
    if 200 <= code < 300 or code in _TRUSTED_BUT_UNCLEAR:
        return ok(name, "a test event sent by Zendesk arrived and its signature was accepted")
    if code in (401, 403):
        return problem(name, f"a test event arrived and was not believed ({code})", f"{INSTALL}: it reads the secret")
    if code in (404, 405):
        return problem(name, f"PUBLIC_URL leads to something else ({code})", "correct PUBLIC_URL, then " + INSTALL)
    if code >= 500:
        return problem(name, f"a test event arrived and could not be taken ({code})", "see the web process's log")
    return problem(
        name, f"a test event was answered with {code}", "see what stands between Zendesk and the web process"
    )


def _recent_deliveries(case: Case, webhook_id: str) -> Iterator[Finding]:
    path = f"{API}/webhooks/{webhook_id}/invocations"
    page = case.session.ask("GET", path, params={"page[size]": RECENT, "sort": "-latest_completed_at"})
    statuses = [str(one.get("status", "")).lower() for one in page.get("invocations") or ()]
    failed = Counter(status for status in statuses if status in _FAILED)
    if failed:
        kinds = ", ".join(f"{count} {status}" for status, count in failed.most_common())
        yield warning(
            "delivery",
            f"{failed.total()} of the last {len(statuses)} deliveries failed: {kinds}",
            "see the webhook's activity in Admin Center; what was missed is caught up by the worker",
        )


def _field(name: Field, row: Owned | None, things: Mapping[str, Thing]) -> Iterator[Finding]:
    there = things.get(row.zendesk_id) if row else None
    if row is None or there is None:
        yield problem("fields", f"the field for {name} {'was deleted' if row else 'is missing'}", INSTALL)
        return
    if there.get("active") is False:
        yield problem(
            "fields", f"the field {title_of(there)} is switched off", "activate it in Admin Center, Tickets, Fields"
        )
    lacking = sorted(option_tags(name) - _option_values(there))
    if lacking:
        yield problem("fields", f"the field {title_of(there)} lacks {', '.join(lacking)}", INSTALL)
    for other in things.values():
        shared = sorted(option_tags(name) & _option_values(other)) if other is not there else []
        if shared:
            yield warning(
                "fields",
                f"the field {title_of(other)} uses our tags {', '.join(shared)}",
                "rename its options: one tag in two fields changes both",
            )


def _option_values(there: Thing) -> frozenset[str]:
    return frozenset(str(option.get("value")) for option in there.get("custom_field_options") or ())


def _no_trigger(key: str) -> Finding:
    return problem("triggers", f"the trigger “{key.partition('/')[2].replace('_', ' ')}” was never made", INSTALL)


def _trigger(row: Owned, there: Thing | None) -> Iterator[Finding]:
    if there is None:
        yield problem("triggers", f"the trigger {row.title} was deleted", INSTALL)
    elif there.get("active") is False:
        yield problem(
            "triggers", f"the trigger {title_of(there)} is switched off", "activate it in Admin Center, Triggers"
        )
    elif BEHAVIOUR in edited_parts(row, there):
        yield warning(
            "triggers",
            f"the conditions or actions of {title_of(there)} were changed in the desk",
            f"see that it still tells Attune; to have ours back, delete it and {INSTALL}",
        )


def _new_macros(rows: Iterable[Owned]) -> list[str]:
    """The titles of macros that ship in the languages in use and that install has not made."""
    keys = {row.key for row in rows}
    in_use = {text.language for text in content.macros() if macro_key(text.key) in keys}
    return [text.title for text in content.macros() if text.language in in_use and macro_key(text.key) not in keys]


def _answer(row: Owned, there: Thing | None) -> Iterator[Finding]:
    """What an admin did to an answer that agents, or Attune, count on."""
    if there is None or not row.key.startswith(ANSWER_KEYS):
        return
    if there.get("active") is False:
        yield warning(
            "macros",
            f"the answer macro {title_of(there)} is switched off in the desk",
            "activate it in Admin Center, Macros; to stop an answer, turn its intent to tag by `flask rules`",
        )
    if any(_is_internal(action) for action in there.get("actions") or ()):
        yield warning(
            "macros",
            f"the answer macro {title_of(there)} is set to an internal note, not to a public reply",
            "set its comment mode to public in Admin Center, Macros; to have notes only, turn its intent to draft",
        )


def _is_internal(action: Mapping[str, Any]) -> bool:
    # Written as a boolean, and read as text by some accounts.
    value = action.get("value")
    shown = value[0] if isinstance(value, list) and value else value
    return action.get("field") == "comment_mode_is_public" and str(shown).lower() == "false"


def _assignable(case: Case, group_id: str) -> int:
    """How many people but ourselves may be assigned tickets in a group.

    https://developer.zendesk.com/api-reference/ticketing/groups/group_memberships/
    """
    me = str((case.session.ask("GET", f"{API}/users/me").get("user") or {}).get("id"))
    try:
        rows = list(case.session.each(f"{API}/group_memberships/assignable", "group_memberships"))
    except Declined:
        rows = list(case.session.each(f"{API}/group_memberships", "group_memberships"))
    people = {str(row.get("user_id")) for row in rows if str(row.get("group_id")) == group_id}
    return len(people - {me})
