'use strict';

/* Small charts: bars of numbers as an SVG that fits its place, and the same as a table. */

dedupReport.plot = (() => {
  const { el, svg } = dedupReport.dom;
  const { number } = dedupReport.format;
  const HEIGHT = 190;
  const TOP = 22;
  const BOTTOM = 26;
  const LEFT = 44;
  const LETTER = 6.4;

  /* Three or so round numbers from 0 to the greatest. */
  function steps(most) {
    const rough = Math.max(1, most) / 3;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough));
    const all = [];
    for (let at = 0; at <= most || all.length < 2; at += step) all.push(at);
    return all;
  }

  /* bars: [{label, value, title}]; drawn from left to right, as many labels as there is room for. */
  function draw(bars, width) {
    const most = Math.max(...bars.map((bar) => bar.value), 1);
    const inner = Math.max(10, width - LEFT - 4);
    const y = (value) => HEIGHT - BOTTOM - value / Math.max(most, steps(most).at(-1)) * (HEIGHT - TOP - BOTTOM);
    const slot = inner / bars.length;
    const thick = Math.max(1, Math.min(56, slot * 0.78));
    const middle = (place) => LEFT + slot * (place + 0.5);
    const longest = Math.max(...bars.map((bar) => bar.label.length));
    const every = Math.max(1, Math.ceil((longest + 1.5) * LETTER / slot));
    const numbers = slot > 26;
    return [
      steps(most).map((value) => [
        svg('line', { class: 'grid', x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
        svg('text', { class: 'tick', x: LEFT - 8, y: y(value) + 4, 'text-anchor': 'end' }, number(value))]),
      bars.map((bar, place) => svg('g', {},
        svg('title', {}, `${bar.title ?? bar.label}: ${number(bar.value)}`),
        // the whole column answers to the pointer, however low its bar
        svg('rect', { class: 'bar-ground', x: LEFT + slot * place, y: TOP, width: slot, height: HEIGHT - TOP - BOTTOM }),
        svg('rect', { class: 'bar', x: middle(place) - thick / 2, y: y(bar.value), width: thick, height: Math.max(0, y(0) - y(bar.value)), rx: Math.min(3, thick / 4) }),
        numbers && bar.value ? svg('text', { class: 'bar-number', x: middle(place), y: y(bar.value) - 5, 'text-anchor': 'middle' }, number(bar.value)) : null,
        place % every === 0 ? svg('text', { class: 'tick', x: middle(place), y: HEIGHT - 7, 'text-anchor': 'middle' }, bar.label) : null)),
    ];
  }

  /* {element, close}: a figure with its title, the chart, and the table behind a disclosure. */
  function chart({ title, about, bars, unit, counted }) {
    const place = el('div', { class: 'plot' });
    const redraw = () => {
      const width = Math.max(200, Math.floor(place.clientWidth));
      place.replaceChildren(svg('svg', {
        width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': `${title}; the table below has the numbers`,
      }, draw(bars, width)));
    };
    const observer = new ResizeObserver(redraw);
    observer.observe(place);
    const element = el('figure', { class: 'card chart' },
      el('figcaption', {}, el('h2', {}, title), el('p', { class: 'muted small' }, about)),
      bars.length ? place : el('p', { class: 'muted' }, 'Nothing to draw.'),
      table({ title, bars, unit, counted }));
    return { element, close: () => observer.disconnect() };
  }

  function table({ title, bars, unit, counted }) {
    return el('details', {},
      el('summary', {}, 'As a table'),
      el('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': `${title}, as a table` },
        el('table', { class: 'numbers' },
          el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, unit), el('th', { scope: 'col' }, counted))),
          el('tbody', {}, bars.map((bar) => el('tr', {},
            el('th', { scope: 'row' }, bar.link ? el('a', { href: bar.link }, el('bdi', {}, bar.title ?? bar.label)) : el('bdi', {}, bar.title ?? bar.label)),
            el('td', {}, number(bar.value))))))));
  }

  return { chart };
})();
