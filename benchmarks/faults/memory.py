"""Too little memory, and GPUs that fail."""

from __future__ import annotations

from benchmarks.faults.fault import fault
from benchmarks.faults.place import Place, Seen, expected

AREA = "Memory and GPUs"
_CALL = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


def _failing(place: Place, how: str) -> Seen:
    seen = place.driven("--failing", how, "--", *_CALL, "-v")
    if not seen.code:
        assert place.stories() == expected()
    else:
        assert not (place.folder / "stories.jsonl").exists()
    return seen


@fault(
    AREA,
    "a GPU has too little memory for a batch",
    "a model that raises `torch.OutOfMemoryError` for more than 16 sentences",
    says="half of them are tried",
    left="The stories, byte for byte; smaller batches from then on.",
)
def _gpu_memory(place: Place) -> Seen:
    return _failing(place, "gpu-memory")


@fault(
    AREA,
    "the CPU's allocator has too little memory for a batch",
    "a model that raises its `RuntimeError` for more than 16 sentences",
    says="half of them are tried",
    left="The stories, byte for byte; smaller batches from then on.",
)
def _cpu_memory(place: Place) -> Seen:
    return _failing(place, "cpu-memory")


@fault(
    AREA,
    "memory is too little for one sentence",
    "a model that raises that for any batch",
    code=1,
    says="memory is too little to encode one sentence",
    left="No stories; what was read is kept for `--resume`.",
)
def _no_memory(place: Place) -> Seen:
    return _failing(place, "no-memory")


@fault(
    AREA,
    "a GPU fails midway",
    "a model that raises `CUDA error: unspecified launch failure` at its third batch",
    says="the CPU goes on",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _gpu(place: Place) -> Seen:
    return _failing(place, "gpu-fails")


@fault(
    AREA,
    "a GPU fails when the model is loaded",
    "a load that raises `CUDA error: out of memory`",
    says="the CPU goes on",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _gpu_load(place: Place) -> Seen:
    return _failing(place, "gpu-load")
