"""One page of HTML that shows a run to people who would rather look than read; it needs no server and no network.

```python
result = dedup.deduplicate(dedup.read_articles("news/"))
dedup.write_report(result, "report.html")
```
"""

from __future__ import annotations

from dedup.report.earlier import earlier_run
from dedup.report.options import ReportOptions
from dedup.report.write import write_report

__all__ = ["ReportOptions", "earlier_run", "write_report"]
