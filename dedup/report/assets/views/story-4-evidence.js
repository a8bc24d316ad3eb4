'use strict';

/* What two articles share and where they differ, as lists; and what that counted for. */

dedupReport.evidence = (() => {
  const { el, words } = dedupReport.dom;
  const { format, facts } = dedupReport;
  const KEYED = new Set(['place', 'figure', 'date', 'weekday', 'month', 'clock', 'day part']);
  const SHOWN = 8;
  const COUNTED = 6;

  function mentions(list, language) {
    const texts = [...new Set(list.map((one) => one.text))].slice(0, 3);
    return texts.map((text, place) => [place ? ', ' : null, words(text, language)]);
  }

  function row(item, languages) {
    return el('li', { class: `fact-row${item.conflict ? ' fact-row-conflict' : ''}`, 'data-item': item.number ?? null },
      el('span', { class: `fact-kind fact-${facts.group(item)}${item.conflict ? ' fact-conflict' : ''}` }, facts.words(item, languages)),
      el('span', { class: 'fact-words' },
        mentions(item.a, languages.a),
        item.a.length && item.b.length ? el('span', { class: 'fact-and' }, item.conflict ? ' vs ' : ' = ') : null,
        mentions(item.b, languages.b),
        KEYED.has(item.kind) && item.key.length < 60 ? el('span', { class: 'muted small' }, ' ', el('bdi', {}, item.key.replaceAll('|', ', '))) : null));
  }

  function list(title, items, languages, attributes = {}) {
    if (!items.length) return null;
    const rest = items.slice(SHOWN);
    return el('section', { class: 'fact-list', ...attributes },
      el('h3', {}, `${title} `, el('span', { class: 'muted' }, format.number(items.length))),
      el('ul', {}, items.slice(0, SHOWN).map((item) => row(item, languages))),
      rest.length ? el('details', {},
        el('summary', {}, `${format.number(rest.length)} more of less worth`),
        el('ul', {}, rest.map((item) => row(item, languages)))) : null);
  }

  function lists(detail, items, languages) {
    return el('div', { class: 'fact-lists' },
      list('They differ', items.filter((item) => item.conflict), languages),
      list('Both say', byWorth(items.filter((item) => !item.conflict)), languages),
      lacking('Only in the first', detail.onlyA, languages),
      lacking('Only in the second', detail.onlyB, languages));
  }

  function lacking(title, items, languages) {
    return items.length ? el('details', { class: 'fact-list' },
      el('summary', {}, `${title} (${format.number(items.length)})`),
      el('ul', {}, items.map((item) => row(item, languages)))) : null;
  }

  const byWorth = (items) => [...items].sort((one, other) => other.worth - one.worth || one.number - other.number);

  /* Bars to either side of a line: what spoke for one story, and what against it. */
  function counted(detail, data, most = COUNTED) {
    const heaviest = Math.max(...detail.counted.map((one) => Math.abs(one.logOdds)), 0.1);
    const bar = ({ signal, logOdds }) => {
      const share = el('span', { class: `weight-bar ${logOdds < 0 ? 'weight-against' : 'weight-for'}` });
      share.style.setProperty('--share', `${(Math.abs(logOdds) / heaviest * 50).toFixed(1)}%`);
      return el('li', { class: 'weight' },
        el('span', { class: 'weight-words' }, data.meta.signals[signal] ?? signal),
        el('span', { class: 'weight-track', 'aria-hidden': 'true' }, share),
        el('span', { class: 'weight-number' }, format.signed(logOdds)));
    };
    const rest = detail.counted.slice(most);
    return el('div', { class: 'weights' },
      el('ul', {}, detail.counted.slice(0, most).map(bar)),
      rest.length ? el('details', {},
        el('summary', {}, `${rest.length} that counted less`), el('ul', {}, rest.map(bar))) : null);
  }

  function legend(items) {
    if (!items.length) return '';
    const groups = [['name', 'name or rare word'], ['place', 'place'], ['number', 'number'], ['date', 'date']]
      .filter(([group]) => items.some((item) => facts.group(item) === group));
    return el('p', { class: 'legend small' }, 'Marked in the texts: ',
      groups.map(([group, name]) => el('span', { class: `fact fact-${group}` }, `shared ${name}`)),
      items.some((item) => item.conflict) ? el('span', { class: 'fact fact-conflict' }, 'in conflict') : null);
  }

  /* A mark and its row in the lists light each other. */
  function linkFacts(body) {
    const light = (number) => {
      for (const one of body.querySelectorAll('.fact-on')) one.classList.remove('fact-on');
      if (number === undefined) return;
      for (const one of body.querySelectorAll(`[data-item="${number}"]`)) one.classList.add('fact-on');
    };
    body.onmouseover = (event) => light(event.target.closest('[data-item]')?.dataset.item);
    body.onmouseleave = () => light();
  }

  return { lists, counted, legend, linkFacts };
})();
