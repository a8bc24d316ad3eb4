"""A news page as HTML reads as its text does: the example pages, each dressed as sites of four kinds would dress it."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.article import Article
from dedup.read import ReadReport, read_articles

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "examples" / "pages").glob("*.txt"))
SHARED = Path(os.environ.get("DEDUP_SHARED") or ROOT.parent / "shared") / "data" / "page.txt"


def modern(bar: list[str], section: str, date: str, title: str, body: list[str]) -> str:
    editions = "".join(f'<li><a href="/{number}">{name}</a></li>' for number, name in enumerate(bar))
    text = "\n".join(f"<p>{line}</p>" for line in body)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} | KYA</title></head><body>
<header><a class="logo" href="/"><img src="logo.svg" alt="KYA"></a><ul class="languages">{editions}</ul></header>
<nav><a href="/a">A</a> <a href="/b">B</a></nav>
<main><div class="section">{section}</div><div class="date">{date}</div><h1>{title}</h1>{text}
<div class="related"><h3>+</h3><ul><li><a href="/x">{title[:20]}…</a></li></ul></div></main>
<footer><p>© 2026 KYA. All rights reserved.</p></footer></body></html>"""


def in_tables(bar: list[str], section: str, date: str, title: str, body: list[str]) -> str:
    editions = "".join(f'<td><a href="/{name}"><font size="1">{name}</font></a></td>' for name in bar)
    text = "".join(f'<p align="justify"><font face="Tahoma" size="2">{line}</font></p>' for line in body)
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title></title></head>
<body topmargin="0"><table width="760"><tr><td><table><tr>{editions}</tr></table></td></tr>
<tr><td><b>{section}</b></td></tr><tr><td>{date}</td></tr>
<tr><td><h2>{title}</h2></td></tr><tr><td>{text}</td></tr></table></body></html>"""


def with_line_breaks(bar: list[str], section: str, date: str, title: str, body: list[str]) -> str:
    text = "<br>\n<br>\n".join(body)
    return f"""<html><body><div id="content">{" | ".join(bar)}<br>{section}<br>{date}<br><br>
<b>{title}</b><br><br>
{text}<br></div></body></html>"""


def app(bar: list[str], section: str, date: str, title: str, body: list[str]) -> str:
    editions = "\n".join(f'<a class="css-1x">{name}</a>' for name in bar)
    text = "".join(f'<div class="css-9p"><span>{line}</span></div>' for line in body)
    return f"""<!DOCTYPE html><html dir="auto"><head><meta charset="utf-8"><meta property="og:title" content="{title}">
<style>.css-1x{{display:inline}}</style></head><body><div id="__next"><div class="css-0"><div>{editions}</div></div>
<div class="css-2"><span>{section}</span> | <span>{date}</span></div><div class="css-3" role="heading">{title}</div>
<div class="css-4">{text}</div></div><script>window.__DATA__ = {{"title": "x"}};</script></body></html>"""


def parts(page: Path) -> tuple[list[str], str, str, str, list[str]]:
    header, title, *body = [html.escape(part.strip()) for part in page.read_text(encoding="utf-8").split("\n\n")]
    bar, section, date = header.split("\n")
    return bar.split(), section, date, title, [" ".join(line.split()) for line in "\n".join(body).split("\n") if line]


def told(article: Article) -> dict[str, Any]:
    body = [" ".join(line.split()) for line in article.body.split("\n")]  # HTML knows no two spaces
    fields = {name: getattr(article, name) for name in ("title", "language", "published", "section", "city", "agency")}
    return fields | {"body": body, "dateline": article.extra.get("dateline")}


@pytest.mark.parametrize("style", [modern, in_tables, with_line_breaks, app])
@pytest.mark.parametrize("page", [*PAGES, SHARED], ids=lambda page: page.stem)
def test_html_reads_as_text(page: Path, style: Callable[..., str], tmp_path: Path) -> None:
    if not page.exists():
        pytest.skip("needs the shared data")
    dressed = tmp_path / "page.html"
    dressed.write_text(style(*parts(page)), encoding="utf-8")
    report = ReadReport()
    (found,) = read_articles(dressed, report=report)
    (wanted,) = read_articles(page)
    assert told(found) == told(wanted)
    assert (report.read, report.rejected, report.warnings) == (1, 0, 0)
