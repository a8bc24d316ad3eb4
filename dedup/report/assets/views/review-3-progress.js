'use strict';

/* Beside the question: how far one is, what was answered, and the file of labels. */

dedupReport.reviewProgress = (() => {
  const { el, words } = dedupReport.dom;
  const { format } = dedupReport;
  const FILE = 'labels.jsonl';

  function save(text) {
    const address = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
    const link = el('a', { href: address, download: FILE });
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  function answeredRow(pair, place, { answers, turnTo }) {
    return el('li', {},
      el('button', { type: 'button', class: 'review-again', onclick: () => turnTo(place) },
        el('span', { class: `answer-mark answer-mark-${answers.of(pair)}` }, dedupReport.review.WORDS[answers.of(pair)]),
        [pair.a, pair.b].map((article) => el('span', { class: 'review-title', ...dedupReport.dom.direction(article.language) },
          words(article.title, article.language)))));
  }

  function warnings(answers, pairs, turnTo) {
    const against = answers.contradictions();
    if (!against.length) return '';
    return el('div', { class: 'note review-warning', role: 'status' },
      'Called different, and yet the same by way of other answers: ',
      against.map((pair, number) => [number ? ', ' : '', el('button', { type: 'button', onclick: () => turnTo(pairs.indexOf(pair)) },
        `pair ${format.number(pairs.indexOf(pair) + 1)}`)]),
      '.');
  }

  function enough(same, different) {
    const { NEEDED } = dedupReport.review;
    if (same >= NEEDED && different >= NEEDED) return 'Enough for ‘dedup calibrate’; more is better.';
    return `‘dedup calibrate’ needs ${NEEDED} of either kind, of one report or of several; ‘dedup store correct’ takes any number.`;
  }

  return ({ data, answers, turnTo, changed, keys, setKeys }) => {
    const pairs = data.review;
    const bar = el('progress', { max: pairs.length, value: 0, 'aria-label': 'Pairs answered' });
    const told = el('p', { class: 'review-told' });
    const hint = el('p', { class: 'muted small' });
    const warning = el('div', {});
    const list = el('details', { class: 'review-list' });
    const saving = el('button', { type: 'button', class: 'primary', onclick: () => save(answers.file()) }, 'Save labels');
    const status = el('p', { class: 'muted small', role: 'status' });
    const input = el('input', { type: 'file', id: 'review-load', accept: '.jsonl,.ndjson', class: 'visually-hidden', onchange: load });
    const memory = el('p', { class: 'muted small' });

    async function load() {
      const [file] = input.files;
      input.value = '';
      if (!file) return;
      try {
        const { taken, others } = answers.load(await file.text());
        status.textContent = `${format.count(taken, 'label')} taken${others ? `, ${format.number(others)} of other pairs left out` : ''}.`;
      } catch {
        status.textContent = 'That is no file of labels as ‘Save labels’ makes it.';
      }
      changed();
    }

    function draw() {
      const [same, different, unsure] = ['same', 'different', 'unsure'].map((says) => answers.count(says));
      bar.value = answers.answered;
      told.replaceChildren(el('b', {}, `${format.number(answers.answered)} of ${format.number(pairs.length)}`), ' answered: ',
        `${format.number(same)} same, ${format.number(different)} different, ${format.number(unsure)} unsure`);
      hint.textContent = `${answers.answered === pairs.length ? 'All pairs are answered. ' : ''}${enough(same, different)}`;
      saving.disabled = same + different === 0;
      memory.textContent = answers.kept
        ? 'Answers are kept in this browser.'
        : 'This browser keeps nothing for a file: save the labels before you close the page, and load them again to go on.';
      warning.replaceChildren(warnings(answers, pairs, turnTo));
      const answered = pairs.map((pair, place) => [pair, place]).filter(([pair]) => answers.of(pair) !== null);
      const { open } = list;
      list.replaceChildren(el('summary', {}, `Your answers (${format.number(answered.length)})`),
        el('ol', {}, answered.map(([pair, place]) => answeredRow(pair, place, { answers, turnTo }))));
      list.open = open;
      list.hidden = answered.length === 0;
    }

    const element = el('aside', { class: 'review-side card', 'aria-label': 'Progress and labels' },
      bar, told, warning,
      el('div', { class: 'review-files' }, saving,
        el('label', { for: 'review-load', class: 'button' }, 'Load labels'), input),
      status, hint, memory, list,
      el('details', { class: 'review-help' }, el('summary', {}, 'Keys, and what labels are for'),
        el('p', { class: 'small' }, el('kbd', {}, 's'), ' same, ', el('kbd', {}, 'd'), ' different, ', el('kbd', {}, 'u'), ' unsure, ',
          el('kbd', {}, 'z'), ' undo, ', el('kbd', {}, '←'), ' ', el('kbd', {}, '→'), ' to the pair before and after.'),
        el('label', { class: 'check' }, el('input', {
          type: 'checkbox', checked: keys, onchange: (event) => setKeys(event.target.checked),
        }), 'Answer by keys'),
        el('p', { class: 'small' }, 'With the articles, a better calibration: ', el('code', {}, `dedup calibrate news/ --pairs ${FILE}`)),
        el('p', { class: 'small' }, 'Into a store, for good: ', el('code', {}, `dedup store correct news.store --labels ${FILE}`))));
    return { element, draw };
  };
})();
