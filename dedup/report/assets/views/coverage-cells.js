'use strict';

/* Which story ran where: stories against editions or languages. Pure: from the data and the keys of an address to rows
   and columns; the same as dedup.coverage in Python. */

dedupReport.coverageCells = (() => {
  const { known, moment, SIZES } = dedupReport.filters;
  const DAY = 86_400_000;
  const BY = { edition: 'Edition or outlet', language: 'Language' };

  /* Of a row: what it is ordered by, the least first; descending where that is what one wants first. */
  const SORTS = {
    ran: { words: 'Most widely run', value: (row) => row.cells.size, descending: true },
    gaps: { words: 'Least widely run', value: (row) => row.cells.size, descending: false },
    size: { words: 'Most articles', value: (row) => row.story.articles.length, descending: true },
    newest: { words: 'Newest', value: (row) => row.story.first, descending: true },
    oldest: { words: 'Oldest', value: (row) => row.story.first, descending: false },
  };

  const matrices = new WeakMap();

  /* {columns: [{name, articles, stories, first, alone}], rows: [{story, cells}], unplaced}; cells: Map of name to
     {articles, first, lag}, first its first article there, lag milliseconds after the first anywhere, or null. */
  function matrix(data, by) {
    if (!matrices.has(data)) matrices.set(data, {});
    const made = matrices.get(data);
    made[by] ??= build(data, by);
    return made[by];
  }

  function build(data, by) {
    const columns = new Map();
    let unplaced = 0;
    const rows = data.stories.map((story) => {
      const cells = new Map();
      for (const article of story.articles) {
        const name = article[by];
        if (name === null || name === '') unplaced += 1;
        else if (cells.has(name)) cells.get(name).articles.push(article);
        else cells.set(name, { articles: [article], first: article, lag: lagOf(article, story) });
      }
      count(columns, cells);
      return { story, cells };
    });
    const inOrder = [...columns.values()].sort((one, other) => other.stories - one.stories || (one.name < other.name ? -1 : 1));
    return { columns: inOrder, rows, unplaced };
  }

  function lagOf(article, story) {
    return article.time === null || story.first === null ? null : article.time - story.first;
  }

  function count(columns, cells) {
    let leads = cells.size > 1;
    for (const [name, cell] of cells) {
      if (!columns.has(name)) columns.set(name, { name, articles: 0, stories: 0, first: 0, alone: 0 });
      const column = columns.get(name);
      column.articles += cell.articles.length;
      column.stories += 1;
      if (cells.size === 1) column.alone += 1;
      if (leads && cell.first.time !== null) column.first += 1;
      leads = false;
    }
  }

  const pageOf = (text) => Math.max(1, Number.parseInt(text ?? '1', 10) || 1);

  function read(query, data) {
    const by = known(BY, query.get('by'), data.editions.length ? 'edition' : 'language');
    const names = new Set(matrix(data, by).columns.map((column) => column.name));
    const name = (key) => (names.has(query.get(key)) ? query.get(key) : '');
    return {
      by,
      ran: name('ran'),
      lack: name('lack'),
      lang: data.languages.includes(query.get('lang')) ? query.get('lang') : '',
      size: known(SIZES, query.get('size'), '1'),
      from: Number.isNaN(moment(query.get('from'))) ? '' : query.get('from'),
      to: Number.isNaN(moment(query.get('to'))) ? '' : query.get('to'),
      sort: known(SORTS, query.get('sort'), 'ran'),
      column: name('column'),
      late: query.get('late') === '1',
      page: pageOf(query.get('page')),
      across: pageOf(query.get('across')),
    };
  }

  function write(state) {
    const plain = { ...state, late: state.late ? '1' : '' };
    const usual = { size: '1', sort: 'ran', page: 1, across: 1 };
    for (const [name, value] of Object.entries(usual)) if (plain[name] === value) plain[name] = '';
    return plain;
  }

  /* The story must have an article in the span of time; of the edition that is to have run it, where one is named. */
  function inTime(row, state, from, to) {
    const articles = state.ran ? row.cells.get(state.ran).articles : row.story.articles;
    return articles.some(({ time }) => time !== null
      && (Number.isNaN(from) || time >= from) && (Number.isNaN(to) || time < to));
  }

  function tests(state) {
    const all = [];
    if (state.ran) all.push((row) => row.cells.has(state.ran));
    if (state.lack) all.push((row) => row.cells.size > 0 && !row.cells.has(state.lack));
    if (state.lang) all.push((row) => row.story.languages.includes(state.lang));
    if (state.size === 'alone') all.push((row) => row.story.articles.length === 1);
    else if (state.size !== '1') all.push((row) => row.story.articles.length >= Number(state.size));
    const from = moment(state.from);
    const to = moment(state.to) + DAY;
    if (!Number.isNaN(from) || !Number.isNaN(to)) all.push((row) => inTime(row, state, from, to));
    return all;
  }

  function active(state) {
    return tests(state).length;
  }

  function order(state) {
    if (state.column) {
      const time = (row) => row.cells.get(state.column)?.first.time ?? null;
      return compare(time, !state.late);
    }
    const { value, descending } = SORTS[state.sort];
    return compare(value, descending);
  }

  /* What is unknown comes last either way; ties are settled by how widely a story ran, then as the run has them. */
  function compare(value, descending) {
    const sign = descending ? -1 : 1;
    return (one, other) => {
      const [a, b] = [value(one) ?? null, value(other) ?? null];
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1;
      } else if (a !== b) {
        return sign * (a - b);
      }
      return other.cells.size - one.cells.size || one.story.index - other.story.index;
    };
  }

  function choose(data, state) {
    const all = tests(state);
    return matrix(data, state.by).rows.filter((row) => all.every((test) => test(row))).sort(order(state));
  }

  /* Columns in the order in which they are shown: what is asked about stands first. */
  function columnsOf(data, state) {
    const asked = [state.ran, state.lack].filter(Boolean);
    const { columns } = matrix(data, state.by);
    const named = asked.map((name) => columns.find((column) => column.name === name));
    return [...named, ...columns.filter((column) => !asked.includes(column.name))];
  }

  return { BY, SORTS, matrix, read, write, active, choose, columnsOf };
})();
