"""`dedup cluster --resume`: after a kill at any moment the same result, and little done twice."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import newsroom, run, use_fake_model
from fakes import FakeEncoder
from killed_run import MOMENTS

from dedup.manifest import difference
from dedup.write import write_articles

HERE = Path(__file__).parent
ROOTS = [str(HERE.parent.parent), str(HERE.parent)]
posix = pytest.mark.skipif(os.name != "posix", reason="kills by a signal of Unix")


def killed_run(folder: Path, news: Path, where: str, at: int = 1, *more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(ROOTS), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "killed_run.py"), where, str(at), str(folder / "log"), "--", "cluster"]
    # without the user's cache, in which the runs before this one have left all
    arguments = [str(news), "--encoder", "fast", "--no-cache", "-o", str(folder / "stories.jsonl"), *more]
    return subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("news") / "news.jsonl"
    newsroom(path, stories=60)
    return path


@pytest.fixture(scope="module")
def undisturbed(news: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The output of a run that nothing stops."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert killed_run(folder, news, "never").returncode == 0
    assert (folder / "log").read_bytes().count(b"a") == 300
    return (folder / "stories.jsonl").read_bytes()


class TestKilled:
    """Processes of their own, with the fast encoder, killed by SIGKILL."""

    @posix
    @pytest.mark.parametrize(
        ("where", "at", "known"),
        [
            ("manifest", 1, 0),
            ("read", 1, 0),
            ("read", 63, 0),
            ("read", 200, 192),
            ("kept", 3, 128),
            ("encode", 1, 300),
            ("score", 1, 300),
            ("stories", 1, 300),
            ("write", 2, 300),
            ("written", 1, 300),
        ],
    )
    def test_at_a_moment(self, tmp_path: Path, news: Path, undisturbed: bytes, where: str, at: int, known: int) -> None:
        killed = killed_run(tmp_path, news, where, at)
        assert killed.returncode == -signal.SIGKILL
        assert (tmp_path / "stories.jsonl").exists() == (where == "written")
        before = (tmp_path / "log").stat().st_size if (tmp_path / "log").exists() else 0
        resumed = killed_run(tmp_path, news, "never", 1, "--resume")
        assert resumed.returncode == 0, resumed.stderr
        assert (tmp_path / "stories.jsonl").read_bytes() == undisturbed
        log = (tmp_path / "log").read_bytes()[before:]
        assert log.count(b"a") == 300 - known
        assert ("resumed" in resumed.stderr) == bool(known)
        if known:
            assert f"resumed   {known} of 300 articles had been read" in resumed.stderr
        assert [path.name for path in tmp_path.iterdir() if "stories" in path.name] == ["stories.jsonl"]

    @posix
    def test_again_and_again(self, tmp_path: Path, news: Path, undisturbed: bytes) -> None:
        kills = 0
        for at in (70, 80, 90):
            resumed = ("--resume",) if kills else ()
            assert killed_run(tmp_path, news, "read", at, *resumed).returncode == -signal.SIGKILL
            kills += 1
        assert killed_run(tmp_path, news, "never", 1, "--resume").returncode == 0
        assert (tmp_path / "stories.jsonl").read_bytes() == undisturbed
        # of each of the kills no more than a chunk is read twice
        assert (tmp_path / "log").read_bytes().count(b"a") <= 300 + kills * 64

    @posix
    def test_nothing_half_written_of_rejected_records_stays(
        self, tmp_path: Path, news: Path, undisturbed: bytes
    ) -> None:
        given = tmp_path / "given.jsonl"
        given.write_bytes(b"no JSON\n" + news.read_bytes())
        (tmp_path / "rejects").mkdir()
        more = ("--rejects", str(tmp_path / "rejects" / "r.jsonl"))
        for _ in range(2):  # before anything of it is kept, and so before the run is known to be another's
            assert killed_run(tmp_path, given, "rejected", 1, *more, "--resume").returncode == -signal.SIGKILL
        assert len(list((tmp_path / "rejects").iterdir())) == 2
        assert killed_run(tmp_path, given, "never", 1, *more, "--resume").returncode == 0
        assert (tmp_path / "stories.jsonl").read_bytes() == undisturbed
        assert [path.name for path in (tmp_path / "rejects").iterdir()] == ["r.jsonl"]

    def test_every_moment_is_tried(self) -> None:
        marks = vars(TestKilled.test_at_a_moment)["pytestmark"]
        mark = next(one for one in marks if one.name == "parametrize")
        assert {where for where, *_ in mark.args[1]} == set(MOMENTS) - {"rejected"}


class Cut(BaseException):
    """Ends a run as a kill would, but for this process."""


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeEncoder:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").touch()
    newsroom(tmp_path / "news.jsonl", stories=30)
    return use_fake_model(monkeypatch, tmp_path / "model")


CALL = ("cluster", "news.jsonl", "-o", "stories.jsonl")
JOB = Path(".stories.jsonl.job")


def cut_at(monkeypatch: pytest.MonkeyPatch, where: str, *call: str) -> None:
    def cut(*_: Any, **__: Any) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(where, cut)
        with pytest.raises(Cut):
            run(*(call or CALL))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_names_that_are_no_text(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("news.jsonl").rename("\udcff.jsonl")
    with Path("\udcff.jsonl").open("a") as file:
        file.write("no JSON\n")
    call = ("cluster", "\udcff.jsonl", "-o", "out-\udcff.jsonl")
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs", *call)
    encoded = len(encoder.encoded)
    result = run(*call, "--resume")
    assert (result.exit_code, len(encoder.encoded)) == (0, encoded), result.stderr
    assert "150 of 150 articles had been read" in result.stderr
    stories = [json.loads(line) for line in Path("out-\udcff.jsonl").read_text("utf-8").splitlines()]
    assert sum(len(story["articles"]) for story in stories) == 150
    assert json.loads(Path("out-\udcff.jsonl.rejects.jsonl").read_text("utf-8"))["file"] == "\udcff.jsonl"


@posix
def test_an_output_with_the_longest_name_has_its_rejects_beside_it(encoder: FakeEncoder) -> None:
    with Path("news.jsonl").open("a") as file:
        file.write("no JSON\n")
    name = "خ" * 124 + ".jsonl"
    assert run("cluster", "news.jsonl", "-o", name).exit_code == 0
    assert Path(name).exists()
    assert Path(f"{'خ' * 100}.rejects.jsonl").exists()


def test_without_the_cache_vectors_are_kept_by_the_run_alone(
    encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = (*CALL, "--no-cache")
    assert run(*call).exit_code == 0
    expected, sentences = Path("stories.jsonl").read_bytes(), len(encoder.encoded)
    Path("stories.jsonl").unlink()
    encoder.encoded.clear()
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs", *call)
    assert len(encoder.encoded) == sentences
    assert run(*call, "--resume").exit_code == 0
    assert len(encoder.encoded) == sentences
    assert Path("stories.jsonl").read_bytes() == expected
    assert not JOB.exists()
    assert not list(Path("model").glob("cache/vectors/*"))


@pytest.mark.parametrize("unusable", [False, True])
def test_the_folder_of_a_run_has_caches_of_its_own_only_where_the_users_are_not_used(
    encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch, unusable: bool
) -> None:
    cache = Path(os.environ["DEDUP_CACHE"])
    cache.mkdir()
    if unusable:
        for part in ("contents", "vectors"):
            shutil.rmtree(cache / part, ignore_errors=True)
            (cache / part).touch()
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs")
    found = {path.name.partition("-")[0] for path in JOB.iterdir() if path.suffix == ".sqlite"}
    assert found == ({"contents.sqlite", "vectors"} if unusable else set())
    encoder.encoded.clear()
    with monkeypatch.context() as patch:
        patch.setattr("dedup.evidence.content.ContentReader.of", None)  # nothing is read any more
        result = run(*CALL, "--resume")
    assert (result.exit_code, encoder.encoded) == (0, []), result.stderr
    assert "resumed   150 of 150 articles had been read" in result.stderr
    assert result.stderr.count("not kept") == 2 * unusable


def test_nothing_is_left_of_a_run_that_ends(encoder: FakeEncoder) -> None:
    assert run(*CALL).exit_code == 0
    assert not JOB.exists()
    assert run(*CALL, "--resume").exit_code == 0  # nothing to go on with
    Path("bad.jsonl").write_text("no JSON\n")
    assert run("cluster", "bad.jsonl", "-o", "stories.jsonl").exit_code == 1
    assert run("cluster", "nowhere", "-o", "stories.jsonl", "--resume").exit_code == 1
    assert not JOB.exists()


def test_without_the_option_it_begins_anew_and_says_so(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs")
    result = run(*CALL)
    assert result.exit_code == 0
    assert "is begun anew; --resume would go on with it" in result.stderr
    assert "resumed" not in result.stderr
    assert "no run to resume" in run(*CALL, "--resume", "-v").stderr


@pytest.mark.parametrize(
    ("change", "more", "message"),
    [
        ("edit", (), "the input news.jsonl has changed"),
        ("none", ("--threshold", "0.6"), "the setting threshold was 0.5 and is 0.6"),
        ("none", ("--max-sentences", "3"), "the setting max_sentences was 12 and is 3"),
        ("none", ("--timezone", "Asia/Tehran"), "the reading timezone was not set and is 'Asia/Tehran'"),
        ("none", ("--field", "city=title"), "the reading fields was {} and is {'city': 'title'}"),
        ("none", ("--no-cache",), "the model no-cache was False and is True"),
        ("add", (), "the reading inputs was"),
        ("calibration", (), "the calibration is another"),
        ("version", (), "the version dedup was"),
        ("format", (), "it was begun by another version of dedup"),
    ],
)
def test_what_has_changed_is_said_and_nothing_done(
    encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch, change: str, more: tuple[str, ...], message: str
) -> None:
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs")
    kept = {path.name: path.read_bytes() for path in JOB.iterdir()}
    encoder.encoded.clear()
    call = list(CALL)
    match change:
        case "edit":
            Path("news.jsonl").write_text(Path("news.jsonl").read_text("utf-8").replace("Outlet 1", "Outlet 7"))
        case "add":
            shutil.copy("news.jsonl", "more.jsonl")
            call.insert(2, "more.jsonl")
        case "calibration":
            path = next(Path("model").glob("data/calibrations/*.json"))
            document = json.loads(path.read_text("utf-8"))
            path.write_text(json.dumps(document | {"absent_log_odds": -3.5}))
        case "version":
            monkeypatch.setattr("dedup.__version__", "99")
        case "format":
            monkeypatch.setattr("dedup.cli.manifest.FORMAT", 99)
    result = run(*call, *more, "--resume")
    assert (result.exit_code, encoder.encoded) == (1, [])
    assert message in result.stderr
    assert "without --resume to begin anew" in result.stderr
    assert result.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in JOB.iterdir()} == kept
    assert not Path("stories.jsonl").exists()


def test_files_of_a_folder_that_come_and_go(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in").mkdir()
    shutil.move("news.jsonl", "in/a.jsonl")
    call = ("cluster", "in", "-o", "stories.jsonl")
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs", *call)
    Path("in/b.jsonl").touch()
    assert "the input in/b.jsonl is new" in run(*call, "--resume").stderr
    Path("in/b.jsonl").rename("b.jsonl")
    Path("in/a.jsonl").rename("in/c.jsonl")
    assert "the input in/a.jsonl is gone" in run(*call, "--resume").stderr
    Path("in/c.jsonl").rename("in/a.jsonl")
    os.utime("in/a.jsonl", (0, 0))  # what counts is what is in it
    assert run(*call, "--resume").exit_code == 0


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "manifest", "deep manifest"])
def test_damage_costs_time_alone(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    call = (*CALL, "--no-cache")
    assert run(*call).exit_code == 0
    expected = Path("stories.jsonl").read_bytes()
    cut_at(monkeypatch, "dedup.score.pairs.score_pairs", *call)
    path = JOB / "contents.sqlite"
    data = bytearray(path.read_bytes())
    match damage:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "flipped":
            data[-7] ^= 1
            path.write_bytes(data)
        case "foreign":
            path.write_bytes(b"\xff" * 4096)
        case "manifest":
            (JOB / "manifest.json").write_text("{")
        case "deep manifest":
            (JOB / "manifest.json").write_text("[" * 100_000)
    result = run(*call, "--resume")
    assert result.exit_code == 0
    # an entry that was flipped is read again
    assert ("resumed   149 of 150" in result.stderr) == (damage == "flipped")
    assert ("set aside" in result.stderr) == (damage in ("cut", "foreign"))
    assert Path("stories.jsonl").read_bytes() == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["news.jsonl"], "--resume needs -o FILE"),
        (["news.jsonl", "-o", os.devnull], "--resume needs -o FILE"),
        (["-", "-o", "stories.jsonl"], "standard input is none"),
    ],
)
def test_what_cannot_be_resumed(encoder: FakeEncoder, arguments: list[str], message: str) -> None:
    result = run("cluster", *arguments, "--resume", given="")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    if arguments[0] != "-":
        assert run("cluster", *arguments).exit_code == 0


@posix
def test_a_pipe_is_read_once(encoder: FakeEncoder) -> None:
    os.mkfifo("pipe.jsonl")
    with subprocess.Popen(["sh", "-c", "cat news.jsonl > pipe.jsonl"]) as writer:
        result = run("cluster", "pipe.jsonl", "-o", "stories.jsonl")
        writer.wait()
    assert result.exit_code == 0, result.output
    assert "150 read" in result.stderr
    assert "pipe.jsonl is none" in run("cluster", "pipe.jsonl", "-o", "s.jsonl", "--resume").stderr


def test_two_runs_for_one_output(encoder: FakeEncoder) -> None:
    from filelock import FileLock

    JOB.mkdir()
    with FileLock(JOB / "lock"):
        result = run(*CALL, "--resume")
        assert result.exit_code == 1
        assert "is going on" in result.stderr
        result = run(*CALL)
        assert result.exit_code == 0
        assert "cannot be resumed" in result.stderr
        assert JOB.exists()
    assert run(*CALL, "--resume").exit_code == 0
    assert not JOB.exists()


def test_ctrl_c_says_how_to_go_on(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dedup.score.pairs.score_pairs", stop)
        result = run(*CALL)
    assert result.exit_code == 130
    assert "--resume goes on" in result.stderr
    result = run(*CALL, "--resume")
    assert re.search("resumed +150 of 150", result.stderr)


@pytest.mark.parametrize("part", ["version", "reading", "setting", "model", "calibration", "file"])
@pytest.mark.parametrize("value", [[], ["x"], "text", 7, None])
def test_a_manifest_of_another_shape_is_another_run(part: str, value: object) -> None:
    whole: dict[str, Any] = {
        name: {"a": 1} for name in ("version", "reading", "setting", "model", "calibration", "file")
    }
    whole["format"] = 1
    found = difference(whole | {part: value}, whole)
    assert found is not None
    assert part in found or part == "file"


def test_what_differs_is_shown_in_short() -> None:
    whole: dict[str, Any] = {name: {} for name in ("version", "reading", "setting", "model", "calibration", "file")}
    found = difference(whole | {"format": 1, "setting": {"a": "x" * 9_999}}, whole | {"format": 1, "setting": {"a": 1}})
    assert found is not None
    assert len(found) < 300


def test_nothing_differs_from_itself() -> None:
    manifest = {"format": 1, "version": {}, "reading": {}, "setting": {}, "model": {}, "calibration": {}, "file": {}}
    assert difference(manifest, manifest) is None


def test_of_no_articles_nothing_is_kept(encoder: FakeEncoder) -> None:
    write_articles([], "none.jsonl")
    assert run("cluster", "none.jsonl", "-o", "stories.jsonl", "--resume").exit_code == 0
    assert not JOB.exists()


def test_a_job_that_cannot_begin_leaves_no_folder(encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    from dedup.errors import OutputError

    def fail(path: Path, data: bytes) -> None:
        raise OutputError("cannot write the manifest: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("dedup.write.output.write_whole", fail)
        result = run(*CALL)
    assert result.exit_code == 0
    assert "should this run be stopped, it cannot be resumed" in result.stderr
    assert not JOB.exists()
