"""What the errors of torch mean: too little memory for a batch, or a GPU that is of no more use."""

from __future__ import annotations

__all__ = ["is_device_failure", "is_out_of_memory"]

_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory", "alloc_failed")
_NO_DEVICE = ("cuda error", "cuda driver", "cudnn", "cublas", "cufft", "hip error", "miopen", "nvml", "nvrtc")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether less at once could do: ``OutOfMemoryError`` of a GPU, what the CPU's allocator raises.

    The CPU's is a plain ``RuntimeError``, known by its text alone (c10/core/CPUAllocator.cpp of torch).
    """
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _speaks_of(error, _NO_MEMORY))


def is_device_failure(error: BaseException) -> bool:
    """Tell whether a GPU has failed, so that nothing more can be computed on it by this process."""
    return isinstance(error, RuntimeError) and _speaks_of(error, _NO_DEVICE)


def _speaks_of(error: BaseException, words: tuple[str, ...]) -> bool:
    text = str(error).casefold()
    return any(word in text for word in words)
