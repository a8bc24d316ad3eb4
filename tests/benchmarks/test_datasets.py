import gzip
import json
from pathlib import Path

import pytest

from benchmarks import datasets
from benchmarks.datasets import DATASETS, DatasetUnavailableError, dataset, distractors, shared_folder

NEEDED = ("ntrex", "siblings-dev", "ecbplus-dev")


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shared folder with two sources of news, of 30 and 10 articles, and two labelled sets."""
    news = tmp_path / "data" / "news"
    news.mkdir(parents=True)
    for name, count in (("large", 30), ("small", 10)):
        rows = [{"id": f"{name}:{i}", "lang": "ar", "title": f"خبر {i}", "body": "نص الخبر"} for i in range(count)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (news / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    ntrex = [
        {"id": f"n:{story}:{lang}", "story": f"n:{story}", "lang": lang, "title": "t", "body": "b", "source": "bbc",
         "published": "2018-09/2018-11 (newstest2019)"}
        for story in range(3)
        for lang in ("en", "prs")
    ]  # fmt: skip
    siblings = [
        {"id": "s-1", "story": "s", "family": "f", "lang": "tr", "published": "2026-09-08T17:40:00+03:00", "title": "t",
         "body": "b", "relation": "original", "of": None},
        {"id": "u-1", "story": "u", "family": "f", "lang": "fa", "published": "2026-09-08T17:40:00+03:00", "title": "t",
         "body": "b", "relation": "original", "of": None},
    ]  # fmt: skip
    ecbplus = [
        {"id": f"e:{split}", "story": "e", "topic": "quakes", "lang": "en", "title": "", "body": "b", "split": split}
        for split in ("train", "dev")
    ]
    for name, content in (("ntrex", ntrex), ("siblings_dev", siblings), ("ecbplus_train_dev", ecbplus)):
        (tmp_path / "data" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))
    monkeypatch.setenv("DEDUP_SHARED", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("shared")
class TestSamples:
    def test_ntrex(self) -> None:
        sample = dataset("ntrex").load()
        assert {article.id for article in sample.articles} == sample.labels.story.keys()
        assert set(sample.labels.story.values()) == {"n:0", "n:1", "n:2"}
        assert set(sample.labels.language.values()) == {"en", "fa-AF"}
        assert not sample.labels.family
        assert all(article.published is None for article in sample.articles)

    def test_titles_have_no_body(self) -> None:
        assert {(article.title, article.body) for article in dataset("ntrex-titles").load().articles} == {("t", "")}

    @pytest.mark.parametrize("name", [*NEEDED, "ecbplus-train", "ntrex+5", "siblings-dev-no-times"])
    def test_no_label_is_left_in_the_articles(self, name: str) -> None:
        for article in dataset(name).load().articles:
            assert article.extra == {}
            assert (article.section, article.edition) == (None, None)

    def test_the_order_of_articles_tells_nothing_and_stays(self) -> None:
        orders = {name: [article.id for article in dataset(name).load().articles] for name in ("ntrex", "ntrex+12")}
        assert orders["ntrex"] != sorted(orders["ntrex"])
        assert orders["ntrex"] == [article.id for article in dataset("ntrex").load().articles]
        assert {article.partition(":")[0] for article in orders["ntrex+12"][:9]} > {"n"}

    def test_siblings_have_families_relations_and_times(self) -> None:
        sample = dataset("siblings-dev").load()
        assert sample.labels.family == {"s-1": "f", "u-1": "f"}
        assert sample.labels.relation == {"s-1": "original", "u-1": "original"}
        assert all(article.published for article in sample.articles)
        untimed = dataset("siblings-dev-no-times").load()
        assert untimed.labels == sample.labels
        assert not any(article.published for article in untimed.articles)

    def test_the_splits_of_ecbplus_do_not_meet(self) -> None:
        assert dataset("ecbplus-dev").load().labels.story == {"e:dev": "e"}
        assert dataset("ecbplus-train").load().labels.story == {"e:train": "e"}
        assert dataset("ecbplus-train").load().labels.family == {"e:train": "quakes"}

    def test_distractors_have_no_story(self) -> None:
        sample = dataset("ntrex+12").load()
        assert len(sample.articles) == 6 + 12
        assert len(sample.labels.story) == 6
        unlabelled = {article.id for article in sample.articles} - sample.labels.story.keys()
        assert {article.partition(":")[0] for article in unlabelled} == {"large", "small"}


@pytest.mark.usefixtures("shared")
class TestDistractors:
    def test_a_draw_is_repeatable_and_part_of_larger_ones(self) -> None:
        few, many = distractors(7), distractors(21)
        assert few == distractors(7)
        assert few == many[:7]
        assert {article.id for article in few} != {article.id for article in distractors(7, seed=1)}

    def test_sources_are_drawn_by_their_size(self) -> None:
        drawn = [article.id for seed in range(40) for article in distractors(8, seed=seed)]
        share = sum(article.startswith("large") for article in drawn) / len(drawn)
        assert 0.68 < share < 0.82  # 30 of 40 articles; 320 draws have a standard deviation of 0.02

    def test_too_many(self) -> None:
        with pytest.raises(DatasetUnavailableError, match="41 distractors wanted, 40 articles in"):
            distractors(41)


class TestWhatIsAbsent:
    @pytest.mark.parametrize("name", [*NEEDED, "ntrex+1000"])
    def test_a_missing_file_is_named_with_the_remedy(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DEDUP_SHARED", str(tmp_path / "nowhere"))
        with pytest.raises(DatasetUnavailableError, match=r"nowhere.*is not there; .*DEDUP_SHARED"):
            dataset(name).load()

    @pytest.mark.parametrize("name", ["", "ntrex+", "ntrex+many", "ntrex+-1", "siblings-dev+5"])
    def test_an_unknown_name(self, name: str) -> None:
        with pytest.raises(DatasetUnavailableError, match=r"no data set .*there are ntrex, ntrex-titles"):
            dataset(name)

    def test_the_shared_folder_lies_beside_the_checkout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DEDUP_SHARED", raising=False)
        assert shared_folder() == datasets.CHECKOUT.parent / "shared"


def test_no_test_set_may_be_fitted_on() -> None:
    assert {name for name, data in DATASETS.items() if data.role == "test"} == {
        "ntrex",
        "ntrex-titles",
        "ntrex+1000",
        "ntrex+10000",
    }
    assert {name for name, data in DATASETS.items() if data.role == "fit"} == {
        "ecbplus-train",
        "families",
        "siblings-dev",
        "siblings-dev-no-times",
    }


@pytest.mark.shared
@pytest.mark.skipif(not (shared_folder() / "data").is_dir(), reason="the shared data folder is not there")
def test_the_sizes_of_the_real_sets() -> None:
    ntrex = dataset("ntrex").load()
    assert (len(ntrex.articles), len(set(ntrex.labels.story.values()))) == (615, 123)
    siblings = dataset("siblings-dev").load()
    assert (len(siblings.articles), len(set(siblings.labels.story.values()))) == (129, 40)
    assert (len(dataset("ecbplus-train").load().articles), len(dataset("ecbplus-dev").load().articles)) == (574, 196)
