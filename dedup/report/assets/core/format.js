'use strict';

/* Languages, times and numbers in words. The page is in English; what it quotes keeps its own language. */

dedupReport.format = (() => {
  const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'ps', 'ur', 'he', 'yi', 'sd', 'ug', 'ckb', 'dv', 'prs', 'arc']);
  const NAMES = { fa: 'Farsi', 'fa-AF': 'Dari', ar: 'Arabic', en: 'English', tr: 'Turkish', und: 'unknown' };
  const RELATIONS = {
    original: 'Original', reprint: 'Reprint', translation: 'Translation', independent: 'Independent', update: 'Update',
  };
  const whole = new Intl.NumberFormat('en-GB');
  const moment = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC',
  });
  const dayOnly = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
  let names = null;

  const direction = (language) => (RIGHT_TO_LEFT.has(language.split('-')[0]) ? 'rtl' : 'ltr');

  function language(tag) {
    if (NAMES[tag]) return NAMES[tag];
    try {
      names ??= new Intl.DisplayNames(['en'], { type: 'language' });
      return names.of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  const time = (milliseconds) => (milliseconds === null ? 'no time' : `${moment.format(milliseconds)} UTC`);
  const day = (milliseconds) => (milliseconds === null ? 'no time' : dayOnly.format(milliseconds));

  /* From and to; within a day the day is said once. */
  function span(first, last) {
    if (first === null) return 'no time';
    if (first === last) return time(first);
    if (day(first) === day(last)) return `${day(first)}, ${clock.format(first)}–${clock.format(last)} UTC`;
    return `${day(first)} – ${day(last)}`;
  }

  /* Two decimals, but never 1.00 or 0.00 for what is not sure. */
  function probability(value) {
    if (value === null) return '–';
    if (value < 1 && value > 0.995) return '>0.99';
    if (value > 0 && value < 0.005) return '<0.01';
    return value.toFixed(2);
  }

  const number = (value) => whole.format(value);
  const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;
  const relation = (name) => RELATIONS[name] ?? 'Unknown';
  const signed = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;

  return { direction, language, time, day, span, probability, number, count, relation, signed };
})();
