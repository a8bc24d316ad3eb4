"""The store as its users see it: articles in, changes out."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dedup.article import Article
from dedup.errors import DedupError, InputError, StoreDamagedError, StoreError
from dedup.frames import Articles, article_from, take
from dedup.label import Label
from dedup.settings import Settings
from dedup.store.changes import Change, read_changes
from dedup.store.compaction import reclaim
from dedup.store.corrections import Corrected, Said, check_consistent, read_labels, refusal
from dedup.store.crowds import Crowds
from dedup.store.database import FILE, Database
from dedup.store.finding import Finder
from dedup.store.graph import Graph
from dedup.store.matches import Match
from dedup.store.neighbours import Neighbours
from dedup.store.newcomers import NewcomerReader, checked_articles
from dedup.store.opening import (
    VECTORS,
    check_given,
    held,
    is_old,
    make_folder,
    make_store,
    rules_of,
    writer_lock,
)
from dedup.store.records import article_from_record, article_to_record, is_text
from dedup.store.revision import Newcomer, Revision
from dedup.store.rules import Rules
from dedup.store.segments import Segments
from dedup.store.selection import Selection, find_story, read_stories, select_stories
from dedup.store.stored import StoredArticles
from dedup.store.verify import Damage, beyond_repair, find_damage, mend
from dedup.story import Story

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport
    from dedup.score.calibration import Calibration

__all__ = ["Store"]

logger = logging.getLogger(__name__)

_ARTICLES_AT_ONCE = 1_024


class Store:
    """News on disk, in a folder. Made by ``Store.open``; used by one thread, as often as wanted by others beside it.

    At any time its stories are those of a batch run over the articles that it holds, with the settings and the
    calibration that it was made with, whatever the order and the batches in which they came.

    One process writes at a time; any number read, each seeing one state throughout a call. What ``add`` and its like
    return from has happened, whatever happens next to the machine.
    """

    def __init__(
        self,
        folder: Path,
        database: Database,
        rules: Rules,
        encoder: Encoder | None,
        cache: VectorCache | None,
        wait_seconds: float,
    ) -> None:
        self.path = folder
        self._database, self._rules = database, rules
        self._newcomers = NewcomerReader(folder, rules, encoder, cache)
        self._wait_seconds = wait_seconds
        self._rehearses = False
        dimension = rules.calibration.dimension
        self._segments = Segments(folder / VECTORS, dimension)
        self._neighbours = Neighbours(database, self._segments, rules.calibration, rules.bucket_hours)
        self._stored = StoredArticles(database, self._segments)
        self._graph = Graph(database, self._stored, rules)
        self._crowds = Crowds(database, self._stored, rules)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        encoder: Encoder | None = None,
        calibration: Calibration | None = None,
        settings: Settings | None = None,
        cache: VectorCache | None = None,
        create: bool = True,
        wait_seconds: float = 60.0,
    ) -> Store:
        """Open the store in the folder ``path``; use it in a ``with`` statement, or call ``close``.

        Args:
            path: The folder.
            encoder: For a new store the bundled model where ``None``; for one that is there, that which it was made
                with.
            calibration: For a new store that which belongs to the encoder where ``None``; it becomes part of the
                store.
            settings: Likewise the defaults. Neither can be another one later.
            cache: Vectors on disk; for ``None`` nothing is kept but in the store.
            create: Make the store where there is none.
            wait_seconds: How long a change waits for another writer.

        Raises:
            StoreError: there is no store, and ``create`` is false; it was made with another encoder, calibration or
                other settings; or by a newer version.
            StoreDamagedError: what is there is no store any more.
            CalibrationError: no calibration belongs to the encoder.
        """
        folder = Path(path)
        lock = writer_lock(folder)
        if not (folder / FILE).is_file():
            if not create:
                raise StoreError(f"there is no store in {folder}; name its folder, or make one by adding to it")
            make_folder(folder)
            with held(lock, wait_seconds, folder):
                if not (folder / FILE).is_file():  # another process may have been first
                    make_store(folder, encoder, calibration, settings)
        old = is_old(folder)
        with held(lock, wait_seconds, folder) if old else contextlib.nullcontext():
            # who opens a store of the present format does not wait for who writes to it
            database = Database(folder / FILE, create=False, write=old)
        try:
            rules = rules_of(database, folder)
            check_given(rules, folder, encoder, calibration, settings)
        except BaseException:
            database.close()
            raise
        store = cls(folder, database, rules, encoder, cache, wait_seconds)
        if database.fact("crowds") == "due":
            store._settle_crowds()
        return store

    def _settle_crowds(self) -> None:
        """Decide who follows whom in a store of a format in which nobody did."""
        with self._revision("correct") as revision:
            if self._database.fact("crowds") == "due":  # another process may have been first
                revision.touch_crowds()
                self._database.set_fact("crowds", "done")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files. Nothing is lost without it."""
        self._segments.close()
        self._database.close()

    @property
    def settings(self) -> Settings:
        """What the store was made with."""
        return self._rules.settings

    @property
    def calibration(self) -> Calibration:
        """Likewise."""
        return self._rules.calibration

    @property
    def encoder(self) -> Encoder:
        """The encoder; the model is loaded when it is first used."""
        return self._newcomers.encoder

    def __len__(self) -> int:
        """Return the number of articles."""
        return int(self._database.value("SELECT COUNT(*) FROM articles"))

    def add(
        self, articles: Articles, *, options: ReadOptions | None = None, report: ReadReport | None = None
    ) -> list[Change]:
        """Take in articles, all or none, and return what became of the stories.

        An article whose id is in the store replaces the one that is there, and is passed over where it is the same.

        Args:
            articles: What ``deduplicate`` takes. A row without an id gets one made from what it says, as files get it:
                the same row is the same article in every batch.
            options: Names of fields and columns, and the zone of times that state none.
            report: Filled with the rows that were rejected, which the others do not wait for.

        Raises:
            InputError: two articles have one id, or an article cannot be stored.
            StoreBusyError: another process went on writing for longer than was waited.
            StoreError: a full disk, or another reason why nothing could be written; nothing was.
            EncoderError: the model cannot be loaded.
        """
        known = checked_articles(take(articles, options, report, stored=True).articles)
        if not known:
            return []
        # what takes longest is done before anyone else is kept waiting
        ready = [self._newcomers.of(known[start : start + _ARTICLES_AT_ONCE]) for start in _steps(len(known))]
        with self._revision("add") as revision:
            for newcomers in ready:
                there = dict(
                    self._database.rows_among("SELECT id, record FROM articles WHERE id IN ({})", _ids(newcomers))
                )
                fresh = [one for one in newcomers if there.get(one.article.id) != article_to_record(one.article)]
                if fresh:
                    revision.remove(self._numbers([key for key in _ids(fresh) if key in there]), "updated")
                    revision.take_in(fresh)
        return revision.changes

    def remove(self, ids: Iterable[str]) -> list[Change]:
        """Take articles out, all or none, and return what became of the stories.

        Raises:
            InputError: an id is not in the store.
            StoreError: as for ``add``.
        """
        wanted = list(dict.fromkeys(ids))
        with self._revision("remove") as revision:
            numbers = self._numbers(wanted)
            revision.remove(numbers, "removed")
        return revision.changes

    def expire(self, before: datetime) -> list[Change]:
        """Take out the articles published before a time, and give back disk and memory.

        An article without a time goes by when it was added. Stories that lose all their articles keep their ids and
        their history.

        Raises:
            InputError: ``before`` has no time zone.
            StoreError: as for ``add``.
        """
        if before.tzinfo is None:
            raise InputError(f"expire before {before!r}: the time has no zone; give it one, such as datetime.UTC")
        seconds = before.timestamp()
        with self._revision("expire") as revision:
            rows = self._database.rows(
                "SELECT number FROM articles WHERE hours < ? OR (hours IS NULL AND added < ?)",
                (seconds / 3600, seconds),
            )
            revision.remove([number for (number,) in rows], "expired")
        return revision.changes

    def correct(
        self,
        *,
        same: tuple[str, str] | None = None,
        different: tuple[str, str] | None = None,
        forget: tuple[str, str] | None = None,
    ) -> list[Change]:
        """Keep what a person says of two articles, by id, and return what became of the stories.

        They stay in one story, or in two, through every later change; what was said outlives the articles.

        Args:
            same: They tell the same story.
            different: They do not.
            forget: Take back what was said of them.

        Raises:
            InputError: not exactly one is given, an id is not in the store, or it cannot be together with what was
                said before.
            StoreError: as for ``add``.
        """
        given = [(pair, said) for pair, said in ((same, True), (different, False), (forget, None)) if pair is not None]
        if len(given) != 1:
            raise InputError("say one thing of two articles: same, different or forget")
        (one, other), said = given[0]
        if one == other:
            raise InputError(f"both articles are {one!r}; name two")
        pair = (min(one, other), max(one, other))
        with self._revision("correct") as revision:
            if said is None:
                if not self._database.value("SELECT 1 FROM corrections WHERE a = ? AND b = ?", pair):
                    raise InputError(f"nothing was said of {one!r} and {other!r}; see the labels of the store")
            else:
                self._numbers(pair)
                check_consistent(self._database, Label(a=pair[0], b=pair[1], same=said))
            revision.correct(*pair, said)
        return revision.changes

    @contextlib.contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Within, ``remove``, ``expire`` and ``correct`` tell what would become of the stories, and change nothing."""
        self._rehearses = True
        try:
            yield
        finally:
            self._rehearses = False

    def correct_all(self, labels: Iterable[Label]) -> Corrected:
        """Keep what a person says of many pairs, all at once; one that cannot be kept is refused, and the rest is kept.

        Refused is a label of an article that is not in the store, or of one article alone, and what cannot be together
        with what was said before or with a label before it. A label takes the place of what was said of its pair.

        Args:
            labels: In the order in which they are to be tried.

        Raises:
            StoreError: as for ``add``.
        """
        kept = unchanged = 0
        refused: list[tuple[int, str]] = []
        with self._revision("correct") as revision:
            said = Said(read_labels(self._database))
            for position, label in enumerate(labels):
                if said.of(label.pair) == label.same:
                    unchanged += 1
                elif (reason := self._why_not(label, said)) is not None:
                    refused.append((position, reason))
                else:
                    said.add(label)
                    revision.correct(*label.pair, label.same)
                    kept += 1
        return Corrected(changes=tuple(revision.changes), kept=kept, unchanged=unchanged, refused=tuple(refused))

    def _why_not(self, label: Label, said: Said) -> str | None:
        if label.a == label.b:
            return f"both articles are {label.a!r}; name two"
        for key in label.pair:
            if not (is_text(key) and self._database.value("SELECT 1 FROM articles WHERE id = ?", (key,))):
                return f"no article of the store has the id {key!r}"
        against = said.why_not(label)
        return None if against is None else refusal(label, against)

    def find(self, article: Article | str | Mapping[str, Any], *, limit: int | None = 10) -> list[Match]:
        """Return the stories that ``article`` may tell, the surest first, at most ``limit``, without adding it.

        It can be a text or a mapping too. An article of the same id that is in the store is not compared with itself.

        Raises:
            RecordError: a text or mapping is no article.
            EncoderError: the model cannot be loaded.
        """
        (newcomer,) = self._newcomers.of([article_from(article)])
        while True:
            with self._reading():
                counted = self._segments_that_count()
                try:
                    return self._matches(newcomer, limit)
                except StoreDamagedError as error:
                    damaged = error
            self._neighbours.forget()
            if counted == self._segments_that_count():
                raise damaged
            # a writer moved vectors meanwhile and deleted where they were: the next state has them elsewhere

    def story(self, id: str) -> Story | None:  # noqa: A002 - the name that stories have
        """Return a story by its id, or by that of one that was merged into it; None where all its articles are gone.

        Raises:
            InputError: no story ever had the id.
        """
        with self._reading():
            return find_story(self._database, id, self._rules.settings.keep)

    def stories(
        self,
        *,
        language: str | None = None,
        edition: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        limit: int | None = None,
    ) -> list[Story]:
        """Return the stories that have an article which is as told, whole, those with the latest article first.

        Args:
            language: Its language, as a BCP 47 tag or a usual name.
            edition: Its outlet or edition.
            since: It was published then or later.
            until: It was published before.
            text: Words that all stand in it, in any order.
            limit: Return so many at most.

        Raises:
            LanguageTagError: ``language`` is none.
            InputError: a time has no zone.
        """
        selection = Selection.of(language=language, edition=edition, since=since, until=until, text=text)
        with self._reading():
            numbers = select_stories(self._database, selection, limit)
            return read_stories(self._database, numbers, self._rules.settings.keep)

    def article(self, id: str) -> Article:  # noqa: A002 - the name that articles have
        """Return an article of the store.

        Raises:
            InputError: no article has the id.
        """
        record = self._database.value("SELECT record FROM articles WHERE id = ?", (id,))
        if record is None:
            raise InputError(f"no article of the store has the id {id!r}")
        return article_from_record(record)

    def changes(self, since: int = 0) -> list[Change]:
        """Return what happened after a cursor, in order: ``Change.cursor`` of the last change seen; 0 for all."""
        with self._reading():
            return list(read_changes(self._database, since))

    def labels(self) -> list[Label]:
        """Return what people said, for ``dedup calibrate --pairs``."""
        with self._reading():
            return read_labels(self._database)

    def verify(self) -> list[Damage]:
        """Look at everything that is stored, and return what is not as it was written; nothing for a sound store."""
        while True:
            self._segments.close()  # what is mapped may be there no more
            try:
                with self._reading():
                    counted = self._segments_that_count()
                    damage = find_damage(self._database, self._segments, self._graph, self._crowds)
                moved = counted != self._segments_that_count()
            except StoreDamagedError as error:
                return [beyond_repair(error)]
            if not moved or all(one.file == FILE for one in damage):
                return damage

    def repair(self) -> list[Damage]:
        """Make again what is damaged and can be made again, and return what was.

        Vectors are made of the articles' texts; stories, of their pairs.

        Raises:
            StoreDamagedError: the database itself is damaged.
            StoreError: as for ``add``.
        """
        with self._writing():
            self._segments.close()
            damage = find_damage(self._database, self._segments, self._graph, self._crowds)
            mend(self._database, self._segments, damage, self._newcomers.vectors_of)
            self._neighbours.forget()
            self._stored.forget()
        if damage:
            with self._revision("correct") as revision:
                revision.touch_all()
        return damage

    def _segments_that_count(self) -> list[int]:
        return [number for (number,) in self._database.rows("SELECT number FROM segments ORDER BY number")]

    def _numbers(self, ids: Sequence[str]) -> list[int]:
        numbers = dict(self._database.rows_among("SELECT id, number FROM articles WHERE id IN ({})", list(ids)))
        for key in ids:
            if key not in numbers:
                raise InputError(f"no article of the store has the id {key!r}; nothing was changed")
        return [numbers[key] for key in ids]

    def _matches(self, newcomer: Newcomer, limit: int | None) -> list[Match]:
        self._neighbours.refresh()
        self._segments.forget_all_but(self._segments_that_count())
        encoder, cache = self._newcomers.encoder, self._newcomers.cache
        finder = Finder(self._database, self._neighbours, self._stored, self._rules, encoder, cache)
        return finder.matches(newcomer, limit)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """One state of the store is seen within."""
        with self._told_as_damage(), self._database.transaction(write=False):
            yield

    @contextlib.contextmanager
    def _told_as_damage(self) -> Iterator[None]:
        """What goes wrong because a store is damaged says so; on a sound one it is our fault, and stays what it is."""
        try:
            yield
        except DedupError:
            raise
        except Exception as error:
            if self._is_sound():
                raise
            raise StoreDamagedError(
                f"the store {self.path} is damaged: {type(error).__name__}: {error}; see what verify finds"
            ) from error

    def _is_sound(self) -> bool:
        try:
            with self._database.transaction(write=False):
                return not find_damage(self._database, self._segments, self._graph, self._crowds)
        except Exception:  # noqa: BLE001 - damage can make anything go wrong
            return False

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Nobody else writes within, and all is written or nothing."""
        with held(writer_lock(self.path), self._wait_seconds, self.path):
            try:
                with self._told_as_damage(), self._database.transaction(write=True):
                    self._neighbours.refresh()
                    yield
                    gone = reclaim(self._database, self._segments)
            except BaseException:
                # they may have seen what was never kept
                self._neighbours.forget()
                self._stored.forget()
                raise
            for number in gone:
                # what was changed is kept; a file that cannot be deleted, for it is open elsewhere, is tried again
                with contextlib.suppress(StoreError):
                    self._segments.delete(number)

    @contextlib.contextmanager
    def _revision(self, cause: str) -> Iterator[_Done]:
        with contextlib.suppress(_RehearsedError), self._writing():
            last = self._database.value("SELECT MAX(cursor) FROM changes") or 0
            told = self._database.value("SELECT time FROM changes WHERE cursor = ?", (last,)) or 0.0
            done = _Done(
                self._database,
                self._segments,
                self._neighbours,
                self._stored,
                self._graph,
                self._rules,
                cause=cause,
                now=max(time.time(), told),  # clocks are set back, the log goes on
            )
            yield done
            done.settle()
            done.changes = list(read_changes(self._database, last))
            if self._rehearses:
                raise _RehearsedError


class _RehearsedError(BaseException):
    """Ends a change that is not to be kept; nothing has gone wrong."""


class _Done(Revision):
    """A revision that, when it is done, tells what it changed."""

    changes: list[Change]


def _steps(n: int) -> range:
    return range(0, n, _ARTICLES_AT_ONCE)


def _ids(newcomers: Iterable[Newcomer]) -> list[str]:
    return [one.article.id for one in newcomers]
