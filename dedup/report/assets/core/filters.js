'use strict';

/* Which stories are shown, and in which order. Pure: from the keys of an address to a list. */

dedupReport.filters = (() => {
  const DAY = 86_400_000;
  const UNDATED = -Infinity;

  const SORTS = {
    largest: { words: 'Largest first', compare: (one, other) => other.articles.length - one.articles.length },
    newest: { words: 'Newest first', compare: (one, other) => (other.last ?? UNDATED) - (one.last ?? UNDATED) || 0 },
    oldest: { words: 'Oldest first', compare: (one, other) => (one.first ?? Infinity) - (other.first ?? Infinity) || 0 },
    doubt: { words: 'Most in doubt first', compare: (one, other) => one.lowest - other.lowest },
    languages: { words: 'Most languages first', compare: (one, other) => other.languages.length - one.languages.length },
  };
  const SIZES = { 1: 'Any', alone: 'One article', 2: '2 or more', 3: '3 or more', 5: '5 or more', 10: '10 or more' };
  const DOUBTS = { '': 'Any', 0.95: 'Below 0.95', 0.8: 'Below 0.80', 0.5: 'Below 0.50' };

  /* A value if it is one of the choices. */
  const known = (choices, value, fallback) => (value !== null && value in choices ? value : fallback);

  /* The beginning of a day in UTC, or NaN. */
  function moment(text) {
    return text && /^\d{4}-\d\d-\d\d$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  }

  function read(query) {
    return {
      q: query.get('q') ?? '',
      languages: (query.get('lang') ?? '').split(',').filter(Boolean),
      edition: query.get('edition') ?? '',
      size: known(SIZES, query.get('size'), '1'),
      from: Number.isNaN(moment(query.get('from'))) ? '' : query.get('from'),
      to: Number.isNaN(moment(query.get('to'))) ? '' : query.get('to'),
      doubt: known(DOUBTS, query.get('doubt'), ''),
      sort: known(SORTS, query.get('sort'), 'largest'),
      page: Math.max(1, Number.parseInt(query.get('page') ?? '1', 10) || 1),
    };
  }

  function write(state) {
    return {
      q: state.q,
      lang: state.languages.join(','),
      edition: state.edition,
      size: state.size === '1' ? '' : state.size,
      from: state.from,
      to: state.to,
      doubt: state.doubt,
      sort: state.sort === 'largest' ? '' : state.sort,
      page: state.page === 1 ? '' : state.page,
    };
  }

  function tests(state) {
    const all = [];
    if (state.languages.length) all.push((story) => state.languages.every((tag) => story.languages.includes(tag)));
    if (state.edition) all.push((story) => story.editions.includes(state.edition));
    if (state.size === 'alone') all.push((story) => story.articles.length === 1);
    else if (state.size !== '1') all.push((story) => story.articles.length >= Number(state.size));
    const from = moment(state.from);
    const to = moment(state.to) + DAY;
    if (!Number.isNaN(from)) all.push((story) => story.last !== null && story.last >= from);
    if (!Number.isNaN(to)) all.push((story) => story.first !== null && story.first < to);
    if (state.doubt) all.push((story) => story.lowest < Number(state.doubt));
    return all;
  }

  /* How many filters are set, the search apart. */
  function active(state) {
    return tests(state).length;
  }

  /* found: a Map as of dedupReport.search(data).find, or null where nothing is searched. */
  function choose(stories, state, found) {
    const all = tests(state);
    const kept = stories.filter((story) => (!found || found.has(story)) && all.every((test) => test(story)));
    const { compare } = SORTS[state.sort];
    return kept.sort((one, other) => compare(one, other) || one.index - other.index);
  }

  return { SORTS, SIZES, DOUBTS, known, moment, read, write, active, choose };
})();
