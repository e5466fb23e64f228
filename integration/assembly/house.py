"""Looks at our own house for `flask doctor`: database, queue, workers, reader, and what the rules ask of the desk.

It must not look at what install made in the account (`zendesk.doctor` does), nor mend anything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from integration import analysis, policy, worker
from integration.model import Mover
from integration.zendesk.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from integration.assembly.parts import Assembly


def checks(parts: Assembly, clock: Callable[[], datetime]) -> tuple[tuple[str, Callable[[], Finding]], ...]:
    """Every check by its name; each is run on its own, so that one that fails hides no other."""
    return (
        ("database", lambda: _database(parts)),
        ("queue", lambda: _queue(parts)),
        ("worker", lambda: _worker(parts, clock())),
        ("reader", _reader),
        ("look-ups", lambda: _lookups(parts)),
        ("team", lambda: _team(parts, clock())),
        ("failures", lambda: _failures(parts, clock())),
        ("kept", lambda: _kept(parts)),
        ("autonomy", lambda: _autonomy(parts)),
    )


def _reader() -> Finding:
    why = analysis.fault()
    return problem("reader", *why.rsplit("; ", 1)) if why else ok("reader", "the trained files are those of their card")


def _database(parts: Assembly) -> Finding:
    parts.store.check()
    return ok("database", f"answers ({parts.settings.database_url.split(':', 1)[0]})")


def _queue(parts: Assembly) -> Finding:
    waiting = parts.waiting()
    said = f"{waiting} event{'' if waiting == 1 else 's'} in the queue"
    if waiting > worker.TOO_MANY_WAITING:
        todo = "start another `flask worker`, and see whether the rate budget is spent"
        return warning("queue", said, todo)
    return ok("queue", said)


def _worker(parts: Assembly, now: datetime) -> Finding:
    names = sorted(parts.store.alive(now - worker.DEAD_AFTER))
    if not names:
        return problem("worker", "no worker is running", "start `flask worker`")
    return ok("worker", f"{len(names)} at work: {', '.join(names)}")


def _lookups(parts: Assembly) -> Finding:
    known = parts.lookups().values()
    lacking = [name for one in known for name in parts.services.unset(one)]
    if lacking:
        return warning("look-ups", f"not set in the environment: {', '.join(lacking)}", "set it, and restart")
    return ok("look-ups", f"{len(known)} configured")


def _team(parts: Assembly, now: datetime) -> Finding:
    rules = parts.store.rules()
    if not (rules.assign or rules.groups_for):
        return ok("team", "charged tickets go to the senior group, nobody is assigned (rule: assign)")
    said = policy.routing.troubles(parts.roster.team(now), rules, parts.desk(), now)
    if said:
        return warning("team", "; ".join(said), "see `flask team`, and correct the groups in Zendesk or the rules")
    return ok("team", "somebody is free in every group" if rules.assign else "every group that is named stands")


def _failures(parts: Assembly, now: datetime) -> Finding:
    lately = parts.store.archive.failed(worker.FAILURES, now - timedelta(days=1))
    if not lately:
        return ok("failures", "no event of the last day waits for help")
    what = f"{len(lately)} of the last day, the newest: {lately[-1].because}"
    return warning("failures", what, "see to the cause, then `flask replay --failed`")


def _kept(parts: Assembly) -> Finding:
    count, oldest = parts.store.archive.kept()
    since = f" since {oldest:%Y-%m-%d}" if oldest else ""
    tidied = parts.store.get(worker.TIDIED)
    last = f"last tidied {tidied[:10]}" if tidied else "not tidied yet: a worker does it once a day"
    return ok("kept", f"{count} outcomes{since}, each for {parts.store.rules().keep_days} days; {last}")


def _autonomy(parts: Assembly) -> Finding:
    """What the ladder took back stays a warning until an admin has decided."""
    steps = parts.store.autonomy.steps()
    fallen = [one for one in steps.values() if one.by is Mover.LADDER]
    if not fallen:
        return ok("autonomy", "no intent fell back")
    said = [f"{one.intent} fell from {one.was} to {one.is_now} on {one.at:%Y-%m-%d}" for one in fallen]
    why = "; ".join(f"{what} ({one.because})" for what, one in zip(said, fallen, strict=True))
    todo = "see `flask autonomy`; `flask autonomy set INTENT RUNG` decides it, also for the rung it has now"
    return warning("autonomy", why, todo)
