'use strict';

/* How a story spread: its articles over time, and which of them come from which. */

dedupReport.spread = (() => {
  const { el, svg, words } = dedupReport.dom;
  const { format } = dedupReport;
  const ROW = 34;
  const AXIS = 26;
  const EDGE = 14;
  const MOST = 60;
  const RELATIONS = ['original', 'translation', 'reprint', 'independent', 'update'];

  /* A shape for each relation, so that colour is not all that tells them apart. */
  function shape(relation, x, y) {
    const attributes = { class: `node node-${relation ?? 'unknown'}` };
    const polygon = (...points) => svg('polygon', { ...attributes, points: points.map(([dx, dy]) => `${x + dx},${y + dy}`).join(' ') });
    switch (relation) {
      case 'original': return svg('circle', { ...attributes, cx: x, cy: y, r: 7 });
      case 'translation': return svg('circle', { ...attributes, cx: x, cy: y, r: 5.5 });
      case 'reprint': return svg('rect', { ...attributes, x: x - 5, y: y - 5, width: 10, height: 10 });
      case 'update': return polygon([0, -7], [7, 5], [-7, 5]);
      case 'independent': return polygon([0, -7], [7, 0], [0, 7], [-7, 0]);
      default: return svg('circle', { ...attributes, cx: x, cy: y, r: 4 });
    }
  }

  function scale(articles, width) {
    const times = articles.map((article) => article.time).filter((time) => time !== null);
    const undated = times.length < articles.length;
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const left = EDGE + (undated && times.length ? 52 : 0);
    const right = width - EDGE;
    const x = (time) => {
      if (time === null || !times.length) return EDGE;
      return first === last ? (left + right) / 2 : left + (time - first) / (last - first) * (right - left);
    };
    return { x, first, last, left, right, undated, dated: times.length > 0 };
  }

  function axis({ x, first, last, undated, dated }, width, bottom) {
    const parts = [];
    if (dated) {
      const steps = first === last ? [first] : ticks(first, last, Math.max(2, Math.floor(width / 110)));
      for (const { at, words: its } of steps.map((at) => ({ at, words: tickWords(at, first, last, at === steps[0]) }))) {
        const place = x(at);
        const anchor = place > width - 45 ? 'end' : place < 40 ? 'start' : 'middle';
        parts.push(svg('line', { class: 'grid', x1: place, x2: place, y1: 0, y2: bottom }),
          svg('text', { class: 'tick', x: anchor === 'end' ? width : anchor === 'start' ? Math.max(0, place - EDGE) : place, y: bottom + 18, 'text-anchor': anchor }, its));
      }
    }
    if (undated) parts.push(svg('text', { class: 'tick', x: 0, y: bottom + 18 }, 'no time'));
    return parts;
  }

  function tickWords(at, first, last, named) {
    const DAY = 86_400_000;
    const time = new Date(at);
    const day = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
    const hour = time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
    if (last - first > 4 * DAY) return day;
    return named || at % DAY === 0 ? `${day} ${hour}` : hour;
  }

  function ticks(first, last, most) {
    const HOUR = 3_600_000;
    const steps = [HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR, 720 * HOUR, 8760 * HOUR];
    const step = steps.find((one) => (last - first) / one <= most) ?? (last - first);
    const at = [];
    for (let time = Math.ceil(first / step) * step; time <= last; time += step) at.push(time);
    return at.length ? at : [first];
  }

  function edges(articles, place, at) {
    return articles.filter((article) => article.of && place.has(article.of)).map((article) => {
      const [x0, y0] = at(article.of);
      const [x1, y1] = at(article);
      const bend = Math.min(x0, x1) - 18;
      const d = Math.abs(x1 - x0) < 30
        ? `M${x0} ${y0} C${bend} ${y0} ${bend} ${y1} ${x1} ${y1}`
        : `M${x0} ${y0} C${x0} ${(y0 + y1) / 2} ${x0} ${y1} ${x1} ${y1}`;
      return svg('path', { class: `edge edge-${article.relation}`, d });
    });
  }

  function legend(articles) {
    const there = RELATIONS.filter((relation) => articles.some((article) => article.relation === relation));
    return el('ul', { class: 'spread-legend small' }, there.map((relation) => el('li', {},
      svg('svg', { width: 18, height: 18, 'aria-hidden': 'true' }, shape(relation, 9, 9)),
      format.relation(relation).toLowerCase())));
  }

  return (story, choose) => {
    const articles = story.articles.slice(0, MOST);
    const place = new Map(articles.map((article, row) => [article, row]));
    const drawing = el('div', { class: 'spread-drawing' });
    const labels = el('ol', { class: 'spread-labels' }, articles.map((article) => el('li', {},
      el('button', { type: 'button', class: 'spread-label', onclick: () => choose(article), title: dedupReport.dom.plain(article.title) },
        el('span', { class: 'spread-language' }, article.language === 'und' ? '?' : article.language),
        el('span', { class: 'spread-edition', dir: 'auto' }, words(article.edition ?? article.id)),
        el('span', { class: 'visually-hidden' }, `, ${said(article)}. Show side by side.`)))));

    function said(article) {
      const of = article.of ? ` of ${dedupReport.dom.plain(article.of.edition ?? article.of.id)}` : '';
      return `${article.relation ?? 'relation unknown'}${of}, ${format.time(article.time)}`;
    }

    function draw() {
      const width = Math.max(140, Math.floor(drawing.clientWidth));
      const bottom = articles.length * ROW;
      const its = scale(articles, width);
      const at = (article) => [its.x(article.time), place.get(article) * ROW + ROW / 2];
      drawing.replaceChildren(svg('svg', {
        width, height: bottom + AXIS, viewBox: `0 0 ${width} ${bottom + AXIS}`, role: 'img',
        'aria-label': `The ${articles.length} articles over time, with lines from originals to what comes from them; the list beside it says the same`,
      },
      articles.map((_, row) => svg('line', { class: 'grid', x1: 0, x2: width, y1: row * ROW + ROW / 2, y2: row * ROW + ROW / 2 })),
      axis(its, width, bottom),
      edges(articles, place, at),
      articles.map((article) => svg('g', {}, svg('title', {}, `${dedupReport.dom.plain(article.edition ?? article.id)}: ${said(article)}`),
        shape(article.relation, ...at(article))))));
    }

    const observer = new ResizeObserver(draw);
    observer.observe(drawing);
    return {
      element: el('section', { class: 'spread card', 'aria-labelledby': 'spread-title' },
        el('h2', { id: 'spread-title' }, 'How it spread'),
        el('div', { class: 'spread-rows' }, labels, drawing),
        legend(articles),
        story.articles.length > MOST ? el('p', { class: 'muted small' },
          `The first ${MOST} of ${format.number(story.articles.length)} articles are drawn.`) : null),
      draw,
      close: () => observer.disconnect(),
    };
  };
})();
