'use strict';

/* What two texts share and where they differ, found again in a sentence as it was published. */

dedupReport.facts = (() => {
  const GROUP = {
    name: 'name', place: 'place', number: 'number', figure: 'number', ordinal: 'number', date: 'date', weekday: 'date', month: 'date', clock: 'date',
    'day part': 'date',
  };
  const WORDS = {
    name: 'name', place: 'place', number: 'number', figure: 'figure', ordinal: 'ordinal', date: 'date', weekday: 'weekday', month: 'month',
    clock: 'time of day', 'day part': 'part of the day',
  };
  // Of several things that stand at one place the first of these is shown.
  const RANK = ['figure', 'ordinal', 'place', 'name', 'date', 'weekday', 'month', 'clock', 'day part', 'number'];

  /* All items of a detail, in the order in which their marks win. */
  function items(detail) {
    const all = [
      ...detail.conflicting.map((item) => ({ ...item, conflict: true })),
      ...detail.shared.map((item) => ({ ...item, conflict: false })),
    ];
    const rank = (item) => (item.conflict ? 0 : 100) + RANK.indexOf(item.kind);
    return all.sort((one, other) => rank(one) - rank(other)).map((item, number) => ({ ...item, number }));
  }

  /* Where items stand in a sentence: [{start, end, item}], in order, none in another. side: 'a' or 'b'. */
  function ranges(text, sentence, side, all) {
    const found = [];
    for (const item of all) {
      for (const mention of item[side]) {
        if (mention.sentence !== sentence) continue;
        for (const [start, end] of stands(text, mention.text)) {
          if (found.every((other) => end <= other.start || start >= other.end)) found.push({ start, end, item });
        }
      }
    }
    return found.sort((one, other) => one.start - other.start);
  }

  function stands(text, mention) {
    const needle = [dedupReport.fold(mention).trim()];
    const whole = dedupReport.fold.find(text, needle, { whole: true });
    return whole.length ? whole : dedupReport.fold.find(text, needle);
  }

  const title = (item) => `${item.conflict ? 'In conflict' : 'Shared'}: ${WORDS[item.kind] ?? item.kind}`;

  /* In Arabic script, which has no capitals, any rare word counts as a name. */
  function kindWords(item, languages) {
    const arabic = Object.values(languages).every((tag) => dedupReport.format.direction(tag) === 'rtl');
    return item.kind === 'name' && arabic ? 'word' : WORDS[item.kind] ?? item.kind;
  }

  return { items, ranges, title, group: (item) => GROUP[item.kind] ?? 'name', words: kindWords };
})();
