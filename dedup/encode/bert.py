"""BERT in bfloat16 on a CPU, near to what its matrix units can do: what ``TransformerEncoder`` runs where it can.

The modules of a model run one after the other over padded batches, and a third of the time goes into what is no matrix
product. Here activation and residual are computed as a product leaves its registers (oneDNN's post-ops), one product
gives queries, keys and values, nothing but attention sees padding, and that is padded to what vector units take at
once: softmax over 31 places takes twice as long as over 32.

The vector of a sentence does not depend on what it is computed with.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.encode.base import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor
    from torch.nn import LayerNorm, Linear

__all__ = ["FusedBert", "fused_bert"]

_PLACES_AT_ONCE = 16
"""float32 in a vector register."""
_ROWS = 4_096
"""For which weights are laid out; others are computed as well."""
_ROWS_A_STEP = 256
"""Rows of a product are a multiple of this: oneDNN makes and keeps code for each number of rows that it meets."""
_ROWS_A_THREAD = 256
"""Of fewer, the terms of a sum are shared out among threads, and its last bits depend on how many rows there are."""


class _Product(NamedTuple):
    """A linear layer as oneDNN has it."""

    weight: Tensor
    bias: Tensor


class _Layer(NamedTuple):
    """One layer of the encoder."""

    queries_keys_values: _Product
    attended: _Product
    attended_norm: LayerNorm
    wide: _Product
    narrow: _Product
    norm: LayerNorm


def fused_bert(model: SentenceTransformer) -> FusedBert | None:
    """Return what may compute the vectors of a model in bfloat16 on a CPU; ``None`` where that is of another kind.

    That is a BERT (Devlin et al. 2019) whose tokens are averaged; whether these are normalised is left to the caller.
    Who uses it tries first whether both give the same vectors: pooling has many modes, and a BERT can have positions
    and activations of other kinds.

    Args:
        model: Its weights are bfloat16, on a CPU.
    """
    import torch

    there = all(hasattr(torch.ops.mkldnn, name) for name in ("_linear_pointwise", "_reorder_linear_weight"))
    return FusedBert(model) if there and _is_averaged_bert(model) else None


def _is_averaged_bert(model: SentenceTransformer) -> bool:
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertModel

    first, *rest = list(model)
    if type(first) is not Transformer or type(first.auto_model) is not BertModel:
        return False
    return [type(one) for one in rest] in ([Pooling], [Pooling, Normalize])


class FusedBert:
    """Computes vectors of sentences from their tokens. ``fused_bert`` says of which models."""

    def __init__(self, model: SentenceTransformer) -> None:
        bert = model[0].auto_model
        self._embeddings = bert.embeddings
        self._heads: int = bert.config.num_attention_heads
        self._layers = [_layer(one) for one in bert.encoder.layer]

    def vectors(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Return float32 ``[len(tokens), dimension]``, the mean of the tokens of each sentence.

        Args:
            tokens: Numbers of the tokens of each sentence; at least one each, at most as many as there are positions.
        """
        found = np.empty((len(tokens), self._embeddings.word_embeddings.embedding_dim), np.float32)
        order = sorted(range(len(tokens)), key=lambda one: len(tokens[one]))
        for width, some in groupby(order, key=lambda one: _padded(len(tokens[one]))):
            rows = list(some)
            found[rows] = self._of_one_width([tokens[row] for row in rows], width)
        return found

    def _of_one_width(self, tokens: Sequence[Sequence[int]], width: int) -> Vectors:
        """Return the vectors of sentences that attention pads to one width, so that none depends on the others."""
        import torch
        from torch.nn.functional import pad

        with torch.inference_mode():
            lengths = torch.tensor([len(one) for one in tokens])
            laid = _Layout.of(lengths, width)
            numbers = torch.tensor([number for one in tokens for number in one])
            states = pad(self._embedded(numbers, laid.positions), (0, 0, 0, len(laid.rows) - len(numbers)))
            for layer in self._layers:
                states = self._through(layer, states, laid)
            sums = torch.zeros(len(tokens), states.shape[1]).index_add_(0, laid.owners, states[: len(numbers)].float())
            vectors: Vectors = (sums / lengths[:, None]).numpy()
        return vectors

    def _embedded(self, numbers: Tensor, positions: Tensor) -> Tensor:
        made = self._embeddings
        states = made.word_embeddings(numbers) + made.token_type_embeddings.weight[0]
        states += made.position_embeddings(positions)
        embedded: Tensor = made.LayerNorm(states)
        return embedded

    def _through(self, layer: _Layer, states: Tensor, laid: _Layout) -> Tensor:
        attended = self._attention(_linear(states, layer.queries_keys_values), laid)
        states = layer.attended_norm(_linear_and(states, attended, layer.attended))
        wide = _linear(states, layer.wide, "gelu")
        normed: Tensor = layer.norm(_linear_and(states, wide, layer.narrow))
        return normed

    def _attention(self, projected: Tensor, laid: _Layout) -> Tensor:
        """Return the attention of each sentence's tokens to one another: ``[tokens, dimension]``."""
        from torch.nn.functional import scaled_dot_product_attention

        sentences, width = laid.shape
        projected = projected.index_select(0, laid.places).view(sentences, width, 3, self._heads, -1)
        queries, keys, values = projected.permute(2, 0, 3, 1, 4)
        attended = scaled_dot_product_attention(queries, keys, values, attn_mask=laid.mask)
        return attended.transpose(1, 2).reshape(sentences * width, -1).index_select(0, laid.rows)


class _Layout(NamedTuple):
    """Where the tokens of some sentences are, one sentence after the other, and where in a padded rectangle."""

    shape: tuple[int, int]
    """Sentences, and how many tokens each is padded to."""
    owners: Tensor
    """int64 ``[tokens]``: the sentence of each token."""
    positions: Tensor
    """int64 ``[tokens]``: its place in that sentence."""
    rows: Tensor
    """int64 ``[rows]``: the place of each in the rectangle; of the rows that make up the number of rows, any."""
    places: Tensor
    """int64 ``[sentences * width]``: the token of each place; of those that are padding, any."""
    mask: Tensor | None
    """bfloat16 ``[sentences, 1, width, width]``: minus infinity for padding; ``None`` where there is none."""

    @classmethod
    def of(cls, lengths: Tensor, width: int) -> _Layout:
        import torch

        sentences = len(lengths)
        owners = torch.repeat_interleave(torch.arange(sentences), lengths)
        tokens = len(owners)
        positions = torch.arange(tokens) - (lengths.cumsum(0) - lengths)[owners]
        rows = torch.zeros(_rows_for(tokens), dtype=torch.int64)
        rows[:tokens] = owners * width + positions
        places = torch.zeros(sentences * width, dtype=torch.int64)
        places[rows[:tokens]] = torch.arange(tokens)
        if tokens == sentences * width:
            return cls((sentences, width), owners, positions, rows, places, None)
        mask = torch.zeros(sentences, 1, 1, width, dtype=torch.bfloat16)
        mask.masked_fill_((torch.arange(width) >= lengths[:, None])[:, None, None], -torch.inf)
        return cls((sentences, width), owners, positions, rows, places, mask.expand(-1, 1, width, -1))


def _rows_for(tokens: int) -> int:
    """Return how many rows products have for so many tokens."""
    import torch

    least = _ROWS_A_THREAD * int(torch.get_num_threads())
    return max(least, -(-tokens // _ROWS_A_STEP) * _ROWS_A_STEP)


def _padded(length: int) -> int:
    return -(-length // _PLACES_AT_ONCE) * _PLACES_AT_ONCE


def _layer(layer: object) -> _Layer:
    import torch

    attention, output = layer.attention, layer.output  # type: ignore[attr-defined]  # of transformers' BERT
    inner = (attention.self.query, attention.self.key, attention.self.value)
    weight, bias = (torch.cat([getattr(one, name).detach() for one in inner]) for name in ("weight", "bias"))
    return _Layer(
        queries_keys_values=_Product(_laid_out(weight), bias),
        attended=_product(attention.output.dense),
        attended_norm=attention.output.LayerNorm,
        wide=_product(layer.intermediate.dense),  # type: ignore[attr-defined]  # likewise
        narrow=_product(output.dense),
        norm=output.LayerNorm,
    )


def _product(linear: Linear) -> _Product:
    return _Product(_laid_out(linear.weight.detach()), linear.bias.detach())


def _laid_out(weight: Tensor) -> Tensor:
    """Return a weight in the blocks that oneDNN multiplies, so that it is not laid out anew for each product."""
    import torch

    laid: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), _ROWS)
    return laid


def _linear(states: Tensor, product: _Product, activation: str = "none") -> Tensor:
    import torch

    found: Tensor = torch.ops.mkldnn._linear_pointwise(states, *product, activation, [], "none")
    return found


def _linear_and(other: Tensor, states: Tensor, product: _Product) -> Tensor:
    """Return ``other`` and the product of ``states``, added before rounding."""
    import torch

    found: Tensor = torch.ops.mkldnn._linear_pointwise.binary(states, other, *product, "add")
    return found
