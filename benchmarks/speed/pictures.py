"""Pictures of how cost grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["draw_growth"]


def draw_growth(lines: Mapping[str, tuple[Sequence[int], Sequence[float]]], path: Path, *, what: str) -> None:
    """Draw seconds against sizes, both logarithmic, a line for each method: the same SVG for the same figures.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    path.parent.mkdir(parents=True, exist_ok=True)
    # ids of a fixed salt, no date, letters as letters: small files that change only when a figure does
    with mpl.rc_context({"svg.hashsalt": "dedup", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots()
        for name, (sizes, seconds) in lines.items():
            ours = name.startswith("dedup")
            axes.plot(sizes, seconds, "o-" if ours else "s--", linewidth=2 if ours else 1, markersize=4, label=name)
        axes.set(xscale="log", yscale="log", xlabel=what, ylabel="seconds")
        axes.grid(visible=True, which="major", linewidth=0.3)
        axes.legend(fontsize="small")
        figure.savefig(path, format="svg", metadata={"Date": None})
