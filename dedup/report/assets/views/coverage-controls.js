'use strict';

/* What is asked of the coverage: by edition or language, who ran a story and who did not, when, how large. */

dedupReport.coverageControls = (() => {
  const { el, plain } = dedupReport.dom;
  const { coverageCells, filters, format } = dedupReport;
  const { select, day } = dedupReport.fields;
  const WIDE = '(min-width: 60rem)';

  function nameOf(name, by) {
    return by === 'language' ? format.language(name) : plain(name);
  }

  function names(data, state, first) {
    const { columns } = coverageCells.matrix(data, state.by);
    const order = ['', ...columns.map((column) => column.name)];
    return [Object.fromEntries(order.map((name) => [name, name ? nameOf(name, state.by) : first])), order];
  }

  function column(label, key, first, data, state, change) {
    const [choices, order] = names(data, state, first);
    return select(label, choices, state[key], (value) => change({ [key]: value }, { redraw: true }), order);
  }

  function fieldsOf(data, state, change) {
    const orders = Object.fromEntries(Object.entries(coverageCells.SORTS).map(([name, sort]) => [name, sort.words]));
    const order = state.column ? { column: `When ${nameOf(state.column, state.by)} ran it`, ...orders } : orders;
    const languages = Object.fromEntries([['', 'Any'], ...data.languages.map((tag) => [tag, format.language(tag)])]);
    return [
      data.editions.length
        ? select('Columns', coverageCells.BY, state.by,
          (by) => change({ by, ran: '', lack: '', column: '', late: false, across: 1 }, { redraw: true }))
        : null,
      column('Ran in', 'ran', 'Any', data, state, change),
      column('Did not run in', 'lack', 'Any', data, state, change),
      state.by === 'edition' && data.languages.length > 1
        ? select('Has an article in', languages, state.lang, (lang) => change({ lang }), ['', ...data.languages]) : null,
      select('Articles', filters.SIZES, state.size, (size) => change({ size }), ['1', 'alone', '2', '3', '5', '10']),
      day('From (UTC)', state.from, (from) => change({ from })),
      day('To (UTC)', state.to, (to) => change({ to })),
      select('Order', order, state.column ? 'column' : state.sort,
        (sort) => { if (sort !== 'column') change({ sort, column: '', late: false }, { redraw: true }); },
        [...(state.column ? ['column'] : []), ...Object.keys(orders)]),
      el('button', { type: 'button', class: 'clear', onclick: () => dedupReport.go('coverage', [], { cleared: Date.now() }) },
        'Clear all'),
    ];
  }

  /* change(changed, {redraw}): redraw where fields themselves become others. */
  return (data, state, change) => {
    const number = el('span', { class: 'filter-count' });
    const fields = el('div', { class: 'coverage-fields' });
    const details = el('details', { class: 'filters', open: window.matchMedia(WIDE).matches },
      el('summary', {}, 'Filters', number), fields);
    return {
      element: el('div', { class: 'coverage-controls', role: 'search', 'aria-label': 'Coverage' }, details),
      draw() {
        const place = [...fields.querySelectorAll('select, input, button')].indexOf(document.activeElement);
        fields.replaceChildren(...fieldsOf(data, state, change).filter(Boolean));
        if (place >= 0) fields.querySelectorAll('select, input, button')[place]?.focus();
      },
      count(active) {
        number.textContent = active ? ` (${active} set)` : '';
      },
      nameOf,
    };
  };
})();
