"""Where results go: whole or not at all, and never onto what cannot hold them."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.errors import OutputError
from dedup.write import Destination, open_output
from dedup.write.output import remove_parts

not_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
unix = pytest.mark.skipif(os.name != "posix", reason="permissions, links and devices of Unix")


def write(path: Path, text: str) -> None:
    with open_output(Destination.of(path)) as file:
        file.write(text)


@pytest.mark.parametrize(
    ("name", "form", "zipped"),
    [
        ("s.jsonl", "jsonl", False),
        ("s.ndjson", "jsonl", False),
        ("S.CSV", "csv", False),
        ("s.tsv", "tsv", False),
        ("s.jsonl.gz", "jsonl", True),
        ("s.v2.Csv.GZ", "csv", True),
    ],
)
def test_the_ending_decides(tmp_path: Path, name: str, form: str, zipped: bool) -> None:
    assert Destination.of(tmp_path / name) == Destination(path=tmp_path / name, format=form, zipped=zipped)  # type: ignore[arg-type]  # a str from the table above


@pytest.mark.parametrize("name", ["s.json", "s", "s.txt", "s.gz", "s.jsonl.zip", ".csv.bak"])
def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"\.jsonl \.ndjson \.csv \.tsv, or that with \.gz"):
        Destination.of(tmp_path / name)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        Destination.of(tmp_path / "nowhere" / "s.csv")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="there is no folder"):
        Destination.of(tmp_path / "file" / "s.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "s.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        Destination.of(tmp_path / "s.csv")


@unix
@not_root
def test_a_read_only_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.touch(mode=0o444)
    with pytest.raises(OutputError, match="the file is read-only"):
        Destination.of(file)
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match="is read-only"):
            Destination.of(tmp_path / "other.csv")
    finally:
        tmp_path.chmod(0o755)


def test_a_file_appears_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("old")
    with open_output(Destination.of(path)) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [found.name for found in tmp_path.iterdir()] == ["s.jsonl"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("name", ["s.jsonl", "s.csv.gz"])
def test_after_an_error_all_is_as_it_was(tmp_path: Path, name: str, error: type[BaseException]) -> None:
    path = tmp_path / name
    path.write_text("old")

    def stopped_half_way() -> None:
        with open_output(Destination.of(path)) as file:
            file.write("half of it\n" * 10_000)
            raise error

    with pytest.raises(error):
        stopped_half_way()
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == [name]


@unix
def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    new, usual, old = tmp_path / "new.csv", tmp_path / "usual", tmp_path / "old.csv"
    usual.touch()
    old.touch()
    old.chmod(0o640)
    write(new, "x")
    write(old, "x")
    assert new.stat().st_mode == usual.stat().st_mode
    assert old.stat().st_mode & 0o777 == 0o640


@unix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "s.csv"
    link.symlink_to(tmp_path / "there" / "real.csv")
    write(link, "x")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.csv").read_text() == "x"


def test_an_unfinished_file_of_another_run_is_not_touched(tmp_path: Path) -> None:
    other = tmp_path / f".s.csv.{os.getpid()}-0.part"
    other.write_text("of another")
    write(tmp_path / "s.csv", "x")
    assert other.read_text() == "of another"
    assert (tmp_path / "s.csv").read_text() == "x"


@unix
def test_what_processes_that_were_killed_left_half_written_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        gone = ended.pid
    kept = [f".s.csv.{os.getppid()}-0.part", f".s.csv.gz.{gone}-0.part", f".t.csv.{gone}.part", ".s.csv.x.part"]
    left = [f".s.csv.{gone}.part", f".s.csv.{gone}-7.part", f".s.csv.{os.getpid()}-0.part", f".s.csv.{2**31}.part"]
    for name in (*kept, *left):
        (tmp_path / name).touch()
    remove_parts(tmp_path / "s.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


@unix
def test_what_is_half_written_beside_the_file_of_a_link_is_removed_too(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "s.csv").symlink_to(tmp_path / "there" / "real.csv")
    for part in (tmp_path / f".s.csv.{os.getpid()}.part", tmp_path / "there" / f".real.csv.{os.getpid()}-0.part"):
        part.touch()
    remove_parts(tmp_path / "s.csv")
    assert not list(tmp_path.rglob("*.part"))


def test_where_there_is_no_folder_nothing_is_removed(tmp_path: Path) -> None:
    remove_parts(tmp_path / "none" / "s.csv")


@unix
def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    null = Path(os.devnull)
    assert Destination.of(null) == Destination(path=null)
    write(null, "x")
    assert null.is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told() -> None:
    with pytest.raises(OutputError, match="cannot write /dev/full: No space left on device; free space"):
        write(Path("/dev/full"), "x" * 100_000)


def test_equal_results_are_equal_gzip_files(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write(tmp_path / name, "خبر\n" * 1000)
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).decode() == "خبر\n" * 1000
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_standard_output_is_utf_8_and_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1", newline=""))
    with open_output(Destination.of("-")) as file:
        file.write("خبر\n")
    print("after")
    sys.stdout.flush()
    assert raw.getvalue().decode() == "خبر\nafter\n"


@unix
def test_a_reader_that_has_gone_is_no_output_error() -> None:
    script = """
import sys
from dedup.write import Destination, open_output
from dedup.write.output import remove_parts
try:
    with open_output(Destination.of("-")) as file:
        for _ in range(10_000):
            file.write("x" * 100 + "\\n")
except BrokenPipeError:
    sys.stderr.write("gone")
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read().startswith("gone")


@unix
@pytest.mark.parametrize("letter", ["x", "خ", "😀"])
def test_a_name_as_long_as_a_name_can_be(tmp_path: Path, letter: str) -> None:
    name = letter * ((255 - len(".jsonl")) // len(letter.encode())) + ".jsonl"
    write(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == [name]
