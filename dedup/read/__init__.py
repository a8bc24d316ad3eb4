"""Files, folders and standard input as articles: JSON lines, delimited values, news pages as text and as HTML, feeds,
web archives.

```python
from dedup.read import ReadOptions, ReadReport, read_articles

report = ReadReport()
articles = list(read_articles("news/", options=ReadOptions(timezone="Asia/Tehran"), report=report))
print(report.read, report.rejected, report.rejects[:3])
```
"""

from __future__ import annotations

from dedup.read.articles import read_articles
from dedup.read.fields import ARTICLE_FIELDS, USUAL_NAMES
from dedup.read.formats import FORMATS
from dedup.read.options import ReadOptions
from dedup.read.report import MAX_REJECTS_HELD, ReadReport, Reject, RejectsFile
from dedup.read.stream import ArticleStream, standard_input

__all__ = [
    "ARTICLE_FIELDS",
    "FORMATS",
    "MAX_REJECTS_HELD",
    "USUAL_NAMES",
    "ArticleStream",
    "ReadOptions",
    "ReadReport",
    "Reject",
    "RejectsFile",
    "read_articles",
    "standard_input",
]
