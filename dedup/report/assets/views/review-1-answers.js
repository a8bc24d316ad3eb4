'use strict';

/* What a person said of the pairs that are asked about: answers, undoing, remembering, a file of labels. */

dedupReport.answers = (() => {
  const SAYS = ['same', 'different', 'unsure'];

  const keyOf = (pair) => JSON.stringify([pair.a.id, pair.b.id]);

  /* Of these very questions: two reports do not take each other's answers (FNV-1a, 32 bits, twice). */
  function nameOf(pairs) {
    const text = pairs.map(keyOf).join('');
    const hash = (start) => {
      let value = start;
      for (let place = 0; place < text.length; place += 1) value = Math.imul(value ^ text.charCodeAt(place), 0x01000193) >>> 0;
      return value.toString(16).padStart(8, '0');
    };
    return `dedup-review-${hash(0x811c9dc5)}${hash(0x01234567)}`;
  }

  /* A browser may keep nothing for files: then answers last as long as the page. */
  function recall(name) {
    try {
      const kept = JSON.parse(window.localStorage.getItem(name) ?? '{}');
      return Object.entries(kept).filter(([, says]) => SAYS.includes(says));
    } catch {
      return [];
    }
  }

  function remember(name, answers) {
    try {
      if (answers.size) window.localStorage.setItem(name, JSON.stringify(Object.fromEntries(answers)));
      else window.localStorage.removeItem(name);
      return true;
    } catch {
      return false;
    }
  }

  /* Groups of articles that are the same by what was said. */
  function groups(labels) {
    const root = new Map();
    const find = (one) => {
      let at = one;
      while (root.has(at)) at = root.get(at);
      return at;
    };
    for (const { a, b, same } of labels) {
      const [one, other] = [find(a), find(b)];
      if (same && one !== other) root.set(one, other);
    }
    return find;
  }

  return (pairs) => {
    const name = nameOf(pairs);
    const byKey = new Map(pairs.map((pair) => [keyOf(pair), pair]));
    const said = new Map(recall(name).filter(([key]) => byKey.has(key)));
    const past = [];
    let kept = remember(name, said);

    function put(pair, says) {
      if (says === null) said.delete(keyOf(pair));
      else said.set(keyOf(pair), says);
      kept = remember(name, said);
    }

    function say(pair, says) {
      past.push([pair, said.get(keyOf(pair)) ?? null]);
      put(pair, says);
    }

    /* Takes the last answer back and returns its pair; null where there is none. */
    function undo() {
      if (!past.length) return null;
      const [pair, before] = past.pop();
      put(pair, before);
      return pair;
    }

    const of = (pair) => said.get(keyOf(pair)) ?? null;
    const count = (says) => pairs.filter((pair) => of(pair) === says).length;

    function labels() {
      return pairs.filter((pair) => of(pair) === 'same' || of(pair) === 'different').map((pair) => (
        { a: pair.a.id, b: pair.b.id, same: of(pair) === 'same', probability: pair.probability }));
    }

    /* What 'dedup calibrate --pairs' and 'dedup store correct --labels' read. */
    const file = () => labels().map((label) => `${JSON.stringify(label)}\n`).join('');

    /* Takes the labels of a file that are of these pairs, and returns how many, and how many are of others.
       Throws where a line is no label, and has then taken none. */
    function load(text) {
      const rows = text.split('\n').filter((line) => line.trim()).map((line) => {
        const row = JSON.parse(line);
        if (typeof row?.a !== 'string' || typeof row.b !== 'string' || typeof row.same !== 'boolean') throw new Error('no label');
        return row;
      });
      const found = rows.map(({ a, b, same }) => [byKey.get(JSON.stringify([a, b])) ?? byKey.get(JSON.stringify([b, a])), same])
        .filter(([pair]) => pair);
      for (const [pair, same] of found) say(pair, same ? 'same' : 'different');
      return { taken: found.length, others: rows.length - found.length };
    }

    /* The pairs that were called different though other answers make them the same. */
    function contradictions() {
      const all = labels();
      const find = groups(all);
      return pairs.filter((pair) => of(pair) === 'different' && find(pair.a.id) === find(pair.b.id));
    }

    function nextOpen(from) {
      const order = [...pairs.keys()].map((step) => (from + step) % pairs.length);
      return order.find((place) => of(pairs[place]) === null) ?? null;
    }

    return {
      say, undo, of, count, labels, file, load, contradictions, nextOpen,
      get canUndo() { return past.length > 0; },
      get kept() { return kept; },
      get answered() { return said.size; },
    };
  };
})();
