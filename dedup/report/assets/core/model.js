'use strict';

/* The data that views are given: rows made into objects that know each other. See shell.js for what they hold. */

dedupReport.model = (() => {
  const ARTICLE = {
    title: '', untitled: false, language: 'und', edition: null, published: null, time: null, url: null,
    probability: 1, relation: null, of: null, relationProbability: null, section: null, city: null, agency: null,
  };

  function byCount(names) {
    const counts = new Map();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one) || (one < other ? -1 : 1));
  }

  const once = (names) => [...new Set(names)].filter((name) => name !== null);

  // Math.min(...) takes no hundred thousand arguments
  const least = (values) => values.reduce((one, other) => Math.min(one, other), Infinity);

  function makeStory(row, index, articles) {
    const members = row.articles.map((place) => articles[place]);
    const times = members.map((article) => article.time).filter((time) => time !== null);
    const representative = articles[row.representative];
    return {
      index,
      id: row.id,
      articles: members,
      representative,
      headline: representative.title,
      languages: once(members.map((article) => article.language)),
      editions: once(members.map((article) => article.edition)),
      first: times.length ? least(times) : null,
      last: times.length ? -least(times.map((time) => -time)) : null,
      lowest: least(members.map((article) => article.probability)),
    };
  }

  const key = (a, b) => `${a.index}:${b.index}`;

  function makePairs(core, articles) {
    const pairs = new Map();
    for (const [a, b, probability] of core.pairs) {
      const pair = { a: articles[a], b: articles[b], probability, scored: true, explained: false, place: null };
      pairs.set(key(pair.a, pair.b), pair);
    }
    core.explained.forEach(([a, b, probability], place) => {
      const pair = pairs.get(`${a}:${b}`)
        ?? { a: articles[a], b: articles[b], probability, scored: false, explained: true, place };
      Object.assign(pair, { explained: true, place });
      pairs.set(key(pair.a, pair.b), pair);
    });
    const review = core.review.map(([a, b, probability]) => {
      const pair = pairs.get(`${a}:${b}`)
        ?? { a: articles[a], b: articles[b], probability, scored: true, explained: false, place: null };
      pairs.set(key(pair.a, pair.b), pair);
      return pair;
    });
    const all = [...pairs.values()].sort((one, other) => one.a.index - other.a.index || one.b.index - other.b.index);
    all.forEach((pair, index) => { pair.index = index; });
    return { all, pairs, review };
  }

  const mentions = (rows) => rows.map(([sentence, text]) => ({ sentence, text }));
  const items = (rows) => rows.map(([kind, itsKey, a, b, worth]) => (
    { kind, key: itsKey, a: mentions(a), b: mentions(b), worth }));

  function makeDetail(row, articles) {
    return {
      ...row,
      a: articles[row.a],
      b: articles[row.b],
      aligned: row.aligned.map(([a, b, similarity, mutual]) => ({ a, b, similarity, mutual })),
      shared: items(row.shared),
      conflicting: items(row.conflicting),
      onlyA: items(row.onlyA),
      onlyB: items(row.onlyB),
      counted: row.counted.map(([signal, value, logOdds]) => ({ signal, value, logOdds })),
      path: row.path.map(([a, b, probability]) => ({ a: articles[a], b: articles[b], probability })),
    };
  }

  return (core) => {
    const { meta } = core;
    const articles = core.articles.map((row, index) => ({ ...ARTICLE, ...row, index }));
    const stories = core.stories.map((row, index) => makeStory(row, index, articles));
    for (const article of articles) {
      article.story = stories[article.story];
      article.of = article.of === null ? null : articles[article.of];
    }
    const { all, pairs, review } = makePairs(core, articles);
    const storiesById = new Map(stories.map((story) => [story.id, story]));
    const articlesById = new Map(articles.map((article) => [article.id, article]));
    const ofArticle = new Map();
    for (const pair of all) {
      for (const article of [pair.a, pair.b]) {
        if (!ofArticle.has(article)) ofArticle.set(article, []);
        ofArticle.get(article).push(pair);
      }
    }
    for (const its of ofArticle.values()) its.sort((one, other) => other.probability - one.probability);

    async function body(article) {
      const block = await dedupReport.block(`bodies-${Math.floor(article.index / meta.articlesABlock)}`);
      const [text, cut, sentences = null] = block[article.index % meta.articlesABlock];
      return { text, cut, sentences };
    }

    async function detail(pair) {
      if (!pair?.explained) return null;
      const block = await dedupReport.block(`details-${Math.floor(pair.place / meta.pairsABlock)}`);
      return makeDetail(block[pair.place % meta.pairsABlock], articles);
    }

    return {
      meta,
      articles,
      stories,
      pairs: all,
      review,
      editions: byCount(articles.map((article) => article.edition).filter((name) => name !== null)),
      languages: byCount(articles.map((article) => article.language)),
      story: (id) => storiesById.get(id) ?? null,
      article: (id) => articlesById.get(id) ?? null,
      pair: (a, b) => pairs.get(a.index < b.index ? key(a, b) : key(b, a)) ?? null,
      pairsOf: (article) => ofArticle.get(article) ?? [],
      body,
      detail,
    };
  };
})();
