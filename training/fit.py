"""Fits a network to examples: batches of like length, bfloat16 steps over float32 weights, a rising and falling rate.

It must not know where examples come from, nor what becomes of the network.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from integration.analysis.encoder import FREE, GROUPS
from training.network import Reader
from training.public import TASKS

TICKETS = "tickets"
# How much each group's loss counts; the emotions' is a mean over eight.
WEIGHTS = {"person": 0.7, "sentiment": 1.0, "charge": 1.2, "urgency": 1.5, "intent": 1.2, "emotions": 3.0}
PUBLIC_WEIGHTS = {"goemotions": 4.0, "rating": 2.0, "xed": 4.0, "banking": 0.5, "clinc": 0.5}
# Tokens of a batch, padding included; texts among which like lengths are sought.
TOKENS, POOL = 2_048, 2_000
PAD = 1
# Steps between two lines of progress.
SAID = 50

Item = tuple[str, Sequence[int], Sequence[float]]  # the task, the pieces, the targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one stage is run."""

    epochs: int
    rate: float  # of the encoder, at its highest
    head_rate: float = 1e-3
    warm: float = 0.05  # share of the stage in which the rate rises
    end: float = 0.0  # the rate at the end, as a share of its highest
    drop: float = 0.08  # share of branches left out
    frozen: int = 0  # layers from the bottom that stay as they are; the embeddings always do
    seed: int = 1


def fit(reader: Reader, items: Callable[[], list[Item]], course: Course) -> Reader:
    """`reader`, fitted; `items` gives one epoch's examples each time it is asked."""
    torch.manual_seed(course.seed)
    draw = random.Random(course.seed)
    weights = _Weights(reader, course)
    began, tokens, step = time.monotonic(), 0, 0
    heard: dict[str, list[float]] = {}
    for epoch in range(course.epochs):
        batches = list(_batches(items(), draw))
        for number, batch in enumerate(batches):
            weights.set_rate(_share(course, (epoch + number / len(batches)) / course.epochs))
            ids, mask = pad([ids for _, ids, _ in batch])
            task = batch[0][0]
            loss, parts = _loss(task, reader, ids, mask, torch.tensor([targets for *_, targets in batch]))
            loss.backward()
            weights.step()
            tokens, step = tokens + ids.numel(), step + 1
            for name, value in parts.items():
                heard.setdefault(name, []).append(value)
            if step % SAID == 0:
                speed = tokens / (time.monotonic() - began)
                means = " ".join(f"{name} {sum(values) / len(values):.3f}" for name, values in heard.items())
                print(f"epoch {epoch + 1} of {course.epochs}, {number}/{len(batches)}, {speed:.0f} tokens/s: {means}")
                heard.clear()
    return weights.settle()


class _Weights:
    """The float32 weights beside the bfloat16 ones that the steps are reckoned with."""

    def __init__(self, reader: Reader, course: Course) -> None:
        still = [reader.encoder.words, reader.encoder.places, *reader.encoder.layers[: course.frozen]]
        frozen = {id(parameter) for module in still for parameter in module.parameters()}
        for layer in reader.encoder.layers:
            layer.drop = course.drop
        self._exact = {name: p.detach().clone() for name, p in reader.named_parameters() if id(p) not in frozen}
        self._still = {name: p.detach().clone() for name, p in reader.named_parameters() if id(p) in frozen}
        for parameter in reader.parameters():
            parameter.requires_grad_(id(parameter) not in frozen)
        self._reader = reader.to(torch.bfloat16).train()
        self._live = {name: p for name, p in reader.named_parameters() if name in self._exact}
        body = [p for name, p in self._exact.items() if name.startswith("encoder.")]
        heads = [p for name, p in self._exact.items() if not name.startswith("encoder.")]
        self._rates = (course.rate, course.head_rate)
        groups = [{"params": body}, {"params": heads}]
        self._optimizer = torch.optim.AdamW(groups, lr=course.rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True)

    def set_rate(self, share: float) -> None:
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share

    def step(self) -> None:
        for name, live in self._live.items():
            self._exact[name].grad = None if live.grad is None else live.grad.float()
            live.grad = None
        torch.nn.utils.clip_grad_norm_([p for p in self._exact.values() if p.grad is not None], 1.0)
        self._optimizer.step()
        with torch.no_grad():
            for name, live in self._live.items():
                live.copy_(self._exact[name])

    def settle(self) -> Reader:
        self._reader.float()
        with torch.no_grad():
            for name, parameter in self._reader.named_parameters():
                parameter.copy_(self._exact[name] if name in self._exact else self._still[name])
        return self._reader.eval()


def _share(course: Course, at: float) -> float:
    """The rate's share at the point `at` (0...1) of a stage: up, then down in a straight line."""
    if at < course.warm:
        return at / course.warm
    return course.end + (1 - course.end) * (1 - at) / (1 - course.warm)


def _batches(items: list[Item], draw: random.Random) -> Iterator[list[Item]]:
    """Batches of one task and like length, in a drawn order."""
    found: list[list[Item]] = []
    for task in sorted({task for task, *_ in items}):
        rows = [item for item in items if item[0] == task]
        draw.shuffle(rows)
        for start in range(0, len(rows), POOL):
            batch: list[Item] = []
            for item in sorted(rows[start : start + POOL], key=lambda item: len(item[1])):
                if batch and (len(batch) + 1) * len(item[1]) > TOKENS:
                    found.append(batch)
                    batch = []
                batch.append(item)
            found.append(batch)
    draw.shuffle(found)
    yield from found


def pad(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Rows of pieces as (rows, longest) of ids and of 1 where a piece stands."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), PAD)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
        mask[number, : len(row)] = 1
    return ids, mask


def _loss(task: str, reader: Reader, ids: Tensor, mask: Tensor, targets: Tensor) -> tuple[Tensor, dict[str, float]]:
    if task != TICKETS:
        one = _public_loss(task, reader(ids, mask, {task})[task].float(), targets)
        return PUBLIC_WEIGHTS[task] * one, {task: one.item()}
    out = reader(ids, mask, set(GROUPS))
    parts: dict[str, Tensor] = {}
    start = 0
    for group, labels in GROUPS.items():
        wanted = targets[:, start : start + len(labels)]
        start += len(labels)
        logits = out[group].float()
        if group in FREE:
            parts[group] = functional.binary_cross_entropy_with_logits(logits, wanted)
        else:
            parts[group] = -(wanted * functional.log_softmax(logits, 1)).sum(1).mean()
    total = torch.stack([WEIGHTS[group] * part for group, part in parts.items()]).sum()
    return total, {group: part.item() for group, part in parts.items()}


def _public_loss(task: str, logits: Tensor, targets: Tensor) -> Tensor:
    kind = TASKS[task][1]
    if kind == "number":
        return functional.mse_loss(torch.tanh(logits), targets)
    if kind == "free":
        return functional.binary_cross_entropy_with_logits(logits, targets)
    return -(targets * functional.log_softmax(logits, 1)).sum(1).mean()


@torch.no_grad()
def shares(reader: Reader, rows: Sequence[Sequence[int]]) -> list[list[float]]:
    """The probability of every column for every row of pieces."""
    fast = copy.deepcopy(reader).to(torch.bfloat16).eval()
    found: list[list[float]] = [[] for _ in rows]
    batch: list[int] = []

    def judge() -> None:
        out = fast(*pad([rows[i] for i in batch]), set(GROUPS))
        parts = [torch.sigmoid(out[g].float()) if g in FREE else torch.softmax(out[g].float(), 1) for g in GROUPS]
        for i, judged in zip(batch, torch.cat(parts, 1).tolist(), strict=True):
            found[i] = judged
        batch.clear()

    for i in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if batch and (len(batch) + 1) * len(rows[i]) > 2 * TOKENS:
            judge()
        batch.append(i)
    judge()
    return found
