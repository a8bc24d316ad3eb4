'use strict';

/* A table of stories against editions or languages: who ran what, when first, how it came about, and who did not. */

(() => {
  const { el, words } = dedupReport.dom;
  const { coverageCells, format } = dedupReport;
  const ROWS = 50;
  const COLUMNS = 14;

  /* How much later than the first, in the two largest units. */
  function later(milliseconds) {
    const minutes = Math.round(milliseconds / 60_000);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
    if (days) return `+${days} d${hours ? ` ${hours} h` : ''}`;
    if (hours) return `+${hours} h${rest ? ` ${rest} min` : ''}`;
    return `+${rest} min`;
  }

  function when(cell) {
    if (cell.first.time === null) return 'no time';
    return cell.lag ? later(cell.lag) : 'first';
  }

  function columnName(name, by) {
    return by === 'language' ? format.language(name) : words(name, null);
  }

  function cellOf(row, column, by) {
    const cell = row.cells.get(column.name);
    if (!cell) {
      return el('td', { class: 'cell cell-gap', tabindex: '-1' },
        el('span', { 'aria-hidden': 'true' }, '·'), el('span', { class: 'visually-hidden' }, 'did not run it'));
    }
    const { first } = cell;
    const relation = first.relation ?? 'unknown';
    const more = cell.articles.length > 1 ? el('span', { class: 'cell-more' }, ` ${format.number(cell.articles.length)}×`) : null;
    return el('td', { class: `cell cell-${relation}${cell.lag === 0 ? ' cell-first' : ''}` },
      el('a', { href: dedupReport.href('story', [row.story.id], { a: first.id }), tabindex: '-1', title: titleOf(cell) },
        el('span', { class: 'cell-relation' }, first.relation ? format.relation(relation) : 'Ran it', more),
        el('span', { class: 'cell-when' }, when(cell))));
  }

  function titleOf(cell) {
    const count = cell.articles.length > 1 ? `, the first of ${format.count(cell.articles.length, 'article')} here` : '';
    return `${format.time(cell.first.time)}${count}`;
  }

  function rowOf(row, columns, state) {
    const { story } = row;
    const { language } = story.representative;
    return el('tr', { 'data-story': story.id },
      el('th', { scope: 'row', class: 'coverage-story' },
        el('a', { href: dedupReport.href('story', [story.id]), class: 'coverage-headline', ...dedupReport.dom.direction(language) },
          words(story.headline, language)),
        el('span', { class: 'coverage-facts' },
          format.count(story.articles.length, 'article'), ' · ', format.time(story.first))),
      el('td', { class: 'coverage-share' },
        el('span', {}, format.number(row.cells.size)), el('span', { class: 'visually-hidden' }, ` of ${columns.all}`)),
      columns.shown.map((column) => cellOf(row, column, state.by)));
  }

  function headOf(columns, state, change) {
    return el('tr', {},
      el('th', { scope: 'col', class: 'coverage-story' }, 'Story'),
      el('th', { scope: 'col', class: 'coverage-share', 'aria-sort': shareSort(state) },
        el('button', {
          type: 'button',
          class: 'sort',
          onclick: () => change({ sort: state.sort === 'ran' && !state.column ? 'gaps' : 'ran', column: '', late: false }),
        }, 'Ran in', arrow(shareSort(state)))),
      columns.shown.map((column) => {
        const sorted = state.column === column.name ? (state.late ? 'ascending' : 'descending') : null;
        return el('th', { scope: 'col', class: `coverage-column${sorted ? ' coverage-sorted' : ''}`, 'aria-sort': sorted },
          el('button', {
            type: 'button',
            class: 'sort',
            title: 'Order by when it ran here',
            onclick: () => change({ column: column.name, late: sorted === 'descending' }),
          }, el('span', { class: 'coverage-name' }, columnName(column.name, state.by)), arrow(sorted)),
          el('span', { class: 'coverage-count' }, `${format.count(column.stories, 'story', 'stories')}`));
      }));
  }

  function shareSort(state) {
    if (state.column) return null;
    return { ran: 'descending', gaps: 'ascending' }[state.sort] ?? null;
  }

  function arrow(sorted) {
    const marks = { ascending: ' ↑', descending: ' ↓' };
    return sorted ? el('span', { 'aria-hidden': 'true' }, marks[sorted]) : null;
  }

  /* Arrow keys move between the cells; Tab goes from story to story. */
  function moves(event) {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const from = event.target.closest('tbody th, tbody td');
    if (!from || !(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = from.parentElement;
    const [down, right] = steps[event.key];
    const rows = row.parentElement.rows;
    const target = rows[row.rowIndex - 1 + down]?.cells[from.cellIndex + right];
    if (!target) return;
    event.preventDefault();
    const focused = target.querySelector('a') ?? target;
    if (!focused.hasAttribute('tabindex') && focused.tagName !== 'A') focused.tabIndex = -1;
    focused.focus({ preventScroll: true });
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  function legend() {
    const relations = ['original', 'translation', 'reprint', 'independent', 'update'];
    return el('p', { class: 'coverage-legend small muted' },
      'A cell says how the first article there came about, and how much later than the first anywhere: ',
      relations.map((name) => [el('span', { class: `key key-${name}` }, format.relation(name)), ' ']),
      el('span', { class: 'key key-gap' }, '· did not run it'),
      '. Arrow keys move between cells.');
  }

  function render(container, data, { query }) {
    const state = coverageCells.read(query, data);
    const results = el('div', { class: 'coverage-results' });
    const controls = dedupReport.coverageControls(data, state, (changed, { redraw = false } = {}) => {
      Object.assign(state, { page: 1 }, changed);
      update({ redraw, speak: true });
    });

    function update({ redraw = false, speak = false } = {}) {
      dedupReport.replace('coverage', [], coverageCells.write(state));
      if (redraw) controls.draw();
      draw(speak);
    }

    function change(changed) {
      Object.assign(state, { page: 1 }, changed);
      const focused = [...results.querySelectorAll('thead button')].indexOf(document.activeElement);
      update({ redraw: true, speak: true });
      if (focused >= 0) results.querySelectorAll('thead button')[focused]?.focus();
    }

    function draw(speak) {
      const rows = coverageCells.choose(data, state);
      const all = coverageCells.columnsOf(data, state);
      const pages = Math.max(1, Math.ceil(rows.length / ROWS));
      const spreads = Math.max(1, Math.ceil(all.length / COLUMNS));
      state.page = Math.min(state.page, pages);
      state.across = Math.min(state.across, spreads);
      const columns = { all: all.length, shown: all.slice((state.across - 1) * COLUMNS, state.across * COLUMNS) };
      const summary = summaryOf(rows, data, state, controls);
      controls.count(coverageCells.active(state));
      results.replaceChildren(
        el('div', { class: 'coverage-top' },
          el('p', { class: 'results-summary', role: 'status' }, summary),
          pager(spreads, 'across', state.by === 'edition' ? 'Editions' : 'Languages')),
        rows.length
          ? table(rows.slice((state.page - 1) * ROWS, state.page * ROWS), columns, summary)
          : el('p', { class: 'card nothing' }, 'No story is like that. Take a filter away.'),
        pager(pages, 'page', 'Stories'));
      if (speak) dedupReport.announce(summary);
    }

    function table(rows, columns, summary) {
      return el('div', { class: 'coverage-scroll card', role: 'region', tabindex: '0', 'aria-label': 'Which story ran where' },
        el('table', { class: 'coverage-table', onkeydown: moves },
          el('caption', { class: 'visually-hidden' }, summary),
          el('thead', {}, headOf(columns, state, change)),
          el('tbody', {}, rows.map((row) => rowOf(row, columns, state)))));
    }

    function pager(pages, key, label) {
      if (pages === 1) return '';
      const turn = (by) => () => {
        state[key] += by;
        update({ speak: true });
        results.querySelector(`[data-pager="${key}"] button:not(:disabled)`)?.focus({ preventScroll: true });
        if (key === 'page') container.scrollIntoView();
      };
      return el('nav', { class: 'pager', 'aria-label': `Pages of ${label.toLowerCase()}`, 'data-pager': key },
        el('button', { type: 'button', disabled: state[key] === 1, onclick: turn(-1) }, 'Previous'),
        el('span', {}, `${label}: page ${format.number(state[key])} of ${format.number(pages)}`),
        el('button', { type: 'button', disabled: state[key] === pages, onclick: turn(1) }, 'Next'));
    }

    controls.draw();
    container.append(el('h1', {}, 'Coverage'), controls.element, results, legend());
    draw(false);
  }

  function summaryOf(rows, data, state, controls) {
    const of = rows.length < data.stories.length ? ` of ${format.number(data.stories.length)}` : '';
    const ran = state.ran ? ` that ran in ${controls.nameOf(state.ran, state.by)}` : '';
    const not = state.lack ? `${ran ? ' and' : ' that'} did not run in ${controls.nameOf(state.lack, state.by)}` : '';
    const { unplaced } = coverageCells.matrix(data, state.by);
    const without = unplaced ? `; ${format.count(unplaced, 'article')} without an edition` : '';
    return `${format.number(rows.length)}${of} ${rows.length === 1 && !of ? 'story' : 'stories'}${ran}${not}${without}`;
  }

  dedupReport.view({ name: 'coverage', title: 'Coverage', order: 30, render });
})();
