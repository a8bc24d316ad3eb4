'use strict';

/* Blocks of data: base64 of gzipped JSON, unpacked when they are first asked for. */

dedupReport.block = (() => {
  const unpacked = new Map();

  function bytes(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const letters = atob(text);
    const out = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place += 1) out[place] = letters.charCodeAt(place);
    return out;
  }

  async function unpack(name) {
    const element = document.querySelector(`script[data-block="${name}"]`);
    if (!element) throw new Error(`the page has no block ${name}; it was cut when it was saved or sent`);
    const stream = new Blob([bytes(element.textContent)]).stream().pipeThrough(new DecompressionStream('gzip'));
    const value = JSON.parse(await new Response(stream).text());
    element.remove();
    return value;
  }

  return (name) => {
    if (!unpacked.has(name)) unpacked.set(name, unpack(name));
    return unpacked.get(name);
  };
})();
