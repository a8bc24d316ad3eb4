"""A sentence-transformers model from a folder or the hub, and nothing of it that could run by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.encode.failures import is_device_failure, is_out_of_memory
from dedup.encode.model_folder import check_model_folder
from dedup.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["first_line", "is_of_machine", "load_model", "tokenizes"]

_PADDING_ADVICE = "Asking-to-pad-a-fast-tokenizer"


def load_model(source: str, device: str) -> SentenceTransformer:
    """Return the model, on a device of torch.

    Raises:
        EncoderError: it cannot be loaded, whatever the reason.
    """
    if Path(source).is_dir():
        check_model_folder(Path(source))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    try:
        # code that comes with a model is never run, and weights are read from safetensors only
        model = SentenceTransformer(
            source, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    except Exception as error:  # a dozen kinds of error come out of the libraries below; all mean this
        raise EncoderError(
            f"cannot load the model {source!r}: {first_line(error)}; give a folder that holds a sentence-transformers "
            "model with safetensors weights, a name that the model hub can serve, or 'bundled'"
        ) from error
    if tokenizes(model):
        # the advice to pad while tokenizing: batches are made by length, and that is known only then
        model.tokenizer.deprecation_warnings[_PADDING_ADVICE] = True
    return model


def tokenizes(model: SentenceTransformer) -> bool:
    """Tell whether a model has a tokenizer as transformers have; a static one has another, and cuts nothing."""
    return callable(model.tokenizer)


def is_of_machine(error: EncoderError) -> bool:
    """Tell whether a model could not be loaded for want of memory or of a device, rather than for what it is."""
    cause = error.__cause__ or error
    return is_out_of_memory(cause) or is_device_failure(cause)


def first_line(error: BaseException) -> str:
    """Return what fits into a message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
