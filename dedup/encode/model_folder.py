"""A model in a folder, looked at before anything in it is loaded."""

from __future__ import annotations

import json
from pathlib import Path

from dedup.errors import EncoderError

__all__ = ["check_model_folder"]

_NAMING_MODULES = ("modules.json", "router_config.json")


def check_model_folder(folder: Path) -> None:
    """Refuse a folder whose loading would run code that it names, or unpickle weights.

    Sentence-transformers before 6 imports whatever class a folder names, and all versions read a module's
    ``pytorch_model.bin`` where it has no safetensors.

    Raises:
        EncoderError: it is such a folder.
    """
    foreign = sorted(kind for kind in _module_kinds(folder) if not kind.startswith("sentence_transformers."))
    if foreign:
        raise EncoderError(
            f"the model {folder} asks for the code {foreign[0]!r}, which is not run; use a model made of modules of "
            "sentence-transformers alone"
        )
    for pickled in sorted(folder.rglob("pytorch_model*.bin")):
        if not any(pickled.parent.glob("*.safetensors")):
            raise EncoderError(
                f"the model {folder} has weights in {pickled.relative_to(folder)}, a pickle, which is not read; save "
                "it anew, with safetensors"
            )


def _module_kinds(folder: Path) -> set[str]:
    """Return the classes that the files of a folder name as modules."""
    kinds: set[str] = set()
    for path in (path for name in _NAMING_MODULES for path in folder.rglob(name)):
        try:
            document = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise EncoderError(f"cannot read {path}: {type(error).__name__}; get the model again") from error
        named = document if isinstance(document, list) else [document]
        for one in (one for one in named if isinstance(one, dict)):
            types = one.get("types")
            kinds.update(map(str, types.values() if isinstance(types, dict) else ()))
            if "type" in one:
                kinds.add(str(one["type"]))
    return kinds
