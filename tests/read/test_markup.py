from __future__ import annotations

import html
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.boilerplate import mark_edition_bars, prune
from dedup.read.json_ld import linked_articles
from dedup.read.markup import MarkupError, fragment_text, parse_html, text_lines
from dedup.read.several import several_articles
from dedup.read.titles import TitleClaims, choose_title, without_site_name

words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)
lines = st.lists(st.lists(words, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=6)


@given(lines, st.sampled_from(["p", "div", "li", "h2", "td><tr", "blockquote"]))
def test_text_comes_back_out_of_any_block_letter_by_letter(texts: list[str], block: str) -> None:
    opened, _, _ = block.partition(">")
    page = "".join(f"<{opened}>{html.escape(text)}</{opened}><tr>" for text in texts)
    page = f"<table>{page}</table>" if opened == "td" else page.replace("<tr>", "")
    assert text_lines(parse_html(f"<html><body>{page}</body></html>")) == texts


@given(lines)
def test_a_fragment_escaped_twice_is_undone_once(texts: list[str]) -> None:
    fragment = "".join(f"<p>{html.escape(html.escape(text))}</p>" for text in texts)
    assert fragment_text(fragment) == "\n".join(map(html.escape, texts))


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        root = parse_html(text)
    except MarkupError:
        return
    prune(root)
    mark_edition_bars(root)
    assert all(line == " ".join(line.split()) for line in text_lines(root))


def test_characters_that_xml_forbids_become_spaces() -> None:
    root = parse_html("<p>a\x01b<b>c&#2;</b>\ufffe d<i>\x0c</i>\x1fe&#11;f</p><script>x</script>\x02g")
    prune(root)
    assert text_lines(root) == ["a bc d e f", "g"]


def test_cells_stand_in_one_line_and_blocks_in_their_own() -> None:
    page = "<table><tr><th>A<td>1<tr><td>B<td>2</table>x<br>y<pre>z\n z</pre><ul><li>i<li>j<ul><li>k</ul></ul><hr>end"
    assert text_lines(parse_html(page)) == ["A 1", "B 2", "x", "y", "z z", "i", "j", "k", "end"]


def test_what_is_not_shown_is_no_text() -> None:
    page = "<p>a<script>b</script><style>c</style><!-- d --><noscript>e</noscript><svg><text>f</text></svg>g</p>"
    assert text_lines(parse_html(page)) == ["ag"]


@pytest.mark.parametrize("depth", [501, 3_000, 200_000])
def test_nesting_is_bounded(depth: int) -> None:
    assert text_lines(parse_html("<div>" * 450 + "x" + "</div>" * 450)) == ["x"]
    with pytest.raises(MarkupError, match="nested more than 500 deep"):
        parse_html("<div>" * depth + "x" + "</div>" * depth + "<p>y")


def test_entities_of_a_document_are_not_asked_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    entity = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    page = f"{entity}<html><body><p>a &x; b</p></body></html>"
    assert "secret" not in " ".join(text_lines(parse_html(page)))


@pytest.mark.parametrize(
    ("claims", "title"),
    [
        (TitleClaims(window="Bridge opens - Harbour Post", headings=["Bridge opens"]), "Bridge opens"),
        (TitleClaims(window="Bridge is open - Post", lines=["Menu", "Bridge is open", "It is."]), "Bridge is open"),
        (
            TitleClaims(linked="Bridge opens after a year…", headings=["Post", "Bridge opens after a year of work"]),
            "Bridge opens after a year of work",
        ),
        (
            TitleClaims(linked="Bridge opens", meta=["You won't believe this bridge"], headings=["Harbour Post"]),
            "Bridge opens",
        ),
        (TitleClaims(meta=["For sharing"], headings=["Bridge opens"]), "Bridge opens"),
        (TitleClaims(meta=["Bridge opens | Harbour Post"], headings=["A", "B"], site="Harbour Post"), "Bridge opens"),
        (TitleClaims(meta=["Bridge opens"], headings=["Harbour Post"], site="harbour post"), "Bridge opens"),
        (TitleClaims(window="Harbour Post"), None),
        (TitleClaims(headings=["A", "B"]), None),
    ],
)
def test_headlines(claims: TitleClaims, title: str | None) -> None:
    assert choose_title(claims) == title


def test_only_the_name_of_the_site_is_cut_from_a_title() -> None:
    assert without_site_name("پرواز تهران - تبریز | راه‌نیوز", "راه‌نیوز") == "پرواز تهران - تبریز"
    assert without_site_name("راه‌نیوز » پرواز تهران - تبریز", "راه‌نیوز") == "پرواز تهران - تبریز"
    assert without_site_name("Haber - Yorum", "Kıyı Postası") == "Haber - Yorum"
    assert without_site_name("Harbour Post", "Harbour Post") == "Harbour Post"


def test_json_ld_is_read_in_all_its_shapes_and_nothing_else() -> None:
    page = """<script type="application/ld+json">
    [{"@type": "NewsArticle", "headline": "1", "author": "A", "publisher": "P",
      "inLanguage": {"@type": "Language", "alternateName": "tr"}},
     {"@graph": [{"@type": ["Thing", "schema:BlogPosting"], "headline": ["2"],
                  "author": [{"name": "A"}, {"name": "B"}]}]},
     {"@type": "WebPage", "mainEntity": {"@type": "Report", "name": "3", "mainEntityOfPage": "u"}},
     {"@type": "ItemList", "itemListElement": [
       {"item": {"@type": "http://schema.org/OpinionNewsArticle", "headline": "4\tx"}}]},
     {"@type": "Product", "headline": "no"}, {"@type": 7, "headline": "no"}, "no", null, [[[]]]]</script>
    <script type="application/ld+json">{"@type": "NewsArticle", "headline": "broken"</script>
    <script type="application/ld+json"><!--
    {"@type": "NewsArticle", "headline": 5, "articleBody": ["x"], "datePublished": {}} --></script>
    <script>{"@type": "NewsArticle", "headline": "no"}</script>"""
    found = linked_articles(parse_html(page))
    assert [article.title for article in found] == ["1", "2", "3", "4 x", None]
    assert [article.author for article in found] == ["A", "A, B", None, None, None]
    assert (found[0].edition, found[0].language, found[2].url) == ("P", "tr", "u")
    assert (found[4].body, found[4].published) == ("", None)
    deep = '<script type="application/ld+json">' + "[" * 100_000 + "</script>"
    assert linked_articles(parse_html(deep)) == []


def test_cards_are_no_articles() -> None:
    teaser = "<p>A teaser of some fifty characters to lure you in here.</p>"
    card = f"<article><h2><a href='x'>A headline of a card</a></h2>{teaser}</article>"
    paragraph = "<p>A paragraph of some length that says what has happened, and where.</p>"
    whole = f"<article><h2>A headline</h2>{paragraph * 3}</article>"
    assert len(several_articles(parse_html(card * 5))) == 0
    assert len(several_articles(parse_html(whole + card * 5))) == 0
    assert len(several_articles(parse_html(whole + card * 5 + whole))) == 2
    assert len(several_articles(parse_html(f"<article><h1>A</h1>{whole}{whole}</article>{whole}"))) == 2
    assert len(several_articles(parse_html(whole + f"<aside>{whole}</aside>"))) == 0


def test_a_name_alone_does_not_take_most_of_a_page_away() -> None:
    text = "<p>" + "A paragraph that is long enough to be most of what there is on this page. " * 5 + "</p>"
    root = parse_html(f"<div class='related-content'>{text}</div><div class='related-news'><p>Other news.</p></div>")
    prune(root)
    assert text_lines(root) == [" ".join(text[3:-4].split())]


@pytest.mark.parametrize(
    "page",
    [
        "A line before the page.</html><p id='a'>The rest.</p>",
        "<html><head><title>t</title></head>A line before the page.</html><body><p>The rest.</p></body></html>",
        "<body>A line before the page.</body></html></html><html class='related'><body><p>The rest.</p></body></html>",
        "A line <b>before</b> the page.</html></html><div>The rest.</div></html>",
    ],
)
def test_a_page_that_is_closed_too_early_is_one_page_still(page: str) -> None:
    root = parse_html(page)
    assert list(root.itersiblings()) == list(root.itersiblings(preceding=True)) == []
    assert set(root.xpath("//*")) == set(root.iter())
    mark_edition_bars(root)
    prune(root)
    assert [line for line in text_lines(root) if line != "t"] == ["A line before the page.", "The rest."]
