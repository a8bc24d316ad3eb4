"""What Python people have in hand as articles, and results back into it: lists, pandas, polars, Arrow, datasets.

None of these packages is imported until a frame of it is given or asked for.

```python
result = dedup.deduplicate(frame)
found = result.to_pandas()
```
"""

from __future__ import annotations

from dedup.frames.intake import Articles, Intake, Origin, article_from, take
from dedup.frames.results import InFrames

__all__ = ["Articles", "InFrames", "Intake", "Origin", "article_from", "take"]
