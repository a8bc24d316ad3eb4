'use strict';

/* Why each article is in its story: how sure it is, what it comes from, which one is nearest, and what counted there. */

dedupReport.meter = (value, label) => {
  const { el } = dedupReport.dom;
  const filled = el('span', { class: 'meter-filled' });
  filled.style.setProperty('inline-size', `${(100 * value).toFixed(1)}%`);
  return el('span', {
    class: `meter${value < 0.5 ? ' meter-low' : value < 0.8 ? ' meter-middle' : ''}`,
    role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 1, 'aria-valuenow': value.toFixed(2),
  }, filled);
};

dedupReport.reasons = (() => {
  const { el, words } = dedupReport.dom;
  const { format } = dedupReport;
  const AT_ONCE = 30;
  const COUNTED = 4;

  function nearestPair(article, data) {
    const inside = data.pairsOf(article).filter((pair) => pair.a.story === pair.b.story);
    return inside.find((pair) => pair.scored) ?? inside[0] ?? null;
  }

  function relation(article) {
    const sure = article.relationProbability === null ? '' : ` (${format.probability(article.relationProbability)})`;
    return el('p', { class: 'reason-relation' },
      el('span', { class: `relation relation-${article.relation ?? 'unknown'}` }, format.relation(article.relation)),
      article.of ? [' of ', words(article.of.edition ?? article.of.id)] : null, sure);
  }

  function nearest(article, data, choose) {
    const pair = nearestPair(article, data);
    if (!pair) {
      return el('p', { class: 'muted small' }, 'No pair with another article of the story is in this report.');
    }
    const other = pair.a === article ? pair.b : pair.a;
    const inOrder = article.story.articles.indexOf(other) < article.story.articles.indexOf(article) ? [other, article] : [article, other];
    const why = el('div', { class: 'reason-why' });
    data.detail(pair).then((detail) => {
      if (detail) why.append(dedupReport.evidence.counted({ ...detail, counted: detail.counted.slice(0, COUNTED) }, data, COUNTED));
    });
    return [
      el('p', { class: 'small' }, 'Nearest, ', el('b', {}, format.probability(pair.probability)), ': ',
        el('button', { type: 'button', class: 'link-button', onclick: () => choose(...inOrder) },
          words(other.edition ?? other.id), el('span', { class: 'visually-hidden' }, ' side by side'))),
      why,
    ];
  }

  function reason(article, data, choose) {
    return el('li', { class: 'card reason' },
      el('h3', { ...dedupReport.dom.direction(article.language), class: 'reason-title' }, words(article.title, article.language)),
      el('p', { class: 'muted small' }, words(article.edition ?? article.id), ` · ${format.language(article.language)} · ${format.time(article.time)}`),
      el('div', { class: 'reason-sure' },
        dedupReport.meter(article.probability, 'Probability of belonging here'),
        el('span', {}, el('b', {}, format.probability(article.probability)), ' belongs here')),
      relation(article),
      nearest(article, data, choose));
  }

  return (story, data, choose) => {
    const list = el('ol', { class: 'reason-list' });
    const more = el('button', { type: 'button', onclick: () => add(true) });
    let shown = 0;

    function add(focus) {
      const next = story.articles.slice(shown, shown + AT_ONCE).map((article) => reason(article, data, choose));
      list.append(...next);
      shown += next.length;
      more.hidden = shown >= story.articles.length;
      more.textContent = `Show more of ${format.number(story.articles.length)}`;
      if (focus) next[0]?.querySelector('button')?.focus();
    }

    add(false);
    return el('section', { class: 'reasons', 'aria-labelledby': 'reasons-title' },
      el('h2', { id: 'reasons-title' }, 'Why each article is here'), list, more);
  };
})();
