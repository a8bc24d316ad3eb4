'use strict';

/* Questions to a person: the pairs most in doubt one after the other, answered by keys or mouse, saved as labels. */

(() => {
  const { el, words, isolated } = dedupReport.dom;
  const { format } = dedupReport;
  const WORDS = { same: 'Same story', different: 'Different stories', unsure: 'Unsure' };
  const LETTERS = { same: 's', different: 'd', unsure: 'u' };
  const KEYS_OFF = 'dedup-review-keys';
  const NEEDED = 20;

  let made = null;

  /* Kept while the page is open, so that one can look at a story and come back. */
  function answersOf(data) {
    if (made?.data !== data) made = { data, answers: dedupReport.answers(data.review) };
    return made.answers;
  }

  function nothing(container, data) {
    container.append(el('h1', {}, 'Review'), el('p', { class: 'note' }, data.meta.pairsScored
      ? 'No pair of this run is in doubt: every probability is far from the threshold.'
      : 'No pairs of a run are here, so there is nothing to ask about: there were none, or the stories come from an earlier run.'));
  }

  /* The letter of a key on any keyboard: Latin letters as they are, else by the place of the key. */
  function letterOf(event) {
    if (/^[a-z]$/iu.test(event.key)) return event.key.toLowerCase();
    return /^Key[A-Z]$/u.test(event.code) ? event.code.slice(3).toLowerCase() : null;
  }

  function keysOff() {
    try {
      return window.localStorage.getItem(KEYS_OFF) === '1';
    } catch {
      return false;
    }
  }

  function rememberKeys(on) {
    try {
      window.localStorage.setItem(KEYS_OFF, on ? '0' : '1');
    } catch {
      // lasts as long as the page
    }
  }

  function render(container, data, { query }) {
    const pairs = data.review;
    if (!pairs.length) return nothing(container, data);
    const answers = answersOf(data);
    const asked = Number.parseInt(query.get('at') ?? '', 10);
    let at = asked >= 1 && asked <= pairs.length ? asked - 1 : answers.nextOpen(0) ?? 0;
    let keys = !keysOff();
    let close = null;
    let turn = 0;

    const texts = el('div', { class: 'review-texts' });
    const place = el('p', { class: 'review-place' });
    const buttons = Object.fromEntries(Object.keys(WORDS).map((says) => [says, el('button', {
      type: 'button', class: `answer answer-${says}`, onclick: () => say(says), 'aria-pressed': 'false', 'aria-keyshortcuts': LETTERS[says],
    }, WORDS[says], el('kbd', { 'aria-hidden': 'true' }, LETTERS[says]))]));
    const previous = el('button', { type: 'button', onclick: () => turnTo(at - 1), 'aria-keyshortcuts': 'ArrowLeft' }, '← Previous');
    const next = el('button', { type: 'button', onclick: () => turnTo(at + 1), 'aria-keyshortcuts': 'ArrowRight' }, 'Next →');
    const undo = el('button', { type: 'button', onclick: takeBack, 'aria-keyshortcuts': 'z' }, 'Undo', el('kbd', { 'aria-hidden': 'true' }, 'z'));
    const side = dedupReport.reviewProgress({ data, answers, turnTo, changed: () => draw(), keys, setKeys });

    function setKeys(on) {
      keys = on;
      rememberKeys(on);
      container.classList.toggle('keys-off', !on);
    }

    function say(says) {
      answers.say(pairs[at], says);
      const open = answers.nextOpen(at);
      dedupReport.announce(`${WORDS[says]}. ${progress()}`);
      if (open === null) draw();
      else turnTo(open);
    }

    function takeBack() {
      const pair = answers.undo();
      if (pair) turnTo(pairs.indexOf(pair), 'Taken back. ');
    }

    function progress() {
      return `${format.number(answers.answered)} of ${format.number(pairs.length)} answered`;
    }

    function turnTo(to, before = '') {
      if (to < 0 || to >= pairs.length) return;
      at = to;
      dedupReport.replace('review', [], { at: at + 1 });
      draw();
      if (before) dedupReport.announce(`${before}Pair ${at + 1} of ${pairs.length}`);
      container.scrollIntoView({ block: 'start' });
    }

    async function draw() {
      const mine = ++turn;
      const pair = pairs[at];
      const says = answers.of(pair);
      place.textContent = `Pair ${format.number(at + 1)} of ${format.number(pairs.length)}`;
      for (const [name, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', String(name === says));
      previous.disabled = at === 0;
      next.disabled = at === pairs.length - 1;
      undo.disabled = !answers.canUndo;
      side.draw();
      const then = await dedupReport.reviewPair(texts, pair, data, () => mine === turn);
      if (mine === turn) {
        close?.();
        close = then;
      } else then?.();
    }

    function press(event) {
      if (!keys || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest?.('input, select, textarea, .sentence-linked')) return;
      const letter = letterOf(event);
      const does = {
        s: () => say('same'), d: () => say('different'), u: () => say('unsure'), z: takeBack,
        ArrowLeft: () => turnTo(at - 1), ArrowRight: () => turnTo(at + 1),
      }[letter ?? event.key];
      if (!does || event.repeat) return;
      event.preventDefault();
      does();
    }

    document.addEventListener('keydown', press);
    container.classList.toggle('keys-off', !keys);
    container.append(
      el('div', { class: 'review-main' },
        el('div', { class: 'review-head' }, el('h1', {}, 'Do these two tell the same story?'), place),
        el('div', { class: 'review-answers', role: 'group', 'aria-label': 'Your answer' },
          Object.values(buttons), el('span', { class: 'review-moves' }, previous, next, undo)),
        texts),
      side.element);
    draw();
    return () => {
      turn += 1;
      document.removeEventListener('keydown', press);
      close?.();
    };
  }

  dedupReport.review = { WORDS, NEEDED };
  dedupReport.view({ name: 'review', title: 'Review', order: 40, render });
})();
