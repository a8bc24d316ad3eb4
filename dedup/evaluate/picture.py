"""A reliability curve as a picture. The only file that imports matplotlib."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

from dedup.errors import OutputError
from dedup.evaluate.reliability import Reliability
from dedup.write.output import check_writable, write_whole

__all__ = ["check_picture", "draw_reliability"]

_ENDING = ".png"
_LINE, _BARS, _QUIET = "#1f5fa8", "#9db8d6", "#888888"


def check_picture(path: Path) -> None:
    """Refuse, before any work is done, a picture that cannot be drawn or written.

    Raises:
        OutputError: matplotlib is not there, the name ends otherwise than in .png, or no file can be written there.
    """
    if path.suffix.lower() != _ENDING:
        raise OutputError(f"unknown kind of picture: {path}; let its name end in {_ENDING}")
    check_writable(path)
    if find_spec("matplotlib") is None:
        raise OutputError("drawing needs matplotlib, which is not installed: pip install 'news-dedup[plot]'")


def draw_reliability(curve: Reliability, path: str | Path) -> None:
    """Draw a reliability curve and, below it, how many pairs each bin has, into a PNG file.

    Raises:
        OutputError: as for ``check_picture``.
    """
    path = Path(path)
    check_picture(path)
    # the figure's own canvas and not pyplot: no window, no global state, safe beside the user's own plots
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    filled = [one for one in curve.bins if one.pairs]
    error = curve.expected_calibration_error
    above.plot([0, 1], [0, 1], linestyle="--", color=_QUIET, linewidth=1, label="as it should be")
    above.plot([one.probability for one in filled], [one.same for one in filled], "o-", color=_LINE, label="measured")
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share of pairs that are one story")
    above.set_title(f"{curve.pairs:,} pairs" + (f", calibration error {error:.3f}" if error is not None else ""))
    above.legend(loc="upper left")
    below.bar(
        [one.low for one in curve.bins],
        [one.pairs for one in curve.bins],
        width=[one.high - one.low for one in curve.bins],
        align="edge",
        color=_BARS,
        edgecolor="white",
    )
    below.set(xlabel="probability of one story", ylabel="pairs")
    if filled:
        below.set_yscale("log")  # most pairs are plainly different
        below.set_ylim(bottom=0.5)
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})  # equal curves, equal files
    write_whole(path, data.getvalue())
