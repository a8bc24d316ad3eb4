'use strict';

/* A story in the list. */

dedupReport.storyCard = (() => {
  const { el, words } = dedupReport.dom;
  const { format } = dedupReport;
  const EDITIONS_NAMED = 4;
  const AROUND = 70;
  const DOUBT = 0.65;

  const hits = (text, terms) => (terms.length ? dedupReport.fold.find(text, terms) : []);

  function languages(story) {
    const counts = new Map();
    for (const article of story.articles) counts.set(article.language, (counts.get(article.language) ?? 0) + 1);
    return [...counts].map(([tag, count]) => el('li', { class: 'chip chip-language' },
      format.language(tag), count > 1 ? ` ${count}` : null));
  }

  function editions(story) {
    const named = story.editions.slice(0, EDITIONS_NAMED);
    const more = story.editions.length - named.length;
    return el('ul', { class: 'story-editions' },
      named.map((name) => el('li', {}, words(name))), more ? el('li', {}, `and ${more} more`) : null);
  }

  /* Where the words were found if not in the headline that is shown: another headline, or a piece of a text. */
  function where(story, terms, found, data) {
    const inHeadline = terms.every((term) => dedupReport.fold(story.headline).includes(term));
    if (!terms.length || !found || inHeadline) return null;
    const line = el('p', { class: 'story-where' });
    const other = found.find((article) => terms.some((term) => dedupReport.fold(article.title).includes(term)));
    if (other) {
      if (other !== story.representative) put(line, other, words(other.title, other.language, hits(other.title, terms)));
    } else {
      snippet(found[0], terms, data).then((piece) => put(line, found[0], piece));
    }
    return line;
  }

  /* A line of its own starts where its language starts. */
  function put(line, article, piece) {
    if (!piece) return;
    const { lang, dir } = dedupReport.dom.direction(article.language);
    if (lang) line.lang = lang;
    line.dir = dir;
    line.append(piece);
  }

  async function snippet(article, terms, data) {
    const { text } = await data.body(article);
    const [first] = hits(text, terms);
    if (!first) return null;
    const start = Math.max(0, text.lastIndexOf(' ', first[0] - AROUND) + 1);
    const space = text.indexOf(' ', first[1] + AROUND);
    const piece = text.slice(start, space < 0 ? text.length : space).replaceAll('\n', ' ');
    return words(`${start ? '… ' : ''}${piece}${space < 0 ? '' : ' …'}`, article.language,
      hits(`${start ? '… ' : ''}${piece}`, terms));
  }

  return (story, terms, found, data) => {
    const one = story.articles.length === 1;
    return el('li', { class: `card story-card${one ? ' story-alone' : ''}`, 'data-story': story.id },
      el('div', { class: 'story-size', 'aria-hidden': 'true' },
        el('b', {}, format.number(story.articles.length)), el('span', {}, one ? 'article' : 'articles')),
      el('div', { class: 'story-body' },
        el('h2', { class: 'story-headline', ...dedupReport.dom.direction(story.representative.language) },
          el('a', { href: dedupReport.href('story', [story.id]) },
            words(story.headline, story.representative.language, hits(story.headline, terms)),
            el('span', { class: 'visually-hidden', lang: 'en', dir: 'ltr' }, `, ${format.count(story.articles.length, 'article')}`))),
        where(story, terms, found, data),
        editions(story),
        el('ul', { class: 'story-facts' },
          languages(story),
          el('li', { class: 'story-time' }, format.span(story.first, story.last)),
          story.lowest < DOUBT
            ? el('li', { class: 'chip chip-warn' }, `least sure: ${format.probability(story.lowest)}`) : null)));
  };
})();
