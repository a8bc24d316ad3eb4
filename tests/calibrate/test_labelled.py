from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest
from fakes import invented_news

from dedup.article import Article
from dedup.calibrate import labelled, read_labelled
from dedup.errors import InputError
from dedup.write.articles import article_row

NEWS = invented_news(stories=4, seed=3)
"""Four stories of five articles: 40 pairs of one story, 150 of different ones."""


def write(folder: Path, rows: list[dict[str, object]], name: str = "mine.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rows(**of_article: dict[str, object]) -> list[dict[str, object]]:
    """The articles with their stories; fields to add by ``sNaM`` (story N, article M) or ``sN``."""
    return [
        article_row(article) | {"story": f"s{s}"} | of_article.get(f"s{s}", {}) | of_article.get(f"s{s}a{a}", {})
        for s, story in enumerate(NEWS)
        for a, article in enumerate(story)
    ]


def judged(folder: Path, *, every: int = 1) -> Path:
    story = {article.id: s for s, articles in enumerate(NEWS) for article in articles}
    chosen = list(combinations(story, 2))[::every]
    return write(folder, [{"a": b, "b": a, "same": story[a] == story[b]} for a, b in chosen], "pairs.jsonl")


class TestStories:
    def test_all_pairs_are_labelled(self, tmp_path: Path) -> None:
        news = read_labelled([write(tmp_path, rows(s0={"family": 7}, s1={"family": "7"}))])
        ids = [one.article.id for one in news.articles]
        assert ids == sorted(article.id for story in NEWS for article in story)
        assert (len(news.pairs), int(news.same.sum()), news.left_out, news.listed) == (190, 40, 0, None)
        for (left, right), same in zip(news.pairs.tolist(), news.same.tolist(), strict=True):
            assert same == (news.articles[left].story == news.articles[right].story)
        assert len({one.family for one in news.articles}) == 3  # one of two stories, two of one
        assert all(not one.article.extra for one in news.articles)  # no label can leak into what is learnt

    def test_one_text_is_told_by_relation_and_of(self, tmp_path: Path) -> None:
        first = NEWS[0][0].id
        stated: dict[str, dict[str, object]] = {
            "s0a1": {"relation": "translation", "of": first},
            "s0a2": {"relation": "reprint", "of": NEWS[0][1].id},
            "s0a3": {"relation": "independent"},
            "s1a0": {"relation": "reprint", "of": "not in these files"},
            "s1a1": {"relation": "translation", "of": "not in these files"},
            "s1a2": {"relation": "translation"},
        }
        news = read_labelled([write(tmp_path, rows(**stated))])
        text = {one.article.id: one.text for one in news.articles}
        assert [text[article.id] for article in NEWS[0]] == [first, first, first, NEWS[0][3].id, None]
        assert [text[article.id] for article in NEWS[1][:3]] == ["not in these files"] * 2 + [None]

    def test_articles_without_a_story_are_left_out(self, tmp_path: Path) -> None:
        news = read_labelled([write(tmp_path, rows(s3={"story": None}))])
        assert (len(news.articles), news.left_out) == (15, 5)

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({f"s{s}": {"story": ""} for s in range(4)}, "none of 20 articles states its story"),
            ({"s0a1": {"family": "f"}}, "the story 's0' is in the family f, and in the story s0"),
            ({"s0a1": {"story": ["x"]}}, r"story is \['x'\] where text is needed"),
            ({"s0a1": {"relation": 0.5}}, "relation is 0.5 where text is needed"),
            ({f"s{s}": {"story": None} for s in range(1, 4)}, "10 labelled pairs of one story; .* needs 20"),
            ({f"s{s}": {"story": "s"} for s in range(4)}, "0 labelled pairs of different stories; .* needs 20"),
        ],
    )
    def test_what_is_no_label_is_named(
        self, tmp_path: Path, changed: dict[str, dict[str, object]], message: str
    ) -> None:
        with pytest.raises(InputError, match=message):
            read_labelled([write(tmp_path, rows(**changed))])

    def test_too_many_pairs_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(labelled, "MOST_PAIRS", 189)
        with pytest.raises(InputError, match="190 labelled pairs, more than the 189"):
            read_labelled([write(tmp_path, rows())])


class TestPairs:
    def test_the_pairs_are_the_labels(self, tmp_path: Path) -> None:
        news = read_labelled([write(tmp_path, rows(s0={"story": "misleading"}))], pairs=judged(tmp_path, every=2))
        story = {article.id: s for s, articles in enumerate(NEWS) for article in articles}
        assert news.listed is not None
        assert len(news.pairs) == 95
        assert (news.pairs[:, 0] < news.pairs[:, 1]).all()
        for (left, right), same in zip(news.pairs.tolist(), news.same.tolist(), strict=True):
            assert same == (story[news.articles[left].article.id] == story[news.articles[right].article.id])
        assert all(one.text is None for one in news.articles)

    def test_articles_in_no_pair_are_left_out(self, tmp_path: Path) -> None:
        path = judged(tmp_path)
        gone = NEWS[2][1].id
        path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if f'"{gone}"' not in line))
        news = read_labelled([write(tmp_path, rows())], pairs=path)
        assert (len(news.articles), news.left_out) == (19, 1)
        assert gone not in {one.article.id for one in news.articles}

    def test_groups_are_what_pairs_connect(self, tmp_path: Path) -> None:
        """Stories 0 and 1 are compared with each other, and 2 and 3; no pair connects the two."""
        story = {article.id: s for s, articles in enumerate(NEWS) for article in articles}
        chosen = [(a, b) for a, b in combinations(story, 2) if story[a] // 2 == story[b] // 2]
        path = write(tmp_path, [{"a": a, "b": b, "same": int(story[a] == story[b])} for a, b in chosen], "p.jsonl")
        news = read_labelled([write(tmp_path, rows())], pairs=path)
        family = {one.article.id: one.family for one in news.articles}
        for a, b in combinations(story, 2):
            assert (family[a] == family[b]) == (story[a] // 2 == story[b] // 2)
        # where all hang together, what is one story does
        whole = read_labelled([write(tmp_path, rows())], pairs=judged(tmp_path))
        family = {one.article.id: one.family for one in whole.articles}
        for a, b in combinations(story, 2):
            assert (family[a] == family[b]) == (story[a] == story[b])

    @pytest.mark.parametrize(
        ("added", "message"),
        [
            ('{"a": "nobody", "b": "%s", "same": 1}', "line 191: no article has the id 'nobody'"),
            ('{"a": "%s", "b": "%s", "same": 1}', "line 191: a and b are one article"),
            ('{"a": "%s", "b": "n3-0-1", "same": "perhaps"}', "line 191: same is 'perhaps' where true or false"),
            ('{"a": "%s", "b": "n3-0-1"}', "line 191: same is None where"),
            ('{"a": "%s", "b": "n3-0-1", "same": "FALSE"}', "line 191: the pair .* is judged otherwise"),
            ('{"a": "%s", "same": "FALSE"}', "line 191: no b in it"),
        ],
    )
    def test_what_is_no_pair_is_named(self, tmp_path: Path, added: str, message: str) -> None:
        path = judged(tmp_path)
        path.write_text(path.read_text() + added.replace("%s", NEWS[0][0].id))
        with pytest.raises(InputError, match=message):
            read_labelled([write(tmp_path, rows())], pairs=path)

    def test_few_pairs_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="labelled pairs of one story; a calibration needs 20"):
            read_labelled([write(tmp_path, rows())], pairs=judged(tmp_path, every=5))
        with pytest.raises(InputError, match="no labelled pair"):
            read_labelled([write(tmp_path, rows())], pairs=write(tmp_path, [], "none.jsonl"))


def test_a_language_that_is_not_stated_is_detected(tmp_path: Path) -> None:
    told = [article_row(Article(id=f"e{i}", title="The minister opened the bridge", body="")) for i in range(8)]
    for row in told:
        del row["language"]
    path = write(tmp_path, [row | {"story": f"{i % 2}"} for i, row in enumerate(told)])
    with pytest.raises(InputError, match="needs 20"):
        read_labelled([path])
    more = [row | {"id": f"x{i}", "story": f"{i % 2}"} for i, row in enumerate(told * 2)]
    assert {one.article.language for one in read_labelled([write(tmp_path, more)]).articles} == {"en"}
