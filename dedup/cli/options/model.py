"""Which model makes the vectors, and how."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedup.cli.declared import shared_option
from dedup.cli.options.adding import Command, add_options
from dedup.cli.options.values import ModelName
from dedup.encode.named import BUNDLED, FAST, PRECISIONS
from dedup.errors import CacheError

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.content_cache import ContentCache
    from dedup.score.calibration import Calibration

_Cache = TypeVar("_Cache", "VectorCache", "ContentCache")

__all__ = ["ModelChoice", "encoder_options", "model_options", "store_encoder_options"]


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """Which model makes the vectors, and how."""

    model: str
    precision: str
    device: str | None
    calibration_file: Path | None
    use_cache: bool

    @functools.cached_property
    def encoder(self) -> Encoder:
        """The encoder, one for all that a command does; the model is loaded when it is first used."""
        from dedup.encode.named import encoder_named

        return encoder_named(self.model, precision=self.precision, device=self.device)

    def calibration(self) -> Calibration | None:
        """Return the calibration that was named, or None for the one that belongs to the model."""
        from dedup.score.calibration import load_calibration

        return load_calibration(self.calibration_file) if self.calibration_file else None

    @contextmanager
    def cache(self, *, instead: Path | None = None) -> Iterator[VectorCache | None]:
        """Open the cache of vectors; where it cannot be used the run does without, and says so.

        Args:
            instead: A folder to open one in where the user's own is not used or cannot be.
        """
        from dedup.encode.vectors import VectorCache

        def opened(folder: Path) -> VectorCache:
            return VectorCache.for_encoder(self.encoder, folder)

        # the fast encoder is faster than the disk
        if self.model == FAST:
            yield None
            return
        with _opened("vectors", opened, "vectors are", use=self.use_cache, instead=instead) as cache:
            yield cache

    @contextmanager
    def contents(self, *, instead: Path | None = None) -> Iterator[ContentCache | None]:
        """Open the cache of what was read of texts, likewise."""
        from dedup.evidence.content_cache import ContentCache

        what, open_in = "what is read of texts is", ContentCache.in_folder
        with _opened("contents", open_in, what, use=self.use_cache, instead=instead) as contents:
            yield contents

    @contextmanager
    def working_cache(self) -> Iterator[VectorCache]:
        """Open the cache of vectors, or one in memory, for a command that meets every sentence several times."""
        with self.cache() as kept:
            yield self._memory if kept is None else kept

    @functools.cached_property
    def _memory(self) -> VectorCache:
        from dedup.encode.vectors import VectorCache

        return VectorCache.in_memory(self.encoder)


@contextmanager
def _opened(
    part: str, open_in: Callable[[Path], _Cache], what: str, *, use: bool, instead: Path | None
) -> Iterator[_Cache | None]:
    """Open a part of the user's cache, if it is to be used, else one ``instead``; where one cannot be, say so."""
    from dedup.cache import cache_folder
    from dedup.cli.console import say

    places: list[Callable[[], Path]] = [functools.partial(cache_folder, part)] if use else []
    if instead is not None:
        places.append(lambda: instead)
    kept: _Cache | None = None
    for place in places:
        try:
            kept = open_in(place())
            break
        except CacheError as error:
            say(f"warning: {what} not kept: {error}")
    try:
        yield kept
    finally:
        if kept is not None:
            kept.close()


def _encoder_option(help_text: str, *, show_default: bool | str = True) -> Callable[[Command], Command]:
    return shared_option(
        "model",
        "--encoder",
        "--model",
        "model",
        type=ModelName(),
        default=BUNDLED,
        show_default=show_default,
        metavar="MODEL",
        help=help_text,
    )


def model_options(command: Command) -> Command:
    """Add which model is used and how; the command gets it as ``model``."""
    return add_options(
        _with_model(command),
        _encoder_option(
            "'bundled'; 'fast', a vector a word piece, many times faster and less sure of independent reports; or "
            "a sentence-transformers model: a folder, or a name on the model hub, which needs 'dedup calibrate' once.",
        ),
        shared_option(
            "model",
            "--calibration",
            "calibration_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A calibration made by 'dedup calibrate -o FILE'. Without it the one that belongs to the model.",
        ),
        *_ENCODING,
    )


def store_encoder_options(command: Command) -> Command:
    """Add the model options of a command on a store that is there: the model is the store's."""
    return add_options(
        _with_model(command),
        _encoder_option(
            "The model of the store: a folder, or a name on the model hub. One that comes with dedup need not be "
            "named.",
            show_default="that of the store",
        ),
        *_ENCODING,
    )


def encoder_options(command: Command) -> Command:
    """Add the model options of `calibrate`, which makes a calibration and takes none."""
    return add_options(
        _with_model(command),
        _encoder_option(
            "'bundled', 'fast', or a sentence-transformers model: a folder, or a name on the model hub.",
        ),
        *_ENCODING,
    )


_ENCODING = (
    shared_option(
        "model",
        "--precision",
        type=click.Choice(PRECISIONS),
        default="auto",
        show_default=True,
        help="Numbers to compute vectors with; auto takes the fastest that the machine has units for.",
    ),
    shared_option(
        "model",
        "--device",
        metavar="DEVICE",
        help="Where to compute vectors, such as cpu, cuda or mps. Without it a GPU where there is one.",
    ),
    shared_option(
        "model",
        "--no-cache",
        is_flag=True,
        help="Neither use what earlier runs kept of texts and their vectors nor keep any of this one.",
    ),
)


def _with_model(command: Command) -> Command:
    @functools.wraps(command)
    def with_model(
        *args: Any,
        model: str,
        precision: str,
        device: str | None,
        calibration_file: Path | None = None,
        no_cache: bool,
        **others: Any,
    ) -> Any:
        choice = ModelChoice(
            model=model,
            precision=precision,
            device=device,
            calibration_file=calibration_file,
            use_cache=not no_cache,
        )
        return command(*args, model=choice, **others)

    return with_model
