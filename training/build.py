"""Rebuilds the trained reader: a teacher from the published encoder, a student from the teacher, and what is shipped.

It must not see the development set. Use: python -m training.build --public FOLDER   (three to four hours on two cores)
With --go-on the last stage is run once more on what is shipped: after a change of labels (under an hour).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from integration.analysis.encoder import GROUPS
from integration.analysis.pieces import Cutter
from integration.analysis.transcript import Transcript, write
from training import examples, network, public, ship
from training.base import base
from training.examples import Example
from training.fit import TICKETS, Course, Item, fit, shares
from training.wear import wear

HEADS = {group: len(labels) for group, labels in GROUPS.items()}
# The teacher's layers that the student begins with. Half the layers read in half the time.
KEPT = (0, 1, 2, 3, 4, 5)
# Public rows of each task for the teacher's first stage, and for the student's texts without labels.
MOST = {"goemotions": 16_000, "xed": 5_000, "banking": 3_500, "clinc": 4_000, "rating": 8_000}
UNLABELLED = {"goemotions": 5_000, "xed": 0, "banking": 700, "clinc": 700, "rating": 5_000}
# The same for the student's last stage, and how many texts without labels each of its passes draws.
UNLABELLED_LAST = {"goemotions": 12_000, "xed": 0, "banking": 2_000, "clinc": 2_000, "rating": 9_000}
DRAWN = 2_000
# Courses: the teacher meets real words beside tickets, then tickets alone; the student has both from the teacher.
GENERAL = Course(epochs=1, rate=3e-5, warm=0.06, end=0.6, seed=1)
TICKETS_ONLY = Course(epochs=3, rate=3.5e-5, warm=0.04, head_rate=5e-4, frozen=4, seed=2)
STUDENT = Course(epochs=3, rate=6e-5, drop=0.03, seed=3)
ALONE = Course(epochs=5, rate=4e-5, head_rate=5e-4, warm=0.03, drop=0.08, seed=9)
# Share of the teacher in what the student learns of a labelled ticket.
TEACHER = 0.5
# In its last stage the student is held to its own judgement of texts without labels: share of it as it is by then,
# against how it was at the beginning.
AS_IT_IS = 0.7
# Share of the tickets that are shown whole in a pass, and of the pieces that are hidden in the others.
WHOLE, VEILED = 0.5, 0.12
# Characters of a text without labels, and the share of longer tickets of which a piece becomes one.
LONGEST, PIECES = 400, 0.6


def main() -> None:
    """Run the stages; each leaves its weights in a folder of its recipe, and is passed over where they are there."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--public", type=Path, required=True, help="the folder of public data sets (training/README.md)"
    )
    arguments.add_argument("--work", type=Path, default=Path("var/training"), help="where unfinished work is kept")
    arguments.add_argument("--go-on", action="store_true", help="begin the last stage with the shipped weights")
    chosen = arguments.parse_args()
    Build(chosen.work, chosen.public, go_on=chosen.go_on).run()


class Build:
    """The stages, and what they share: the base encoder, the cutter of its vocabulary, the tickets."""

    def __init__(self, work: Path, public_folder: Path, *, go_on: bool = False) -> None:
        self.public_folder, self.go_on = public_folder, go_on
        self.base = base(work)
        self.work = work / _recipe()
        self.work.mkdir(parents=True, exist_ok=True)
        tokenizer = Tokenizer.from_file(str(self.base / "tokenizer.json"))
        names = {"first": "<s>", "last": "</s>"}
        self.marks = {mark: tokenizer.token_to_id(name) for mark, name in names.items()}
        self.hidden = tokenizer.token_to_id("<mask>")
        self.cutter = Cutter(tokenizer, self.marks)
        tickets = examples.corpus()
        self.tickets = [ticket for ticket in tickets if not ticket.held]
        self.held = [ticket for ticket in tickets if ticket.held]

    def run(self) -> None:
        """Everything, to the files that are shipped."""
        student = self.alone()
        calibration = ship.export(student, self.base / "tokenizer.json", self.marks)
        logits = ship.run([self.pieces(ticket, ticket.body) for ticket in self.held], calibration)
        targets = torch.tensor([ticket.targets for ticket in self.held])
        calibration["scale"], calibration["shift"] = ship.calibrate(logits, targets)
        ship.sign(calibration)

    def teacher(self) -> network.Reader:
        """All layers: first among public texts, then on tickets alone."""
        torch.manual_seed(GENERAL.seed)
        heads = HEADS | {task: outputs for task, (outputs, _) in public.TASKS.items()}
        reader = network.Reader(network.published(self.base), heads)
        general, alone = random.Random(5), random.Random(7)
        rows = public.read(self.public_folder, MOST)
        texts = [(task, self._text(text), targets) for task, listed in rows.items() for text, targets in listed]
        reader = self._stage("general", reader, lambda: [*self._worn(general), *texts], GENERAL)
        return self._stage("teacher", reader, lambda: self._worn(alone), TICKETS_ONLY)

    def student(self) -> network.Reader:
        """The kept layers, taught by the labels and by what the teacher makes of much more text."""
        reader = network.Reader(network.published(self.base, KEPT), HEADS)
        if (self.work / "student.pt").exists():
            return self._stage("student", reader, list, STUDENT)
        teacher = self.teacher()
        _inherit(reader, teacher)
        draw = random.Random(11)
        judged = shares(teacher, [self.pieces(ticket, ticket.body) for ticket in self.tickets])
        targets = [
            _between(ticket.targets, taught, TEACHER) for ticket, taught in zip(self.tickets, judged, strict=True)
        ]
        texts = self._texts_without_labels(draw, UNLABELLED)
        taught = list(zip(texts, shares(teacher, [self._text(text) for text in texts]), strict=True))
        del teacher

        def items() -> list[Item]:
            return [
                *self._worn(draw, targets),
                *((TICKETS, self._text(wear(text, draw)), labels) for text, labels in taught),
            ]

        return self._stage("student", reader, items, STUDENT)

    def alone(self) -> network.Reader:
        """The student, taught on by the labels alone, and held to what it makes of much text itself."""
        reader = network.Reader(network.published(self.base, KEPT), HEADS)
        name = "further" if self.go_on else "alone"
        if not (self.work / f"{name}.pt").exists():
            reader = ship.restore(reader) if self.go_on else self.student()
        before, draw = copy.deepcopy(reader), random.Random(21)
        texts = self._texts_without_labels(draw, UNLABELLED_LAST)

        def items() -> list[Item]:
            drawn = [self._text(wear(text, draw)) for text in draw.sample(texts, DRAWN)]
            both = zip(shares(before, drawn), shares(reader, drawn), strict=True)
            held = [_between(then, now, AS_IT_IS) for then, now in both]
            return [*self._worn(draw), *((TICKETS, text, one) for text, one in zip(drawn, held, strict=True))]

        return self._stage(name, reader, items, ALONE)

    def pieces(self, ticket: Example, body: str) -> Sequence[int]:
        """What the network is given of `ticket` when its newest message reads `body`."""
        newest = write(examples.words(ticket.subject, body))
        return self.cutter.cut(Transcript(newest=newest, earlier=ticket.earlier))[0].ids

    def _stage(
        self, name: str, reader: network.Reader, items: Callable[[], list[Item]], course: Course
    ) -> network.Reader:
        file = self.work / f"{name}.pt"
        if file.exists():
            reader.load_state_dict(torch.load(file, weights_only=True))
            return reader.eval()
        print(f"{name}: {course.epochs} epochs", flush=True)
        reader = fit(reader, items, course)
        torch.save(reader.state_dict(), file)
        return reader

    def _worn(self, draw: random.Random, targets: Sequence[Sequence[float]] | None = None) -> list[Item]:
        labels = [ticket.targets for ticket in self.tickets] if targets is None else targets
        return [
            (TICKETS, self._veiled(self.pieces(ticket, wear(ticket.body, draw)), draw), one)
            for ticket, one in zip(self.tickets, labels, strict=True)
        ]

    def _veiled(self, ids: Sequence[int], draw: random.Random) -> Sequence[int]:
        """Half of the texts with some pieces hidden, so that no single word is leaned on."""
        if draw.random() < WHOLE:
            return ids
        kept = set(self.marks.values())
        return [self.hidden if draw.random() < VEILED and piece not in kept else piece for piece in ids]

    def _text(self, text: str) -> Sequence[int]:
        return self.cutter.cut(Transcript(newest=write(text[:LONGEST]), earlier=""))[0].ids

    def _texts_without_labels(self, draw: random.Random, most: dict[str, int]) -> list[str]:
        """Public texts, and one or two sentences out of longer tickets: fragments, as they arrive."""
        texts = [text for rows in public.read(self.public_folder, most).values() for text, _ in rows]
        for ticket in self.tickets:
            sentences = [part for part in re.split(r"(?<=[.!?])\s+|\n+", ticket.body) if part.strip()]
            if len(sentences) > 2 and draw.random() < PIECES:
                count = draw.randint(1, 2)
                start = draw.randrange(len(sentences) - count + 1)
                texts.append(" ".join(sentences[start : start + count]))
        return texts


def _recipe() -> str:
    """Names what is learned from and how, so that weights of another corpus or course are not taken for these."""
    folder = Path(__file__).parent
    corpus = [*sorted((folder / "corpus").glob("*.jsonl")), *sorted(folder.glob("*-labels*"))]
    sums = hashlib.sha256()
    for file in [*corpus, *sorted(folder.glob("*.py"))]:
        sums.update(file.read_bytes())
    return sums.hexdigest()[:12]


def _between(labels: Sequence[float], taught: Sequence[float], share: float) -> list[float]:
    return [(1 - share) * label + share * other for label, other in zip(labels, taught, strict=True)]


def _inherit(student: network.Reader, teacher: network.Reader) -> None:
    """Give the student the teacher's kept layers and its heads."""
    given, own = teacher.state_dict(), student.state_dict()
    for name in own:
        if name.startswith("encoder.layers."):
            _, _, number, rest = name.split(".", 3)
            own[name] = given[f"encoder.layers.{KEPT[int(number)]}.{rest}"]
        else:
            own[name] = given[name][: len(HEADS)] if name == "look.weight" else given[name]
    student.load_state_dict(own)


if __name__ == "__main__":
    main()
