"""Runs the trained encoder over transcripts: the probability of every label, and how much every word spoke for it.

It must not know how the weights came to be (`training/` does), nor what cues say beside them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from integration.analysis.pieces import Cutter, Pieces
from integration.analysis.transcript import Transcript
from integration.model import Charge, Emotion, Intent, Sentiment, Urgency

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, numpy.dtype[Any]]

# What is judged, in the order of the columns: of each group exactly one label holds, of the free groups any number.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "person": ("needed",),
    "sentiment": tuple(Sentiment),
    "charge": tuple(Charge),
    "urgency": tuple(Urgency),
    "intent": tuple(Intent),
    "emotions": tuple(Emotion),
}
FREE = frozenset({"person", "emotions"})
COLUMNS: tuple[tuple[str, str], ...] = tuple((group, label) for group, labels in GROUPS.items() for label in labels)


class Missing(Exception):
    """The trained files are not there, or are not those of their card; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the encoder makes of one transcript."""

    shares: Mapping[str, Mapping[str, float]]  # the calibrated probability (0...1) of every label of every group
    words: tuple[Word, ...]  # of the newest message, in order
    whole: bool = True  # whether all of the newest message was read

    def saw(self, start: int, end: int) -> bool:
        """Whether what stands there in the newest message was read."""
        return any(word.start < end and start < word.end for word in self.words)


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a word: where it stands in the cleaned text, and what it adds to the logit of every column."""

    start: int
    end: int
    parts: Sequence[float]


def load() -> None:
    """Fetch the trained files now. Raises Missing."""
    _trained()


def judge(transcript: Transcript) -> Judged:
    """The judgement of one transcript. Raises Missing.

    One at a time: in an int8 graph the scale of a batch depends on all that is in it, so that a text would read
    differently beside others. Several threads may call it at once.
    """
    return _trained().judge(transcript)


class _Trained:
    """The files of `model/`, loaded: an ONNX graph, its tokenizer, and what calibrates its logits."""

    def __init__(self, session: Any, cutter: Cutter, calibration: Mapping[str, Any]) -> None:
        self._session, self._cutter = session, cutter
        self._base, self._scale, self._shift = (calibration[name] for name in ("base", "scale", "shift"))

    def judge(self, transcript: Transcript) -> Judged:
        parts = self._cutter.cut(transcript)
        return replace(_worst([self._one(pieces) for pieces in parts]), whole=parts[-1].last)

    def _one(self, pieces: Pieces) -> Judged:
        import numpy

        ids = numpy.array([pieces.ids], dtype=numpy.int64)
        parts: Array = self._session.run(["parts"], {"ids": ids, "mask": numpy.ones_like(ids)})[0][0]
        logits = (parts.sum(axis=0) + self._base) * self._scale + self._shift
        words = tuple(
            Word(span[0], span[1], row) for span, row in zip(pieces.spans, parts.tolist(), strict=True) if span
        )
        return Judged(shares=_shares(logits.tolist()), words=words)


# What is taken from the gravest part of a long letter; the rest is read from its beginning and end.
_GRAVEST = {
    "person": lambda of: of["needed"],
    "charge": lambda of: of[Charge.CHARGED] + 0.5 * of[Charge.MILD],
    "urgency": lambda of: of[Urgency.CRITICAL] + 0.7 * of[Urgency.HIGH] + 0.2 * of[Urgency.NORMAL],
}


def _worst(parts: Sequence[Judged]) -> Judged:
    """A letter read in parts is as grave as its gravest part: danger in its middle is not thinned by what is around."""
    if len(parts) == 1:
        return parts[0]
    shares = dict(parts[0].shares)
    for group, gravity in _GRAVEST.items():
        shares[group] = max((part.shares[group] for part in parts), key=gravity)
    words = sorted({(word.start, word.end): word for part in parts for word in part.words}.items())
    return Judged(shares=shares, words=tuple(word for _, word in words))


def _shares(logits: Sequence[float]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = {}
    start = 0
    for group, labels in GROUPS.items():
        part = logits[start : start + len(labels)]
        start += len(labels)
        shares[group] = dict(zip(labels, _logistic(part) if group in FREE else _softmax(part), strict=True))
    return shares


# Logits: beyond this a probability no longer changes in any digit that counts.
_FAR = 30.0


def _logistic(logits: Sequence[float]) -> list[float]:
    return [1.0 / (1.0 + math.exp(-max(-_FAR, min(_FAR, logit)))) for logit in logits]


def _softmax(logits: Sequence[float]) -> list[float]:
    highest = max(logits)
    powers = [math.exp(max(-_FAR, logit - highest)) for logit in logits]
    total = sum(powers)
    return [power / total for power in powers]


_FILES = ("reader.onnx", "tokenizer.json")
_MEND = "install Attune again: the trained files belong to it"


@cache
def _trained() -> _Trained:
    """The trained files, checked against the sums of their card."""
    folder = files(__package__).joinpath("model")
    try:
        return _loaded(folder)
    except (OSError, ValueError, LookupError, TypeError, ImportError) as error:
        raise Missing(f"the trained reader cannot be loaded ({error}); {_MEND}") from error


def _loaded(folder: Traversable) -> _Trained:
    import onnxruntime
    from tokenizers import Tokenizer

    calibration = json.loads(folder.joinpath("reader.json").read_text(encoding="utf-8"))
    read = {name: folder.joinpath(name).read_bytes() for name in _FILES}
    for name, content in read.items():
        if hashlib.sha256(content).hexdigest() != calibration["sha256"][name]:
            raise Missing(f"{name} is not the file that its card names; {_MEND}")
    if {len(calibration[name]) for name in ("base", "scale", "shift")} != {len(COLUMNS)}:
        raise ValueError("reader.json is for other labels")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same sums in the same order, on any machine
    options.log_severity_level = 3
    cutter = Cutter(Tokenizer.from_str(read["tokenizer.json"].decode()), calibration["marks"])
    session = onnxruntime.InferenceSession(read["reader.onnx"], options, providers=["CPUExecutionProvider"])
    return _Trained(session, cutter, calibration)
