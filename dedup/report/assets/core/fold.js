'use strict';

/* Text as it is searched: what only looks different is equal. Case, accents and vowel marks, Turkish ı and i, Arabic and
   Persian yeh and kaf, hamza carriers, digits of any script, zero-width joiners. */

dedupReport.fold = (() => {
  const MARKS = /\p{M}+/gu;
  const INVISIBLE = /[\u0640\u200b-\u200f\u202a-\u202e\u2060-\u206f\u00ad\ufeff\u061c]+/gu;
  const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/gu;
  const SPACES = /\s+/gu;

  function fold(text) {
    return text.normalize('NFKD').replace(MARKS, '').replace(INVISIBLE, '').toLowerCase()
      .replace(MARKS, '')
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
