'use strict';

/* The fields beside the list of stories. */

dedupReport.storyControls = (() => {
  const { el, plain } = dedupReport.dom;
  const { filters, format } = dedupReport;
  const { field, select, day } = dedupReport.fields;
  const WIDE = '(min-width: 60rem)';

  function languageBoxes(data, state, change) {
    const box = (tag) => el('label', { class: 'check' },
      el('input', {
        type: 'checkbox',
        value: tag,
        checked: state.languages.includes(tag),
        onchange: (event) => {
          const without = state.languages.filter((one) => one !== tag);
          change({ languages: event.target.checked ? [...without, tag] : without });
        },
      }),
      el('span', {}, format.language(tag)));
    return el('fieldset', { class: 'field checks' }, el('legend', {}, 'In all of these languages'), data.languages.map(box));
  }

  return (data, state, change, typing) => {
    let waiting = 0;
    const search = el('input', {
      type: 'search',
      value: state.q,
      placeholder: 'Headline, outlet or text',
      autocomplete: 'off',
      spellcheck: 'false',
      dir: 'auto',
      oninput: () => {
        window.clearTimeout(waiting);
        waiting = window.setTimeout(() => change({ q: search.value }), typing);
      },
    });
    const editions = Object.fromEntries([['', 'All'], ...data.editions.map((name) => [name, plain(name)])]);
    const number = el('span', { class: 'filter-count' });
    const details = el('details', { class: 'filters', open: window.matchMedia(WIDE).matches },
      el('summary', {}, 'Filters', number),
      el('div', { class: 'filter-fields' },
        select('Order', Object.fromEntries(Object.entries(filters.SORTS).map(([name, sort]) => [name, sort.words])),
          state.sort, (sort) => change({ sort })),
        languageBoxes(data, state, change),
        data.editions.length
          ? select('Edition or outlet', editions, state.edition, (edition) => change({ edition }), ['', ...data.editions])
          : null,
        select('Articles', filters.SIZES, state.size, (size) => change({ size }), ['1', 'alone', '2', '3', '5', '10']),
        select('Lowest probability', filters.DOUBTS, state.doubt, (doubt) => change({ doubt }), ['', '0.95', '0.8', '0.5']),
        day('From (UTC)', state.from, (from) => change({ from })),
        day('To (UTC)', state.to, (to) => change({ to })),
        el('button', { type: 'button', class: 'clear', onclick: () => dedupReport.go('stories') },
          'Clear all')));
    return {
      element: el('div', { class: 'controls', role: 'search' }, field('Search', search, { class: 'field field-search' }), details),
      count(active) {
        number.textContent = active ? ` (${active} set)` : '';
      },
    };
  };
})();
