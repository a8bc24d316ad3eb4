"""An explanation for people, as lines of plain text.

Words from right to left are isolated on a terminal, so that they cannot pull what stands beside them out of its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

import click

from dedup.article import Article
from dedup.cli.show import article_line, columns
from dedup.cli.text import fit, printable
from dedup.explain import Contribution, EvidenceItem, Explanation, Mention
from dedup.explain.wording import KIND_WORDS, SIGNAL_WORDS

__all__ = ["explanation_lines", "show_explanation"]

_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_MOST_ITEMS = 6
_KEYED = frozenset({"place", "figure", "date", "weekday", "month", "clock", "day part"})
_MOST_MENTIONS = 3
_LONGEST_SIGNAL = 56

_Isolate = Callable[[str], str]


def show_explanation(explanation: Explanation, articles: Sequence[Article], *, everything: bool = False) -> None:
    """Print an explanation.

    Args:
        explanation: Of the first two of ``articles``.
        articles: A, B and those on the path between.
        everything: All items of evidence, and signals that counted nothing; else those that count most.
    """
    isolate = isolated if _can_isolate() else printable
    for line in explanation_lines(explanation, articles, isolate=isolate, everything=everything):
        click.echo(line)


def isolated(text: str) -> str:
    """Return ``text`` printable, and apart from the direction of what stands around it (Unicode UAX 9)."""
    return f"{_FIRST_STRONG_ISOLATE}{printable(text)}{_POP_ISOLATE}"


def _can_isolate() -> bool:
    return sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf")


def explanation_lines(
    explanation: Explanation, articles: Sequence[Article], *, isolate: _Isolate, everything: bool
) -> Iterator[str]:
    """Yield the lines; ``isolate`` makes a stranger's text fit to stand in one."""
    above = explanation.probability > explanation.threshold
    yield f"{explanation.probability:.2f}  probability that A and B tell one story, {KIND_WORDS[explanation.kind]}"
    yield (
        f"      {'above' if above else 'not above'} the threshold {explanation.threshold:g}"
        f"; log-odds {explanation.log_odds:+.2f}"
    )
    if explanation.same_story is not None:
        yield f"      in {'one story' if explanation.same_story else 'two stories'}"
    if explanation.why_no_candidate:
        yield f"      a run does not compare them: {explanation.why_no_candidate}"
    for name, article in zip("AB", articles, strict=False):
        yield f"{name}  {isolate(fit(article.id, 40))}"
        yield f"   {_isolated_line(article, isolate)}"
    yield from _contributions(explanation, everything=everything)
    yield from _evidence(explanation, articles, isolate, everything=everything)
    yield from _sentences(explanation, articles, isolate)
    yield from _flips(explanation, isolate, above=above)
    yield from _path(explanation, articles, isolate)


def _isolated_line(article: Article, isolate: _Isolate) -> str:
    return isolate(article_line(article, width=columns() - 3))


def _contributions(explanation: Explanation, *, everything: bool) -> Iterator[str]:
    yield ""
    yield "What counted, in log-odds"
    yield f"  {explanation.intercept:+6.2f}  where every such pair starts"
    shown = [one for one in explanation.contributions if everything or abs(one.log_odds) >= 0.005]
    for one in sorted(shown, key=lambda one: -abs(one.log_odds)):
        yield f"  {one.log_odds:+6.2f}  {_contribution_words(one)}".rstrip()
    yield f"  {explanation.log_odds:+6.2f}  together"


def _contribution_words(one: Contribution) -> str:
    words = SIGNAL_WORDS.get(one.signal, one.signal)
    if one.value is None or one.weight is None:
        return words
    return f"{words:<{_LONGEST_SIGNAL}}{one.value:6.2f} x {one.weight:+.2f}"


def _evidence(
    explanation: Explanation, articles: Sequence[Article], isolate: _Isolate, *, everything: bool
) -> Iterator[str]:
    for title, items in (
        ("Shared", explanation.shared),
        ("In conflict", explanation.conflicting),
        ("Only in A", explanation.only_a),
        ("Only in B", explanation.only_b),
    ):
        if items:
            yield ""
            yield f"{title} (in brackets the sentence; before it what it is worth)"
        for kind in dict.fromkeys(item.kind for item in items):
            of_kind = [item for item in items if item.kind == kind]
            shown = of_kind if everything else of_kind[:_MOST_ITEMS]
            for item in shown:
                yield _item(item, articles, isolate)
            if len(shown) < len(of_kind):
                yield f"  {kind:<8} and {len(of_kind) - len(shown)} more of less worth; -v shows all"


def _item(item: EvidenceItem, articles: Sequence[Article], isolate: _Isolate) -> str:
    sides = [
        _mentions(mentions, article, isolate)
        for mentions, article in zip((item.a, item.b), articles, strict=False)
        if mentions
    ]
    what = f"{printable(item.key)}: " if item.kind in _KEYED else ""
    return f"  {item.kind:<8} {item.worth:4.2f}  {what}{'  |  '.join(sides)}"


def _mentions(mentions: Sequence[Mention], article: Article, isolate: _Isolate) -> str:
    places: dict[str, list[str]] = {}
    for mention in mentions:
        places.setdefault(mention.text, []).append(_sentence(mention.sentence, article))
    shown = [
        f"{isolate(fit(text, 40))} [{', '.join(dict.fromkeys(where[:_MOST_MENTIONS]))}]"
        for text, where in list(places.items())[:_MOST_MENTIONS]
    ]
    return ", ".join(shown)


def _sentence(number: int, article: Article) -> str:
    return "headline" if number == 0 and article.title else str(number)


def _sentences(explanation: Explanation, articles: Sequence[Article], isolate: _Isolate) -> Iterator[str]:
    yield ""
    yield f"Sentences of A with one like them in B: {len(explanation.aligned)} of {len(explanation.sentences_a)}"
    width = columns() - 20
    for pair in explanation.aligned:
        for start, text, number, article in (
            (f"  {pair.similarity:4.2f}  A", explanation.sentences_a[pair.a], pair.a, articles[0]),
            ("        B", explanation.sentences_b[pair.b], pair.b, articles[1]),
        ):
            yield f"{start} {_sentence(number, article):<8}  {isolate(fit(text, width))}"


def _flips(explanation: Explanation, isolate: _Isolate, *, above: bool) -> Iterator[str]:
    yield ""
    yield f"What would have put them {'apart' if above else 'together'}"
    for flip in explanation.flips:
        words = [isolate(fit(change.text, columns() - 10)) for change in flip.changes]
        yield f"  {flip.probability:4.2f}  {words[0]}"
        yield from (f"        and {more}" for more in words[1:])
    if not explanation.flips:
        yield "  nothing that was tried: no word, number or date less, no other time, no other wording"


def _path(explanation: Explanation, articles: Sequence[Article], isolate: _Isolate) -> Iterator[str]:
    if not explanation.path:
        return
    by_id = {article.id: article for article in articles}
    yield ""
    yield "The way from A to B through their story, with the probability of each step"
    yield f"        {_isolated_line(by_id[explanation.path[0].a], isolate)}"
    for step in explanation.path:
        yield f"  {step.probability:4.2f}  {_isolated_line(by_id[step.b], isolate)}"
