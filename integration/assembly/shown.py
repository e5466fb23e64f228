"""Puts together what the dashboard draws: the house, the ladder, the team, and what is to be taken up again.

It must not decide: the judgements are the policy's, the checks the house's, the rest is passed on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from integration import gate, policy, worker
from integration.assembly import house
from integration.assembly.keys import generated_password
from integration.dashboard import Behind, Budget, Colleague, Crowd, Footing, House, Part, Ratio, Replayed
from integration.model import ROUTINE_INTENTS, Agent, Hand, Intent, Refused, Rules, Rung, Step, TryLater, interval
from integration.policy import routing
from integration.settings import SettingsError
from integration.zendesk.findings import Finding

if TYPE_CHECKING:
    from integration.assembly.parts import Assembly

# The name under which the store keeps what `flask doctor` found last.
EXAMINED = "examined"
# Of the house's checks, those that ask Zendesk: a page must not wait for it. The team has a page of its own.
_ELSEWHERE = frozenset({"team"})
ENTER_PATH = "/dashboard/enter/"


def behind(parts: Assembly, clock: Callable[[], datetime]) -> Behind:
    """What stands behind the dashboard."""
    return Behind(
        key=lambda: _key(parts),
        password=lambda: password(parts),
        memory=lambda: parts.store,
        clock=clock,
        desk=lambda: _desk(parts),
        secure=lambda: parts.settings.public_url.startswith("https:"),
        failures=worker.FAILURES,
        house=lambda: _house(parts, clock),
        ladder=lambda: _ladder(parts),
        rung_refused=lambda intent, rung: _rung_refused(intent, rung, parts.store.rules()),
        panel=parts.panel,
        team=lambda: _team(parts, clock()),
        failed=lambda: _failed(parts),
        replay=lambda delivery: _replay(parts, delivery, clock()),
    )


def password(parts: Assembly) -> str:
    """The admin's password: the one that is set, else one that is made and kept under var/."""
    return parts.settings.admin_password or generated_password(parts.settings.var)


def entry_url(parts: Assembly, now: datetime, *, may_switch: bool = False) -> str:
    """An address that opens the dashboard once, within two minutes; raises Refused where it has no address."""
    if not parts.settings.public_url:
        raise Refused("the dashboard has no address: set PUBLIC_URL")
    token = gate.sign_entry(_key(parts), secrets.token_urlsafe(24), now, may_switch=may_switch)
    return parts.settings.public_url + ENTER_PATH + token


def keep_findings(parts: Assembly, findings: Iterable[Finding], now: datetime) -> None:
    """Keep what doctor found, so that the dashboard can show it without asking Zendesk anew."""
    found = [[one.check, one.level.value, one.what, one.what_to_do] for one in findings]
    parts.store.set(EXAMINED, json.dumps({"at": now.isoformat(), "findings": found}))


# --- the house -------------------------------------------------------------------------------------------------------


def _house(parts: Assembly, clock: Callable[[], datetime]) -> House:
    now, store = clock(), parts.store
    checks = [(name, look) for name, look in house.checks(parts, clock) if name not in _ELSEWHERE]
    waiting, oldest = _queue(parts)
    examined = json.loads(store.get(EXAMINED) or "{}")
    pause = store.pause.until()
    return House(
        parts=(*(_part(name, look) for name, look in checks), _zendesk(parts, now)),
        waiting=waiting,
        oldest=oldest,
        failed=len(store.archive.failed(worker.FAILURES, now - timedelta(days=1))),
        paused_until=pause if pause and pause > now else None,
        budget=_budget(store.get(worker.BUDGET_SEEN)),
        examined_at=datetime.fromisoformat(examined["at"]) if examined else None,
        findings=tuple(Part(name=n, level=lv, said=s, to_do=d) for n, lv, s, d in examined.get("findings", ())),
    )


def _part(name: str, look: Callable[[], Finding]) -> Part:
    try:
        found = look()
    except TryLater as trouble:
        return Part(name=name, level="problem", said=str(trouble), to_do="load the page again in a moment")
    return Part(name=name, level=found.level.value, said=found.what, to_do=found.what_to_do)


def _zendesk(parts: Assembly, now: datetime) -> Part:
    workers = parts.store.alive(now - worker.DEAD_AFTER)
    troubles = sorted(trouble for trouble in workers.values() if trouble)
    if troubles:
        return Part(name="zendesk", level="problem", said=troubles[0], to_do="`flask doctor` says more")
    if not workers:
        return Part(name="zendesk", level="warning", said="not known: no worker looks")
    return Part(name="zendesk", level="ok", said="answers")


def _queue(parts: Assembly) -> tuple[int | None, datetime | None]:
    try:
        return parts.queued()
    except Exception:
        return None, None


def _budget(kept: str | None) -> Budget | None:
    if not kept:
        return None
    values: dict[str, Any] = json.loads(kept)
    return Budget(
        seen_at=datetime.fromisoformat(values["at"]),
        remaining=values["remaining"],
        limit=values["limit"],
        updates_remaining=values["updates_remaining"],
        updates_limit=values["updates_limit"],
    )


# --- the ladder ------------------------------------------------------------------------------------------------------


def _ladder(parts: Assembly) -> tuple[Footing, ...]:
    rules, steps, ladder = parts.store.rules(), parts.store.autonomy.steps(), parts.ladder()
    routine = (intent for intent in Intent if intent in ROUTINE_INTENTS)
    return tuple(_footing(intent, rules, steps.get(intent), ladder) for intent in routine)


def _footing(intent: Intent, rules: Rules, last: Step | None, ladder: worker.Ladder) -> Footing:
    figures = ladder.figures(intent, rules, last)
    climb = policy.ladder.climb(intent, figures, rules)
    ratios = [
        Ratio(name=rate.name, count=rate.count, of=rate.of, low=rate.low, high=rate.high, bound=rate.bound)
        for rate in policy.ladder.rates(figures, rules)
    ]
    low, high = interval(figures.drafts_corrected, figures.drafted)
    ratios.append(
        Ratio(name="drafts corrected", count=figures.drafts_corrected, of=figures.drafted, low=low, high=high)
    )
    return Footing(
        intent=intent,
        rung=rules.rung(intent),
        ceiling=rules.ceilings.get(intent, Rung.SEND),
        last=last,
        sent=figures.sent,
        drafted=figures.drafted,
        ratios=tuple(ratios),
        to_climb=f"{climb.to}: {climb.because}" if climb.to else climb.because,
        earned=climb.earned,
    )


def _rung_refused(intent: Intent, rung: Rung, rules: Rules) -> str:
    try:
        policy.ladder.allowed(intent, rung, rules.ceilings, rules.pack)
    except ValueError as refused:
        return str(refused)
    return ""


# --- the team --------------------------------------------------------------------------------------------------------


def _team(parts: Assembly, now: datetime) -> tuple[tuple[Crowd, ...], tuple[str, ...]]:
    try:
        rules, desk, found = parts.store.rules(), parts.desk(), parts.roster.team(now)
    except SettingsError as lacking:
        raise Refused(f"who works in the desk is asked of Zendesk: {lacking}") from lacking
    crowds = tuple(
        Crowd(
            id=group,
            name=routing.group_name(found, group),
            cares=tuple(cares),
            people=tuple(_colleague(one, group, rules, now) for one in found.agents or () if group in one.groups),
        )
        for group, cares in routing.groups_by_care(found, rules, desk).items()
    )
    alone = () if rules.assign else ("Charged tickets go to the group, and nobody is named (rule: assign).",)
    return crowds, (*alone, *routing.troubles(found, rules, desk, now))


def _colleague(agent: Agent, group: int, rules: Rules, now: datetime) -> Colleague:
    return Colleague(
        id=agent.id,
        name=agent.name,
        carries=agent.open_charged,
        cap=rules.charged_per_person,
        last_hour=sum(1 for at in agent.taken if now - at <= routing.RUN),
        at_work=agent.available,
        why_not=routing.why_not(agent, group, rules, now),
        until=routing.paused_until(agent, rules, now),
    )


# --- taking up again -------------------------------------------------------------------------------------------------


def _failed(parts: Assembly) -> Iterable[Mapping[str, Any]]:
    found = parts.store.archive.failed(worker.FAILURES)
    return [
        {"ticket_id": one.event.ticket_id, "at": one.at, "because": one.because}
        for one in found
        if worker.GONE not in one.because
    ]


def _replay(parts: Assembly, delivery: str, now: datetime) -> Replayed:
    """As `flask replay` does it: one that failed, or all of them but those whose tickets are not there."""
    archive = parts.store.archive
    if delivery:
        one = archive.event(delivery)
        if one is None or not worker.is_failure(one.because):
            raise Refused(f"{delivery}: only what failed can be taken up again")
        chosen, left = [one], 0
    else:
        found = archive.failed(worker.FAILURES)
        chosen = [one for one in found if worker.GONE not in one.because]
        left = len(found) - len(chosen)
    taken = []
    for failed in chosen:
        event = worker.again(failed.event, archive.named(worker.original(failed.event.delivery_id)))
        parts.enqueue(event)
        taken.append(event.delivery_id)
    what = f"replay {delivery}" if delivery else "replay all failed"
    parts.store.audit.switched(Hand.DASHBOARD, what[:200], "", f"{len(taken)} taken up again", "", now)
    return Replayed(deliveries=tuple(taken), left=left)


# --- keys and addresses ----------------------------------------------------------------------------------------------


def _key(parts: Assembly) -> bytes:
    """Everybody signed in is signed out when the password changes: their cookies were signed with it."""
    return parts.seal.key(f"dashboard {password(parts)}")


def _desk(parts: Assembly) -> str:
    address = parts.settings.zendesk_url
    if not address:
        return ""
    return f"{address}/desk/tickets" if parts.on_loopback else f"{address}/agent/tickets"


def oldest_of(queued: Iterable[Any]) -> datetime | None:
    """When the first of these events came to the queue; DBOS keeps milliseconds since 1970."""
    times = [one.created_at for one in queued if one.created_at]
    return datetime.fromtimestamp(min(times) / 1000, UTC) if times else None
