"""What a page holds: the run, whole, and no more than its bounds."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEncoder, fake_calibration
from hypothesis import example, given
from hypothesis import strategies as st
from pages import HOSTILE, blocks_of, hostile_news, many_stories, newsroom_run, rare_news, run_of, written

from dedup.article import Article
from dedup.encode.base import Vectors
from dedup.errors import OutputError, SettingsError
from dedup.explain.pair import Yardstick
from dedup.pipeline import Deduplication, no_progress
from dedup.report import ReportOptions, write_report
from dedup.report.blocks import pack, unpack
from dedup.report.bodies import body_bound, body_rows
from dedup.report.contents import report_contents
from dedup.report.pairs import pair_rows, pairs_to_explain
from dedup.report.rows import safe_url
from dedup.report.sentence_spans import sentence_spans
from dedup.score.scorer import probability_of
from dedup.settings import Settings
from dedup.text.passage import article_sentences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.sampled_from(HOSTILE),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_whatever_is_packed_comes_back_and_looks_like_no_markup(value: object) -> None:
    packed = pack(value)
    assert set(packed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert unpack(packed) == value
    assert pack(value) == packed


@pytest.fixture(scope="module")
def run() -> Deduplication:
    return newsroom_run()


def test_stories_articles_and_pairs_are_those_of_the_run(run: Deduplication, tmp_path: Path) -> None:
    core = blocks_of(written(run, tmp_path / "r.html"))["core"]
    ids = [row["id"] for row in core["articles"]]
    assert ids == [article.id for article in run.articles]
    assert [
        (row["id"], [ids[place] for place in row["articles"]], ids[row["representative"]]) for row in core["stories"]
    ] == [(story.id, [article.id for article in story.articles], story.representative.id) for story in run.stories]
    for number, story in enumerate(run.stories):
        for member in story.members:
            row = core["articles"][ids.index(member.article.id)]
            assert row["story"] == number
            assert row["title"] == member.article.title
            assert row["probability"] == member.probability
            assert row["relation"] == member.relation
            assert (ids[row["of"]] if "of" in row else None) == member.of
            assert member.article.published is not None
            assert row["time"] == member.article.published.timestamp() * 1000
    told = {(ids[a], ids[b]): p for a, b, p in core["pairs"]}
    scored = run.scored
    assert len(told) == len(scored.pairs) == core["meta"]["pairsScored"]
    for (a, b), p in zip(scored.pairs.tolist(), probability_of(scored.log_odds).tolist(), strict=True):
        assert told[ids[a], ids[b]] == pytest.approx(p, abs=1e-6)


def test_details_are_what_explain_says(run: Deduplication, tmp_path: Path) -> None:
    blocks = blocks_of(written(run, tmp_path / "r.html"))
    explained = blocks["core"]["explained"]
    details = list(
        itertools.chain.from_iterable(value for name, value in sorted(blocks.items()) if name.startswith("details"))
    )
    assert len(explained) == len(details) > 20
    for (a, b, probability), row in list(zip(explained, details, strict=True))[:8]:
        one, other = run.articles[a], run.articles[b]
        explanation = run.pair(one.id, other.id).explain(flips=False)
        assert (row["a"], row["b"], row["probability"]) == (a, b, probability)
        assert probability == pytest.approx(explanation.probability, abs=1e-6)
        assert row["aligned"] == [[x.a, x.b, round(x.similarity, 3), x.mutual] for x in explanation.aligned]
        shared = {(item.kind, item.key) for item in explanation.shared}
        assert {(kind, key) for kind, key, *_ in row["shared"]} <= shared
        # rounding and what counted next to nothing apart, the sum is the log-odds
        together = row["start"] + sum(log_odds for _, _, log_odds in row["counted"])
        assert together == pytest.approx(row["logOdds"], abs=0.25)


def test_sentences_stand_where_they_say(run: Deduplication, tmp_path: Path) -> None:
    blocks = blocks_of(written(run, tmp_path / "r.html"))
    rows = [row for name, value in sorted(blocks.items()) if name.startswith("bodies") for row in value]
    for article, (body, cut, *spans) in zip(run.articles, rows, strict=True):
        assert (body, cut) == (article.body, 0)
        shown = [(article.title, body)[field][start:end] for field, start, end in spans[0]]
        sentences = article_sentences(article, run.settings.max_sentences)
        assert shown == [sentence.rstrip(".") for sentence in sentences]


LETTERS = st.text(st.sampled_from("abç ğ.\n؟۵٥5يیكک‌آأؤ\u064b\u0640\u202e😀é\u0301ﻼ½"), max_size=40)


@given(LETTERS, LETTERS, st.sampled_from(["fa", "ar", "tr", "en"]))
@example("\u202e5a", "5", "fa")
def test_spans_hold_the_letters_of_their_sentences(title: str, body: str, language: str) -> None:
    """Independent of how spans are found: what stands in one, cleaned as the sentence was, has the same letters."""
    article = Article(id="1", title=title, body=body, language=language)
    sentences = article_sentences(article, 40)
    end = (0, 0)
    for sentence, span in zip(sentences, sentence_spans(title, body, sentences), strict=True):
        wanted = _letters(sentence)
        if span is None:
            turned = "\u202e" in title + body
            assert turned or not wanted or not title.strip() + body.strip() or sentence == article.text[:200]
            continue
        units = (title, body)[span[0]].encode("utf-16-le")
        assert _letters(units[2 * span[1] : 2 * span[2]].decode("utf-16-le")) == wanted
        assert (span[0], span[1]) >= end
        end = (span[0], span[2])


def _letters(text: str) -> str:
    from dedup.text.normalise import fold_persian_letters, normalise_text

    return "".join(
        c for c in unicodedata.normalize("NFKD", fold_persian_letters(normalise_text(text))) if c.isalnum()
    ).translate({0x64A: "ی", 0x643: "ک", 0x649: "ی"})


def test_a_body_is_cut_at_a_word_and_says_how_much(tmp_path: Path) -> None:
    articles = [replace(article, body="word " * 300) for article in rare_news()]
    result = run_of(articles)
    blocks = blocks_of(written(result, tmp_path / "r.html", ReportOptions(body_characters=203)))
    for row in blocks["bodies-0"]:
        assert row[0] == ("word " * 41)[:-6]
        assert len(row[0]) + row[1] == 1500
    assert blocks["core"]["meta"] | {"bodyBound": 203, "bodiesCut": 6} == blocks["core"]["meta"]


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=30), st.integers(0, 5_000), st.integers(0, 60_000))
def test_all_bodies_keep_to_their_bound(lengths: list[int], longest: int, together: int) -> None:
    articles = [Article(id=str(i), title="t", body="x" * length) for i, length in enumerate(lengths)]
    options = ReportOptions(body_characters=longest, all_characters=together)
    kept = [len(row[0]) for row in body_rows(articles, {}, body_bound(articles, options))]
    assert max(kept) <= longest
    # however many there are, the beginning of each stays
    assert sum(kept) <= max(together, 200 * len(lengths))


def test_pairs_beyond_the_bound_are_the_sure_ones_that_are_nobodys_nearest(run: Deduplication) -> None:
    everything = pair_rows(run, 10**9)
    fewer = pair_rows(run, len(everything) - 5)
    assert set(fewer) < set(everything)
    assert fewer == sorted(fewer)
    best = {place: max(row[2] for row in everything if place in row[:2]) for row in everything for place in row[:2]}
    dropped = set(everything) - set(fewer)
    for a, b, p in dropped:
        assert any(row != (a, b, p) and row[2] >= p for row in everything if a in row[:2]) or p < best[a]
    assert pair_rows(run, 0) == []


def test_what_is_explained_first_is_what_readers_ask_first(run: Deduplication) -> None:
    places = {article.id: place for place, article in enumerate(run.articles)}
    rows = pair_rows(run, 10**9)
    chosen = pairs_to_explain(run.stories, places, rows, 0.5, 10**9)
    assert len(chosen) == len(set(chosen))
    assert all(a < b for a, b in chosen)
    copies = {
        tuple(sorted((places[member.article.id], places[member.of])))
        for story in run.stories
        for member in story.members
        if member.of
    }
    several = sum(len(story.members) for story in run.stories if len(story.members) > 1)
    assert copies <= set(chosen[: 2 * several])
    # every pair of a small story has its page, whether the run scored it or not
    inside = {
        tuple(sorted((places[a.id], places[b.id])))
        for story in run.stories
        for a, b in itertools.combinations(story.articles, 2)
    }
    assert inside <= set(chosen)
    assert pairs_to_explain(run.stories, places, rows, 0.5, 7) == chosen[:7]


def test_the_order_of_input_changes_nothing(tmp_path: Path) -> None:
    pages = {written(run_of(list(articles)), tmp_path / "r.html") for articles in (rare_news(), rare_news()[::-1])}
    assert len(pages) == 1


def test_twenty_thousand_articles_without_explanations_stay_small(tmp_path: Path) -> None:
    result = many_stories(20_000)
    contents = report_contents(result, ReportOptions(), no_progress)
    assert sum(map(len, contents.bodies)) == 20_000
    assert contents.core["explained"] == []
    page = written(result, tmp_path / "r.html")
    assert len(page) < 20_000_000


def test_nothing_is_a_page_too(tmp_path: Path) -> None:
    from dedup.pipeline import nothing

    core = blocks_of(written(nothing(Settings()), tmp_path / "r.html"))["core"]
    assert (core["stories"], core["articles"], core["pairs"]) == ([], [], [])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c&d=%20#e", True),
        ("http://example.org", True),
        ("HTTPS://EXAMPLE.ORG/", True),
        ("https://مثال.example/خبر", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("file:///etc/passwd", False),
        ("//example.org/a", False),
        ("https:", False),
        ("https://user:secret@example.org/", False),
        ("https://[half/", False),
        ("https://example.org/\u202egpj.exe", False),
        ("https://example.org/" + "a" * 3000, False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str | None, safe: bool) -> None:
    assert safe_url(url) == (url if safe else None)


@pytest.mark.parametrize("name", ["body_characters", "all_characters", "pairs", "explained_pairs"])
def test_a_bound_is_no_negative_number(name: str) -> None:
    make: Callable[..., ReportOptions] = ReportOptions
    with pytest.raises(SettingsError, match=f"{name} is -1"):
        make(**{name: -1})


def test_a_page_appears_whole_or_not_at_all(run: Deduplication, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        write_report(run, tmp_path / "nowhere" / "r.html")
    path = tmp_path / "r.html"
    path.write_text("before")

    class FailingEncoder(FakeEncoder):
        def encode(self, sentences: Sequence[str]) -> Vectors:
            raise RuntimeError("no power")

    yardstick = Yardstick(calibration=fake_calibration(), encoder=FailingEncoder())
    with pytest.raises(RuntimeError, match="no power"):
        write_report(replace(run, yardstick=yardstick), path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_hostile_texts_are_nowhere_in_the_page_but_in_its_data(tmp_path: Path) -> None:
    result = run_of(hostile_news())
    page = written(result, tmp_path / "r.html", ReportOptions(title=HOSTILE[0]))
    assert "window.stolen = 1</script>" not in page
    assert "stolen" not in page.replace("&lt;/script&gt;&lt;script&gt;window.stolen = 1&lt;/script&gt;", "")
    core = blocks_of(page)["core"]
    assert {row["id"] for row in core["articles"]} == {article.id for article in result.articles}
    assert not any("url" in row for row in core["articles"])
