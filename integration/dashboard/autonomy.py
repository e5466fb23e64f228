"""The ladder with its switches: how far each intent may go by itself, what it earned, and the switch for all of them.

It must not judge a figure, nor turn anything but what stands on the page.
"""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from integration.dashboard import guard, tables, words
from integration.dashboard.behind import Behind, Footing
from integration.model import ROUTINE_INTENTS, Hand, Intent, NotUnderstood, Refused, Rung

# Longest reason of an admin's, in characters, as `flask autonomy` has it.
LONGEST_REASON = 200
# Moves in the history on the page.
MOVES = 40


def add(dashboard: Blueprint, behind: Behind) -> None:
    """The routes of the ladder."""

    @dashboard.get("/autonomy")
    def autonomy() -> Response:
        return guard.looking(behind, _shown)

    @dashboard.get("/autonomy.csv")
    def autonomy_file() -> Response:
        return guard.looking(behind, lambda room: tables.saved(_table(room.behind.ladder())))

    @dashboard.post("/autonomy/rung")
    def set_rung() -> Response:
        return guard.switching(behind, _set_rung)

    @dashboard.post("/autonomy/stop")
    def stop_sending() -> Response:
        return guard.switching(behind, _stop)

    @dashboard.get("/autonomy/start")
    def ask_start() -> Response:
        return guard.looking(behind, _ask_start)

    @dashboard.post("/autonomy/start")
    def start_sending() -> Response:
        return guard.switching(behind, _start)


def _shown(room: guard.Room) -> Response:
    return guard.page(
        "autonomy.html",
        standings=room.behind.ladder(),
        moves=room.memory.audit.moves(MOVES),
        rules=room.memory.rules(),
        rungs=lambda one: list(Rung)[: list(Rung).index(one.ceiling) + 1],
        longest=LONGEST_REASON,
    )


def _set_rung(room: guard.Room) -> Response:
    given = guard.only("intent", "rung", "because")
    if given["intent"] not in set(ROUTINE_INTENTS):
        raise NotUnderstood("intent: choose one of those on the page")
    if given["rung"] not in set(Rung):
        raise NotUnderstood(f"rung: choose one of {', '.join(Rung)}")
    intent, rung = Intent(given["intent"]), Rung(given["rung"])
    if why := room.behind.rung_refused(intent, rung):
        raise Refused(why)
    reason = _reason(given["because"]) or "set on the dashboard"
    room.memory.change_rules({f"rungs.{intent}": rung.value}, room.now, reason, Hand.DASHBOARD)
    guard.log.info("intent %s set to %s on the dashboard", intent, rung)
    return guard.lead(url_for("dashboard.autonomy") + f"#{intent}")


def _stop(room: guard.Room) -> Response:
    """One press, no question: whoever stops has a reason to hurry."""
    guard.only()
    room.memory.change_rules({"sending": False}, room.now, "stopped on the dashboard", Hand.DASHBOARD)
    guard.log.warning("all sending was stopped on the dashboard")
    return guard.lead(url_for("dashboard.autonomy"))


def _ask_start(room: guard.Room) -> Response:
    speaking = [one for one in room.behind.ladder() if one.rung in (Rung.SHARE, Rung.SEND)]
    return guard.page(
        "sure.html",
        head="Let automated replies go out again?",
        text="These kinds of request are answered without a person:"
        if speaking
        else "No intent stands on a rung that sends, so that nothing goes out until you move one.",
        names=[f"{words.plain(one.intent)}: {one.rung}" for one in speaking],
        press_label="Start sending",
        action=url_for("dashboard.start_sending"),
        back=url_for("dashboard.autonomy"),
    )


def _start(room: guard.Room) -> Response:
    guard.only()
    room.memory.change_rules({"sending": True}, room.now, "started on the dashboard", Hand.DASHBOARD)
    guard.log.warning("sending was started on the dashboard")
    return guard.lead(url_for("dashboard.autonomy"))


def _reason(text: str) -> str:
    """One line, of signs that can be shown."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:LONGEST_REASON]


def _table(standings: tuple[Footing, ...]) -> tables.Table:
    ratios = [ratio.name for ratio in standings[0].ratios] if standings else []
    heads = ("intent", "rung", "moved", "by", "sent", "drafted", *ratios, "of", "to climb")
    rows = []
    for one in standings:
        moved = (words.when(one.last.at), str(one.last.by)) if one.last else ("", "")
        counts = [ratio.count for ratio in one.ratios]
        of = "; ".join(f"{ratio.name} of {ratio.of}" for ratio in one.ratios)
        rows.append((one.intent.value, one.rung.value, *moved, one.sent, one.drafted, *counts, of, one.to_climb))
    return tables.Table(name="autonomy", caption="The ladder", heads=heads, rows=tuple(rows))
