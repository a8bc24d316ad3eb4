'use strict';

/* Elements, and words of strangers made harmless. */

dedupReport.dom = (() => {
  const SVG = 'http://www.w3.org/2000/svg';
  // Controls of direction, and what else has no width: shown as marks, so that they do nothing and hide nothing.
  const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? '' : String(value));
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  /* el('a', {href: '#x', class: 'y', onclick: f}, 'text', element, [more]): null and false are left out. */
  function el(tag, attributes, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function svg(tag, attributes, ...children) {
    return fill(document.createElementNS(SVG, tag), attributes, children);
  }

  function control(character) {
    const code = character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    return el('span', { class: 'control-mark', title: `control character U+${code}` }, `U+${code}`);
  }

  /* Text with its controls as visible marks: a list for el. */
  function visible(text) {
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(CONTROL)) {
      if (match.index > end) parts.push(text.slice(end, match.index));
      parts.push(control(match[0]));
      end = match.index + match[0].length;
    }
    if (end < text.length) parts.push(text.slice(end));
    return parts;
  }

  /* For places that hold no elements, such as an option of a select. */
  function plain(text) {
    return text.replace(CONTROL, '\ufffd');
  }

  /* The same, kept apart from the direction of what stands around it, by characters. */
  function isolated(text) {
    return `\u2068${plain(text)}\u2069`;
  }

  /* Attributes lang and dir for text in a language; of an unknown one the first strong letter decides. */
  function direction(language) {
    const known = language && language !== 'und';
    return { lang: known ? language : null, dir: known ? dedupReport.format.direction(language) : 'auto' };
  }

  /* Words of an article: isolated, in their own language and direction; ranges [[start, end]] are lit. */
  function words(text, language, ranges = [], attributes = {}) {
    return el('bdi', { ...direction(language), ...attributes }, lit(text, ranges));
  }

  function lit(text, ranges) {
    const parts = [];
    let end = 0;
    for (const [from, to] of ranges) {
      parts.push(visible(text.slice(end, from)), el('mark', { class: 'hit' }, visible(text.slice(from, to))));
      end = to;
    }
    parts.push(visible(text.slice(end)));
    return parts;
  }

  /* A link out of the page, or its text alone where the address is none of http and https. */
  function outside(address, ...children) {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      return el('span', {}, ...children);
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return el('span', {}, ...children);
    return el('a', { href: url.href, rel: 'noopener noreferrer', target: '_blank' }, ...children);
  }

  return { el, svg, visible, plain, isolated, words, direction, outside };
})();
