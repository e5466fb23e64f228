"""Commands that were given wrong words, wrong settings or a database that cannot be used: what each says and ends with.

Every one ends with words and its exit code: 1 refused, 2 wrong input or settings, 75 try again; never with a traceback.
`docs/bad-input.md` is the table of what is asserted here.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from integration import assembly, cli
from integration.cli import console
from integration.settings import NAMES
from tests.conftest import free_port
from tests.e2e.conftest import Stage
from tests.e2e.staging import CALM

ONE_DATABASE = True

Command = Callable[..., tuple[int, str]]
REFUSED, WRONG_INPUT, TRY_AGAIN = 1, 2, 75


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Command]:
    """Run a command as a fresh process would, under these settings and no others; gives exit code and words."""
    monkeypatch.setattr(assembly, "ROOT", tmp_path)  # no `.env` of the developer's
    for stream in (console.out, console.err):
        monkeypatch.setattr(stream, "width", 300)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(settings: Mapping[str, str], *words: str, typed: str = "") -> tuple[int, str]:
        for name in (*NAMES, "PORT", "SANDBOX_PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"DATABASE_URL": f"sqlite:///{tmp_path / 'a.sqlite'}"} | dict(settings)).items():
            monkeypatch.setenv(name, value)
        app = cli.application()
        found = app.test_cli_runner().invoke(args=list(words), input=typed)
        app.extensions["attune"].close()
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.output

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


# --- reading ---------------------------------------------------------------------------------------------------------

BROKEN_LINES: dict[str, str] = {
    "{not json": "line 2: not JSON",
    "[]": "line 2: the line is not a JSON object",
    "{}": "line 2: body: a text is needed",
    '{"body": 7}': "line 2: body: a text is needed",
    '{"body": "x", "subject": 7}': "line 2: subject: a text is needed",
    '{"body": "x", "thread": {}}': "line 2: thread: a list is needed",
    '{"body": "x", "thread": [{"author": "ghost", "body": "x"}]}': "line 2: thread[0].author",
    '{"body": "x", "history": {"reopens": -1}}': "line 2: history.reopens",
    '{"id": {}, "body": "x"}': "line 2: id",
    '{"body": "\\ud800 half a character"}': "",
    '{"body": ""}': "",
}


@pytest.mark.parametrize("line", BROKEN_LINES)
def test_one_broken_line_does_not_stop_the_others(command: Command, line: str) -> None:
    """The good lines are read, the broken one is named by number and field, and the exit code says that one was."""
    good = json.dumps({"id": "a", "body": CALM})
    code, said = command({}, "read", "--jsonl", typed=f"{good}\n{line}\n\n{good}\n")
    read = [json.loads(row) for row in said.splitlines() if row.startswith("{")]
    complaint = BROKEN_LINES[line]
    assert [row["intent"] for row in read if row["id"] == "a"] == ["order_status", "order_status"]
    assert complaint in said
    assert (code, len(read)) == ((WRONG_INPUT, 2) if complaint else (0, 3))


def test_nothing_to_read(command: Command) -> None:
    """An empty text is a reading that says so, not an error."""
    code, said = command({}, "read", typed="")
    assert code == 0
    assert "unreadable" in said
    assert "A bot must not answer this" in said


# --- words that cannot be meant --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("explain", "999999"), REFUSED, "404 RecordNotFound"),
        (("explain", "abc"), WRONG_INPUT, "not a valid integer"),
        (("install", "--fact", "favourite_colour=blue"), WRONG_INPUT, "no answer needs favourite_colour; there are"),
        (("install", "--fact", "tracking_page"), WRONG_INPUT, "write NAME=VALUE"),
        (("install", "--facts", "nowhere.toml"), WRONG_INPUT, "does not exist"),
        (("install", "--facts", __file__), WRONG_INPUT, "is not TOML"),
        (("install", "--senior-member", "nobody@sandbox.example"), REFUSED, "is no agent of this account"),
        (("install", "--senior-member", "priya@customer.example"), REFUSED, "is no agent of this account"),
        (("rules", "nonsense=1"), WRONG_INPUT, "no such rule; there are"),
        (("rules", "sending"), WRONG_INPUT, "write NAME=VALUE"),
        (("rules", "sending=perhaps"), WRONG_INPUT, "write true or false"),
        (("rules", "rungs=send"), WRONG_INPUT, "write rungs.INTENT=RUNG"),
        (("rules", "rungs.order_status=everything"), WRONG_INPUT, "everything"),
        (("rules", "rungs.world_peace=send"), WRONG_INPUT, "world_peace"),
        (("rules", "confidence_floor=-1"), WRONG_INPUT, "from 0.0 to 1.0"),
        (("rules", "confidence_floor=nan"), WRONG_INPUT, "from 0.0 to 1.0"),
        (("rules", "groups_for.gossip=1"), WRONG_INPUT, "no group for gossip; there are safety"),
        (("rules", "groups_for.fraud=Fraud"), WRONG_INPUT, "write a group's id"),
        (("rules", "groups_for=7"), WRONG_INPUT, "write groups_for.fraud=GROUP_ID"),
        (("rules", "charged_per_person=0"), WRONG_INPUT, "from 1 to 100"),
        (("rules", "share_percent=500"), WRONG_INPUT, "from 0 to 100"),
        (("rules", "replies_per_hour=many"), WRONG_INPUT, "many"),
        (("worker", "--catch-up-every", "0"), WRONG_INPUT, "not in the range"),
    ],
)
def test_words_that_cannot_be_meant(
    stage: Stage, command: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    """The word that is wrong is named with what would be right, and nothing is changed."""
    rules, ledger = stage.parts.store.rules(), stage.parts.store.rows()
    ended, spoken = command(stage.environ, *words)
    assert ended == code, spoken
    assert said in spoken
    assert (stage.parts.store.rules(), stage.parts.store.rows()) == (rules, ledger)


# --- settings --------------------------------------------------------------------------------------------------------

NEEDS_ZENDESK = {"ZENDESK_SUBDOMAIN", "ZENDESK_CLIENT_ID", "ZENDESK_CLIENT_SECRET"}


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("install",), NEEDS_ZENDESK | {"PUBLIC_URL"}),
        (("uninstall",), NEEDS_ZENDESK),
        (("doctor",), NEEDS_ZENDESK),
        (("explain", "1"), NEEDS_ZENDESK),
        (("worker",), NEEDS_ZENDESK),
    ],
)
def test_settings_that_are_missing(command: Command, words: tuple[str, ...], missing: set[str]) -> None:
    """Everything that the command lacks is named at once, with what it means."""
    assert command({}, "migrate")[0] == 0
    code, said = command({}, *words)
    assert code == WRONG_INPUT
    assert {line.strip().split(":")[0] for line in said.splitlines()[1:]} == missing


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ZENDESK_URL": "http://desk.example"}, "ZENDESK_URL: http is allowed on loopback only"),
        ({"ZENDESK_URL": "desk"}, "ZENDESK_URL: write a whole address"),
        ({"ZENDESK_SUBDOMAIN": "acme.zendesk.com"}, "ZENDESK_SUBDOMAIN: write only the first part"),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL: begin with"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY: at least 32 characters"),
    ],
)
def test_settings_that_cannot_be(command: Command, settings: dict[str, str], said: str) -> None:
    """A setting that cannot be meant stops every command by its name."""
    code, spoken = command(settings, "rules")
    assert (code, said in spoken) == (WRONG_INPUT, True), spoken


def test_the_web_process_does_not_start_half_set_up(tmp_path: Path) -> None:
    """gunicorn names every problem of the settings and ends, before a single request is taken."""
    environ = {"PATH": "/usr/bin:/bin", "PORT": str(free_port()), "SECRET_KEY": "short", "ZENDESK_URL": "desk"}
    environ |= {"PYTHONPATH": str(assembly.ROOT), "ZENDESK_CLIENT_ID": "attune", "ZENDESK_CLIENT_SECRET": ""}
    settings = str(assembly.ROOT / "gunicorn.conf.py")
    started = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", settings, "wsgi:app"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert started.returncode != 0
    for name in ("ZENDESK_URL", "ZENDESK_CLIENT_SECRET", "SECRET_KEY"):
        assert f"  {name}: " in started.stderr
    assert "Traceback" not in started.stderr


@pytest.mark.parametrize("words", [("install",), ("uninstall",), ("doctor",), ("explain", "1")])
@pytest.mark.parametrize(
    "wrong",
    [{"ZENDESK_CLIENT_SECRET": "not-the-secret"}, {"ZENDESK_ACCESS_TOKEN": "not-a-token"}],
    ids=["another client secret", "a ready token that is wrong"],
)
def test_credentials_that_zendesk_refuses(
    stage: Stage, command: Command, words: tuple[str, ...], wrong: dict[str, str]
) -> None:
    """The setting to look at is named, and nothing is changed."""
    ledger = stage.parts.store.rows()
    code, said = command({**stage.environ, **wrong}, *words)
    assert code == REFUSED, said
    assert next(iter(wrong)) in said
    assert stage.parts.store.rows() == ledger


def test_an_account_that_does_not_answer(stage: Stage, command: Command) -> None:
    """Where nobody listens, a command says that the connection failed, and that it may be tried again."""
    nowhere = {"ZENDESK_URL": f"http://127.0.0.1:{free_port()}"}
    assert command({**stage.environ, **nowhere}, "install") == (
        TRY_AGAIN,
        "Not now: the connection to Zendesk failed (ConnectionError)\n",
    )


def test_another_secret_key_than_at_install(stage: Stage, command: Command) -> None:
    """The sealed secret cannot be opened with another key: the doctor says so instead of letting anybody in."""
    code, said = command({**stage.environ, "SECRET_KEY": "another" * 8}, "doctor")
    assert code == REFUSED
    assert "the webhook's signing secret is not known to us" in said


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("rules",), ("install",), ("uninstall",), ("doctor",), ("worker",)])
def test_before_the_first_migration(stage: Stage, command: Command, words: tuple[str, ...], tmp_path: Path) -> None:
    """A command that needs the database says that its tables are missing and how to make them."""
    code, said = command({**stage.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite'}"}, *words)
    assert code == TRY_AGAIN
    assert "run `flask migrate`" in said


def _beneath_a_file(folder: Path) -> str:
    (folder / "file").write_text("not a folder")
    return f"sqlite:///{folder / 'file' / 'attune.sqlite'}"


def _no_database(folder: Path) -> str:
    (folder / "letter.sqlite").write_text("Dear Sir or Madam, " * 500)
    return f"sqlite:///{folder / 'letter.sqlite'}"


def _a_folder(folder: Path) -> str:
    (folder / "folder.sqlite").mkdir()
    return f"sqlite:///{folder / 'folder.sqlite'}"


def _read_only(folder: Path) -> str:
    return f"sqlite:////proc/{folder.name}/attune.sqlite"


def _no_server(_folder: Path) -> str:
    return f"postgresql://attune@127.0.0.1:{free_port()}/attune"


@pytest.mark.parametrize("words", [("migrate",), ("rules",), ("worker",)])
@pytest.mark.parametrize("where", [_beneath_a_file, _no_database, _a_folder, _read_only, _no_server])
def test_a_database_that_cannot_be_used(
    stage: Stage, command: Command, words: tuple[str, ...], where: Callable[[Path], str], tmp_path: Path
) -> None:
    """The command says that it is the database, what the system says of it, and that it may be tried again."""
    code, said = command({**stage.environ, "DATABASE_URL": where(tmp_path)}, *words)
    assert code == TRY_AGAIN, said
    assert said.startswith("Not now: database: ")
    assert "(" in said


# --- ports -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_port_that_is_taken(command: Command, name: str) -> None:
    """`flask up` starts nothing, and names the port and the setting that gives another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, said = command({"PORT": str(free_port()), name: port}, "up", "--once")
    assert code == REFUSED
    assert f"port {port} is taken: end what listens there, or give another by {name}" in said


@pytest.mark.parametrize("value", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none(command: Command, value: str) -> None:
    """`flask up` says which numbers are ports."""
    code, said = command({"PORT": value}, "up", "--once")
    assert (code, f"PORT is '{value}': write a number from 1 to 65535" in said) == (REFUSED, True), said
