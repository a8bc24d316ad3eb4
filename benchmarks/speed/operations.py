"""What encoding costs in multiplications, counted, and what this machine can do of them, measured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Passes", "Shape", "counted_passes", "matrix_peaks"]

_LEAST_TOKENS = 10_000
"""More than the positions or types of tokens of any model here, fewer than its vocabulary."""

_PROBE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a transformer the count depends on."""

    layers: int
    hidden: int
    feed_forward: int

    @classmethod
    def of(cls, config: dict[str, Any]) -> Shape:
        """Return the shape that a model's ``config.json`` states."""
        return cls(
            layers=config["num_hidden_layers"], hidden=config["hidden_size"], feed_forward=config["intermediate_size"]
        )

    def operations(self, lengths: Sequence[int] | npt.NDArray[np.int64]) -> float:
        """Return the floating point operations for texts of ``lengths`` tokens; a multiply-add counts two.

        Matrix products only: of a layer the four projections of h x h and the two of h x f a token, and the two
        products of queries, keys and values of a text of s tokens, s x s x h each. The rest (norms, activations,
        look-ups) is less than a hundredth.
        """
        tokens = np.asarray(lengths, np.float64)
        projections = 2 * (4 * self.hidden**2 + 2 * self.hidden * self.feed_forward) * tokens.sum()
        attention = 2 * 2 * self.hidden * (tokens**2).sum()
        return float(self.layers * (projections + attention))


@dataclass(slots=True)
class Passes:
    """What went through a transformer: for each batch the tokens of each text, and those that it was padded to."""

    batches: list[tuple[list[int], list[int]]] = field(default_factory=list)

    @property
    def real_tokens(self) -> int:
        """Tokens of the texts."""
        return sum(sum(lengths) for lengths, _ in self.batches)

    @property
    def padded_tokens(self) -> int:
        """Tokens computed, padding included."""
        return sum(sum(widths) for _, widths in self.batches)

    def operations(self, shape: Shape) -> tuple[float, float]:
        """Return the operations for the texts, and those for the padded ones."""
        real = [length for lengths, _ in self.batches for length in lengths]
        padded = [width for _, widths in self.batches for width in widths]
        return shape.operations(real), shape.operations(padded)


@contextmanager
def counted_passes() -> Iterator[Passes]:
    """Count what goes through any transformer in this context, whoever calls it: where token ids become vectors.

    The look-up of tokens is told from others (positions, types) by knowing which id is padding and by its size.
    """
    from torch.nn import Embedding
    from torch.nn.modules.module import register_module_forward_hook

    passes = Passes()

    def count(module: Any, arguments: tuple[Any, ...], _: Any) -> None:
        # not where the model is called: sentence-transformers calls its forward(), which runs no hook
        if isinstance(module, Embedding) and module.padding_idx is not None and module.num_embeddings >= _LEAST_TOKENS:
            tokens = arguments[0]
            if tokens.dim() == 1:
                # texts one after the other, each of which begins as the first does: none is padded
                lengths = widths = _between(tokens == tokens[0])
            else:
                lengths = (tokens != module.padding_idx).sum(dim=1).tolist()
                widths = [tokens.shape[1]] * len(lengths)
            passes.batches.append((lengths, widths))

    hook = register_module_forward_hook(count)
    try:
        yield passes
    finally:
        hook.remove()


def _between(marks: Any) -> list[int]:
    """Return how far it is from each place that is marked to the next, and from the last to the end.

    >>> import numpy as np
    >>> _between(np.array([1, 0, 0, 1, 1]))
    [3, 1, 1]
    """
    starts = np.flatnonzero(np.asarray(marks))
    lengths: list[int] = np.diff(starts, append=len(marks)).tolist()
    return lengths


def matrix_peaks(shape: Shape, *, size: int = 2_048, tokens: int = 4_096, repetitions: int = 5) -> dict[str, Any]:
    """Return the best rate of a matrix product in GFLOP/s for each precision: square, and as the model has them.

    ``square`` multiplies two matrices of ``size``; ``model`` one of ``tokens`` x hidden with hidden x feed-forward.
    A precision that the machine has no units for is ten times slower or more: it is left out, as None.
    """
    import torch

    operands = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}
    shapes = {"square": (size, size, size), "model": (tokens, shape.hidden, shape.feed_forward)}
    found: dict[str, Any] = {}
    for name, kind in operands.items():
        # a product of full size would take minutes without units for it; a small one tells
        if name != "float32" and _rate(kind, (_PROBE,) * 3, repetitions) < 0.1 * found["float32"]["square"]:
            found[name] = None
        else:
            found[name] = {key: _rate(kind, dims, repetitions) for key, dims in shapes.items()}
    return found


def _rate(kind: Any, dimensions: tuple[int, int, int], repetitions: int) -> float:
    """Return the best of some repetitions in GFLOP/s."""
    import torch

    rows, inner, columns = dimensions
    generator = torch.Generator().manual_seed(1)
    if kind == torch.int8:
        left = torch.randint(-128, 128, (rows, inner), dtype=kind, generator=generator)
        right = torch.randint(-128, 128, (inner, columns), dtype=kind, generator=generator)
        multiply = torch._int_mm
    else:
        left = torch.randn(rows, inner, generator=generator).to(kind)
        right = torch.randn(inner, columns, generator=generator).to(kind)
        multiply = torch.matmul
    multiply(left, right)
    best = float("inf")
    for _ in range(repetitions):
        started = time.perf_counter()
        multiply(left, right)
        best = min(best, time.perf_counter() - started)
    return 2 * rows * inner * columns / best / 1e9
