"""Who should have a ticket: the group by kind, the person by who helped, fits and is free; and whom nobody may name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration import policy
from integration.model import (
    AddTags,
    Agent,
    Charge,
    Desk,
    History,
    Intent,
    Organization,
    PastTicket,
    Plan,
    Reply,
    Requester,
    Route,
    Rules,
    Rung,
    Sentiment,
    Signal,
    Status,
    Team,
    Urgency,
)
from integration.policy import routing
from tests import strategies as make
from tests.policy.macros import MACROS
from tests.strategies import NOW, SELF_ID, SENIOR_GROUP, answered, reading, sign, ticket

FRAUD, VIPS, GERMAN = 60, 61, 62
GROUPS = {"Senior Support": SENIOR_GROUP, "Fraud": FRAUD, "Key accounts": VIPS, "Deutsch": GERMAN, "Support": 1}
ASSIGNING = Rules(default_rung=Rung.SEND, rungs={}, assign=True)
SORTED = replace(ASSIGNING, groups_for={"fraud": FRAUD, "vip": VIPS, "language:de": GERMAN})
ANGRY: dict[str, Any] = {"charge": Charge.CHARGED, "intent": Intent.COMPLAINT}
VIP = ticket(requester=Requester(id=7, name="Mary", tags=frozenset({"VIP"})))


def agent(id_: int, **changes: Any) -> Agent:
    plain: dict[str, Any] = {"name": f"Agent {id_}", "groups": frozenset({SENIOR_GROUP}), "language": "en"}
    return Agent(**{**plain, "id": id_, **changes})


def team(*agents: Agent, **changes: Any) -> Team:
    return Team(**{"agents": agents, "groups": GROUPS, "omnichannel": False, **changes})


def a_case(**changes: Any) -> policy.Case:
    plain: dict[str, Any] = {"rules": ASSIGNING, "reading": reading(**ANGRY), "team": team(agent(11), agent(12))}
    return policy.Case(**answered(MACROS, **{**plain, **changes}))


def route(plan: Plan) -> Route | None:
    return next((action for action in plan.actions if isinstance(action, Route)), None)


def tags(plan: Plan) -> frozenset[str]:
    return next(action.tags for action in plan.actions if isinstance(action, AddTags))


def past(assignee: int | None, satisfaction: str = "", status: Status = Status.SOLVED, days: int = 1) -> PastTicket:
    at = NOW - timedelta(days=days)
    return PastTicket(
        id=500 + days, subject="", status=status, created_at=at, assignee_id=assignee, satisfaction=satisfaction
    )


# --- the group -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        ({}, SENIOR_GROUP),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),))}, FRAUD),
        ({"reading": reading(intent=Intent.FRAUD_OR_SECURITY)}, FRAUD),
        ({"reading": reading(**ANGRY), "ticket": VIP}, VIPS),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),)), "ticket": VIP}, FRAUD),
        ({"reading": reading(**ANGRY, language="de")}, GERMAN),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),), language="de")}, FRAUD),
        ({"reading": reading(evidence=(sign(Signal.BEREAVEMENT),))}, SENIOR_GROUP),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),)), "ticket": ticket(group_id=SENIOR_GROUP)}, FRAUD),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),)), "ticket": replace(VIP, group_id=VIPS)}, VIPS),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),)), "team": team(groups={"Support": 1})}, SENIOR_GROUP),
        ({"reading": reading(evidence=(sign(Signal.FRAUD),)), "team": Team()}, FRAUD),
    ],
)
def test_the_group_is_the_gravest_kinds(changes: dict[str, Any], group: int) -> None:
    """The gravest kind with a group that stands; the ticket's own where it is a right one; else the senior group."""
    assert routing.hand_over(a_case(**{"rules": SORTED, **changes})).group_id == group


def test_a_ticket_in_a_right_group_is_not_moved() -> None:
    """Where the group is right already and nobody is to be named, nothing is routed, and the mark still stands."""
    case = a_case(rules=replace(SORTED, assign=False), ticket=replace(VIP, group_id=VIPS))
    plan = policy.decide(case)
    assert route(plan) is None
    assert "attune_senior" in tags(plan)


# --- high value ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_vip"),
    [
        ({}, False),
        ({"ticket": VIP}, True),
        ({"ticket": ticket(tags=frozenset({"vip"}))}, True),
        ({"team": team(organization=Organization(tags=frozenset({"vip"})))}, True),
        ({"team": team(organization=Organization(fields={"tier": "Gold"}))}, True),
        ({"team": team(organization=Organization(fields={"key_account": "true"}))}, True),
        ({"team": team(organization=Organization(fields={"tier": "silver", "key_account": "false"}))}, False),
        ({"ticket": VIP, "rules": replace(ASSIGNING, vip_tags=frozenset())}, False),
    ],
)
def test_high_value_is_what_the_admin_says(changes: dict[str, Any], is_vip: bool) -> None:
    """By a tag of requester, ticket or organization, or a field of the organization; case does not matter."""
    rules = replace(ASSIGNING, vip_fields=frozenset({"tier=gold", "key_account"}))
    assert routing.vip(a_case(**{"rules": rules, **changes})) is is_vip


@pytest.mark.parametrize(
    ("felt", "answered_by_bot", "to_people"),
    [
        ({}, True, False),
        ({"charge": Charge.MILD}, False, True),
        ({"urgency": Urgency.HIGH}, False, True),
        ({"charge": Charge.MILD, "sentiment": Sentiment.POSITIVE}, False, False),
    ],
)
def test_a_high_value_customer_who_is_not_calm_meets_a_person(
    felt: dict[str, Any], answered_by_bot: bool, to_people: bool
) -> None:
    """Calm ones are answered as everybody, with the tag; stirred ones never by a bot, and go to people unless glad."""
    plan = policy.decide(a_case(reading=reading(**felt), ticket=VIP))
    assert any(isinstance(action, Reply) for action in plan.actions) is answered_by_bot
    assert (route(plan) is not None) is to_people
    assert "attune_vip" in tags(plan)


def test_a_stirred_customer_of_an_unread_organization_gets_no_bot() -> None:
    """Where it could not be read whether somebody is of high value, a mild message is not answered; a calm one is."""
    theirs = ticket(requester=Requester(id=7, name="Mary", organization_id=3))
    mild = a_case(reading=reading(charge=Charge.MILD), ticket=theirs)
    assert "whether this is a high-value customer could not be read" in policy.silence(mild)
    assert policy.silence(replace(mild, team=team(organization=Organization()))) == ()
    assert policy.silence(a_case(reading=reading(), ticket=theirs)) == ()


# --- the person ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agents", "changes", "chosen"),
    [
        ((agent(11, open_charged=2), agent(12, open_charged=1)), {}, 12),
        ((agent(11, taken=(NOW - timedelta(hours=2),)), agent(12)), {}, 12),
        ((agent(11), agent(12)), {}, 11),
        # who helped before, however much they carry, unless it went badly
        ((agent(11), agent(12, open_charged=3)), {"history": History(recent=(past(12),))}, 12),
        ((agent(11), agent(12)), {"history": History(recent=(past(12, "bad"),))}, 11),
        ((agent(11), agent(12)), {"history": History(recent=(past(12, "good"), past(12, "bad", days=9)))}, 11),
        ((agent(11), agent(12)), {"history": History(recent=(past(11), past(12, "good", days=9)))}, 12),
        ((agent(11), agent(12)), {"history": History(recent=(past(12, status=Status.OPEN),))}, 11),
        ((agent(11), agent(12, available=False)), {"history": History(recent=(past(12),))}, 11),
        # skill and language
        ((agent(11), agent(12, language="de")), {"reading": reading(**ANGRY, language="de")}, 12),
        ((agent(11), agent(12, tags=frozenset({"speaks_de"}))), {"reading": reading(**ANGRY, language="de")}, 12),
        ((agent(11), agent(12, tags=frozenset({"complaint"}))), {}, 12),
        ((agent(11), agent(12, tags=frozenset({"skill_churn"}))), {}, 11),
    ],
)
def test_the_person_who_fits_best_is_named(agents: tuple[Agent, ...], changes: dict[str, Any], chosen: int) -> None:
    """Who helped before, else who speaks and knows best, else who carries least; the lower id where all is equal."""
    assert routing.hand_over(a_case(**{"team": team(*agents), **changes})).assignee_id == chosen


RUN = tuple(NOW - timedelta(minutes=minutes) for minutes in (50, 30, 10))


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (agent(11), ""),
        (agent(11, assignable=False), "cannot hold tickets"),
        (agent(11, suspended=True), "suspended"),
        (agent(11, groups=frozenset({1})), "not in the group"),
        (agent(11, available=False), "away"),
        (agent(11, available=None), ""),
        (agent(11, open_charged=5), ""),
        (agent(11, open_charged=6), "at the cap"),
        (agent(11, taken=RUN), "in a pause after a hard run"),
        (agent(11, taken=RUN[1:]), ""),
        (agent(11, taken=tuple(at - timedelta(minutes=20) for at in RUN)), ""),
        (agent(11, taken=(NOW - timedelta(hours=3), *RUN[1:])), ""),
    ],
)
def test_why_somebody_is_not_asked(who: Agent, why: str) -> None:
    """Light and suspended people, those elsewhere or away, at the cap (6), or within 30 minutes of three in an hour."""
    assert routing.why_not(who, SENIOR_GROUP, ASSIGNING, NOW) == why


def test_the_pause_can_be_switched_off() -> None:
    """With 0 tickets for a hard run nobody is ever in a pause."""
    assert routing.why_not(agent(11, taken=RUN), SENIOR_GROUP, replace(ASSIGNING, pause_after_charged=0), NOW) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"team": team(agent(11, open_charged=6), agent(12, available=False))}, "1 at the cap, 1 away"),
        ({"team": team(agent(11, groups=frozenset({1})))}, "it has no members"),
        ({"team": Team(trouble="Zendesk answered 500")}, "Zendesk answered 500"),
        ({"team": team(agent(11), omnichannel=None)}, "omnichannel routing"),
    ],
)
def test_nobody_free_is_told_to_the_admin(changes: dict[str, Any], said: str) -> None:
    """The ticket goes to the group alone, with a tag and a note for the admin, and names nobody's name."""
    plan = policy.decide(a_case(**changes))
    (note,) = plan.notes
    assert said in note
    assert "Agent 1" not in note
    assert "attune_nobody_free" in tags(plan)
    assert (found := route(plan)) is not None
    assert (found.group_id, found.assignee_id) == (SENIOR_GROUP, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": replace(ASSIGNING, assign=False)},
        {"team": team(agent(11), omnichannel=True)},
    ],
)
def test_nobody_is_named_where_that_is_not_ours_to_do(changes: dict[str, Any]) -> None:
    """Switched off, or Zendesk's own routing on: the group alone, and nothing for the admin to look at."""
    plan = policy.decide(a_case(**changes))
    assert (found := route(plan)) is not None
    assert found.assignee_id is None
    assert plan.notes == ()
    assert "attune_nobody_free" not in tags(plan)


def test_an_unassigned_ticket_in_the_right_group_gets_its_person() -> None:
    """Handed over when nobody was free, and the customer writes again: then somebody is named, and the tag goes."""
    waiting = ticket(group_id=SENIOR_GROUP, tags=frozenset({"attune_senior", "attune_nobody_free"}))
    plan = policy.decide(a_case(ticket=waiting))
    assert (found := route(plan)) is not None
    assert (found.group_id, found.assignee_id) == (SENIOR_GROUP, 11)
    assert "attune_nobody_free" in next(action.drop for action in plan.actions if isinstance(action, AddTags))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"rules": replace(SORTED, groups_for={"fraud": 999})}, ("groups_for names groups that are not there",)),
        ({"team": team(agent(11, assignable=False), agent(12, suspended=True))}, ("nobody in Senior Support may be",)),
        ({"team": team(agent(11, open_charged=6))}, ("nobody in Senior Support is free: 1 at the cap",)),
        ({"team": Team(trouble="Zendesk answered 500")}, ("not everything could be read",)),
        ({"team": team(agent(11, open_charged=6)), "rules": Rules()}, ()),
    ],
)
def test_what_an_admin_should_know_beforehand(changes: dict[str, Any], said: tuple[str, ...]) -> None:
    """Groups that are gone, groups without anybody who may hold a ticket, groups in which all are full."""
    case = a_case(**changes)
    found = routing.troubles(case.team, case.rules, case.desk, NOW)
    assert len(found) == len(said)
    assert all(one.startswith(begins) for one, begins in zip(found, said, strict=True))


# --- what always holds -----------------------------------------------------------------------------------------------

_agents = st.builds(
    Agent,
    id=st.integers(min_value=1, max_value=30),
    name=st.just("Somebody"),
    groups=st.frozensets(st.sampled_from([*GROUPS.values()]), max_size=3),
    tags=st.frozensets(st.sampled_from(["speaks_de", "fraud", "vip", "order_status"]), max_size=2),
    language=st.sampled_from(["en", "de", ""]),
    available=st.sampled_from([None, True, False]),
    assignable=st.booleans(),
    suspended=st.booleans(),
    open_charged=st.integers(min_value=0, max_value=8),
    taken=st.lists(st.integers(min_value=0, max_value=200), max_size=4).map(
        lambda ages: tuple(NOW - timedelta(minutes=age) for age in sorted(ages, reverse=True))
    ),
)
_teams = st.builds(
    Team,
    agents=st.none() | st.lists(_agents, max_size=5, unique_by=lambda one: one.id).map(tuple),
    groups=st.sampled_from([None, GROUPS, {"Support": 1}]),
    omnichannel=st.sampled_from([False, False, None, True]),
    organization=st.sampled_from([None, Organization(), Organization(tags=frozenset({"vip"}))]),
)
_rules = st.builds(
    Rules,
    default_rung=st.just(Rung.SEND),
    rungs=st.just({}),
    assign=st.booleans(),
    groups_for=st.sampled_from([{}, SORTED.groups_for, {"fraud": 999}]),
    charged_per_person=st.integers(min_value=1, max_value=8),
    pause_after_charged=st.integers(min_value=0, max_value=4),
    pause_minutes=st.sampled_from([0, 30, 120]),
)
_cases = st.builds(
    lambda **parts: policy.Case(**answered(MACROS, **parts)),
    ticket=make.waiting,
    reading=make.readings,
    history=st.lists(
        st.builds(past, st.sampled_from([None, 1, 2, 3]), st.sampled_from(["", "good", "bad"])), max_size=3
    ).map(lambda recent: History(recent=tuple(recent))),
    team=_teams,
    rules=_rules,
)


@given(_cases)
def test_only_who_may_hold_it_is_ever_named(case: policy.Case) -> None:
    """Never a light, suspended, absent, capped or pausing person, never one of another group, never ourselves."""
    found = route(policy.decide(case))
    if found is None or found.assignee_id is None:
        return
    (chosen,) = (one for one in case.team.agents or () if one.id == found.assignee_id)
    assert chosen.assignable
    assert not chosen.suspended
    assert chosen.available is not False
    assert chosen.open_charged < case.rules.charged_per_person
    assert routing.paused_until(chosen, case.rules, case.now) is None
    assert found.group_id in chosen.groups
    assert found.assignee_id != SELF_ID
    assert case.rules.assign
    assert case.team.omnichannel is False


@given(_cases)
def test_no_ticket_is_pulled_from_a_person(case: policy.Case) -> None:
    """A ticket that a person holds keeps its person and its group, and the same case gives the same plan."""
    plan = policy.decide(case)
    assert plan == policy.decide(case)
    if case.ticket.assignee_id not in (None, SELF_ID):
        assert route(plan) is None


@given(_cases)
def test_a_stirred_high_value_customer_never_gets_a_bot(case: policy.Case) -> None:
    """Whatever else holds; and knowing the team never makes a bot answer where it was silent without."""
    replies = any(isinstance(action, Reply) for action in policy.decide(case).actions)
    if routing.vip(case) and (case.reading.charge is not Charge.CALM or case.reading.urgency in policy.case.URGENT):
        assert not replies
    own = case.ticket.requester
    plain = replace(case, team=Team(), ticket=replace(case.ticket, requester=replace(own, tags=frozenset())))
    if policy.silence(replace(plain, rules=replace(case.rules, vip_tags=frozenset()))):
        assert not replies


@given(st.integers(min_value=2, max_value=6), st.integers(min_value=1, max_value=60), st.permutations(range(6)))
def test_the_load_evens_out_over_a_stream(people: int, tickets: int, order: list[int]) -> None:
    """Among equals, whoever carries least is next: nobody is ever two tickets ahead of another."""
    rules = replace(ASSIGNING, charged_per_person=100, pause_after_charged=0)
    crowd = [agent(10 + place) for place in order[:people] if place < people] or [agent(10)]
    at: datetime = NOW
    for _ in range(tickets):
        at += timedelta(minutes=1)
        named = routing.hand_over(a_case(rules=rules, team=team(*crowd), now=at)).assignee_id
        crowd = [
            replace(one, open_charged=one.open_charged + 1, taken=(*one.taken, at)) if one.id == named else one
            for one in crowd
        ]
        loads = [one.open_charged for one in crowd]
        assert max(loads) - min(loads) <= 1


def test_every_desk_without_a_senior_group_still_says_why() -> None:
    """Without any group the ticket stays, marked, and a person is asked to look."""
    plan = policy.decide(a_case(desk=Desk(self_id=SELF_ID), rules=ASSIGNING))
    assert route(plan) is None
    assert "attune_senior" not in tags(plan)
