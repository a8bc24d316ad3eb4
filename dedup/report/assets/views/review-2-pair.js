'use strict';

/* The two articles that are asked about, side by side: what both say and where they differ, sentence by sentence. */

dedupReport.reviewPair = (() => {
  const { el, isolated } = dedupReport.dom;
  const { format } = dedupReport;

  function label(article) {
    return `${format.language(article.language)}, ${isolated(article.edition ?? article.id)}, ${format.time(article.time)}`;
  }

  function apart({ a, b }) {
    if (a.time === null || b.time === null) return 'without a time on both sides';
    const hours = Math.abs(a.time - b.time) / 3_600_000;
    if (hours < 1) return 'published within an hour';
    return hours < 48 ? `published ${format.count(Math.round(hours), 'hour')} apart` : `published ${format.count(Math.round(hours / 24), 'day')} apart`;
  }

  function panesOf(pair, detail, items, texts) {
    const sides = [['a', pair.a, texts[0]], ['b', pair.b, texts[1]]];
    return Object.fromEntries(sides.map(([side, article, text]) => {
      const linked = new Set(detail?.aligned.map((one) => one[side]));
      return [side, el('article', { class: 'pane card', 'data-side': side, 'data-article': article.id, 'aria-label': label(article) },
        dedupReport.reading.head(article), dedupReport.reading.text(article, text, detail && { side, linked, items }))];
    }));
  }

  function why(pair, detail, items, data) {
    const decided = pair.a.story === pair.b.story ? 'The run put them into one story' : 'The run put them into two stories';
    return el('details', { class: 'card why review-why' },
      el('summary', {}, 'What dedup makes of them'),
      el('h2', { class: 'visually-hidden' }, 'What dedup makes of them'),
      el('p', {}, `${decided}: the probability that these two tell the same one is ${format.probability(pair.probability)}, `
        + `the threshold ${format.probability(data.meta.threshold)}.`),
      detail ? [
        dedupReport.evidence.lists(detail, items, { a: pair.a.language, b: pair.b.language }),
        el('section', { class: 'weights-section' }, el('h3', {}, 'What counted, in log-odds'), dedupReport.evidence.counted(detail, data)),
      ] : el('p', { class: 'muted small' }, 'This report does not explain these two; ', el('code', {}, 'dedup explain'), ' does.'));
  }

  /* Draws into `container`, and returns what is to be called before it is drawn anew. */
  return async (container, pair, data, stillWanted) => {
    const [detail, ...texts] = await Promise.all([data.detail(pair), data.body(pair.a), data.body(pair.b)]);
    if (!stillWanted()) return null;
    const items = detail ? dedupReport.facts.items(detail) : [];
    const panes = panesOf(pair, detail, items, texts);
    const gutter = el('div', { class: 'gutter' });
    const strip = el('div', { class: 'counterpart' });
    container.replaceChildren(
      el('p', { class: 'muted small review-apart' }, `${format.language(pair.a.language)} and ${format.language(pair.b.language)}, ${apart(pair)}`),
      el('div', { class: 'panes' }, panes.a, gutter, panes.b),
      strip,
      dedupReport.evidence.legend(items),
      why(pair, detail, items, data));
    dedupReport.evidence.linkFacts(container);
    return detail
      ? dedupReport.links.connect({ panes, gutter, strip, aligned: detail.aligned, languages: { a: pair.a.language, b: pair.b.language } })
      : null;
  };
})();
