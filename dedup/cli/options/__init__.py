"""The options that commands share, and what they are made into: one file for each kind."""

from __future__ import annotations

from dedup.cli.options.engine import EngineChoice, engine_options, vector_engine_options
from dedup.cli.options.model import ModelChoice, encoder_options, model_options, store_encoder_options
from dedup.cli.options.output import Wanted, dry_run_option, json_option, manifest_option, output_option
from dedup.cli.options.reading import (
    Reading,
    input_options,
    labelled_options,
    optional_reading_options,
    reading_options,
)
from dedup.cli.options.settings import keep_option, settings_options

__all__ = [
    "EngineChoice",
    "ModelChoice",
    "Reading",
    "Wanted",
    "dry_run_option",
    "encoder_options",
    "engine_options",
    "input_options",
    "json_option",
    "keep_option",
    "labelled_options",
    "manifest_option",
    "model_options",
    "optional_reading_options",
    "output_option",
    "reading_options",
    "settings_options",
    "store_encoder_options",
    "vector_engine_options",
]
