"""What every test has: a data folder of its own, and the user's cache for nothing but the converted model."""

from __future__ import annotations

import math
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long one example takes says more about the machine than about the code.
settings.register_profile("dedup", deadline=None)
settings.load_profile("dedup")
# Read by the model hub's library when it is imported: no test asks the hub for anything.
os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than ten seconds")
    # A shell has what it starts in the background ignore Ctrl-C, and so would every process that a test starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests out of the user's data and vectors.

    The converted model, half a gigabyte that any run would make the same, is linked from the user's cache if it is
    there already, and shared: a test that needs a cache without it sets ``DEDUP_CACHE`` itself.
    """
    cache = tmp_path_factory.mktemp("cache")
    models = _user_models()
    models.mkdir(parents=True, exist_ok=True)
    (cache / "models").symlink_to(models, target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEDUP_CACHE", str(cache))
        patch.setenv("DEDUP_DATA", str(tmp_path_factory.mktemp("data")))
        yield


def _user_models() -> Path:
    from dedup.cache import cache_folder

    return cache_folder("models")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started."""
    processes: list[subprocess.Popen[bytes]] = []

    class Counted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    return processes


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the documentation's site, built once."""
    from documents import build_site

    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(folder)
    return folder


@pytest.fixture
def set_bounds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the least similarity at which a pair teaches."""
    from dedup.score import training
    from dedup.score.calibration import KINDS

    def put(similarity: float) -> None:
        monkeypatch.setattr(training, "CANDIDATE_SIMILARITY", dict.fromkeys(KINDS, similarity))
        monkeypatch.setattr(training, "ONE_LANGUAGE_SIMILARITY", similarity)

    return put


@pytest.fixture
def every_pair(set_bounds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no pair be too far apart, in meaning or time, to teach."""
    from dedup.score import training

    set_bounds(-1.0)
    monkeypatch.setattr(training, "_WINDOW_HOURS", math.inf)
