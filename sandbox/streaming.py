"""Knows the stream of sample tickets: one after another at a chosen pace, until it is stopped or all are written.
It must not know pages or HTTP: it is handed the tickets and the way in which one is written."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import ApiError

Doc = dict[str, Any]

PACES_S = (5, 15, 60)
"""Seconds between two tickets that may be chosen: to watch it work, to work along, and a quiet day (our choice)."""

SAMPLES = Path(__file__).parent / "samples.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the stream is: whether it runs, its pace, how many tickets it has, and how many are still to come."""

    running: bool
    every_s: int
    total: int
    left: int
    trouble: str


def samples() -> tuple[Doc, ...]:
    """The sample tickets that come with the sandbox."""
    return tuple(json.loads(line) for line in SAMPLES.read_text("utf-8").splitlines() if line.strip())


class Stream:
    """One stream of one desk. Every method may be called from any thread; it ends with the process."""

    def __init__(self, tickets: Sequence[Doc], write: Callable[[Doc], object]) -> None:
        """`write` writes one ticket as its customer."""
        self._tickets = tickets
        self._write = write
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._every_s = PACES_S[1]
        self._next = 0
        self._trouble = ""

    def start(self, every_s: int) -> None:
        """Write the next ticket now and one more every so many seconds; a stream that was at its end begins anew.

        Raises ValueError for a pace that is not offered. While it runs, this changes nothing but the pace.
        """
        if every_s not in PACES_S:
            raise ValueError(f"the pace must be one of {', '.join(map(str, PACES_S))} seconds")
        with self._lock:
            self._every_s, self._trouble = every_s, ""
            if self._runs():
                return
            if self._next >= len(self._tickets):
                self._next = 0
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._over,), name="sample-stream", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write no more; what is left waits for the next start. Returns once the last ticket is written."""
        with self._lock:
            self._over.set()
            thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def progress(self) -> Progress:
        """How far it is now."""
        with self._lock:
            return Progress(
                running=self._runs(),
                every_s=self._every_s,
                total=len(self._tickets),
                left=len(self._tickets) - self._next,
                trouble=self._trouble,
            )

    def _runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._over.is_set()

    def _run(self, over: threading.Event) -> None:
        while not over.is_set() and self._next < len(self._tickets):
            row = self._tickets[self._next]
            try:
                self._write(row)
            except ApiError as refusal:
                self._trouble = f"It stopped at sample {row.get('id')}, which the desk refused ({refusal.status})."
                break
            self._next += 1
            if self._next < len(self._tickets):
                over.wait(self._every_s)
        over.set()
