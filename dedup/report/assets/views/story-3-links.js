'use strict';

/* Sentences of two texts that say one thing: lit together, by mouse, touch and keyboard, with lines between them. */

dedupReport.links = (() => {
  const { el, svg, words } = dedupReport.dom;
  const { format } = dedupReport;

  /* Of each sentence of either side the sentences of the other, the nearest first. */
  function counterparts(aligned) {
    const of = { a: new Map(), b: new Map() };
    for (const one of aligned) {
      for (const [side, other] of [['a', 'b'], ['b', 'a']]) {
        if (!of[side].has(one[side])) of[side].set(one[side], []);
        of[side].get(one[side]).push({ number: one[other], similarity: one.similarity });
      }
    }
    for (const side of ['a', 'b']) for (const list of of[side].values()) list.sort((one, other) => other.similarity - one.similarity);
    return of;
  }

  /* panes: {a, b}, elements with sentences in them; gutter: the element between; strip: what a phone shows instead. */
  function connect({ panes, gutter, strip, aligned, languages }) {
    const of = counterparts(aligned);
    const other = { a: 'b', b: 'a' };
    let held = null;
    let lit = null;

    const element = (side, number) => panes[side].querySelector(`.sentence-linked[data-sentence="${number}"]`);
    const sideOf = (sentence) => (panes.a.contains(sentence) ? 'a' : 'b');

    function light(now) {
      if (lit && now && lit.side === now.side && lit.number === now.number) return;
      lit = now;
      for (const one of document.querySelectorAll('.sentence-lit')) one.classList.remove('sentence-lit');
      for (const one of gutter.querySelectorAll('.link-lit')) one.classList.remove('link-lit');
      strip.replaceChildren();
      if (!now) return;
      element(now.side, now.number)?.classList.add('sentence-lit');
      const found = of[now.side].get(now.number) ?? [];
      for (const { number } of found) {
        element(other[now.side], number)?.classList.add('sentence-lit');
        const [a, b] = now.side === 'a' ? [now.number, number] : [number, now.number];
        gutter.querySelector(`[data-link="${a}-${b}"]`)?.classList.add('link-lit');
      }
      const counterpart = found.length ? element(other[now.side], found[0].number) : null;
      if (counterpart) {
        strip.append(el('span', { class: 'muted small' }, `The other says (${format.probability(found[0].similarity)} alike): `),
          words(counterpart.textContent, languages[other[now.side]]));
      }
    }

    function hold(sentence) {
      const now = { side: sideOf(sentence), number: Number(sentence.dataset.sentence) };
      const same = held && held.side === now.side && held.number === now.number;
      held = same ? null : now;
      for (const one of document.querySelectorAll('.sentence-linked[aria-pressed="true"]')) one.setAttribute('aria-pressed', 'false');
      if (held) sentence.setAttribute('aria-pressed', 'true');
      light(now);
      if (held) {
        const [first] = of[now.side].get(now.number);
        element(other[now.side], first.number)?.scrollIntoView({ block: 'nearest' });
      }
    }

    function letGo() {
      held = null;
      for (const one of document.querySelectorAll('.sentence-linked[aria-pressed="true"]')) one.setAttribute('aria-pressed', 'false');
      light(null);
    }

    function move(to) {
      if (!to) return;
      for (const one of panes[sideOf(to)].querySelectorAll('.sentence-linked')) one.tabIndex = one === to ? 0 : -1;
      to.focus();
    }

    function press(event) {
      const here = event.target.closest?.('.sentence-linked');
      if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
      const side = sideOf(here);
      const all = [...panes[side].querySelectorAll('.sentence-linked')];
      const place = all.indexOf(here);
      const [nearest] = of[side].get(Number(here.dataset.sentence)) ?? [];
      const across = () => move(nearest ? element(other[side], nearest.number) : null);
      const does = {
        ArrowDown: () => move(all[place + 1]),
        ArrowUp: () => move(all[place - 1]),
        Home: () => move(all[0]),
        End: () => move(all.at(-1)),
        ArrowLeft: () => (side === 'b' ? across() : null),
        ArrowRight: () => (side === 'a' ? across() : null),
        Enter: () => hold(here),
        ' ': () => hold(here),
        Escape: letGo,
      }[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    }

    for (const side of ['a', 'b']) {
      const pane = panes[side];
      const first = pane.querySelector('.sentence-linked');
      if (first) first.tabIndex = 0;
      pane.addEventListener('mouseover', (event) => {
        const sentence = event.target.closest('.sentence-linked');
        if (!held) light(sentence && { side, number: Number(sentence.dataset.sentence) });
      });
      pane.addEventListener('mouseleave', () => light(held));
      pane.addEventListener('focusin', (event) => {
        const sentence = event.target.closest('.sentence-linked');
        if (!sentence) return;
        const number = Number(sentence.dataset.sentence);
        light({ side, number });
        const [nearest] = of[side].get(number);
        dedupReport.announce(`${format.probability(nearest.similarity)} alike: sentence ${nearest.number + 1} of the other text`);
      });
      pane.addEventListener('focusout', (event) => {
        if (!panes.a.contains(event.relatedTarget) && !panes.b.contains(event.relatedTarget)) light(held);
      });
      pane.addEventListener('click', (event) => {
        const sentence = event.target.closest('.sentence-linked');
        if (sentence) hold(sentence);
      });
      pane.addEventListener('keydown', press);
    }
    strip.addEventListener('click', letGo);

    function draw() {
      const box = gutter.getBoundingClientRect();
      if (!box.width || !box.height) {
        gutter.replaceChildren();
        return;
      }
      const middle = (sentence) => {
        const its = sentence.getBoundingClientRect();
        return its.top + its.height / 2 - box.top;
      };
      const paths = aligned.map(({ a, b, similarity }) => {
        const [left, right] = [element('a', a), element('b', b)];
        if (!left || !right) return null;
        const [from, to] = [middle(left), middle(right)];
        return svg('path', {
          d: `M0 ${from} C${box.width / 2} ${from} ${box.width / 2} ${to} ${box.width} ${to}`,
          class: 'link',
          'data-link': `${a}-${b}`,
          'stroke-width': (0.75 + 2.5 * similarity).toFixed(2),
        });
      });
      gutter.replaceChildren(svg('svg', { width: box.width, height: box.height, 'aria-hidden': 'true', focusable: 'false' }, paths));
      const now = lit;
      lit = null;
      light(now);
    }

    const observer = new ResizeObserver(draw);
    observer.observe(gutter.parentElement);
    draw();
    return () => observer.disconnect();
  }

  return { connect };
})();
