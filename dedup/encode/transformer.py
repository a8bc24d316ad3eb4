"""Any sentence-transformers model as an encoder: the bundled one, a name on a hub, or a folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.encode.base import Vectors
from dedup.encode.bundled import BUNDLED_MODEL, BUNDLED_REVISION, bundled_model_folder
from dedup.encode.failures import is_device_failure, is_out_of_memory
from dedup.encode.loading import first_line, is_of_machine, load_model, tokenizes
from dedup.encode.named import BUNDLED, PRECISIONS
from dedup.errors import BundledModelError, EncoderError, SettingsError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from dedup.encode.bert import FusedBert

__all__ = ["TransformerEncoder"]

logger = logging.getLogger(__name__)

_MAX_TOKENS = 96
_MOST_CHARACTERS_PER_TOKEN = 40
# Padded tokens a batch: large enough to fill the matrix units, small enough that activations stay in the caches. On
# CPUs with bf16 units 4,096 measured best, on plain AVX2 1,024; on a GPU more only costs memory.
_BATCH_TOKENS = {"float32": 1_024, "bfloat16": 4_096, "float16": 32_768}

_Tokens = dict[str, list[list[int]]]
# Of two lengths, in two scripts, one of them cut: what is encoded to see whether a model takes tokens.
_TRIAL = ("News of the day.", "خبر روز، ساعت ۱۲:۳۰ " * 40)
_SAME = 1e-6
# Of the cosines of two ways to compute in bfloat16: those of the bundled model are above 0.9999.
_NEARLY_SAME = 0.999


class TransformerEncoder:
    """A sentence-transformers model, loaded when the first sentence is encoded.

    Args:
        model: ``"bundled"``, a folder, or a name on the model hub.
        prompt: Text put before every sentence. ``None`` takes the model's own prompt for symmetric similarity
            (``query: `` for the E5 family, Wang et al. 2024; otherwise its default).
        max_tokens: Sentences are cut after so many tokens.
        precision: ``"auto"`` takes bfloat16 on CPUs with units for it (AMX, AVX512-BF16), float16 on a GPU, else
            float32.
        device: As for torch; ``None`` chooses a GPU where there is one.

    Raises:
        SettingsError: an argument has a value that it cannot have.
    """

    def __init__(
        self,
        model: str = BUNDLED,
        *,
        prompt: str | None = None,
        max_tokens: int = _MAX_TOKENS,
        precision: str = "auto",
        device: str | None = None,
    ) -> None:
        if precision not in PRECISIONS:
            raise SettingsError(f"unknown precision {precision!r}; use one of {', '.join(PRECISIONS)}")
        if max_tokens < 8:
            raise SettingsError(f"max_tokens is {max_tokens}; use 8 or more")
        self._source = model
        self._prompt = prompt
        self._max_tokens = max_tokens
        self._precision = precision
        self._device = device
        self._batch_share = 1.0
        """Of the usual size of a batch; less once memory was too little for it."""

    @property
    def model(self) -> str:
        """Name of the model: for a folder its last part, so that moving it changes nothing."""
        if self._source == BUNDLED:
            return BUNDLED_MODEL
        return Path(self._source).resolve().name if Path(self._source).is_dir() else self._source

    @cached_property
    def revision(self) -> str:
        """Hash of the weights for the bundled model and folders, the commit for a model of the hub."""
        if self._source == BUNDLED:
            return BUNDLED_REVISION
        if Path(self._source).is_dir():
            return _folder_revision(Path(self._source))
        config = getattr(self._loaded[0].auto_model, "config", None)
        return str(getattr(config, "_commit_hash", None) or "unknown")

    @cached_property
    def settings(self) -> str:
        """Prompt, cut and precision as one line."""
        return json.dumps({"prompt": self.prompt, "max_tokens": self._max_tokens, "precision": self.precision})

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        if self._source == BUNDLED:
            return 384
        model = self._loaded
        get = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        return int(get())

    @cached_property
    def prompt(self) -> str:
        """What is put before every sentence."""
        if self._prompt is not None:
            return self._prompt
        if self._source == BUNDLED:
            return "query: "
        prompts = {name: text for name, text in (self._loaded.prompts or {}).items() if text}
        for name in ("query", self._loaded.default_prompt_name):
            if name in prompts:
                return str(prompts[name])
        return "query: " if "e5" in self.model.lower().split("/")[-1].split("-") else ""

    @cached_property
    def precision(self) -> str:
        """The precision in use, never ``auto``."""
        if self._precision != "auto":
            return self._precision
        if self.device != "cpu":
            return "float16"
        return "bfloat16" if _cpu_computes_bfloat16() else "float32"

    @cached_property
    def device(self) -> str:
        """The device in use."""
        if self._device is not None:
            return self._device
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def uses_gpu(self) -> bool:
        """Whether it computes on a GPU where there is one."""
        return self._device is None or self._device != "cpu"

    def __getstate__(self) -> dict[str, Any]:
        """Return what another machine needs: what names the vectors, as it is known here, and no model.

        The device is chosen anew there: a machine without a GPU may send work to one that has some.
        """
        left_behind = {"_loaded", "_ready", "_fused", "_computed_in", "device"}
        return {name: value for name, value in vars(self).items() if name not in left_behind}

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        try:
            return self._from_disk()
        except EncoderError as error:
            if self.device == "cpu" or not is_of_machine(error):
                raise
            self._go_on_with_cpu(error.__cause__ or error)
        return self._from_disk()

    def _from_disk(self) -> SentenceTransformer:
        if self._source != BUNDLED:
            return load_model(self._source, self.device)
        try:
            return load_model(str(bundled_model_folder()), self.device)
        except EncoderError as error:
            if isinstance(error, BundledModelError) or is_of_machine(error):
                raise
            logger.warning("the converted model is damaged (%s)", first_line(error.__cause__ or error))
        return load_model(str(bundled_model_folder(anew=True)), self.device)

    @cached_property
    def _ready(self) -> SentenceTransformer:
        import torch

        model = self._loaded
        if tokenizes(model):
            model.max_seq_length = min(self._max_tokens, model.max_seq_length or self._max_tokens)
        return model.to(getattr(torch, self._computed_in)).eval()

    @cached_property
    def _computed_in(self) -> str:
        """The precision; of a run that had to leave a GPU, what a CPU computes without being slow."""
        return self.precision

    def _go_on_with_cpu(self, error: BaseException) -> None:
        """Leave a device that has failed; the model is loaded again, for what lies on the device may be lost."""
        logger.warning("%s fails (%s); the CPU goes on, which takes longer", self.device, first_line(error))
        held = vars(self)
        _ = self.precision, self.settings  # these name the vectors, and stay what they were
        for name in ("_loaded", "_ready", "_fused"):
            held.pop(name, None)
        held["device"], held["_computed_in"] = "cpu", "float32"

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return float32 ``[len(sentences), dimension]``, unit rows.

        Sentences are sorted by length and batched by tokens, so that little of a batch is padding. On a CPU with
        bfloat16 the bundled model and its like compute no padding at all, and a row is the same whatever it is encoded
        with: see ``dedup.encode.bert``.
        """
        vectors = np.zeros((len(sentences), self.dimension), np.float32)
        if not sentences:
            return vectors
        # what the tokenizer would cut off anyway: a megabyte without a stop must not reach it
        most = self._max_tokens * _MOST_CHARACTERS_PER_TOKEN
        texts = [_whole_characters((self.prompt + sentence)[:most]) for sentence in sentences]
        tokens = self._tokens(texts)
        lengths = [len(ids) for ids in tokens["input_ids"]]
        most = max(1, int(_BATCH_TOKENS[self._computed_in] * self._batch_share))
        waiting = deque(token_batches(lengths, most))
        while waiting:
            batch = waiting.popleft()
            try:
                vectors[batch] = self._vectors_of_batch(texts, tokens, batch)
            except Exception as error:  # noqa: BLE001 - looked at, and raised again unless something can be done
                waiting.extendleft(reversed(self._instead_of(batch, error)))
        # models without a Normalize module, and what half precision loses of a unit length
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(norms, np.float32(1e-12))
        return unit

    def _vectors_of_batch(self, texts: Sequence[str], tokens: _Tokens, batch: Sequence[int]) -> Vectors:
        if self._fused is not None:
            return self._fused.vectors([tokens["input_ids"][i] for i in batch])
        if self._takes_tokens:
            return self._vectors_of_tokens({name: [some[i] for i in batch] for name, some in tokens.items()})
        return self._vectors_of_texts([texts[i] for i in batch])

    def _instead_of(self, batch: list[int], error: Exception) -> list[list[int]]:
        """Return the batches to try in place of one that failed: its halves, or itself on the CPU.

        Raises:
            EncoderError: memory is too little for a single sentence.
            Exception: ``error``, where it is neither of memory nor of a device.
        """
        if is_out_of_memory(error):
            _free_memory()
            if len(batch) > 1:
                self._batch_share /= 2
                logger.info("memory is too little for %d sentences at once; half of them are tried", len(batch))
                middle = len(batch) // 2
                return [batch[:middle], batch[middle:]]
            if self.device == "cpu":
                raise EncoderError(
                    f"memory is too little to encode one sentence with {self.model}: {first_line(error)}; free some, "
                    "or take --encoder fast"
                ) from error
        elif self.device == "cpu" or not is_device_failure(error):
            raise error
        self._go_on_with_cpu(error)
        return [batch]

    def _tokens(self, texts: Sequence[str]) -> _Tokens:
        """Return what the tokenizer makes of each text; of a model that has none of its own kind, a token each."""
        if not tokenizes(self._ready):
            return {"input_ids": [[0]] * len(texts)}
        return dict(self._ready.tokenizer(list(texts), truncation=True, max_length=self._ready.max_seq_length))

    @cached_property
    def _fused(self) -> FusedBert | None:
        """What computes the same faster, where there is anything: it is tried."""
        if self.device != "cpu" or self._computed_in != "bfloat16" or not tokenizes(self._ready):
            return None
        from dedup.encode.bert import fused_bert

        try:
            fused = fused_bert(self._ready)
            ours = fused.vectors(self._tokens(_TRIAL)["input_ids"]) if fused else None
        except Exception as error:  # noqa: BLE001 - whatever torch raises where it lacks what this needs
            logger.info("%s is computed module by module: %s", self.model, first_line(error))
            return None
        if ours is None:
            return None
        theirs = self._vectors_of_texts(_TRIAL)
        if ours.shape != theirs.shape or _least_cosine(ours, theirs) < _NEARLY_SAME:
            return None
        return fused

    @cached_property
    def _takes_tokens(self) -> bool:
        """Whether the modules of the model, given tokens, do what its ``encode`` does, given texts.

        Those of a transformer do, and then texts need not be tokenized again; what else a model may do is its own
        affair, so it is tried.
        """
        if not tokenizes(self._ready):
            return False
        try:
            ours = self._vectors_of_tokens(self._tokens(_TRIAL))
        except Exception:  # noqa: BLE001 - whatever a model of another kind raises: its own encode can do it
            return False
        theirs = self._vectors_of_texts(_TRIAL)
        return ours.shape == theirs.shape and bool(np.abs(ours - theirs).max() <= _SAME * np.abs(theirs).max())

    def _vectors_of_tokens(self, tokens: _Tokens) -> Vectors:
        import torch

        padded = self._ready.tokenizer.pad(tokens, return_tensors="pt")
        with torch.inference_mode():
            found = self._ready({name: numbers.to(self._ready.device) for name, numbers in padded.items()})
        vectors: Vectors = found["sentence_embedding"].float().cpu().numpy()
        return vectors

    def _vectors_of_texts(self, texts: Sequence[str]) -> Vectors:
        encoded = self._ready.encode(
            list(texts),
            batch_size=len(texts),
            convert_to_tensor=True,
            show_progress_bar=False,
            normalize_embeddings=False,
        )
        vectors: Vectors = encoded.float().cpu().numpy()
        return vectors


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield positions in batches of at most ``budget`` padded tokens (a longer text alone), shortest texts first.

    >>> list(token_batches([5, 1, 4, 2], 8))
    [[1, 3], [2], [0]]
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda position: (lengths[position], position)):
        if batch and (len(batch) + 1) * lengths[position] > budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def _whole_characters(text: str) -> str:
    """Replace halves of surrogate pairs, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _least_cosine(ours: Vectors, theirs: Vectors) -> float:
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float(((ours * theirs).sum(axis=1) / norms).min())


def _free_memory() -> None:
    """Give back what the caching allocator of a GPU holds and does not use."""
    import torch

    if torch.cuda.is_available():
        with contextlib.suppress(RuntimeError):
            torch.cuda.empty_cache()


def _folder_revision(folder: Path) -> str:
    """Return a hash over the small files and the sizes and beginnings of the large ones."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(1 << 20)
            file.seek(max(0, size - (1 << 20)))
            end = file.read()
        for part in (str(path.relative_to(folder)).encode(), str(size).encode(), start, end):
            digest.update(part)
    return digest.hexdigest()


def _cpu_computes_bfloat16() -> bool:
    """Tell whether the CPU multiplies bfloat16 in hardware; without that it is ten times slower than float32."""
    import torch

    checks: list[Any] = [
        getattr(torch.cpu, name, None) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    ]
    return any(check() for check in checks if check is not None)
