"""Options that are set in ``dedup.toml`` and by environment variables.

The command line goes before the environment, that before the file, and that before the default. A command takes part
by having ``console_options``: what can be set is read off its options.
"""

from __future__ import annotations

from dedup.cli.configuration.file import CONFIG_VARIABLE, FILE_NAME, ConfigFile, find_config, read_config
from dedup.cli.configuration.resolve import Setting, configure, configured_where, setting_of, settings_of
from dedup.cli.configuration.schema import Place, Schema, key_of, schema_of, shared_table

__all__ = [
    "CONFIG_VARIABLE",
    "FILE_NAME",
    "ConfigFile",
    "Place",
    "Schema",
    "Setting",
    "configure",
    "configured_where",
    "find_config",
    "key_of",
    "read_config",
    "schema_of",
    "setting_of",
    "settings_of",
    "shared_table",
]
