import gzip
import json
from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.evaluate import Labels, read_labels, rows


def write(folder: Path, text: str | bytes, name: str = "labels") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def lines(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


ARTICLES = lines(
    {"id": "a", "story": "deprem", "lang": "prs", "family": "depremler", "relation": "original", "title": "زلزله"},
    {"id": "b", "story": "deprem", "relation": "translation", "of": "a"},
    {"id": 7, "story": "deprem", "language": "Türkçe", "published": "2026-03-02T07:00:00+03:00", "family": None},
)
ARTICLE_LABELS = Labels(
    story={"a": "deprem", "b": "deprem", "7": "deprem"},
    language={"a": "fa-AF", "7": "tr"},
    family={"a": "depremler"},
    relation={"a": "original", "b": "translation"},
    of={"b": "a"},
    published={"7": "2026-03-02T07:00:00+03:00"},
)


class TestFormats:
    def test_article_rows(self, tmp_path: Path) -> None:
        assert read_labels(write(tmp_path, ARTICLES)) == ARTICLE_LABELS

    def test_story_rows(self, tmp_path: Path) -> None:
        story = {"id": "s", "family": "f", "articles": [{"id": "a", "language": "ar"}, {"id": "b", "family": "g"}, "c"]}
        assert read_labels(write(tmp_path, lines(story))) == Labels(
            story={"a": "s", "b": "s", "c": "s"}, language={"a": "ar"}, family={"a": "f", "b": "g", "c": "f"}
        )

    def test_article_and_story_rows_in_one_file(self, tmp_path: Path) -> None:
        path = write(tmp_path, lines({"id": "s", "articles": ["a"]}, {"id": "b", "story": "t"}))
        assert read_labels(path).story == {"a": "s", "b": "t"}

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_csv(self, tmp_path: Path, mark: str) -> None:
        text = '\ufeffID,note,Story,language\r\na,"x\ny",1,fa\r\n\r\nb,,1,\r\n'.replace(",", mark)
        assert read_labels(write(tmp_path, text)) == Labels(story={"a": "1", "b": "1"}, language={"a": "fa"})

    def test_gzip_is_known_by_its_content(self, tmp_path: Path) -> None:
        assert read_labels(str(write(tmp_path, gzip.compress(ARTICLES.encode()), "labels.txt"))) == ARTICLE_LABELS

    def test_blank_lines_and_byte_order_mark(self, tmp_path: Path) -> None:
        assert read_labels(write(tmp_path, "\ufeff\n" + ARTICLES.replace("\n", "\r\n\r\n"))) == ARTICLE_LABELS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no labelled article"),
        ("\n \n", "no labelled article"),
        ('{"id": "s", "articles": []}', "no labelled article"),
        ('{"id": "a", "story": "s"}\n{"id": "b"', "line 2: not a JSON object"),
        ('{"id": "a", "story": "s"}\n\n["b"]', "line 3: a JSON list"),
        ('[{"id": "a", "story": "s"}]', "line 1: a JSON list"),
        ("[" * 100_000, "line 1: not a JSON object"),
        ('{"id": "a", "title": "t"}', "line 1: neither story nor articles"),
        ('{"story": "s"}', "line 1: no id"),
        ('{"id": "", "story": "s"}', "line 1: no id"),
        ('{"id": "a", "story": null}', "line 1: no story"),
        ('{"id": ["a"], "story": "s"}', r"line 1: id is \['a'\] where text is needed"),
        ('{"id": true, "story": "s"}', "line 1: id is True where text is needed"),
        ('{"id": "s", "articles": "a"}', "line 1: articles is 'a' where a list is needed"),
        ('{"id": "s", "articles": [1]}', "line 1: the article 1 where an object is needed"),
        (
            '{"id": "a", "story": "s"}\n{"id": "a", "story": "t"}',
            "line 2: article 'a' once more, in story 't' after .*'s'",
        ),
        ('{"id": "a", "story": "s", "lang": "mother tongue"}', "line 1: not a language tag: 'mother tongue'"),
        ("id,title\na,b\n", r"CSV header \['id', 'title'\] without the columns id and story"),
        ("id," + "x," * 9_999 + "\na,b\n", "a CSV header .*… without the columns"),
        (f'{{"id": "{"a" * 9_999}", "story": "s"}}\n' * 2, "line 2: article 'aaa.*… once more"),
        ("id,story\na,1\nb\n", "CSV row 2: 1 fields where the header has 2"),
        ("id,story\na,\n", "CSV row 1: no story"),
        ('id,story\n"a,1\n', "not readable as CSV"),
        (b'{"id": "a", "story": "s"}\n{"id": "\xff"}', "line 2: not UTF-8 at byte 8"),
        (gzip.compress(ARTICLES.encode(), mtime=0)[:-9], "damaged gzip file"),
        (b"\x1f\x8b\x00", "damaged gzip file"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        read_labels(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 500


def test_no_such_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: cannot be read: No such file"):
        read_labels(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_labels(tmp_path)


def test_a_line_without_end_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_LINE_BYTES", 100)
    exactly = '{"id": "a", "story": "' + "s" * 75 + '"}\n'
    assert len(exactly) == 100
    assert read_labels(write(tmp_path, exactly)).story == {"a": "s" * 75}
    with pytest.raises(InputError, match="line 2: longer than 100 bytes"):
        read_labels(write(tmp_path, exactly + exactly.replace("s", "ss", 1)))
