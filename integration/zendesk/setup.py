"""What `flask install` and `flask uninstall` do: survey, decide on a plan, carry it out and write down what is ours.

It must not print, ask, or know how the ledger is kept; the plan is a value that the caller may show first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from integration import content
from integration.model import Desk, Field, MacroRef, Owned, Refused
from integration.wire.definitions import (
    wanted,
    wanted_app,
)
from integration.wire.resources import (
    APP,
    APP_INSTALLATION,
    FIELD,
    GROUP,
    GROUP_KEY,
    MACRO,
    SENIOR_GROUP,
    WEBHOOK,
    WEBHOOK_KEY,
    Body,
    Wanted,
    field_key,
    macro_key,
    resolved,
)
from integration.zendesk.app_package import Package
from integration.zendesk.comparison import InstallPlan, Step, Verb, compare, compare_removal
from integration.zendesk.likeness import BEHAVIOUR, TEXTS, Prints, listening_elsewhere, prints, title_of
from integration.zendesk.menu import chosen_languages, chosen_restriction, described, dropped_keys
from integration.zendesk.provision import Provision
from integration.zendesk.session import Declined, Session
from integration.zendesk.standing import API, NOT_THERE, Standing, Thing, survey


class Ledger(Protocol):
    """What we answer for in the account, kept for as long as the account stands."""

    def rows(self) -> tuple[Owned, ...]:
        """Everything that install answers for."""

    def put(self, owned: Owned, /) -> None:
        """Write one thing down, or write it anew."""

    def remove(self, key: str, /) -> None:
        """Forget one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The Zendesk app as it is to be installed, and the value that its calls are signed with."""

    package: Package
    shared_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a plan."""

    done: tuple[Step, ...]
    refused: tuple[tuple[Step, str], ...] = ()  # what Zendesk would not do, and why
    secret: str = ""  # the webhook's signing secret; empty after uninstall, or where it may not be read


def plan(
    session: Session,
    rows: Iterable[Owned],
    *,
    public_url: str,
    facts: Mapping[str, str] | None = None,
    senior_group: str | None = None,
    senior_members: Iterable[str] = (),
    take_over: bool = False,
    macro_languages: Iterable[str] | None = None,
    macro_groups: Iterable[str] | None = None,
    app: App | None = None,
) -> InstallPlan:
    """Decide what install would do; nothing is changed.

    `facts` fills the slots of the answers, such as tracking_page; the caller remembers those given earlier.
    `senior_group` names the group for charged tickets: None keeps the one in use. `senior_members` are e-mail
    addresses of agents to put into it. `take_over` makes ours what another Attune has in this account.
    `macro_languages` are those of the empathy macros beside English, `macro_groups` the names of the groups that see
    them, none for everybody; None keeps what stands. `app` adds the Zendesk app, or brings it up to date. Raises
    Refused where another Attune lives here and is not to be taken over, an address is no agent's, a group is not there
    or the credentials fall short.
    """
    rows = tuple(rows)
    standing = survey(session, apps=app is not None or has_app(rows))
    known = facts or {}
    languages = chosen_languages(macro_languages, rows, standing)
    restriction = chosen_restriction(macro_groups, rows, standing)
    macros = (*content.answers(), *content.empathy(*languages))
    things = wanted(
        standing.account,
        public_url,
        [replace(text, text=content.fill(text.text, known)) for text in macros],
        senior_group=senior_group or _group_in_use(rows, standing),
        senior_members=_agents(session, senior_members),
        restriction=restriction,
    )
    if app is not None:
        things = (*things, *wanted_app(app.package, public_url, app.shared_value))
    other = _other_attune(things, standing, rows)
    if other is not None and not take_over:
        raise Refused(
            f"another Attune lives in this account and listens at {other.get('endpoint')}; "
            "to take it over run `flask install --take-over`"
        )
    taken = {WEBHOOK_KEY: other} if other is not None else None
    steps = compare(things, standing, rows, taken, dropped_keys(languages))
    return replace(steps, remark=described(languages, restriction, standing))


def plan_removal(session: Session, rows: Iterable[Owned], *, keep_fields: bool = False) -> InstallPlan:
    """Decide what uninstall would do; nothing is changed.

    Deleting a field wipes its values from every ticket; `keep_fields` keeps the fields.
    """
    rows = tuple(rows)
    return compare_removal(survey(session, apps=has_app(rows)), rows, keep_fields)


def has_app(rows: Iterable[Owned]) -> bool:
    """Whether install answers for the Zendesk app, or for what is left of it."""
    return any(row.kind in (APP, APP_INSTALLATION) for row in rows)


def carry_out(
    plan: InstallPlan,
    session: Session,
    ledger: Ledger,
    tell: Callable[[Step], None] | None = None,
) -> Report:
    """Do what the plan says, writing each thing down as soon as it stands; `tell` hears of each step done.

    What Zendesk refuses is reported and the rest goes on. Raises TryLater where the account cannot answer now: plan
    and carry out again, and it goes on where it stopped.
    """
    workshop = _Workshop(Provision(session), ledger)
    done: list[Step] = []
    refused: list[tuple[Step, str]] = []
    for step in plan.steps:
        try:
            workshop.do(step)
        except Refused as why:
            refused.append((step, str(why)))
        else:
            done.append(step)
            if tell:
                tell(step)
    secret, complaint = workshop.secret(plan)
    return Report(done=tuple(done), refused=(*refused, *complaint), secret=secret)


def desk(rows: Iterable[Owned], self_id: int) -> Desk:
    """The desk as the rest of Attune knows it: ids of fields, senior group and macros."""
    by_key = {row.key: row for row in rows}
    fields = {name: int(by_key[field_key(name)].zendesk_id) for name in Field if field_key(name) in by_key}
    group = by_key.get(GROUP_KEY)
    macros = [(text, by_key[macro_key(text.key)]) for text in content.macros() if macro_key(text.key) in by_key]
    return Desk(
        self_id=self_id,
        fields=fields,
        senior_group_id=int(group.zendesk_id) if group else None,
        macros=tuple(MacroRef(key=text.key, id=int(row.zendesk_id), title=row.title) for text, row in macros),
    )


class _Workshop:
    """Carries out single steps; knows the ids of what stands so far."""

    def __init__(self, provision: Provision, ledger: Ledger) -> None:
        self._provision = provision
        self._ledger = ledger
        self._ids = {row.key: row.zendesk_id for row in ledger.rows()}

    def do(self, step: Step) -> None:
        """Do one step and write down what came of it."""
        if step.verb is Verb.CREATE:
            self._create(step)
        elif step.verb in (Verb.UPDATE, Verb.ADOPT):
            self._change(step)
        elif step.verb is Verb.REMOVE:
            self._remove(step)
        elif step.verb is Verb.FORGET:
            self._forget(step)

    def secret(self, plan: InstallPlan) -> tuple[str, tuple[tuple[Step, str], ...]]:
        """The signing secret of the webhook that the plan leaves standing, or what kept us from reading it."""
        step = next((one for one in plan.steps if one.key == WEBHOOK_KEY and one.wanted is not None), None)
        if step is None or WEBHOOK_KEY not in self._ids:
            return "", ()
        try:
            return self._provision.signing_secret(self._ids[WEBHOOK_KEY]), ()
        except Refused as why:
            return "", ((step, f"its signing secret cannot be read: {why}"),)

    def _create(self, step: Step) -> None:
        self._ids.pop(step.key, None)  # the id of one that was deleted in the desk
        one = self._possible(step)
        there = self._provision.create(step.kind, resolved(one.body, self._ids))
        self._write_down(step, str(there["id"]), prints(one, self._ids, there))

    def _change(self, step: Step) -> None:
        one = self._possible(step)
        body = resolved(_parts(one, step), self._ids)
        for option in step.options:
            self._provision.add_option(step.zendesk_id, option)
        if step.kind == MACRO and body and "actions" not in body:
            # Whether an update without them keeps them is not written anywhere; for triggers it does not.
            body["actions"] = self._provision.read(MACRO, step.zendesk_id)["actions"]
        if body:
            there = self._provision.update(step.kind, step.zendesk_id, body)
        else:
            there = self._provision.read(step.kind, step.zendesk_id)
        self._write_down(step, step.zendesk_id, _merged(step, prints(one, self._ids, there)))

    def _remove(self, step: Step) -> None:
        try:
            self._provision.delete(step.kind, step.zendesk_id)
        except Declined as declined:
            if declined.status != NOT_THERE:
                raise
        self._forget(step)

    def _forget(self, step: Step) -> None:
        self._ledger.remove(step.key)
        if step.row is not None and step.row.key != step.key:
            self._ledger.put(step.row)

    def _possible(self, step: Step) -> Wanted:
        """What the step is about, once everything it needs stands."""
        if step.wanted is None:
            raise Refused(f"nothing is known about {step.key}")
        lacking = sorted(step.wanted.needs - self._ids.keys())
        if lacking:
            raise Refused(f"needs {', '.join(lacking)}, which could not be made")
        return step.wanted

    def _write_down(self, step: Step, zendesk_id: str, definition: Prints) -> None:
        self._ids[step.key] = zendesk_id
        self._ledger.put(
            Owned(
                key=step.key,
                kind=step.kind,
                zendesk_id=zendesk_id,
                made_by_us=step.made_by_us,
                definition=str(definition),
                title=step.title,
            )
        )


def _parts(one: Wanted, step: Step) -> Body:
    """What an update sends: only the parts that changed, and never what a field cannot have changed safely."""
    behaviour = dict(one.behaviour) if BEHAVIOUR in step.send else {}
    if one.kind == FIELD:
        for never in ("type", "custom_field_options"):
            behaviour.pop(never, None)
    return {**(one.texts if TEXTS in step.send else {}), **behaviour}


def _merged(step: Step, now: Prints) -> Prints:
    """The fingerprints after an update: parts that were not written keep those of their last writing.

    An adopted thing's texts were written by nobody we know, so they count as an admin's unless they are ours word for
    word.
    """
    if step.row is None:
        return replace(now, texts_there="")
    before = Prints.read(step.row.definition)
    if TEXTS not in step.send:
        now = replace(now, texts=before.texts, texts_there=before.texts_there)
    if BEHAVIOUR not in step.send:
        now = replace(now, behaviour=before.behaviour, behaviour_there=before.behaviour_there)
    return now


def _other_attune(things: Iterable[Wanted], standing: Standing, rows: Iterable[Owned]) -> Thing | None:
    """The webhook of another Attune in this account, as long as we have none of our own there."""
    if any(row.key == WEBHOOK_KEY and standing.by_id(WEBHOOK, row.zendesk_id) for row in rows):
        return None
    return next((listening_elsewhere(one, standing) for one in things if one.key == WEBHOOK_KEY), None)


def _group_in_use(rows: tuple[Owned, ...], standing: Standing) -> str:
    row = next((row for row in rows if row.key == GROUP_KEY), None)
    there = standing.by_id(GROUP, row.zendesk_id) if row else None
    return title_of(there) if there is not None else SENIOR_GROUP


def _agents(session: Session, emails: Iterable[str]) -> dict[str, str]:
    """The user ids of agents, by e-mail address."""
    return {email: _agent(session, email) for email in (address.strip().lower() for address in emails)}


def _agent(session: Session, email: str) -> str:
    # https://developer.zendesk.com/api-reference/ticketing/users/users/#search-users
    users = session.each(f"{API}/users/search", "users", {"query": f"email:{email}"})
    found = (user for user in users if str(user.get("email", "")).lower() == email)
    agent = next((user for user in found if user.get("role") in ("agent", "admin")), None)
    if agent is None:
        raise Refused(f"{email} is no agent of this account: correct the address, or make them an agent first")
    return str(agent["id"])
