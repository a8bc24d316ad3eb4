'use strict';

/* One story: how it spread, two of its articles side by side, and why each article is in it. */

(() => {
  const { el, words } = dedupReport.dom;
  const { format } = dedupReport;

  function render(container, data, { path: [id], query }) {
    const story = data.story(id ?? '');
    if (!story) {
      dedupReport.setTitle('No such story');
      container.append(el('h1', {}, 'No such story'),
        el('p', {}, 'This report has no story of that id. ', el('a', { href: dedupReport.href('stories') }, 'All stories')));
      return null;
    }
    dedupReport.setTitle(story.headline);
    container.append(heading(story));
    if (story.articles.length === 1) {
      container.append(alone(story.articles[0], data));
      return null;
    }
    const compare = dedupReport.compare(story, data, chosen(story, data, query));
    const choose = (a, b) => {
      compare.choose(a, b);
      compare.element.scrollIntoView({ block: 'start' });
      compare.focus();
    };
    const spread = dedupReport.spread(story, (article) => choose(...besides(article, story, data)));
    container.append(spread.element, compare.element, dedupReport.reasons(story, data, choose));
    spread.draw();
    return () => { spread.close(); compare.close(); };
  }

  function heading(story) {
    const size = story.articles.length;
    return el('div', { class: 'story-heading' },
      el('a', { class: 'back', href: dedupReport.href('stories'), onclick: backToList }, '← All stories'),
      el('h1', dedupReport.dom.direction(story.representative.language),
        words(story.headline, story.representative.language)),
      el('ul', { class: 'story-facts' },
        el('li', {}, size === 1 ? '1 article, alone' : `${format.number(size)} articles`),
        story.languages.map((tag) => el('li', { class: 'chip' }, format.language(tag))),
        el('li', { class: 'story-time' }, format.span(story.first, story.last)),
        el('li', { class: 'muted' }, el('code', {}, story.id))));
  }

  /* The list as it was left, with its search and its page. */
  function backToList(event) {
    if (!dedupReport.listBefore()) return;
    event.preventDefault();
    window.history.back();
  }

  function alone(article, data) {
    const text = el('div', { class: 'card' });
    data.body(article).then((body) => {
      text.append(dedupReport.reading.head(article), dedupReport.reading.text(article, body, null));
    });
    return el('section', { class: 'story-alone-text' },
      el('p', { class: 'note' }, 'No other article tells this story, as far as the run could see.', nearest(article, data)),
      text);
  }

  function nearest(article, data) {
    const [pair] = data.pairsOf(article);
    if (!pair) return null;
    const other = pair.a === article ? pair.b : pair.a;
    return [' The nearest one is in another story, with a probability of ', format.probability(pair.probability), ': ',
      el('a', { href: dedupReport.href('story', [other.story.id]) }, words(other.title, other.language)), '.'];
  }

  /* The two that the address names, else the original and what is nearest to it in another language. */
  function chosen(story, data, query) {
    const named = ['a', 'b'].map((name) => data.article(query.get(name) ?? ''))
      .map((article) => (article?.story === story ? article : null));
    if (named[0] && named[1] && named[0] !== named[1]) return named;
    const first = named[0] ?? named[1] ?? story.articles.find((article) => article.relation === 'original') ?? story.articles[0];
    return besides(first, story, data, { another: true });
  }

  const primary = (article) => article.language.split('-')[0];

  /* An article, and the one that it is best seen with: what it is a copy of, else the nearest one. */
  function besides(article, story, data, { another = false } = {}) {
    if (article.of && !another) return [article.of, article];
    const others = data.pairsOf(article)
      .filter((pair) => pair.a.story === story && pair.b.story === story && pair.explained)
      .map((pair) => (pair.a === article ? pair.b : pair.a));
    const best = (another && others.find((other) => primary(other) !== primary(article))) || others[0]
      || story.articles.find((other) => other !== article);
    return story.articles.indexOf(article) <= story.articles.indexOf(best) ? [article, best] : [best, article];
  }

  dedupReport.view({ name: 'story', title: 'Story', order: 15, hidden: true, render });
})();
