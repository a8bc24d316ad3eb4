from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dedup.errors import OutputError
from dedup.evaluate import draw_reliability, picture, reliability_curve

CURVE = reliability_curve(np.array([0.05, 0.4, 0.85, 0.95]), np.array([False, True, True, True]))


def test_the_picture_is_a_png_that_shows_the_curve(tmp_path: Path) -> None:
    draw_reliability(CURVE, tmp_path / "one.png")
    draw_reliability(CURVE, str(tmp_path / "again.png"))
    draw_reliability(reliability_curve(np.empty(0), np.empty(0, np.bool_)), tmp_path / "empty.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    blue = {}
    for name in ("one", "empty"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.format == "PNG"
            pixels = np.asarray(image.convert("RGB")).astype(int)
        blue[name] = int((np.abs(pixels - (0x1F, 0x5F, 0xA8)).sum(axis=2) < 30).sum())
    assert blue["one"] > 3 * blue["empty"]  # without pairs only the legend is blue
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.png", "empty.png", "one.png"]


def test_what_cannot_be_drawn_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, message in (
        (tmp_path / "curve.svg", "let its name end in .png"),
        (tmp_path / "nowhere" / "curve.png", "there is no folder"),
    ):
        with pytest.raises(OutputError, match=message):
            picture.check_picture(path)
    monkeypatch.setattr(picture, "find_spec", lambda _: None)
    with pytest.raises(OutputError, match=r"pip install 'news-dedup\[plot\]'"):
        picture.check_picture(tmp_path / "curve.png")
