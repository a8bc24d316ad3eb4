'use strict';

/* Two articles of a story side by side: which two, their texts, what links them. */

dedupReport.compare = (() => {
  const { el, words, isolated, plain } = dedupReport.dom;
  const { format, reading, facts } = dedupReport;
  const KEYS = '↑ ↓ move between linked sentences, ← → go to the counterpart, Enter holds the light, Esc lets it go.';

  function label(article) {
    const time = article.time === null ? '' : `, ${format.time(article.time).replace(/ \d{4}/u, '')}`;
    return `${format.language(article.language)} · ${isolated(article.edition ?? article.id)}${time}`;
  }

  return (story, data, [first, second]) => {
    let [a, b] = [first, second];
    let close = null;
    let turn = 0;
    const body = el('div', { class: 'compare-body' });
    const selects = { a: choice('First article', 'compare-a'), b: choice('Second article', 'compare-b') };

    function choice(words_, id) {
      const select = el('select', { id, onchange: () => picked(id) },
        story.articles.map((article) => el('option', { value: article.index }, label(article))));
      return { select, field: el('div', { class: 'field' }, el('label', { for: id }, words_), select) };
    }

    function picked(id) {
      let [one, other] = ['a', 'b'].map((side) => data.articles[Number(selects[side].select.value)]);
      if (one === other) [one, other] = id === 'compare-a' ? [one, a] : [b, other];
      choose(one, other);
    }

    function choose(one, other) {
      [a, b] = [one, other];
      dedupReport.replace('story', [story.id], { a: a.id, b: b.id });
      draw();
    }

    async function draw() {
      const mine = ++turn;
      selects.a.select.value = String(a.index);
      selects.b.select.value = String(b.index);
      const pair = data.pair(a, b);
      const [found, ...texts] = await Promise.all([data.detail(pair), data.body(a), data.body(b)]);
      if (mine !== turn) return;
      close?.();
      close = null;
      const detail = found && turned(found, a);
      const items = detail ? facts.items(detail) : [];
      const linked = (side) => new Set(detail?.aligned.map((one) => one[side]));
      const panes = Object.fromEntries([['a', a, texts[0]], ['b', b, texts[1]]].map(([side, article, text]) => [side,
        el('article', { class: 'pane card', 'data-side': side, 'aria-label': label(article) }, reading.head(article),
          reading.text(article, text, detail && { side, linked: linked(side), items }))]));
      const gutter = el('div', { class: 'gutter' });
      const strip = el('div', { class: 'counterpart' });
      const languages = { a: a.language, b: b.language };
      body.replaceChildren(
        verdict(pair, detail, data),
        detail?.aligned.length ? el('p', { class: 'muted small hint' }, 'Sentences that say the same are linked: point at one, or press Tab. ', KEYS) : '',
        el('div', { class: 'panes' }, panes.a, gutter, panes.b),
        strip,
        dedupReport.evidence.legend(items),
        detail ? el('div', { class: 'card why' }, dedupReport.evidence.lists(detail, items, languages), weights(detail, data)) : '');
      if (detail) close = dedupReport.links.connect({ panes, gutter, strip, aligned: detail.aligned, languages });
      dedupReport.evidence.linkFacts(body);
    }

    const swap = el('button', { type: 'button', class: 'swap', onclick: () => choose(b, a), 'aria-label': 'Swap the two articles' }, '⇄');
    draw();
    return {
      element: el('section', { class: 'compare', 'aria-labelledby': 'compare-title' },
        el('h2', { id: 'compare-title', tabindex: -1 }, 'Side by side'),
        el('div', { class: 'compare-choice' }, selects.a.field, swap, selects.b.field), body),
      choose,
      focus: () => document.getElementById('compare-title')?.focus({ preventScroll: true }),
      close: () => { turn += 1; close?.(); },
    };
  };

  /* A detail as seen from `a`: the pair has the article with the smaller id first. */
  function turned(detail, a) {
    if (detail.a === a) return detail;
    const item = (one) => ({ ...one, a: one.b, b: one.a });
    return {
      ...detail,
      a: detail.b,
      b: detail.a,
      aligned: detail.aligned.map((one) => ({ ...one, a: one.b, b: one.a })),
      shared: detail.shared.map(item),
      conflicting: detail.conflicting.map(item),
      onlyA: detail.onlyB.map(item),
      onlyB: detail.onlyA.map(item),
      path: [...detail.path].reverse().map((step) => ({ ...step, a: step.b, b: step.a })),
    };
  }

  function verdict(pair, detail, data) {
    if (!pair) {
      return el('p', { class: 'note' }, 'The run did not take these two for alike; they are together through others of the story.',
        ' This report does not explain them: ', el('code', {}, 'dedup explain'), ' does.');
    }
    return el('div', { class: 'verdict' },
      dedupReport.meter(pair.probability, 'Probability that these two tell one story'),
      el('p', {}, el('b', {}, format.probability(pair.probability)), ' probability that these two tell one story',
        pair.probability > data.meta.threshold ? '' : ', not above the threshold'),
      detail?.notCompared ? el('p', { class: 'muted small' }, `The run did not compare them: ${detail.notCompared}.`) : null,
      detail?.path.length ? path(detail.path) : null,
      detail ? null : el('p', { class: 'muted small' }, 'Their sentences are not laid side by side in this report; ',
        el('code', {}, 'dedup explain'), ' does it.'));
  }

  function path(steps) {
    const name = (article) => el('span', { title: plain(article.title) }, words(article.edition ?? article.id));
    return el('p', { class: 'small path' }, 'Together through others: ', name(steps[0].a),
      steps.map((step) => [el('b', { class: 'path-step' }, ` – ${format.probability(step.probability)} → `), name(step.b)]));
  }

  function weights(detail, data) {
    return el('section', { class: 'weights-section' },
      el('h3', {}, 'What counted'),
      el('p', { class: 'muted small' }, 'In log-odds: to the right what speaks for one story, to the left what speaks against it. ',
        `Every pair starts from ${format.signed(detail.start)}; together ${format.signed(detail.logOdds)}.`),
      dedupReport.evidence.counted(detail, data));
  }
})();
