'use strict';

/* The run in figures: how large stories are, languages, how sure articles are, articles over time. */

(() => {
  const { el } = dedupReport.dom;
  const { format } = dedupReport;
  const HOUR = 3_600_000;
  const DAY = 24 * HOUR;
  const MOST_BARS = 60;
  const EDITIONS = 12;

  function tally(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  }

  function sizes(data) {
    const bounds = [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 7], [8, 10], [11, 20], [21, 50], [51, Infinity]];
    const bars = bounds.map(([least, most]) => {
      const label = least === most ? `${least}` : most === Infinity ? `${least}+` : `${least}–${most}`;
      const value = data.stories.filter((story) => story.articles.length >= least && story.articles.length <= most).length;
      return { label, value, title: label === '1' ? '1 article' : `${label} articles` };
    });
    while (bars.length > 1 && !bars.at(-1).value) bars.pop();
    return { title: 'Sizes of stories', about: 'Stories by their number of articles.', unit: 'Articles in the story', counted: 'Stories', bars };
  }

  function languages(data) {
    const counts = tally(data.articles.map((article) => article.language));
    return {
      title: 'Languages',
      about: `Articles by language; ${format.number(data.stories.filter((story) => story.languages.length > 1).length)} stories have several.`,
      unit: 'Language',
      counted: 'Articles',
      bars: data.languages.map((tag) => ({
        label: data.languages.length > 8 ? tag : format.language(tag),
        title: format.language(tag),
        value: counts.get(tag),
        link: dedupReport.href('stories', [], { lang: tag }),
      })),
    };
  }

  function probabilities(data) {
    const bins = new Array(10).fill(0);
    for (const article of data.articles) {
      if (article.story.articles.length > 1) bins[Math.min(9, Math.floor(article.probability * 10))] += 1;
    }
    return {
      title: 'How sure',
      about: 'Articles of stories with several, by the probability that they belong there. What stands to the left is where to look first.',
      unit: 'Probability',
      counted: 'Articles',
      bars: bins.map((value, place) => ({
        label: `.${place}`, title: `${(place / 10).toFixed(1)} to ${((place + 1) / 10).toFixed(1)}`, value,
      })),
    };
  }

  function overTime(data) {
    const times = data.articles.map((article) => article.time).filter((time) => time !== null);
    const undated = data.articles.length - times.length;
    const chart = {
      title: 'Articles over time', unit: 'From (UTC)', counted: 'Articles', bars: [], about: 'No article has a time.',
    };
    if (!times.length) return chart;
    let [first, last] = [Infinity, -Infinity];
    for (const time of times) {
      first = Math.min(first, time);
      last = Math.max(last, time);
    }
    const choices = [[HOUR, 'hour'], [3 * HOUR, 'three hours'], [6 * HOUR, 'six hours'], [DAY, 'day'], [7 * DAY, 'week'], [30 * DAY, '30 days'], [365 * DAY, '365 days']];
    const [width, words] = choices.find(([one]) => (last - first) / one < MOST_BARS - 1) ?? [Math.ceil((last - first) / MOST_BARS), 'part'];
    const start = Math.floor(first / width);
    const bins = new Array(Math.floor(last / width) - start + 1).fill(0);
    for (const time of times) bins[Math.floor(time / width) - start] += 1;
    return {
      ...chart,
      about: `Articles of each ${words}, from ${format.day(first)} to ${format.day(last)}${undated ? `; ${format.number(undated)} have no time` : ''}.`,
      bars: bins.map((value, place) => ({ ...moment((place + start) * width, width), value })),
    };
  }

  function moment(time, width) {
    const long = format.day(time);
    const short = long.replace(/ \d{4}$/u, '');
    if (width >= DAY) return { label: width > 60 * DAY ? long : short, title: long };
    return { label: new Date(time).getUTCHours() === 0 ? short : format.time(time).slice(-9, -4), title: format.time(time) };
  }

  function editions(data) {
    const counts = tally(data.articles.map((article) => article.edition).filter(Boolean));
    const most = counts.get(data.editions[0]);
    const row = (name) => {
      const bar = el('span', { class: 'edition-bar' });
      bar.style.setProperty('inline-size', `${(100 * counts.get(name) / most).toFixed(1)}%`);
      return el('tr', {},
        el('th', { scope: 'row' }, el('a', { href: dedupReport.href('stories', [], { edition: name }) }, dedupReport.dom.words(name))),
        el('td', { class: 'edition-track', 'aria-hidden': 'true' }, bar),
        el('td', {}, format.number(counts.get(name))));
    };
    const rest = data.editions.length - EDITIONS;
    return el('figure', { class: 'card chart' },
      el('figcaption', {}, el('h2', {}, 'Editions and outlets'),
        el('p', { class: 'muted small' }, rest > 0 ? `The ${EDITIONS} with most articles, of ${format.number(data.editions.length)}.` : 'By their number of articles.')),
      el('table', { class: 'editions' },
        el('thead', { class: 'visually-hidden' }, el('tr', {},
          el('th', { scope: 'col' }, 'Edition'), el('td', {}), el('th', { scope: 'col' }, 'Articles'))),
        el('tbody', {}, data.editions.slice(0, EDITIONS).map(row))));
  }

  function figures(data) {
    const several = data.stories.filter((story) => story.articles.length > 1).length;
    const facts = [
      ['Articles', data.articles.length], ['Stories', data.stories.length], ['with several articles', several],
      ['Articles repeating a story', data.articles.length - data.stories.length],
      ['Pairs that the run kept', data.meta.pairsScored],
    ].filter(([, value]) => value);
    return el('dl', { class: 'card figures' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, format.number(value)))));
  }

  // What the run judged with less than all there is, as sentences.
  function judged({ counts, manifest }) {
    const told = (name, one, many) => counts[name] ? [el('li', {}, `${format.count(counts[name], one, many)}.`)] : [];
    return [
      ...told('rejected', 'row was no article and was rejected', 'rows were no articles and were rejected'),
      ...told('cut', `article has more than the ${manifest.setting.max_sentences} sentences that are read`,
        `articles have more than the ${manifest.setting.max_sentences} sentences that are read`),
      ...told('undated', 'article has no time, and is judged with less', 'articles have no time, and are judged with less'),
      ...told('unknown_language', 'article is in a language that could not be told', 'articles are in a language that could not be told'),
      ...told('uncalibrated', 'article is in a language without a calibration', 'articles are in languages without a calibration'),
    ];
  }

  function notes(data) {
    const { meta } = data;
    const explained = data.pairs.filter((pair) => pair.explained).length;
    const scored = data.pairs.filter((pair) => pair.scored).length;
    return el('section', { class: 'notes' },
      el('h2', {}, 'What this report holds'),
      el('ul', {},
        el('li', {}, `Stories as dedup ${meta.version} found them at a threshold of ${meta.threshold}; articles more than ${meta.windowDays} days apart were not compared.`),
        el('li', {}, meta.bodiesCut
          ? `Texts have at most ${format.number(meta.bodyBound)} characters: ${format.number(meta.bodiesCut)} were cut, and show how much is left out. A search does not find what was cut off.`
          : 'All texts are whole.'),
        el('li', {}, scored < meta.pairsScored
          ? `Of ${format.number(meta.pairsScored)} pairs ${format.number(scored)} are here: those of nearest articles and those in the greatest doubt.`
          : scored ? `All ${format.number(scored)} pairs that the run kept are here.`
            : 'No pairs of a run are here: there were none, or the stories come from an earlier run.'),
        el('li', {}, `${format.count(explained, 'pair has its', 'pairs have their')} sentences side by side, with what both share. Of other pairs, dedup explain A B says the same.`),
        judged(meta)),
      el('details', {}, el('summary', {}, 'The run: versions, settings, model, inputs, counts'),
        el('pre', { class: 'manifest', tabindex: '0', dir: 'ltr' }, JSON.stringify(meta.manifest, null, 1))));
  }

  dedupReport.view({
    name: 'charts',
    title: 'Charts',
    order: 20,
    render(container, data) {
      const charts = [overTime, sizes, languages, probabilities].map((make) => dedupReport.plot.chart(make(data)));
      container.append(el('h1', {}, 'The run in figures'), figures(data),
        el('div', { class: 'chart-grid' }, charts.map((chart) => chart.element), data.editions.length ? editions(data) : null),
        notes(data));
      return () => charts.forEach((chart) => chart.close());
    },
  });
})();
