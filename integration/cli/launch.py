"""Starts everything of the main job as child processes, shows how it goes, and ends them together.

It must not do any part's work itself: each child is a command that can be started by hand just as well.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

# A child that is not ready after this long will not be, in seconds; a cold start on two cores takes about five.
READY_WITHIN_S = 60.0
# A child gets this long to finish what it began, in seconds.
LEAVE_WITHIN_S = 25.0
LAST_PORT = 65_535


class LaunchError(Exception):
    """Something could not be started; the text says what and what to do."""


@dataclass(slots=True)
class Crew:
    """The running children, by name; each writes its own log under `logs`."""

    environ: Mapping[str, str]
    root: Path
    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start one child in its own process group, so that it ends when we say so."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                command, cwd=self.root, env=dict(self.environ), stdout=log, stderr=log, start_new_session=True
            )

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        """Wait until the child answers; raises LaunchError when it ends or takes too long."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            if self.children[name].poll() is not None:
                raise LaunchError(f"{name} ended at once; its log is {self.logs / name}.log")
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"{name} is not ready after {READY_WITHIN_S:.0f} s; its log is {self.logs / name}.log"
                )
            time.sleep(0.1)

    def watch(self) -> str:
        """Wait until one child ends, and give back its name."""
        while True:
            for name, child in self.children.items():
                if child.poll() is not None:
                    return name
            time.sleep(0.5)

    def leave(self) -> None:
        """Ask every child to end, and end those that do not."""
        for child in self.children.values():
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + LEAVE_WITHIN_S
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


@contextmanager
def crew(environ: Mapping[str, str], root: Path) -> Iterator[Crew]:
    """A crew that leaves together, whatever happens."""
    together = Crew(environ, root, root / "var" / "log")
    try:
        yield together
    finally:
        together.leave()


def port(name: str, value: str) -> int:
    """The port that a setting names; raises LaunchError where it is none."""
    if not value.isdecimal() or not 0 < int(value) <= LAST_PORT:
        raise LaunchError(f"{name} is {value!r}: write a number from 1 to {LAST_PORT}")
    return int(value)


def refuse_taken(port: int, name: str) -> None:
    """Raise LaunchError where somebody already listens on the port that the setting or option `name` gives."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise LaunchError(f"port {port} is taken: end what listens there, or give another by {name}")


def answers(url: str) -> bool:
    """Whether a loopback address answers with anything at all."""
    return _get(url) is not None


def well(url: str) -> bool:
    """Whether /health says that every part is well."""
    answer = _get(url)
    return answer is not None and json.loads(answer).get("status") == "well"


def _get(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - loopback addresses of our own children
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()
    except OSError:
        return None


def gunicorn() -> list[str]:
    """The web process's command."""
    return [sys.executable, "-m", "gunicorn", "wsgi:app"]


def worker() -> list[str]:
    """The worker's command."""
    return [sys.executable, "-m", "flask", "worker"]


def sandbox(*words: str) -> list[str]:
    """The sandbox's command."""
    return [sys.executable, "-m", "sandbox", *words]


def run(command: Sequence[str], environ: Mapping[str, str], root: Path, console: Console) -> None:
    """Run one command to its end in the foreground; raises LaunchError when it fails."""
    ended = subprocess.run(command, cwd=root, env=dict(environ), check=False)  # noqa: S603 - our own commands, no shell
    if ended.returncode != 0:
        console.print(f"[red]`{' '.join(command[2:])}` failed[/red]")
        raise LaunchError(f"`{' '.join(command[2:])}` ended with {ended.returncode}")
