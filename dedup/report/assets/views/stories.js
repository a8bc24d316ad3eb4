'use strict';

/* The list of stories: search, filters, order, a page at a time. */

(() => {
  const { el, words, plain } = dedupReport.dom;
  const { filters, format } = dedupReport;
  const ON_A_PAGE = 40;
  const TYPING = 120;

  function render(container, data, { query }) {
    const state = filters.read(query);
    const search = dedupReport.search(data);
    const results = el('div', { class: 'results' });
    const controls = dedupReport.storyControls(data, state, (changed) => {
      Object.assign(state, { page: 1 }, changed);
      dedupReport.replace('stories', [], filters.write(state));
      draw({ speak: true });
    }, TYPING);
    let gone = false;

    function draw({ speak = false } = {}) {
      const terms = dedupReport.fold.terms(state.q);
      const found = terms.length ? search.find(terms) : null;
      const shown = filters.choose(data.stories, state, found);
      const pages = Math.max(1, Math.ceil(shown.length / ON_A_PAGE));
      state.page = Math.min(state.page, pages);
      const start = (state.page - 1) * ON_A_PAGE;
      controls.count(filters.active(state));
      const summary = summaryOf(shown, data, terms.length > 0 && !search.isReady());
      results.replaceChildren(
        el('p', { class: 'results-summary', role: 'status' }, summary),
        shown.length
          ? el('ol', { class: 'story-list', start: start + 1 },
            shown.slice(start, start + ON_A_PAGE).map((story) => dedupReport.storyCard(story, terms, found?.get(story), data)))
          : el('p', { class: 'card nothing' }, 'No story is like that. Take a filter or a word away.'),
        pager(pages),
      );
      if (speak) dedupReport.announce(summary);
    }

    function pager(pages) {
      if (pages === 1) return '';
      const turn = (page) => () => {
        state.page = page;
        dedupReport.replace('stories', [], filters.write(state));
        draw({ speak: true });
        results.querySelector('.story-list a')?.focus({ preventScroll: true });
        container.scrollIntoView();
      };
      return el('nav', { class: 'pager', 'aria-label': 'Pages of stories' },
        el('button', { type: 'button', disabled: state.page === 1, onclick: turn(state.page - 1) }, 'Previous'),
        el('span', {}, `Page ${format.number(state.page)} of ${format.number(pages)}`),
        el('button', { type: 'button', disabled: state.page === pages, onclick: turn(state.page + 1) }, 'Next'));
    }

    container.append(el('h1', { class: 'visually-hidden' }, 'Stories'), controls.element, results);
    draw();
    if (!search.isReady()) search.ready().then(() => { if (!gone && state.q) draw(); });
    return () => { gone = true; };
  }

  function summaryOf(shown, data, waiting) {
    const articles = shown.reduce((sum, story) => sum + story.articles.length, 0);
    const of = shown.length < data.stories.length ? ` of ${format.number(data.stories.length)}` : '';
    return `${format.number(shown.length)}${of} ${shown.length === 1 && !of ? 'story' : 'stories'}, `
      + `${format.count(articles, 'article')}${waiting ? '; the texts are still being unpacked' : ''}`;
  }

  dedupReport.view({ name: 'stories', title: 'Stories', order: 10, render });
})();
