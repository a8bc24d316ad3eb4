"""What dedup keeps on disk, damaged: a store's database and vectors, the caches, the folder of a run.

Every command on it must end with its code and one line, a store must be mended where ``docs/store.md`` says so, and a
run must find what it would have found.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fuzz import grammar
from benchmarks.fuzz.mutate import BLIND, Mutation, mutate
from benchmarks.fuzz.seeds import use_test_helpers
from benchmarks.fuzz.target import Tally, Target, require

if TYPE_CHECKING:
    import pytest
    from click.testing import Result

    from dedup.article import Article
    from dedup.evidence.content_cache import ContentCache

__all__ = ["stored_targets"]

_SECONDS = 20.0  # each input is several commands
_LIMIT = 12
_SENTENCES = tuple(f"Sentence number {number} of many." for number in range(300))


def stored_targets() -> list[Target]:
    """Return a target for each file that is kept."""
    return [
        _target("store-database", lambda: _bytes_of("s/store.sqlite"), _DAMAGE, _check_database),
        _target("store-vectors", lambda: _bytes_of("s/vectors/000001.vec"), _DAMAGE, _check_vectors),
        _target("cache", _cache_bytes, _DAMAGE, _check_cache),
        _target("content-cache", _content_cache_bytes, _DAMAGE, _check_content_cache),
        _target("job-manifest", lambda: _job_bytes("manifest.json"), grammar.JSON, _check_manifest),
        _target("job-contents", lambda: _job_bytes("contents.sqlite"), _DAMAGE, _check_contents),
        _target("job-vectors", lambda: _job_bytes("vectors-*.sqlite"), _DAMAGE, _check_job_vectors),
    ]


_DAMAGE: tuple[Mutation, ...] = (BLIND[0], BLIND[0], BLIND[0], BLIND[2], BLIND[2], BLIND[3], grammar.change_integer)
"""As disks do it, more often than the rest: bits, blocks, cut ends."""


def _target(
    name: str, seed: Callable[[], bytes], known: Sequence[Mutation], check: Callable[[bytes, Path], Tally]
) -> Target:
    def make(dice: random.Random) -> bytes:
        data = seed()
        if dice.random() < 0.7:
            for _ in range(dice.choice((1, 1, 1, 2, 5))):
                data = dice.choice(known)(dice, data)
            return data
        return mutate(dice, (data,), (data, b"", b"{}"), known)

    return Target(name=name, make=make, check=check, seconds=_SECONDS, mebibytes=512)


@cache
def _workshop() -> Path:
    """Make a folder with a store and the folder of a run that was stopped, by a model that has no weights."""
    use_test_helpers()
    from commands import newsroom, run

    folder = Path(tempfile.mkdtemp(prefix="dedup-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "dedup.toml").write_text("")
    newsroom(folder / "news.jsonl", stories=4)
    newsroom(folder / "more.jsonl", stories=2, seed=8)
    (folder / "run").mkdir()
    shutil.copy(folder / "news.jsonl", folder / "run" / "news.jsonl")
    with _model_of(folder) as patch:
        _must(run("store", "add", folder / "s", folder / "news.jsonl"))
        _must(run("cluster", folder / "news.jsonl", "-o", folder / "expected.jsonl", "--no-cache"))
        patch.setattr("dedup.score.pairs.score_pairs", _stop)
        patch.chdir(folder / "run")
        with contextlib.suppress(_StoppedError):
            run(*_RUN)
    return folder


@contextlib.contextmanager
def _model_of(workshop: Path) -> Iterator[pytest.MonkeyPatch]:
    """Within, commands use a model without weights and no settings of the user's; after it all is as it was."""
    import pytest
    from commands import use_fake_model

    with pytest.MonkeyPatch.context() as patch:
        use_fake_model(patch, workshop / "model")
        patch.setenv("DEDUP_CONFIG", str(workshop / "dedup.toml"))
        yield patch


class _StoppedError(BaseException):
    """Ends a run as a kill would."""


def _stop(*_: object, **__: object) -> None:
    raise _StoppedError


_RUN = ("cluster", "news.jsonl", "-o", "stories.jsonl", "--no-cache")
_MODEL = ("--encoder", "fake-bag-of-words")
"""What does not come with dedup is named each time."""
_JOB = ".stories.jsonl.job"


def _must(result: Result) -> Result:
    require(result.exit_code == 0, f"a sound command ends with {result.exit_code}: {result.stderr}")
    return result


def _bytes_of(name: str) -> bytes:
    return (_workshop() / name).read_bytes()


def _job_file(name: str) -> Path:
    (path,) = (_workshop() / "run" / _JOB).glob(name)
    return path


def _job_bytes(name: str) -> bytes:
    return _job_file(name).read_bytes()


@cache
def _cache_bytes() -> bytes:
    from dedup.encode.vectors import VectorCache, encode_sentences

    _workshop()
    from fakes import FakeEncoder

    with tempfile.TemporaryDirectory() as folder:
        with VectorCache.for_encoder(FakeEncoder(), Path(folder)) as vectors:
            encode_sentences(_SENTENCES, FakeEncoder(), vectors)
            path = vectors.path
        return path.read_bytes()


def _command(*arguments: str | Path) -> Result:
    """Run a command; it must end with a code of its own and a message of one line."""
    from commands import run

    named = (*_MODEL,) if arguments[1] in ("add", "find", "verify") else ()
    with _model_of(_workshop()):
        result = run(*arguments, *named)
    told = " ".join(map(str, arguments[:2]))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    require(result.exit_code in (0, 1), f"{told} ends with {result.exit_code}: {result.stderr[-500:]}")
    errors = [line for line in result.stderr.splitlines() if line.startswith("dedup: error:")]
    require(
        len(errors) == (result.exit_code == 1), f"{told} ends with {result.exit_code} and says {result.stderr[-500:]}"
    )
    require("Traceback" not in result.output, f"{told} shows a traceback")
    return result


def _listed(store: Path) -> Result:
    return _command("store", "list", store)


@cache
def _sound_listing() -> str:
    return _must(_listed(_workshop() / "s")).stdout


def _damaged_store(data: bytes, folder: Path, name: str) -> Path:
    store = folder / "s"
    shutil.copytree(_workshop() / "s", store)
    (store / name).write_bytes(data)
    return store


def _check_vectors(data: bytes, folder: Path) -> Tally:
    """Whatever becomes of vectors is found and mended, and the stories are those that were."""
    workshop, store = _workshop(), _damaged_store(data, folder, "vectors/000001.vec")
    require(_must(_listed(store)).stdout == _sound_listing(), "stories are others before anything was done")
    first = _command("store", "verify", store)
    _command("store", "find", store, workshop / "more.jsonl")
    _command("store", "add", store, workshop / "more.jsonl", "--dry-run")
    require(_must(_listed(store)).stdout == _sound_listing(), "stories are others after what changes nothing")
    _must(_command("store", "verify", store, "--repair"))
    _must(_command("store", "verify", store))
    require(_must(_listed(store)).stdout == _sound_listing(), "stories are others after the repair")
    _must(_command("store", "find", store, workshop / "more.jsonl"))
    _must(_command("store", "add", store, workshop / "more.jsonl"))
    return {"mended": first.exit_code, "sound": 1 - first.exit_code}


def _check_database(data: bytes, folder: Path) -> Tally:
    """No command ends in a bug; where nothing is found wrong, every article is there."""
    workshop, store = _workshop(), _damaged_store(data, folder, "store.sqlite")
    looks: Sequence[tuple[str | Path, ...]] = (
        ("list", store),
        ("changes", store),
        ("labels", store),
        ("show", store, _first_story()),
        ("find", store, workshop / "more.jsonl"),
    )
    for command in looks:
        _command("store", *command)
    verified = _command("store", "verify", store)
    if verified.exit_code == 0:
        _must(_command("store", "verify", store, "--repair"))
        require(_ids(_must(_listed(store)).stdout) == _ids(_sound_listing()), "called sound, and an article is missing")
        _must(_command("store", "add", store, workshop / "more.jsonl"))
        _must(_command("store", "verify", store))
        return {"sound": 1}
    mended = _command("store", "verify", store, "--repair")
    if mended.exit_code == 0:
        require(_ids(_must(_listed(store)).stdout) == _ids(_sound_listing()), "mended, and an article is missing")
    writes: Sequence[tuple[str | Path, ...]] = (
        ("add", store, workshop / "more.jsonl"),
        ("remove", store, "n7-0-0"),
        ("correct", store, "--same", "n7-0-0", "n7-1-0"),
        ("expire", store, "--before", "2026-03-05"),
        ("list", store),
    )
    for command in writes:
        _command("store", *command)
    return {"mended": 1 - mended.exit_code, "beyond repair": mended.exit_code}


def _first_story() -> str:
    return str(json.loads(_sound_listing().splitlines()[0])["id"])


def _ids(listing: str) -> list[str]:
    return sorted(one["id"] for line in listing.splitlines() for one in json.loads(line)["articles"])


def _check_cache(data: bytes, folder: Path) -> Tally:
    """The vectors are those that the encoder makes, whatever the file says."""
    import numpy as np

    from dedup.encode.vectors import VectorCache, count_known, encode_sentences

    _workshop()
    from fakes import FakeEncoder

    encoder = FakeEncoder()
    VectorCache.path_for(encoder, folder).write_bytes(data)
    with VectorCache.for_encoder(encoder, folder) as vectors:
        known, _ = count_known(_SENTENCES, vectors)
        found = encode_sentences(_SENTENCES, encoder, vectors)
    require(np.array_equal(found, _sound_vectors()), "vectors that are none of these sentences")
    return {"read": 1, "encoded": len(encoder.encoded), "known": known}


@cache
def _sound_vectors():  # type: ignore[no-untyped-def]  # numpy is imported late
    from fakes import FakeEncoder

    from dedup.encode.vectors import encode_sentences

    return encode_sentences(_SENTENCES, FakeEncoder())


@cache
def _content_cache_bytes() -> bytes:
    from dedup.evidence.content_cache import ContentCache

    with tempfile.TemporaryDirectory() as folder:
        with ContentCache.in_folder(Path(folder)) as contents:
            require(_read_through(contents) == _sound_contents(), "contents that are none of these articles")
            path = contents.path
        return path.read_bytes()


def _check_content_cache(data: bytes, folder: Path) -> Tally:
    """The contents are those that reading gives, whatever the file says."""
    from dedup.evidence.content_cache import ContentCache

    (folder / "contents.sqlite").write_bytes(data)
    with ContentCache.in_folder(folder) as contents:
        for _ in range(2):
            require(_read_through(contents) == _sound_contents(), "contents that are none of these articles")
    return {"read": 1}


def _read_through(contents: ContentCache) -> str:
    from dedup.evidence.background import Background
    from dedup.evidence.workers import article_contents

    background = Background()
    read = partial(article_contents, background=background, max_sentences=_LIMIT, workers=0)
    return repr(list(contents.of(_articles(), read, background, _LIMIT)))


@cache
def _sound_contents() -> str:
    from dedup.evidence.background import Background
    from dedup.evidence.content import ContentReader

    return repr([ContentReader(Background(), _LIMIT).of(article) for article in _articles()])


@cache
def _articles() -> Sequence[Article]:
    from dedup.article import Article

    return [Article(id=str(n), title=f"{n} killed in Kabul", body=one) for n, one in enumerate(_SENTENCES[:40])]


def _resumed(data: bytes, folder: Path, name: str) -> Result:
    run = folder / "run"
    shutil.copytree(_workshop() / "run", run)
    (run / _JOB / name).write_bytes(data)
    before = Path.cwd()
    os.chdir(run)
    try:
        result = _command(*_RUN, "--resume")
        if result.exit_code == 0:
            same = Path("stories.jsonl").read_bytes() == (_workshop() / "expected.jsonl").read_bytes()
            require(same, "the stories are others than those of a run that nothing stopped")
            require(not Path(_JOB).exists(), "the folder of the run is left")
    finally:
        os.chdir(before)
    return result


def _check_manifest(data: bytes, folder: Path) -> Tally:
    """The run goes on, begins anew or says what is not as it was."""
    result = _resumed(data, folder, "manifest.json")
    return {"resumed": 1 - result.exit_code, "refused": result.exit_code}


def _check_contents(data: bytes, folder: Path) -> Tally:
    """The run goes on, with what is whole."""
    _must(_resumed(data, folder, "contents.sqlite"))
    return {"resumed": 1}


def _check_job_vectors(data: bytes, folder: Path) -> Tally:
    """The run goes on, with what is whole."""
    _must(_resumed(data, folder, _job_file("vectors-*.sqlite").name))
    return {"resumed": 1}
