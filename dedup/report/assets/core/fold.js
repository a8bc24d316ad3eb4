'use strict';

/* Text as it is searched: what only looks different is equal. Case, accents and vowel marks, Turkish ı and i, Arabic and
   Persian yeh and kaf, hamza carriers, digits of any script, zero-width joiners. */

dedupReport.fold = (() => {
  // Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters, tatweel, what has no width. Spelt out: a class of Unicode
  // takes ten times as long, and in scripts of India marks are vowels.
  const UNSEEN = /[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u00ad\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+/g;
  const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g;
  const SPACES = /\s{2,}|[^\S ]/g;

  function fold(text) {
    return text.normalize('NFKD').replace(UNSEEN, '').toLowerCase()
      .replaceAll('ı', 'i')
      .replaceAll('ي', 'ی').replaceAll('ى', 'ی').replaceAll('ك', 'ک').replaceAll('ە', 'ه').replaceAll('ة', 'ه')
      .replaceAll('’', "'")
      .replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf))
      .replace(SPACES, ' ');
  }

  /* The folded text, and for each of its units the place in `text` where its character starts and ends. */
  function withPlaces(text) {
    let folded = '';
    const starts = [];
    const ends = [];
    let place = 0;
    for (const character of text) {
      const piece = /\s/u.test(character) && folded.endsWith(' ') ? '' : fold(character);
      folded += piece;
      for (let unit = 0; unit < piece.length; unit += 1) {
        starts.push(place);
        ends.push(place + character.length);
      }
      place += character.length;
      // a mark belongs to the letter before it
      if (!piece && ends.length) ends[ends.length - 1] = place;
    }
    return { folded, starts, ends };
  }

  /* What is asked for: words, and phrases in quotation marks. */
  function terms(query) {
    return [...query.matchAll(/"([^"]+)"|\S+/gu)].map((match) => fold(match[1] ?? match[0]).trim()).filter(Boolean);
  }

  const isWord = (character) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

  /* Where the folded needles stand in text: [[start, end]], in order, none in another. whole: as whole words only. */
  function find(text, needles, { whole = false } = {}) {
    const { folded, starts, ends } = withPlaces(text);
    const found = [];
    for (const needle of needles) {
      for (let at = folded.indexOf(needle); needle && at >= 0; at = folded.indexOf(needle, at + needle.length)) {
        const end = at + needle.length;
        if (whole && (isWord(folded[at - 1]) || isWord(folded[end]))) continue;
        found.push([starts[at], ends[end - 1]]);
      }
    }
    found.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
    return found.filter((range, place) => place === 0 || !found.slice(0, place).some((before) => range[0] < before[1]));
  }

  return Object.assign(fold, { terms, find });
})();
