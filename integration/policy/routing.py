"""Who should have a ticket, and why: the group by what happened to the customer, then the person who is right and free.

It must not decide whether a ticket needs a person, nor read or write anything: a case and a team in, values out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.model import (
    LANGUAGE_CARE,
    Agent,
    Care,
    Charge,
    Desk,
    Intent,
    Reading,
    Rules,
    Sentiment,
    Signal,
    Status,
    Team,
)
from integration.policy.case import URGENT, Case

# The window in which charged tickets count as one hard run; `Rules.pause_after_charged` says how many.
RUN = timedelta(hours=1)
# Beginnings of an agent's tag for a language, as in "speaks_de"; the bare "de" would be a country as often.
_SPEAKS = ("speaks_", "language_", "lang_")
_HELPED = frozenset({Status.SOLVED, Status.CLOSED})
_GLAD = frozenset({Sentiment.POSITIVE, Sentiment.VERY_POSITIVE})
_SIGNS: tuple[tuple[Care, frozenset[Signal], frozenset[Intent]], ...] = (
    (Care.SAFETY, frozenset({Signal.SELF_HARM, Signal.SAFETY}), frozenset({Intent.SAFETY_OR_HEALTH})),
    (Care.FRAUD, frozenset({Signal.FRAUD, Signal.IDENTITY}), frozenset({Intent.FRAUD_OR_SECURITY})),
    (Care.BEREAVEMENT, frozenset({Signal.BEREAVEMENT}), frozenset({Intent.BEREAVEMENT})),
    (
        Care.VULNERABLE,
        frozenset({Signal.VULNERABLE, Signal.MONEY_WORRY, Signal.MINOR}),
        frozenset({Intent.VULNERABLE_CUSTOMER}),
    ),
    (Care.LEGAL, frozenset({Signal.LEGAL}), frozenset({Intent.LEGAL_THREAT})),
    (Care.CHURN, frozenset({Signal.CHURN}), frozenset({Intent.CHURN_THREAT})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Who should have it; no group where none is known."""

    group_id: int | None
    because: str  # why this group and this person, without a name
    assignee_id: int | None = None
    nobody: str = ""  # why nobody could be named, where somebody should have been


def vip(case: Case) -> bool:
    """Whether the admin's tags or fields make the customer one of high value."""
    organization = case.team.organization
    tags = case.ticket.tags | case.ticket.requester.tags | (organization.tags if organization else frozenset())
    wanted = {tag.casefold() for tag in case.rules.vip_tags}
    if wanted & {tag.casefold() for tag in tags}:
        return True
    fields = organization.fields if organization else {}
    return any(_field_says(fields.get(name, ""), value) for name, value in _wanted_fields(case.rules))


def vip_for_people(case: Case) -> bool:
    """Whether a high-value customer should be met by a person: they are not calm, and it is not joy."""
    reading = case.reading
    stirred = reading.charge is not Charge.CALM or reading.urgency in URGENT
    glad = reading.sentiment in _GLAD or reading.intent in (Intent.THANKS, Intent.PRAISE)
    return vip(case) and stirred and not glad


def hand_over(case: Case) -> HandOver:
    """Who should have a ticket that goes to a special group. A ticket that a person holds stays where it is."""
    held = case.ticket.assignee_id not in (None, case.desk.self_id)
    if held:
        return HandOver(group_id=case.ticket.group_id, because="a person has it already")
    group, because = _group(case)
    if group is None or not case.rules.assign:
        return HandOver(group_id=group, because=because)
    if case.team.agents is None or case.team.omnichannel is not False:
        return HandOver(group_id=group, because=because, nobody=_unnamed(case.team))
    free = [agent for agent in case.team.agents if not why_not(agent, group, case.rules, case.now)]
    if not free:
        return HandOver(group_id=group, because=because, nobody=_nobody(case.team.agents, group, case))
    chosen, why = _chosen(free, case)
    return HandOver(group_id=group, because=f"{because}, {why}", assignee_id=chosen.id)


def cares(reading: Reading, *, is_vip: bool) -> tuple[str, ...]:
    """The names in `Rules.groups_for` that fit a reading, the gravest first, the language last."""
    found = {care for care, signals, intents in _SIGNS if signals & reading.signals or reading.intent in intents}
    found |= {Care.VIP} if is_vip else set()
    return (*(care.value for care in Care if care in found), f"{LANGUAGE_CARE}{reading.language}")


def why_not(agent: Agent, group: int, rules: Rules, now: datetime) -> str:
    """Why this person is not given a charged ticket of this group now; empty where they may be."""
    until = paused_until(agent, rules, now)
    reasons = (
        (agent.suspended, "suspended"),
        (not agent.assignable, "cannot hold tickets"),
        (group not in agent.groups, "not in the group"),
        (agent.available is False, "away"),
        (agent.open_charged >= rules.charged_per_person, "at the cap"),
        (until is not None, "in a pause after a hard run"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def paused_until(agent: Agent, rules: Rules, now: datetime) -> datetime | None:
    """When the pause after a hard run ends, or None where there is none."""
    run, pause = rules.pause_after_charged, timedelta(minutes=rules.pause_minutes)
    taken = sorted(at for at in agent.taken if at <= now)
    if run < 1 or len(taken) < run or taken[-1] - taken[-run] > RUN or now - taken[-1] >= pause:
        return None
    return taken[-1] + pause


def troubles(team: Team, rules: Rules, desk: Desk, now: datetime) -> tuple[str, ...]:
    """What an admin should know of the team before a charged ticket comes; empty where all is well."""
    known = frozenset((team.groups or {}).values())
    gone = [
        f"{name} ({group})"
        for name, group in rules.groups_for.items()
        if team.groups is not None and group not in known
    ]
    said = [f"groups_for names groups that are not there: {', '.join(gone)}"] if gone else []
    if team.trouble:
        said.append(f"not everything could be read: {team.trouble}")
    if not rules.assign or team.agents is None or team.omnichannel is not False:
        return tuple(said)
    groups = {group for group in (desk.senior_group_id, *rules.groups_for.values()) if group in known}
    for group in sorted(groups):
        kept_away = [why_not(agent, group, rules, now) for agent in team.agents if group in agent.groups]
        name = group_name(team, group)
        if all(why in ("cannot hold tickets", "suspended") for why in kept_away):
            said.append(f"nobody in {name} may be assigned tickets")
        elif all(kept_away):
            said.append(f"nobody in {name} is free: {_counted(kept_away)}")
    return tuple(said)


def groups_by_care(team: Team, rules: Rules, desk: Desk) -> dict[int, tuple[str, ...]]:
    """What each group is asked for, the senior group first; groups that are gone are left out."""
    there = None if team.groups is None else frozenset(team.groups.values())
    found = {} if desk.senior_group_id is None else {desk.senior_group_id: ["all that has no group of its own"]}
    for name, group in rules.groups_for.items():
        found.setdefault(group, []).append(name)
    return {group: tuple(named) for group, named in found.items() if there is None or group in there}


def group_name(team: Team, group: int) -> str:
    """The group's name, or its id where the name is not known."""
    return next((name for name, id_ in (team.groups or {}).items() if id_ == group), f"group {group}")


# --- the group -------------------------------------------------------------------------------------------------------


def _group(case: Case) -> tuple[int | None, str]:
    """The gravest kind that has a group; the ticket's own where that is one of the right ones; else the senior one."""
    right = dict(_right_groups(case))
    if not right:
        senior = case.desk.senior_group_id
        return senior, "to the senior group" if senior is not None else ""
    own = case.ticket.group_id
    group = own if own is not None and own in right else next(iter(right))
    return group, f"to the group for {right[group]}"


def _right_groups(case: Case) -> Iterator[tuple[int, str]]:
    """The groups that stand and fit, each once with what it is for, the gravest kind first."""
    there = None if case.team.groups is None else frozenset(case.team.groups.values())
    seen: set[int] = set()
    for name in cares(case.reading, is_vip=vip(case)):
        group = case.rules.groups_for.get(name)
        if group is not None and group not in seen and (there is None or group in there):
            seen.add(group)
            yield group, name


def _wanted_fields(rules: Rules) -> Iterator[tuple[str, str]]:
    for one in rules.vip_fields:
        name, _, value = one.partition("=")
        yield name.strip(), value.strip() or "true"


def _field_says(value: str, wanted: str) -> bool:
    return value.strip().casefold() == wanted.casefold()


# --- the person ------------------------------------------------------------------------------------------------------


def _chosen(free: list[Agent], case: Case) -> tuple[Agent, str]:
    """Who helped this customer well before, else who fits best by skill and language, of those the least loaded."""
    by_id = {agent.id: agent for agent in free}
    before = next((by_id[id_] for id_ in _helped_well(case) if id_ in by_id), None)
    if before is not None:
        return before, "and to the person who solved an earlier ticket of this customer"
    best = max(_fit(agent, case) for agent in free)
    fitting = [agent for agent in free if _fit(agent, case) == best]
    why = "and to a person who fits by language or skill" if best > 0 else "and to the person who has the fewest"
    return min(fitting, key=_load), why


def _helped_well(case: Case) -> Iterator[int]:
    """Who solved this customer's earlier tickets: the well-rated first, then the newest; never after a bad rating."""
    bad = {past.assignee_id for past in case.history.recent if past.satisfaction == "bad"}
    solved = [past for past in case.history.recent if past.status in _HELPED and past.assignee_id not in bad]
    for past in sorted(solved, key=lambda one: one.satisfaction != "good"):
        if past.assignee_id is not None:
            yield past.assignee_id


def _fit(agent: Agent, case: Case) -> int:
    """How well a person fits: the language counts as much as two skills, since without it no skill helps."""
    tags = {tag.casefold() for tag in agent.tags}
    skills = {*cares(case.reading, is_vip=vip(case)), case.reading.intent.value}
    known = len({skill for skill in skills if skill in tags or f"skill_{skill}" in tags})
    return 2 * speaks(agent, case.reading.language) + known


def speaks(agent: Agent, language: str) -> bool:
    """Whether a person writes this language: their own locale, or a tag such as "speaks_de"."""
    spoken = {
        tag.casefold().removeprefix(start)
        for tag in agent.tags
        for start in _SPEAKS
        if tag.casefold().startswith(start)
    }
    return language in spoken or language == agent.language


def _load(agent: Agent) -> tuple[int, int, float, int]:
    last = max(agent.taken).timestamp() if agent.taken else 0.0
    return agent.open_charged, len(agent.taken), last, agent.id


def _unnamed(team: Team) -> str:
    """Why nobody is named although the admin wants it; nothing where Zendesk's own routing names somebody."""
    if team.omnichannel:
        return ""
    return f"nobody was named: {team.trouble or 'whether omnichannel routing is on could not be read'}"


def _nobody(agents: tuple[Agent, ...], group: int, case: Case) -> str:
    members = [why_not(agent, group, case.rules, case.now) for agent in agents if group in agent.groups]
    counted = _counted(members) if members else "it has no members"
    return f"nobody in {group_name(case.team, group)} is free: {counted}"


def _counted(reasons: list[str]) -> str:
    return ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons) if reason)
