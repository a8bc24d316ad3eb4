'use strict';

/* Full text of all articles, folded. Headlines and outlets are searched at once; bodies are unpacked behind the scenes,
   a slice at a time, so that the page stays quick. */

dedupReport.search = (() => {
  const SLICE = 12;

  // a timer waits for four milliseconds each time
  const pause = () => (window.scheduler?.yield ? window.scheduler.yield() : new Promise((resume) => { setTimeout(resume, 0); }));

  function make(data) {
    const { fold } = dedupReport;
    // folded when they are first searched: the list comes before
    const heads = new Array(data.articles.length);
    const bodies = new Array(data.articles.length).fill('');
    let done = 0;
    let started = null;

    const headOf = (article) => fold(
      [article.title, article.edition, article.agency, article.city, article.section, article.id].filter(Boolean).join('\n'));

    async function readBodies() {
      await pause();
      let since = performance.now();
      for (const article of data.articles) {
        bodies[article.index] = fold((await data.body(article)).text);
        done = article.index + 1;
        if (performance.now() - since > SLICE) {
          await pause();
          since = performance.now();
        }
      }
    }

    return {
      /* Resolves when the bodies can be searched too. */
      ready: () => { started ??= readBodies(); return started; },
      isReady: () => done === data.articles.length,
      /* Articles in which all terms stand, by their stories; terms as dedupReport.fold.terms gives them. */
      find(terms) {
        const found = new Map();
        for (const article of data.articles) {
          const place = article.index;
          heads[place] ??= headOf(article);
          if (!terms.every((term) => heads[place].includes(term) || bodies[place].includes(term))) continue;
          if (!found.has(article.story)) found.set(article.story, []);
          found.get(article.story).push(article);
        }
        return found;
      },
    };
  }

  let made = null;
  return (data) => { made ??= make(data); return made; };
})();
