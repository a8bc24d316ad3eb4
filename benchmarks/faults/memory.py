"""Too little memory, and GPUs that fail."""

from __future__ import annotations

from functools import partial

from benchmarks.faults.fault import Fault, take
from benchmarks.faults.place import Place, Seen, expected

AREA = "Memory and GPUs"
_CALL = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
_SMALLER = "The stories, byte for byte; smaller batches from then on."
_WHOLE = "The stories, byte for byte those of an undisturbed run."


def _failing(place: Place, how: str) -> Seen:
    seen = place.driven("--failing", how, "--", *_CALL, "-v")
    if not seen.code:
        assert place.stories() == expected()
    else:
        assert not (place.folder / "stories.jsonl").exists()
    return seen


_row = partial(Fault, area=AREA)
take(
    _row(
        what="a GPU has too little memory for a batch",
        how="a model that raises `torch.OutOfMemoryError` for more than 16 sentences",
        says="half of them are tried",
        left=_SMALLER,
        test=partial(_failing, how="gpu-memory"),
    ),
    _row(
        what="the CPU's allocator has too little memory for a batch",
        how="a model that raises its `RuntimeError` for more than 16 sentences",
        says="half of them are tried",
        left=_SMALLER,
        test=partial(_failing, how="cpu-memory"),
    ),
    _row(
        what="memory is too little for one sentence",
        how="a model that raises that for any batch",
        code=1,
        says="memory is too little to encode one sentence",
        left="No stories; what was read is kept for `--resume`.",
        test=partial(_failing, how="no-memory"),
    ),
    _row(
        what="a GPU fails midway",
        how="a model that raises `CUDA error: unspecified launch failure` at its third batch",
        says="the CPU goes on",
        left=_WHOLE,
        test=partial(_failing, how="gpu-fails"),
    ),
    _row(
        what="a GPU fails when the model is loaded",
        how="a load that raises `CUDA error: out of memory`",
        says="the CPU goes on",
        left=_WHOLE,
        test=partial(_failing, how="gpu-load"),
    ),
)
