"""Stories, articles, pairs, gaps, changes, labels into files: JSON lines, CSV, TSV, gzipped or not; or standard output.

```python
import dedup
from dedup.write import write_articles, write_pairs, write_stories

result = dedup.deduplicate(dedup.read_articles("news/"))
write_stories(result.stories, "stories.jsonl")
write_articles(result.unique, "unique.csv.gz")
write_pairs(result, "pairs.jsonl.gz")
```
"""

from __future__ import annotations

from dedup.write.articles import write_articles
from dedup.write.changes import change_row
from dedup.write.gaps import write_gaps
from dedup.write.labels import write_labels
from dedup.write.output import ENDINGS, STANDARD_OUTPUT, Destination, open_output
from dedup.write.pairs import write_pairs
from dedup.write.stories import story_row, write_stories

__all__ = [
    "ENDINGS",
    "STANDARD_OUTPUT",
    "Destination",
    "change_row",
    "open_output",
    "story_row",
    "write_articles",
    "write_gaps",
    "write_labels",
    "write_pairs",
    "write_stories",
]
