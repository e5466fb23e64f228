"""Makes of a trained network what is shipped, an int8 graph, its tokenizer, its calibration, their sums, and back.

It must not train the network; the calibration is fitted on tickets that the network was not trained on.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from integration.analysis.encoder import COLUMNS, FREE, GROUPS
from training.network import Reader

TARGET = Path(__file__).parent.parent / "integration" / "analysis" / "model"
FILES = ("reader.onnx", "tokenizer.json")
# How strongly the calibration is held near to changing nothing.
KEEP_SHIFT, KEEP_SCALE = 0.002, 0.05
# How far rare labels are brought up against frequent ones (1 would make all equally frequent): a feeling that is rare
# in our corpus is not as rare on every desk. Chosen on the held-out tickets.
RARE = {"charge": 0.5, "sentiment": 0.4}


class _Parts(nn.Module):
    """The network as it is shipped: what every token adds to every column."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.reader.parts(ids, mask, list(GROUPS))


def export(reader: Reader, tokenizer: Path, marks: Mapping[str, int]) -> dict[str, Any]:
    """Write the graph and the tokenizer; gives back a calibration that changes nothing."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        ids = torch.randint(1_000, 20_000, (2, 40))
        axes = {0: "texts", 1: "tokens"}
        torch.onnx.export(
            _Parts(reader).eval(),
            (ids, torch.ones_like(ids)),
            str(full),
            input_names=["ids", "mask"],
            output_names=["parts"],
            dynamic_axes={"ids": axes, "mask": axes, "parts": axes},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            full,
            TARGET / "reader.onnx",
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=_exact(full),
        )
    shutil.copyfile(tokenizer, TARGET / "tokenizer.json")
    base = torch.cat([reader.mean[group].bias.detach() for group in GROUPS]).tolist()
    return {"base": base, "scale": [1.0] * len(COLUMNS), "shift": [0.0] * len(COLUMNS), "marks": dict(marks)}


def restore(reader: Reader) -> Reader:
    """`reader` with the weights that are shipped, but for its embeddings: those stay as published, in training too.

    What int8 took away is lost, which costs next to nothing: the graph's logits and these hardly differ.
    """
    graph = onnx.load(TARGET / "reader.onnx").graph
    given = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    own = reader.state_dict()
    own |= {name: given[f"reader.{name}"] for name in own if f"reader.{name}" in given}
    heads: list[Tensor] = []
    for node in graph.node:
        name = next((name.removesuffix("_quantized") for name in node.input if name in given), "")
        if node.op_type == "MatMulInteger":
            whole = given[f"{name}_quantized"].float() - given[f"{name}_zero_point"].float()
            own[".".join([*node.name.split("/")[1:-1], "weight"])] = (whole * given[f"{name}_scale"]).T
        elif node.op_type == "MatMul" and name:
            heads.append(given[name].T)
    own["look.weight"], *judging = heads
    base = torch.tensor(json.loads((TARGET / "reader.json").read_text(encoding="utf-8"))["base"])
    biases = base.split([len(labels) for labels in GROUPS.values()])
    for group, seen, mean, bias in zip(GROUPS, judging[::2], judging[1::2], biases, strict=True):
        own |= {f"seen.{group}.weight": seen, f"mean.{group}.weight": mean, f"mean.{group}.bias": bias}
    reader.load_state_dict(own)
    return reader.eval()


def _exact(graph: Path) -> list[str]:
    """The small parts that stay as they are: the heads, and the bias of distances."""
    nodes = onnx.load(graph).graph.node
    heads = [node.name for node in nodes if node.op_type == "MatMul" and "/encoder/" not in node.name]
    return heads + [node.name for node in nodes if node.op_type == "Gather" and "near" in node.name]


def run(rows: Sequence[Sequence[int]], calibration: Mapping[str, Any]) -> Tensor:
    """The logits of every row by the shipped graph, one at a time as the product reads them."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(TARGET / "reader.onnx"), options)
    base = torch.tensor(calibration["base"])
    found = []
    for row in rows:
        ids = torch.tensor([list(row)]).numpy()
        parts = session.run(["parts"], {"ids": ids, "mask": ids * 0 + 1})[0][0]
        found.append(torch.tensor(parts).sum(0) + base)
    return torch.stack(found)


def calibrate(logits: Tensor, targets: Tensor) -> tuple[list[float], list[float]]:
    """One factor per group and one shift per column that make the held-out labels likeliest."""
    scale = torch.ones(len(GROUPS), requires_grad=True)
    shift = torch.zeros(len(COLUMNS), requires_grad=True)
    search = torch.optim.LBFGS([scale, shift], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        total = KEEP_SHIFT * (shift**2).sum() + KEEP_SCALE * ((scale - 1) ** 2).sum()
        start = 0
        for number, (group, labels) in enumerate(GROUPS.items()):
            part = slice(start, start + len(labels))
            start += len(labels)
            moved = logits[:, part] * scale[number] + shift[part]
            if group in FREE:
                one = nn.functional.binary_cross_entropy_with_logits(moved, targets[:, part]) * len(labels)
            else:
                one = -(targets[:, part] * torch.log_softmax(moved, 1)).sum(1).mean()
            total = total + one
        total.backward()
        return total

    search.step(loss)
    with torch.no_grad():
        for group, share in RARE.items():
            columns = [place for place, (of, _) in enumerate(COLUMNS) if of == group]
            shift[columns] -= share * torch.log(targets[:, columns].mean(0))
    factors = [factor for labels, factor in zip(GROUPS.values(), scale.tolist(), strict=True) for _ in labels]
    return factors, shift.tolist()


def sign(calibration: dict[str, Any]) -> None:
    """Write the calibration, with the sums of the files that it is for."""
    sums = {name: hashlib.sha256((TARGET / name).read_bytes()).hexdigest() for name in FILES}
    text = json.dumps({**calibration, "sha256": sums}, indent=1)
    (TARGET / "reader.json").write_text(text + "\n", encoding="utf-8")
