"""A store of news on disk: articles are added as they come, stories keep their ids, every change is told.

>>> import dedup
>>> with dedup.Store.open("news.store") as store:  # doctest: +SKIP
...     for change in store.add(dedup.read_articles("today.jsonl")):
...         print(change.kind, change.story, change.articles)
"""

from __future__ import annotations

from dedup.label import Label
from dedup.store.changes import Change
from dedup.store.corrections import Corrected
from dedup.store.matches import Match
from dedup.store.store import Store
from dedup.store.verify import Damage

__all__ = ["Change", "Corrected", "Damage", "Label", "Match", "Store"]
