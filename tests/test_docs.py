"""What the documents say can be done: every command, option, setting, rule, file and finding that they name is there.

It must not judge how well they are written.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from integration import assembly, cli
from integration.model import Intent, Rules
from integration.settings import NAMES

PAGES = sorted([assembly.ROOT / "README.md", *(assembly.ROOT / "docs").glob("*.md")])
# Read by the processes themselves rather than by `settings`: where they listen, and how much they say.
OF_PROCESSES = {"PORT", "HOST", "SANDBOX_PORT", "LOG_LEVEL"}
# Flask's own, which the documents may name as well.
FLASKS_OWN = {"run", "shell", "routes"}
_INLINE = re.compile(r"`((?:\.venv/bin/)?flask [^`]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_SETTING = re.compile(r"`([A-Z][A-Z]+(?:_[A-Z]+)+)`|^([A-Z][A-Z]+(?:_[A-Z]+)+)=", re.MULTILINE)
_RULE = re.compile(r"^([a-z_]+)(?:\.([a-z_]+))?=")


def _commands(page: Path) -> Iterator[str]:
    """Every `flask …` of a page, in lines of code and between words."""
    text = page.read_text("utf-8")
    yield from _INLINE.findall(text)
    for line in text.splitlines():
        code = line.strip().removeprefix("$ ")
        if code.startswith(("flask ", ".venv/bin/flask ")):
            yield code.partition("  #")[0].partition(" # ")[0].partition(" < ")[0].rstrip("\\ ")


COMMANDS = sorted({(page.name, command) for page in PAGES for command in _commands(page)})


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application with every command; nothing is opened."""
    return cli.application()


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_is_there(app: Flask, page: str, command: str) -> None:
    """Each command that a document shows exists, with every option that stands beside it."""
    words = [word.strip("…,.;()") for word in shlex.split(command.replace("'", "’"))[1:]]
    words = [word for word in words if word]
    if words[0] in FLASKS_OWN:
        return
    with app.test_cli_runner().isolation():
        found: click.Command | None = app.cli.get_command(click.Context(app.cli), words[0])
    assert found is not None, f"{page}: there is no `flask {words[0]}`"
    rest = words[1:]
    while isinstance(found, click.Group) and rest and not rest[0].startswith("-"):
        deeper = found.commands.get(rest[0])
        assert deeper is not None, f"{page}: there is no `{command}`"
        found, rest = deeper, rest[1:]
    options = {name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    for word in rest:
        if word.startswith("--"):
            assert word.partition("=")[0] in options, f"{page}: `{command}` has no {word}"
    if words[0] == "rules":
        assert _unknown_rules(rest) == [], f"{page}: {command}"


def _unknown_rules(changes: list[str]) -> list[str]:
    known = {field.name for field in dataclasses.fields(Rules)}
    found = []
    for change in changes:
        named = _RULE.match(change)
        if named and (named[1] not in known or (named[1] == "rungs" and named[2] not in {*Intent, None, "INTENT"})):
            found.append(change)
    return found


def test_every_setting_is_told_and_is_there() -> None:
    """The README names each setting, and no document names one that does not exist."""
    known = {*NAMES, *OF_PROCESSES}
    readme = (assembly.ROOT / "README.md").read_text("utf-8")
    assert sorted(name for name in known if f"`{name}`" not in readme) == []
    named = {
        (page.name, one)
        for page in PAGES
        if page.name not in ("decisions.md",)
        for pair in _SETTING.findall(page.read_text("utf-8"))
        for one in pair
        if one
    }
    assert sorted((page, name) for page, name in named if name not in known) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Files and pictures that a document points to are there."""
    links = [link for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    """No document stands where nobody finds it."""
    readme = (assembly.ROOT / "README.md").read_text("utf-8")
    assert [page.name for page in PAGES[1:] if page.parent.name == "docs" and f"docs/{page.name}" not in readme] == []


def test_every_finding_of_doctor_is_explained() -> None:
    """Each check of `flask doctor` has its place in the page on troubles."""
    page = (assembly.ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    checks = {check for file in (assembly.ROOT / "integration").rglob("*.py") for check in _checks(file)}
    assert len(checks) > 15
    assert sorted(check for check in checks if f"| {check} |" not in page) == []


def _checks(file: Path) -> Iterator[str]:
    """The names of checks that a file gives: the first words of `ok`, `warning` and `problem`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0] if node.args else None
            on_log = isinstance(node.func, ast.Attribute) and name == "warning"
            if name in ("ok", "warning", "problem") and not on_log and isinstance(first, ast.Constant):
                yield str(first.value)
