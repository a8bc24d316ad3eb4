'use strict';

/* The text of an article, paragraph by paragraph; its sentences as elements of their own where they were compared. */

dedupReport.reading = (() => {
  const { el, words, visible, outside, direction } = dedupReport.dom;
  const { format, facts } = dedupReport;

  /* What stands over a text: outlet, language, time, link. */
  function head(article) {
    const ours = (attributes, ...children) => el('span', { dir: 'ltr', ...attributes }, ...children);
    return el('div', { class: 'reading-head', dir: direction(article.language).dir },
      el('b', {}, words(article.edition ?? article.id)),
      ours({ class: 'chip' }, format.language(article.language)),
      ours({ class: 'muted small' }, format.time(article.time)),
      article.url ? ours({ class: 'small' }, outside(article.url, 'Source')) : null);
  }

  /* laid: null, or {side, linked: Set of numbers of sentences, items}. */
  function text(article, body, laid) {
    const spans = (body.sentences ?? []).map((span, number) => span && { field: span[0], start: span[1], end: span[2], number })
      .filter(Boolean);
    const of = (field) => (laid ? spans.filter((span) => span.field === field) : []);
    return el('div', { class: 'reading', ...direction(article.language) },
      article.untitled ? null
        : el('p', { class: 'reading-title' }, line(article.title, 0, article.title.length, of(0), laid)),
      paragraphs(body.text, of(1), laid),
      body.cut ? el('p', { class: 'reading-cut', lang: 'en', dir: 'ltr' },
        `… ${format.count(body.cut, 'character')} more, left out of this report`) : null,
      !body.text && !article.title ? el('p', { class: 'muted', lang: 'en', dir: 'ltr' }, 'No text.') : null);
  }

  function paragraphs(body, spans, laid) {
    const all = [];
    for (const match of body.matchAll(/[^\n]+/gu)) {
      if (match[0].trim()) all.push(el('p', {}, line(body, match.index, match.index + match[0].length, spans, laid)));
    }
    return all;
  }

  /* A piece of a text with the sentences that lie in it. */
  function line(whole, start, end, spans, laid) {
    const parts = [];
    let place = start;
    for (const span of spans) {
      const from = Math.max(span.start, place);
      const to = Math.min(span.end, end);
      if (to <= from) continue;
      // what stands between this sentence and the next, such as its full stop, belongs to it
      const tail = /^[^\p{L}\p{N}\s]+/u.exec(whole.slice(to, end))?.[0].length ?? 0;
      parts.push(visible(whole.slice(place, from)), sentence(whole.slice(from, to + tail), span.number, laid));
      place = to + tail;
    }
    parts.push(visible(whole.slice(place, end)));
    return parts;
  }

  function sentence(piece, number, laid) {
    const linked = laid.linked.has(number);
    return el('span', {
      class: `sentence${linked ? ' sentence-linked' : ''}`,
      'data-sentence': number,
      ...(linked ? { role: 'button', tabindex: -1, 'aria-pressed': 'false' } : {}),
    }, marked(piece, facts.ranges(piece, number, laid.side, laid.items)));
  }

  function marked(piece, ranges) {
    const parts = [];
    let place = 0;
    for (const { start, end, item } of ranges) {
      parts.push(visible(piece.slice(place, start)), el('mark', {
        class: `fact fact-${facts.group(item)}${item.conflict ? ' fact-conflict' : ''}`,
        'data-item': item.number,
        title: facts.title(item),
      }, visible(piece.slice(start, end))));
      place = end;
    }
    parts.push(visible(piece.slice(place)));
    return parts;
  }

  return { head, text };
})();
