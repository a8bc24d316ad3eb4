"""Runs that are shared among machines: the stages of ``dedup.stages``, part by part, on a Ray cluster.

```python
result = dedup.deduplicate(articles, engine="ray")
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedup.engine.base import ENGINES, Engine, Found, Work, engine_named

if TYPE_CHECKING:
    from dedup.engine.job import Limits
    from dedup.engine.ray_engine import RayEngine

__all__ = ["ENGINES", "Engine", "Found", "Limits", "RayEngine", "Work", "engine_named"]


def __getattr__(name: str) -> Any:
    if name == "RayEngine":
        from dedup.engine.ray_engine import RayEngine

        return RayEngine
    if name == "Limits":
        from dedup.engine.job import Limits

        return Limits
    raise AttributeError(f"module 'dedup.engine' has no attribute {name!r}")
