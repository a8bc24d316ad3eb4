from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.article import Article, canonical_language
from dedup.encode import vectors as vectors_module
from dedup.encode.transformer import TransformerEncoder
from dedup.encode.vectors import VectorCache
from dedup.errors import CalibrationError, InputError
from dedup.pipeline import Deduplication, deduplicate
from dedup.read import read_articles
from dedup.score import signals as signals_module
from dedup.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


def run(articles: Sequence[Article], **values: object) -> Deduplication:
    return deduplicate(articles, Settings(**values), encoder=FakeEncoder(), calibration=fake_calibration())  # type: ignore[arg-type]  # fields by name


def flat(news: Sequence[Sequence[Article]]) -> list[Article]:
    return [article for story in news for article in story]


def grouping(result: Deduplication) -> set[frozenset[str]]:
    return {frozenset(article.id for article in story.articles) for story in result.stories}


NEWS = invented_news(stories=8, seed=20, kin=0.3)
ARTICLES = flat(NEWS)


class TestStories:
    def test_articles_of_one_event_in_five_languages_are_one_story(self) -> None:
        result = run(ARTICLES)
        place = {article.id: number for number, story in enumerate(result.stories) for article in story.articles}
        for story in NEWS:
            # the first three are one text; the last two are rewritten and may be found or not
            assert len({place[article.id] for article in story[:3]}) == 1
        for found in result.stories:
            assert len({article.id.rpartition("-")[0] for article in found.articles}) == 1
        assert any(len(found.members) == 5 for found in result.stories)

    def test_every_article_is_in_one_story(self) -> None:
        result = run(ARTICLES)
        assert sorted(article.id for story in result.stories for article in story.articles) == sorted(
            article.id for article in ARTICLES
        )
        assert [article.id for article in result.articles] == sorted(article.id for article in ARTICLES)
        assert len({story.id for story in result.stories}) == len(result.stories)
        assert result.unique == tuple(story.representative for story in result.stories)

    def test_they_come_largest_first_then_by_time(self) -> None:
        order = [
            (-len(story.members), story.first_published or datetime.max.replace(tzinfo=UTC), story.id)
            for story in run([*ARTICLES, replace(ARTICLES[0], id="x", title="Zuzu", body="", published=None)]).stories
        ]
        assert order == sorted(order)

    def test_an_article_alone_is_sure_the_others_have_probabilities(self) -> None:
        for story in run(ARTICLES).stories:
            for member in story.members:
                assert member.probability == 1.0 if len(story.members) == 1 else 0.0 < member.probability < 1.0

    def test_a_members_probability_is_that_of_its_average_log_odds(self) -> None:
        result = run(ARTICLES)
        position = {article.id: i for i, article in enumerate(result.articles)}
        weight = {
            frozenset(pair): odds
            for pair, odds in zip(result.scored.pairs.tolist(), result.scored.log_odds.tolist(), strict=True)
        }
        absent = fake_calibration().absent_log_odds
        for story in result.stories:
            for member in story.members:
                others = [other for other in story.members if other is not member]
                if others:
                    pairs = [frozenset((position[member.article.id], position[other.article.id])) for other in others]
                    average = float(np.mean([weight.get(pair, absent) for pair in pairs]))
                    assert member.probability == pytest.approx(1 / (1 + np.exp(-average)), abs=1e-4)

    def test_a_reprint_is_found_and_a_text_of_other_words_is_not(self) -> None:
        one = ARTICLES[0]
        reprint = replace(one, id="reprint", edition="another", title="Lakome vuridate")
        other = replace(flat(invented_news(stories=1, seed=99))[0], published=one.published)
        assert grouping(run([one, reprint, other])) == {frozenset([one.id, "reprint"]), frozenset([other.id])}

    def test_an_article_without_a_time_joins_the_same_text(self) -> None:
        one = ARTICLES[0]
        assert grouping(run([one, replace(one, id="undated", published=None)])) == {frozenset([one.id, "undated"])}

    def test_two_events_outside_the_window_stay_apart(self) -> None:
        one = ARTICLES[0]
        assert one.published is not None
        later = replace(one, id="later", published=one.published + timedelta(days=3))
        assert len(run([one, later], window_days=2).stories) == 2
        assert run([one, later], window_days=2).scored.pairs.shape == (0, 2)

    def test_a_higher_threshold_never_joins_more(self) -> None:
        coarse, fine = grouping(run(ARTICLES, threshold=0.2)), grouping(run(ARTICLES, threshold=0.95))
        assert all(any(group <= wider for wider in coarse) for group in fine)

    @pytest.mark.parametrize("threshold", [0.001, 0.01, 0.999])
    def test_a_run_ends_whatever_the_threshold(self, threshold: float) -> None:
        assert sum(len(story.members) for story in run(ARTICLES, threshold=threshold).stories) == len(ARTICLES)

    def test_keep_chooses_the_representative(self) -> None:
        largest = run(ARTICLES, keep="tr").stories[0]
        assert largest.representative.language == "tr"
        assert run(ARTICLES, keep="earliest").stories[0].representative.published == largest.first_published


class TestIndependence:
    """What is found depends on the articles alone: not on their order, their batches or what is cached."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        seed=st.integers(0, 10_000),
        n=st.integers(0, 40),
        undated=st.sampled_from([0.0, 0.3, 1.0]),
        at_once=st.sampled_from([1, 3, 17, 2_048]),
        cached=st.booleans(),
    )
    def test_shuffled_and_in_other_batches_the_stories_are_the_same(
        self, seed: int, n: int, undated: float, at_once: int, cached: bool, tmp_path: Path
    ) -> None:
        dice = random.Random(seed)
        drawn = dice.sample(ARTICLES, n)
        articles = [replace(one, published=None) if dice.random() < undated else one for one in drawn]
        expected = run(articles)
        with pytest.MonkeyPatch.context() as patch, VectorCache(tmp_path / "v.sqlite", 32) as cache:
            patch.setattr(vectors_module, "_CHUNK_SENTENCES", at_once)
            patch.setattr(signals_module, "_PAIRS_AT_ONCE", at_once)
            patch.setattr("dedup.index._ROWS_AT_ONCE", at_once)
            patch.setattr("dedup.stages._ARTICLES_AT_ONCE", at_once)
            result = deduplicate(
                iter(dice.sample(articles, n)),
                encoder=FakeEncoder(),
                calibration=fake_calibration(),
                cache=cache if cached else None,
            )
        assert result.stories == expected.stories
        np.testing.assert_array_equal(result.scored.pairs, expected.scored.pairs)
        np.testing.assert_array_equal(result.scored.log_odds, expected.scored.log_odds)

    def test_a_pairs_log_odds_are_the_same_alone(self) -> None:
        whole = run(ARTICLES)
        chosen = np.random.default_rng(1).choice(len(whole.scored.pairs), 25, replace=False)
        for row in chosen.tolist():
            i, j = whole.scored.pairs[row].tolist()
            alone = run([whole.articles[j], whole.articles[i]])
            assert alone.scored.log_odds.tolist() == [whole.scored.log_odds[row]]

    def test_news_that_no_pair_connects_changes_no_story(self) -> None:
        other = [
            replace(one, published=one.published + timedelta(days=400))
            for one in flat(invented_news(stories=5, seed=31))
            if one.published is not None
        ]
        more = run([*ARTICLES, *other]).stories
        assert all(story in more for story in run(ARTICLES).stories)


class TestCorpora:
    def test_none(self) -> None:
        result = run([])
        assert result.stories == ()
        assert result.articles == ()
        assert result.unique == ()
        assert result.scored.pairs.shape == (0, 2)

    def test_one(self) -> None:
        (story,) = run(ARTICLES[:1]).stories
        assert story.articles == (ARTICLES[0],)
        assert story.members[0].probability == 1.0

    def test_two(self) -> None:
        assert len(run(NEWS[0][:2]).stories) == 1
        assert len(run([NEWS[0][0], NEWS[1][0]]).stories) == 2

    def test_one_language_only(self) -> None:
        news = invented_news(stories=6, seed=8, languages=["tr"] * 3)
        assert grouping(run(flat(news))) == {frozenset(article.id for article in story) for story in news}

    @pytest.mark.parametrize("languages", [["ru", "ru", "ur"], ["ur", "en", "fa-AF"], ["zh", "ps", "und"], ["ku"] * 3])
    def test_languages_that_were_never_calibrated(self, languages: list[str]) -> None:
        news = invented_news(stories=6, seed=9, languages=languages)
        assert grouping(run(flat(news))) == {frozenset(article.id for article in story) for story in news}

    def test_headlines_alone(self) -> None:
        bare = [replace(article, body="") for story in NEWS for article in story[:3]]
        result = run(bare)
        for found in result.stories:
            assert len({article.id.rpartition("-")[0] for article in found.articles}) == 1
        assert sum(len(found.members) == 3 for found in result.stories) >= 6

    def test_bodies_alone_and_without_times(self) -> None:
        bare = [replace(article, title="", published=None) for story in NEWS for article in story[:3]]
        assert sum(len(found.members) == 3 for found in run(bare).stories) >= 6

    def test_languages_are_detected_where_they_are_not_stated(self) -> None:
        article = Article(id="1", title="", body="Vali, kurtarma ekiplerinin köylere ulaştığını söyledi.")
        assert run([article]).articles[0].language == "tr"

    def test_texts_of_nothing_that_is_read(self) -> None:
        odd = ["***", "12:30", "\u200f", "\ud800", "\x00", "🙂", "x" * 100_000, "a\u0301" * 5_000]
        articles = [Article(id=str(i), title=text, body="") for i, text in enumerate(odd)]
        articles += [Article(id="empty", title="", body=""), Article(id="body", title="", body="…")]
        result = run(articles)
        assert sum(len(story.members) for story in result.stories) == len(articles)
        assert all(np.isfinite(member.probability) for story in result.stories for member in story.members)

    def test_many_copies_of_one_text_are_one_story(self) -> None:
        copies = [replace(ARTICLES[0], id=f"copy {i:03}") for i in range(150)]
        (story,) = run(copies).stories
        assert len(story.members) == 150


class TestRefusals:
    def test_two_articles_with_one_id(self) -> None:
        with pytest.raises(InputError, match="two articles have the id 'twice'"):
            run([replace(ARTICLES[0], id="twice"), replace(ARTICLES[1], id="twice")])

    def test_an_encoder_that_the_calibration_was_not_made_for(self) -> None:
        with pytest.raises(CalibrationError, match="dedup calibrate"):
            deduplicate(ARTICLES, encoder=FakeEncoder(revision="2"), calibration=fake_calibration())

    def test_an_encoder_without_a_calibration_before_anything_is_encoded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DEDUP_DATA", str(tmp_path))
        encoder = FakeEncoder()
        with pytest.raises(CalibrationError, match="no calibration for the model fake-bag-of-words"):
            deduplicate(ARTICLES, encoder=encoder)
        assert encoder.encoded == []


class TestStages:
    def test_progress_is_told_of_all_the_work(self) -> None:
        totals: dict[str, int] = {}
        done: dict[str, int] = {}

        @contextmanager
        def progress(stage: str, total: int) -> Iterator[Callable[[int], None]]:
            totals[stage], done[stage] = total, 0

            def advance(amount: int) -> None:
                done[stage] += amount

            yield advance

        deduplicate(ARTICLES, encoder=FakeEncoder(), calibration=fake_calibration(), progress=progress)
        assert len(totals) >= 3
        assert done == totals

    def test_a_sentence_is_encoded_once_and_never_again_with_a_cache(self, tmp_path: Path) -> None:
        first, second = FakeEncoder(), FakeEncoder()
        for encoder in (first, second):
            with VectorCache.for_encoder(encoder, tmp_path) as cache:
                deduplicate(ARTICLES, encoder=encoder, calibration=fake_calibration(), cache=cache)
        assert len(first.encoded) == len(set(first.encoded)) > 0
        assert second.encoded == []

    def test_only_the_first_sentences_are_read(self) -> None:
        encoder = FakeEncoder()
        deduplicate(ARTICLES, Settings(max_sentences=2), encoder=encoder, calibration=fake_calibration())
        assert len(encoder.encoded) <= 2 * len(ARTICLES)

    def test_stages_are_timed_and_logged_and_nothing_is_printed(
        self, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with caplog.at_level(logging.INFO, logger="dedup"):
            result = run(ARTICLES)
        assert {"encode", "score", "cluster"} <= set(result.seconds)
        assert all(seconds >= 0 for seconds in result.seconds.values())
        assert f"{len(ARTICLES)} articles" in caplog.text
        captured = capsys.readouterr()
        assert captured.out == captured.err == ""


def examples() -> list[Article]:
    """Return forty articles of ten of the project's own stories."""
    records = [json.loads(line) for line in (ROOT / "examples" / "articles.jsonl").read_text("utf-8").splitlines()]
    stories: dict[str, list[Article]] = {}
    for record in records:
        article = Article(
            id=record["id"],
            title=record["title"],
            body=record["body"],
            language=canonical_language(record["lang"]),
            published=datetime.fromisoformat(record["published"]),
            edition=record["edition"],
        )
        stories.setdefault(record["story"], []).append(article)
    largest = sorted(stories.values(), key=lambda story: (-len(story), story[0].id))
    return flat(largest)[:40]


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    """The bundled model, loaded once."""
    return TransformerEncoder(device="cpu")


@pytest.mark.model
class TestBundledModel:
    def test_shuffled_examples_give_the_same_stories(self, encoder: TransformerEncoder, tmp_path: Path) -> None:
        articles = examples()
        few = Settings(max_sentences=2)
        with VectorCache.for_encoder(encoder, tmp_path) as cache:
            first = deduplicate(articles, few, encoder=encoder, cache=cache)
            shuffled = random.Random(1).sample(articles, len(articles))
            second = deduplicate(shuffled, few, encoder=encoder, cache=cache)
        # and computed anew, in other batches: half of the articles first
        anew = tmp_path / "anew"
        anew.mkdir()
        with VectorCache.for_encoder(encoder, anew) as cache:
            deduplicate(shuffled[:20], few, encoder=encoder, cache=cache)
            third = deduplicate(shuffled, few, encoder=encoder, cache=cache)
        assert first.stories == second.stories
        assert grouping(first) == grouping(third)
        across = [story for story in first.stories if len(story.languages) >= 3]
        assert len(across) >= 3
        for story in first.stories:
            for member in story.members:
                assert 0 < member.probability <= 1

    def test_languages_that_were_never_calibrated(self, encoder: TransformerEncoder) -> None:
        quake = [
            (
                "ru",
                "Землетрясение магнитудой 5,9 произошло на юге Ирана, погибли четыре человека, сообщили власти.",
            ),
            ("ur", "جنوبی ایران میں 5.9 شدت کا زلزلہ، چار افراد ہلاک ہوگئے، مقامی حکام نے بتایا۔"),
            ("en", "A magnitude 5.9 earthquake struck southern Iran, killing four people, local authorities said."),
        ]
        bank = [
            ("ru", "Центральный банк Турции повысил ключевую ставку до 50 процентов."),
            ("tr", "Türkiye Cumhuriyet Merkez Bankası politika faizini yüzde 50'ye yükseltti."),
        ]
        articles = [
            Article(id=f"{name}-{language}", title=text, body="", language=language, published=MONDAY)
            for name, texts in (("quake", quake), ("bank", bank))
            for language, text in texts
        ]
        for story in deduplicate(articles, encoder=encoder).stories:
            assert len({article.id.partition("-")[0] for article in story.articles}) == 1


@pytest.mark.shared
@pytest.mark.model
def test_the_page_of_the_shared_data_is_one_story(encoder: TransformerEncoder) -> None:
    page = SHARED / "page.txt"
    if not page.exists():
        pytest.skip("the shared data is not beside this checkout")
    (story,) = deduplicate(read_articles(page), encoder=encoder).stories
    (article,) = story.articles
    assert article.language == "en"
    assert article.title
    assert article.section
    assert article.city
    assert article.agency
    assert article.published is not None
    assert article.published.date().isoformat() == "2023-02-27"


class TestRelations:
    def test_members_tell_how_they_came_about(self) -> None:
        first = NEWS[0][0]
        copies = [
            replace(
                first,
                id=f"r{i}",
                language=language,
                published=MONDAY + timedelta(hours=i),
                body=first.body if i else first.body + "\nOne sentence more.",
            )
            for i, language in enumerate(["tr", "fa", "tr"])
        ]
        (story,) = run(copies).stories
        assert [(member.article.id, member.relation, member.of) for member in story.members] == [
            ("r0", "original", None),
            ("r1", "translation", "r0"),
            ("r2", "reprint", "r0"),
        ]
        assert all(member.relation_probability for member in story.members)

    @given(st.permutations(ARTICLES))
    @settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
    def test_the_order_of_input_changes_no_relation(self, articles: list[Article]) -> None:
        undated = [replace(article, published=None) for article in articles[::2]]
        mixed = undated + articles[1::2]
        assert run(mixed).stories == run(sorted(mixed, key=lambda article: article.id)).stories

    def test_a_calibration_from_before_there_were_any_tells_none_and_says_so(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        old = replace(fake_calibration(), relations=None)
        with caplog.at_level(logging.WARNING):
            result = deduplicate(ARTICLES, encoder=FakeEncoder(), calibration=old)
        assert "fit it again: dedup calibrate" in caplog.text
        members = [member for story in result.stories for member in story.members]
        assert {(member.relation, member.of, member.relation_probability) for member in members} == {(None, None, None)}
        told = run(ARTICLES)
        assert grouping(result) == grouping(told)
        assert all(member.relation for story in told.stories for member in story.members)
