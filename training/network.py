"""The network: a BERT or MPNet encoder with its published weights, and heads whose outputs are sums over the tokens.

It must not know tickets, what is learned first, or how the network is shipped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

# Relative positions of MPNet: how many are told apart, and from which distance on they are all the same.
_NEAR, _FAR = 32, 128
# Added to the attention of padding: e to this power is nothing.
_NOTHING = 1e4


class Layer(nn.Module):
    """One transformer layer; in training a branch is left out for a share `drop` of the texts (stochastic depth)."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.drop = 0.0
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """`x` is (texts, tokens, width); `bias` is added to the attention."""
        texts, tokens, width = x.shape
        size = width // self.heads
        query, key, value = self.qkv(x).view(texts, tokens, 3, self.heads, size).permute(2, 0, 3, 1, 4).unbind(0)
        seen = torch.softmax(query @ key.transpose(2, 3) * size**-0.5 + bias, -1) @ value
        x = self.norm1(x + self._sometimes(self.out(seen.transpose(1, 2).reshape(texts, tokens, width))))
        return self.norm2(x + self._sometimes(self.down(functional.gelu(self.up(x)))))

    def _sometimes(self, branch: Tensor) -> Tensor:
        if not (self.training and self.drop):
            return branch
        kept = (torch.rand(branch.shape[0], 1, 1) >= self.drop).to(branch.dtype)
        return branch * (kept / (1 - self.drop))


class Encoder(nn.Module):
    """Tokens to vectors; `config` is that of the published weights."""

    def __init__(self, config: Mapping[str, Any], layers: int) -> None:
        super().__init__()
        width, self.mpnet = config["hidden_size"], config["model_type"] == "mpnet"
        self.words = nn.Embedding(config["vocab_size"], width)
        self.places = nn.Embedding(config["max_position_embeddings"], width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        heads = config["num_attention_heads"]
        self.layers = nn.ModuleList(Layer(width, heads, config["intermediate_size"]) for _ in range(layers))
        self.near = nn.Embedding(_NEAR, heads) if self.mpnet else None

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(texts, tokens) of ids and of 0 or 1 to (texts, tokens, width)."""
        _, tokens = ids.shape
        first = 2 if self.mpnet else 0  # MPNet leaves two places unused
        x = self.norm(self.words(ids) + self.places(torch.arange(first, first + tokens)))
        bias = (mask[:, None, None, :].to(x.dtype) - 1) * _NOTHING
        if self.near is not None:
            bias = bias + self.near(_distances(tokens)).permute(2, 0, 1)[None]
        for layer in self.layers:
            x = layer(x, bias)
        return x


def _distances(tokens: int) -> Tensor:
    """How MPNet (after T5) numbers the distance of two tokens: exactly when near, by its logarithm when far."""
    place = torch.arange(tokens)
    distance = place[:, None] - place[None, :]
    half, exact = _NEAR // 2, _NEAR // 4
    later = (distance < 0).long() * half
    distance = distance.abs()
    share = torch.log(distance.float().clamp(min=1) / exact) / math.log(_FAR / exact)
    far = exact + (share * (half - exact)).long()
    return later + torch.where(distance < exact, distance, far.clamp(max=half - 1))


class Reader(nn.Module):
    """The encoder and its heads. Each head looks at the tokens with its own attention and at their mean."""

    def __init__(self, encoder: Encoder, heads: Mapping[str, int]) -> None:
        super().__init__()
        self.encoder, self.heads = encoder, dict(heads)
        width = encoder.words.weight.shape[1]
        self.look = nn.Linear(width, len(heads), bias=False)
        self.seen = nn.ModuleDict({name: nn.Linear(width, outputs, bias=False) for name, outputs in heads.items()})
        self.mean = nn.ModuleDict({name: nn.Linear(width, outputs) for name, outputs in heads.items()})
        nn.init.zeros_(self.look.weight)
        for name in heads:
            nn.init.normal_(self.seen[name].weight, std=0.02)
            nn.init.normal_(self.mean[name].weight, std=0.02)
            nn.init.zeros_(self.mean[name].bias)

    def forward(self, ids: Tensor, mask: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        """The logits of the wanted heads, (texts, outputs) each."""
        x = self.encoder(ids, mask)
        looks, even = self._attention(x, mask)
        mean = (x * even).sum(1)
        return {
            name: self.seen[name]((looks[..., i : i + 1] * x).sum(1)) + self.mean[name](mean)
            for i, name in enumerate(self.heads)
            if name in wanted
        }

    def parts(self, ids: Tensor, mask: Tensor, wanted: Sequence[str]) -> Tensor:
        """What every token adds to the logits of the wanted heads: (texts, tokens, outputs); without their bias."""
        x = self.encoder(ids, mask)
        looks, even = self._attention(x, mask)
        order = list(self.heads)
        added = []
        for name in wanted:
            look = looks[..., order.index(name) : order.index(name) + 1]
            added.append(look * self.seen[name](x) + even * (x @ self.mean[name].weight.T))
        return torch.cat(added, 2)

    def _attention(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        given = mask.to(x.dtype)
        looks = torch.softmax(self.look(x) + (given - 1)[..., None] * _NOTHING, 1)
        return looks, (given / given.sum(1, keepdim=True))[..., None]


def published(folder: Path, keep: Sequence[int] | None = None) -> Encoder:
    """The encoder in `folder` (config.json, model.safetensors), or those of its layers that `keep` numbers."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    given = {
        name.removeprefix("mpnet.").removeprefix("bert."): weight
        for name, weight in load_file(folder / "model.safetensors").items()
    }
    numbers = list(range(config["num_hidden_layers"])) if keep is None else list(keep)
    encoder = Encoder(config, len(numbers))
    own = {"words.weight": given["embeddings.word_embeddings.weight"]}
    own["places.weight"] = given["embeddings.position_embeddings.weight"]
    if encoder.mpnet:
        own["near.weight"] = given["encoder.relative_attention_bias.weight"]
    else:
        own["places.weight"] = own["places.weight"] + given["embeddings.token_type_embeddings.weight"][0]
    for kind in ("weight", "bias"):
        own[f"norm.{kind}"] = given[f"embeddings.LayerNorm.{kind}"]
        for i, number in enumerate(numbers):
            for name, tensor in _layer(given, number, kind, mpnet=encoder.mpnet).items():
                own[f"layers.{i}.{name}.{kind}"] = tensor
    encoder.load_state_dict(own)
    return encoder


_MPNET = ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm")
_BERT = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
)


def _layer(given: Mapping[str, Tensor], number: int, kind: str, *, mpnet: bool) -> dict[str, Tensor]:
    *query_key_value, out, norm = (
        given[f"encoder.layer.{number}.{name}.{kind}"] for name in (_MPNET if mpnet else _BERT)
    )
    return {
        "qkv": torch.cat(query_key_value),
        "out": out,
        "norm1": norm,
        "up": given[f"encoder.layer.{number}.intermediate.dense.{kind}"],
        "down": given[f"encoder.layer.{number}.output.dense.{kind}"],
        "norm2": given[f"encoder.layer.{number}.output.LayerNorm.{kind}"],
    }
