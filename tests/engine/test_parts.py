"""What the tasks of an engine find together, against one machine; no cluster is needed."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import string
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_crowds import crowded_news, lower

from dedup.article import Article
from dedup.errors import EngineError, SettingsError
from dedup.index import Bounds, candidate_blocks, candidate_pairs
from dedup.pipeline import deduplicate
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.read.ids import IdRegister
from dedup.read.parts import Claim, settle_ids

pytest.importorskip("pyarrow", reason="an engine keeps its parts as Parquet: pip install 'news-dedup[ray]'")

from here import WORK, Here, find_here, read_here, told_here

from dedup.engine.base import Work
from dedup.engine.bins import join_singles
from dedup.engine.folder import JobFolder, difference_of
from dedup.engine.job import Job, Limits
from dedup.engine.layout import compared_parts, layout_of, pair_name
from dedup.engine.tables import edge_table, follower_table
from dedup.settings import Settings
from dedup.stages import cuts, no_progress

ARTICLES = [article for story in invented_news(stories=6, seed=20, kin=0.3) for article in story]


def expected_of(articles: list[Article]) -> tuple[object, ...]:
    return deduplicate(articles, encoder=FakeEncoder(), calibration=fake_calibration()).stories


class TestSameStories:
    @settings(max_examples=6)
    @given(
        seed=st.integers(0, 1_000_000),
        n=st.integers(1, len(ARTICLES)),
        undated=st.sampled_from([0.0, 0.3, 1.0]),
        partition=st.sampled_from([4, 9, 100]),
    )
    def test_however_the_articles_are_cut_and_in_whatever_order_the_tasks_are_done(
        self, seed: int, n: int, undated: float, partition: int
    ) -> None:
        dice = random.Random(seed)
        articles = [
            replace(one, published=None) if dice.random() < undated else one for one in dice.sample(ARTICLES, n)
        ]
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            # more tables than are read at once, so that they are made fewer, more than once
            patch.setattr("dedup.engine.merging._MOST_TABLES", 2)
            patch.setattr("dedup.engine.merging._TABLES_OF_A_TASK", 2)
            patch.setattr("dedup.engine.merging._ROWS_AT_ONCE", 3)
            found = find_here(articles, Path(folder), partition, Here(shuffle=dice.shuffle))
        assert tuple(found) == expected_of(articles)

    @settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        seed=st.integers(0, 1_000_000),
        undated=st.sampled_from([0.0, 0.3, 1.0]),
        partition=st.sampled_from([5, 13, 100]),
    )
    def test_copies_follow_across_the_parts_of_a_day(
        self, seed: int, undated: float, partition: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lower(monkeypatch)
        articles = crowded_news(seed, undated=undated, crowd=10)
        run = deduplicate(articles, encoder=FakeEncoder(), calibration=fake_calibration())
        assume(run.counts["followed"])
        keys = [article.id for article in run.articles]
        with tempfile.TemporaryDirectory() as folder:
            told = told_here(articles, Path(folder), partition, Here(shuffle=random.Random(seed).shuffle))
            assert tuple(told.stories()) == run.stories
            assert {name: told.counts[name] for name in ("scored", "kept", "followed")} == {
                name: run.counts[name] for name in ("scored", "kept", "followed")
            }
            # numbers are in the order of time
            ordered = sorted(articles, key=lambda one: (one.published is None, one.published, one.id))
            found = {(ordered[one].id, ordered[lead].id) for one, lead in told.followers().tolist()}
            assert found == {(keys[one], keys[lead]) for one, lead in run.scored.followers.tolist()}
            pairs, _ = told.edges()
            assert len(pairs) == len(run.scored.pairs)

    def test_stopped_after_any_stage_it_goes_on_and_does_nothing_twice(self, tmp_path: Path) -> None:
        whole = Here()
        expected = find_here(ARTICLES, tmp_path / "whole", 9, whole)
        stages = list(dict.fromkeys(stage for stage, _ in whole.done))
        assert stages == ["fingerprints", "crowds", "pairs", "bins", "groups", "singles", "stories"]
        for kept in range(len(stages) + 1):
            folder = tmp_path / str(kept)
            shutil.copytree(tmp_path / "whole", folder)
            for stage in stages[kept:]:
                shutil.rmtree(folder / stage)
            if kept < len(stages):
                # and in the middle of the next
                shutil.copytree(tmp_path / "whole" / stages[kept], folder / stages[kept])
                next((folder / stages[kept]).glob("*.json")).unlink()
            again = Here()
            assert find_here(ARTICLES, folder, 9, again) == expected
            missing = [done for done in again.done if done[0] in stages[:kept]]
            assert missing == []
            assert kept == len(stages) or len([done for done in again.done if done[0] == stages[kept]]) == 1


class TestSameArticles:
    def records(self, dice: random.Random) -> list[str]:
        """Return lines of which some are broken, some have the id of others, some are the same without an id."""
        lines = []
        for article in dice.sample(ARTICLES, 12):
            record = {"title": article.title, "body": article.body, "language": article.language}
            if dice.random() < 0.8:
                record["published"] = article.published.isoformat() if article.published else "never"
            if dice.random() < 0.6:
                record["id"] = dice.choice(string.ascii_lowercase[:6])
            lines.append(json.dumps(record))
        lines += dice.choices(lines, k=4)
        lines += ["no json", '{"id": "empty"}', '{"id": "a", "title": "T", "published": "some day"}', ""]
        dice.shuffle(lines)
        return lines

    @pytest.mark.parametrize("seed", range(4))
    def test_files_are_read_as_one_machine_reads_them_their_rejects_too(
        self, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dice = random.Random(seed)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("dedup.engine.ray_engine._FILES_OF_A_PART", dice.choice([1, 2, 9]))
        monkeypatch.setattr("dedup.engine.job.CLAIMS_OF_A_BUCKET", dice.choice([5, 1_000]))
        (tmp_path / "news").mkdir()
        for number in range(4):
            (tmp_path / "news" / f"{number}.jsonl").write_text("\n".join(self.records(dice)), "utf-8")
        (tmp_path / "news" / "4.csv").write_text("title,body\nOne,Two\n")
        (tmp_path / "news" / "notes.doc").write_text("left out")
        options, report = ReadOptions(), ReadReport()
        articles = list(read_articles("news", options=options, report=report))
        stories, found = read_here([Path("news")], options, tmp_path / "job", dice.choice([3, 8, 100]))
        assert found == report
        assert found.rejected >= 8
        assert tuple(stories) == expected_of(articles)

    @given(st.lists(st.tuples(st.booleans(), st.sampled_from(["a", "a-2", "a-3", "a-2-2", "b"])), max_size=12))
    def test_ids_are_settled_as_a_register_does(self, asked: list[tuple[bool, str]]) -> None:
        ids = IdRegister()
        expected: list[tuple[int, str | None]] = []
        for place, (is_given, base) in enumerate(asked):
            if is_given:
                taken = ids.claim(base, file="f", line=place) is not None
                expected += [(place, None)] if taken else []
            elif (name := ids.name_of(base, file="f", line=place)) != base:
                expected.append((place, name))
        claims = [
            Claim(part=0, place=place, id=base, file="f", line=place, given=is_given)
            for place, (is_given, base) in enumerate(asked)
        ]
        assert [(one.place, one.id) for one in settle_ids(claims[::-1])] == expected


@given(
    data=st.data(),
    hours=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=2, max_size=40),
    window=st.integers(0, 20),
)
def test_pairs_across_are_those_of_all_that_cross(data: st.DataObject, hours: list[int | None], window: int) -> None:
    times = np.array(sorted(float("nan") if hour is None else float(hour) for hour in hours))
    times = np.sort(times)  # NaN last
    across = data.draw(st.integers(1, len(times)))
    rows = np.random.default_rng(len(times)).normal(size=(len(times), 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    bounds = Bounds(similarity=0.2, one_language=0.3, undated=0.1, window_hours=window)
    languages = np.arange(len(times)) % 2
    everything = candidate_pairs(rows, times, languages, bounds)
    crossing = (everything[:, 0] < across) & (everything[:, 1] >= across)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.index._ROWS_AT_ONCE", 4)
        blocks = [block.pairs for block in candidate_blocks(rows, times, languages, bounds, across=across)]
    found = np.concatenate([np.empty((0, 2), np.int64), *blocks])
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, everything[crossing].tolist()))


def test_pairs_across_need_the_parts_in_the_order_of_time() -> None:
    bounds = Bounds(similarity=0.0, one_language=0.0, undated=0.0, window_hours=1)
    rows = np.eye(2, dtype=np.float32)
    with pytest.raises(ValueError, match="earlier"):
        list(candidate_blocks(rows, np.array([2.0, 1.0]), np.zeros(2, np.int64), bounds, across=1))


class TestFolder:
    def test_a_run_of_other_settings_is_not_gone_on_with(self, tmp_path: Path) -> None:
        first = JobFolder(tmp_path / "job")
        assert not first.begin({"settings": {"threshold": 0.5}}, resume=True)
        first.finish("pairs", "1", {"kept": 3})
        first.release()
        second = JobFolder(tmp_path / "job")
        with pytest.raises(SettingsError, match="settings is another"):
            second.begin({"settings": {"threshold": 0.6}}, resume=True)
        second.release()
        third = JobFolder(tmp_path / "job")
        assert third.begin({"settings": {"threshold": 0.5}}, resume=True)
        assert third.result("pairs", "1") == {"kept": 3}
        third.release()
        fourth = JobFolder(tmp_path / "job")
        assert not fourth.begin({"settings": {"threshold": 0.5}}, resume=False)
        assert fourth.result("pairs", "1") is None

    def test_two_runs_do_not_share_one(self, tmp_path: Path) -> None:
        first = JobFolder(tmp_path / "job")
        first.begin({}, resume=False)
        with pytest.raises(EngineError, match="is going on"):
            JobFolder(tmp_path / "job").begin({}, resume=False)
        first.release()

    def test_files_of_others_are_not_removed(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("keep me")
        with pytest.raises(EngineError, match="other files"):
            JobFolder(tmp_path).begin({}, resume=False)
        assert (tmp_path / "letter.txt").exists()

    def test_what_differs_is_named(self) -> None:
        assert difference_of({"a": 1}, {"a": 1, "b": 2}) == "b"
        assert difference_of({"a": 1}, {"a": 1}) is None


class Cluster(Here):
    """Notes what is asked for, stage by stage."""

    def run(self, folder: Any, stage: Any, progress: Any) -> Any:
        self.asked = {**getattr(self, "asked", {}), stage.name: (stage.cpus, stage.gpus)}
        return super().run(folder, stage, progress)


@pytest.mark.parametrize(
    ("gpus", "uses_gpu", "limits", "expected"),
    [
        (4.0, True, {}, (1.0, 1.0)),
        (0.0, True, {}, (1.0, 0.0)),
        (4.0, False, {}, (1.0, 0.0)),
        (4.0, True, {"encoder_gpus": 0.5, "encoder_cpus": 3.0}, (3.0, 0.5)),
    ],
)
def test_gpus_are_asked_for_where_there_are_any_and_the_encoder_can_use_them(
    gpus: float, uses_gpu: bool, limits: dict[str, float], expected: tuple[float, float], tmp_path: Path
) -> None:
    class Encoder(FakeEncoder):
        pass

    Encoder.uses_gpu = uses_gpu  # type: ignore[attr-defined]  # what an encoder may say
    cluster: Any = Cluster(gpus=gpus)
    work = Work(settings=Settings(), encoder=Encoder(), calibration=fake_calibration())
    job = Job(cluster, JobFolder(tmp_path), work, Limits(**limits), no_progress)  # type: ignore[arg-type]  # by name
    job.find(job.put(ARTICLES[:6]))
    assert cluster.asked["fingerprints"] == expected
    assert {asked for stage, asked in cluster.asked.items() if stage != "fingerprints"} == {(1.0, 0.0)}


@given(
    hours=st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=1, max_size=30),
    size=st.integers(1, 7),
    window=st.integers(0, 20),
)
def test_parts_are_compared_where_any_two_articles_may_be_near(hours: list[int | None], size: int, window: int) -> None:
    ordered = sorted(hours, key=lambda hour: (hour is None, hour or 0))
    cut = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    layout = layout_of(
        (
            str(number),
            {
                "articles": len(part),
                "first": [1e18 if part[0] is None else part[0], f"{number:03}"],
                "last": max((hour for hour in part if hour is not None), default=1e18),
                "undated": None in part,
            },
        )
        for number, part in enumerate(cut)
    )
    near = {
        (one, other)
        for one, other in itertools.combinations_with_replacement(range(len(cut)), 2)
        for a, b in itertools.product(cut[one], cut[other])
        if one == other or a is None or b is None or abs(a - b) <= window
    }
    found = compared_parts(layout, window)
    assert len(found) == len(set(found))
    assert set(found) == near


def test_a_single_article_joins_the_story_of_another_bin_that_it_is_near_to(tmp_path: Path) -> None:
    import pyarrow

    threshold, absent = cuts(WORK.settings, WORK.calibration)
    near, close = threshold - 1.0, threshold - 0.4
    assert absent < near
    folder = JobFolder(tmp_path)
    part = {"articles": 6, "first": [0.0, "a"], "last": 1.0, "undated": False}
    layout = layout_of([("00000", part)])
    # of the articles 0 to 2 a story, of 4 and 5 one too small to be joined
    folder.write_table("groups", "00000", pyarrow.table({"article": [0, 1, 2], "group": [0, 0, 0]}))
    folder.write_table("groups", "00001", pyarrow.table({"article": [3, 4, 5], "group": [3, 4, 4]}))
    nobody = np.empty(0, np.int64)
    folder.write_table("crowds", "00000", follower_table(nobody, nobody, np.empty(0), np.empty(0)))
    name = pair_name(0, 0)

    def joined(pairs: list[tuple[int, int]], log_odds: list[float]) -> list[int]:
        folder.write_table("pairs", name, edge_table(np.array(pairs), np.array(log_odds)))
        told = join_singles(folder, layout, ["00000", "00001"], [name], 100, WORK)
        assert told == {"bins": 1, "largest": 4 if len(set(log_odds)) > 2 else 3}
        group = folder.read_table("singles", "00000").column("group").to_pylist()
        return [row for row in range(6) if group[row] == group[3]]

    inside = [(0, 1), (0, 2), (1, 2)]
    assert joined([*inside, (0, 3), (1, 3), (2, 3)], [threshold + 1] * 3 + [near, near, close]) == [0, 1, 2, 3]
    assert joined([*inside, (3, 4), (3, 5)], [threshold + 1] * 3 + [close, close]) == [3]
