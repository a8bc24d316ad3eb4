from __future__ import annotations

import contextlib
import gzip
import json
import logging
import os
from pathlib import Path

import pytest

from dedup.errors import InputError, OutputError, SettingsError
from dedup.read import MAX_REJECTS_HELD, ReadOptions, ReadReport, Reject, RejectsFile, read_articles


def write(path: Path, *titles: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps({"title": title}) + "\n" for title in titles).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def titles(*inputs: str | Path, options: ReadOptions | None = None, report: ReadReport | None = None) -> list[str]:
    return [found.title for found in read_articles(*inputs, options=options or ReadOptions(), report=report)]


def test_a_folder_is_read_sorted_and_whole(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", "4")
    write(tmp_path / "a.NDJSON", "3")
    write(tmp_path / "c" / "d" / "e.json.gz", "6")
    write(tmp_path / "c" / "a.jsonl.gz", "5")
    write(tmp_path / ".hidden.jsonl", "x")
    write(tmp_path / ".git" / "a.jsonl", "x")
    (tmp_path / "notes.md").write_text("x", encoding="utf-8")
    report = ReadReport()
    assert titles(tmp_path, report=report) == ["3", "4", "5", "6"]
    assert (report.read, report.skipped_files, report.rejected) == (4, 1, 0)
    first, second = write(tmp_path / "1.jsonl", "1"), write(tmp_path / "2.jsonl", "2")
    assert titles(str(second), first) == ["2", "1"]


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.jsonl", "secret")
    folder = tmp_path / "folder"
    inside = write(folder / "sub" / "z.jsonl", "inside")
    (folder / "a.jsonl").symlink_to(outside)
    (folder / "b").symlink_to(outside.parent)
    (folder / "c").symlink_to(folder)  # a loop
    (folder / "d.jsonl").symlink_to(inside)  # the same file again
    (folder / "e.jsonl").symlink_to(folder / "nowhere.jsonl")
    report = ReadReport()
    assert titles(folder, report=report) == ["inside"]
    assert [(Path(reject.file).name, reject.line) for reject in report.rejects] == [("e.jsonl", 0)]
    assert report.skipped_files == 1
    assert titles(folder / "a.jsonl") == ["secret"]  # named by the user


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of Unix")
def test_what_is_no_file_in_a_folder_is_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.jsonl", "inside")
    os.mkfifo(tmp_path / "in" / "b.jsonl")
    (tmp_path / "in" / "c.jsonl").symlink_to(tmp_path / "in" / "b.jsonl")
    report = ReadReport()
    assert titles(tmp_path / "in", report=report) == ["inside"]
    assert (report.skipped_files, report.rejected) == (2, 0)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.jsonl", "no such file or folder: .*missing.jsonl; check the path"),
        ("a.docx", "unknown kind of file: .*a.docx; rename it to one of .jsonl"),
        ("empty", "no readable file in folder: .*empty"),
        ("hidden", "no readable file in folder"),
    ],
)
def test_inputs_that_cannot_be_read_fail_at_once(tmp_path: Path, name: str, message: str) -> None:
    write(tmp_path / "a.docx", "x")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "hidden" / ".a.jsonl", "x")
    with pytest.raises(InputError, match=message):
        read_articles(tmp_path / name)


def test_an_empty_folder_or_pattern_beside_what_can_be_read_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "empty").mkdir()
    news = write(tmp_path / "news.jsonl", "there")
    report = ReadReport()
    pattern = tmp_path / "2028-03-05" / "*.html"
    assert titles(tmp_path / "empty", news, pattern, report=report) == ["there"]
    assert [why.split(";")[0] for why in report.empty_inputs] == [
        f"no readable file in folder: {tmp_path / 'empty'}",
        f"no readable file matches the pattern: {pattern}",
    ]
    assert [record.getMessage() for record in caplog.records] == report.empty_inputs
    with pytest.raises(InputError, match="no readable file in folder"):  # where nothing at all can be read
        read_articles(tmp_path / "empty", pattern)
    with pytest.raises(InputError, match="no such file"):  # a name is no wish: it may be a slip
        read_articles(news, tmp_path / "nowhere.jsonl")


def test_nothing_to_read() -> None:
    with pytest.raises(InputError, match="nothing to read"):
        read_articles()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions(tmp_path: Path) -> None:
    locked = write(tmp_path / "a.jsonl", "x")
    write(tmp_path / "b.jsonl", "y")
    locked.chmod(0)
    with pytest.raises(InputError, match=r"cannot read .*a\.jsonl: Permission denied; check its permissions"):
        read_articles(locked)
    report = ReadReport()
    assert titles(tmp_path, report=report) == ["y"]
    assert [(reject.file, reject.line) for reject in report.rejects] == [(str(locked), 0)]


def test_a_format_goes_before_endings(tmp_path: Path) -> None:
    write(tmp_path / "a.data", "x")
    write(tmp_path / "b.txt", "y")
    assert titles(tmp_path, options=ReadOptions(format="jsonl")) == ["x", "y"]


def test_the_first_of_an_id_wins_across_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(f'\n{{"id": 1, "title": "{name}"}}\n', encoding="utf-8")
    report = ReadReport()
    assert titles(tmp_path, report=report) == ["a"]
    assert report.rejects[0].reason == f"the id '1' is taken by line 2 of {tmp_path / 'a.jsonl'}"[:200]
    assert report.rejects[0].file == str(tmp_path / "b.jsonl")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "docx"}, "unknown input format: 'docx'; use one of jsonl, csv, tsv, page"),
        ({"fields": {"headline": "kop"}}, "unknown article field: 'headline'; use one of id, title"),
        ({"timezone": "Asia/Teheran"}, "unknown time zone: 'Asia/Teheran'"),
        ({"timezone": "../../etc/passwd"}, "unknown time zone"),
        ({"timezone": ""}, "unknown time zone"),
        ({"encoding": "utf-9"}, "unknown text encoding: 'utf-9'"),
        ({"encoding": "base64"}, "unknown text encoding: 'base64'"),
        ({"max_record_bytes": 0}, "max_record_bytes is 0; it must be 1 or more"),
    ],
)
def test_settings_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ReadOptions(**options)  # type: ignore[arg-type]  # wrong on purpose


def test_a_report_holds_a_thousand_and_logs_a_few(caplog: pytest.LogCaptureFixture) -> None:
    rejects: list[Reject] = []
    report = ReadReport(sink=rejects.append)
    with caplog.at_level(logging.WARNING):
        for line in range(MAX_REJECTS_HELD + 5):
            report.reject("f", line, "why", "x" * 999)
        for line in range(9):
            report.warn("f", line, "what")
    assert (report.rejected, len(report.rejects), len(rejects)) == (1005, 1000, 1005)
    assert report.warnings == 9
    assert {len(reject.excerpt) for reject in rejects} == {200}
    assert len(caplog.records) == 12


def test_warnings_are_counted_with_the_article_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "x", "lang": "??", "date": "soon"}', encoding="utf-8")
    report = ReadReport()
    assert titles(path, report=report) == ["x"]
    assert (report.read, report.rejected, report.warnings) == (1, 0, 2)


def test_rejects_file(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    source = tmp_path / "news.jsonl"
    source.write_bytes('{"title": "good"}\nخراب\n{"title": 1}\n'.encode())
    with RejectsFile(path) as sink:
        assert titles(source, report=ReadReport(sink=sink)) == ["good"]
        assert not path.exists()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(row["line"], row["excerpt"]) for row in rows] == [(2, "خراب"), (3, '{"title": 1}')]
    assert set(rows[0]) == {"file", "line", "reason", "excerpt"}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["news.jsonl", "rejects.jsonl"]


def test_a_reject_of_a_file_whose_name_is_no_text_is_written(tmp_path: Path) -> None:
    reject = Reject(file="\udcff.jsonl", line=3, reason="broken")
    with RejectsFile(tmp_path / "rejects.jsonl") as sink:
        sink(reject)
    assert Reject(**json.loads((tmp_path / "rejects.jsonl").read_text("utf-8"))) == reject


def test_rejects_file_is_whole_after_an_error_and_absent_without_rejects(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    with RejectsFile(path):
        pass
    assert not path.exists()
    with contextlib.suppress(KeyError), RejectsFile(path) as sink:
        sink(Reject(file="f", line=1, reason="r"))
        raise KeyError
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1


def test_rejects_file_in_no_folder(tmp_path: Path) -> None:
    sink = RejectsFile(tmp_path / "no" / "r.jsonl")
    with pytest.raises(OutputError, match="choose another file"):
        sink(Reject(file="f", line=1, reason="r"))
