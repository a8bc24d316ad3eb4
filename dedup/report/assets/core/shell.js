'use strict';

/* The shell of a report: which views there are, and which of them is shown.

   A VIEW is a file of its own in assets/views/ (NAME.js, and NAME.css if it needs one); it is inlined as it lies there,
   in the order of names, after all of assets/core/. It registers itself:

     dedupReport.view({
       name: 'coverage',            // of its route: #coverage, #coverage/PATH?key=value
       title: 'Coverage',           // of its link in the header, and of the page while it is shown
       order: 30,                   // its place in the header (stories 10, charts 20)
       hidden: false,               // true: no link in the header
       render(container, data, params) {...},
     });

   render draws into the empty element `container` and may return a function that is called before the view goes (to
   take listeners off document or window; those inside container go by themselves). It may be async. params:
     params.path    strings after the name, decoded: #story/s12/a3 gives ['s12', 'a3']
     params.query   URLSearchParams of what follows '?'
   Change the address by dedupReport.go('coverage', ['x'], {key: 'value'}), which renders anew, or by
   dedupReport.replace(...), which takes the same and only keeps what a view has already shown (a filter, a page).
   A link is dedupReport.href('story', [story.id]).

   DATA (frozen only by agreement: views read it and do not change it)
     data.meta        {title, version, threshold, windowDays, bodyBound, bodiesCut, pairsScored, signals, ...}
                      signals: what each name of a signal means
     data.stories     [{index, id, headline, languages, editions, articles, representative, first, last, lowest}]
                      in the order of the run, the largest first; articles: the articles themselves, in the order of
                      time; first, last: milliseconds or null; lowest: the lowest probability of an article
     data.articles    [{index, id, title, untitled, language, edition, published, time, url, story, probability,
                        relation, of, relationProbability, section, city, agency}]
                      in the order of their ids; story: the story itself; of: the article or null; edition: name of
                      outlet or edition or null; published: ISO 8601 with the zone of the source, or null; time: the
                      same in milliseconds; url: http or https, or null; relation: 'original', 'reprint',
                      'translation', 'independent', 'update' or null. What is unknown is null.
     data.pairs       [{index, a, b, probability, scored, explained}]
                      a, b: articles; probability that both tell one story; scored: whether the run compared them
                      (false: explained all the same); explained: whether data.detail has something to say
     data.review      those of the pairs that a person is asked about, in that order
     data.editions    names of editions, those with most articles first
     data.languages   tags of languages, those with most articles first
     data.story(id), data.article(id), data.pair(a, b)      one of them, or null
     data.pairsOf(article)                                  its pairs, the most probable first
     data.body(article)    Promise of {text, cut, sentences}; cut: characters left out at the end; sentences: of an
                           article in an explained pair [[0|1, start, end] or null, ...], 0 for title and 1 for text,
                           in the order in which they were compared; else null
     data.detail(pair)     Promise of null, or {a, b, probability, logOdds, kind, notCompared, together, aligned,
                           shared, conflicting, onlyA, onlyB, start, counted, path}; a and b are those of the pair
                             aligned      [{a, b, similarity, mutual}], numbers of sentences
                             shared, conflicting, onlyA, onlyB
                                          [{kind, key, a, b, worth}]; kind: name place number figure ordinal date
                                          weekday month clock 'day part'; a, b: [{sentence, text}], where it stands
                             counted      [{signal, value, logOdds}], the heaviest first; start: what every pair
                                          starts from
                             path         [{a, b, probability}], articles: from a to b through others

   TEXT FROM ARTICLES IS HOSTILE. Never innerHTML. Elements are made by dedupReport.dom.el(tag, attributes, children),
   words of strangers by dedupReport.dom.words(text, language): an element <bdi> with lang and dir, in which controls of
   direction are shown as marks. Styles: classes, or element.style.setProperty; a style attribute is refused by the
   page's Content-Security-Policy, and so is all that would be loaded.

   OTHER HELPERS   dedupReport.fold (search-insensitive text), dedupReport.format (languages, times, numbers),
   dedupReport.announce(text) (for screen readers). */

window.dedupReport = (() => {
  const views = new Map();
  let data = null;
  let leave = null;
  let turn = 0;
  let before = null;
  let current = null;

  function view(description) {
    views.set(description.name, { order: 100, hidden: false, ...description });
  }

  function href(name, path = [], query = {}) {
    const steps = [name, ...path].map(encodeURIComponent).join('/');
    const given = Object.entries(query).filter(([, value]) => value !== '' && value !== null && value !== undefined);
    const asked = new URLSearchParams(given).toString();
    return `#${steps}${asked && `?${asked}`}`;
  }

  function go(name, path, query) {
    window.location.hash = href(name, path, query);
  }

  function replace(name, path, query) {
    window.history.replaceState(null, '', href(name, path, query));
  }

  function decoded(step) {
    try {
      return decodeURIComponent(step);
    } catch {
      return step;
    }
  }

  function route() {
    const [steps, asked = ''] = window.location.hash.replace(/^#/, '').split(/\?(.*)/s);
    const [name, ...path] = steps.split('/').map(decoded);
    return { name: views.has(name) ? name : 'stories', params: { path, query: new URLSearchParams(asked) } };
  }

  function inOrder() {
    return [...views.values()].sort((one, other) => one.order - other.order || (one.name < other.name ? -1 : 1));
  }

  function drawLinks(current) {
    const links = inOrder().filter((one) => !one.hidden).map((one) => dedupReport.dom.el('a', {
      href: href(one.name),
      'aria-current': one.name === current ? 'page' : null,
    }, one.title));
    document.getElementById('views').replaceChildren(...links);
  }

  async function show({ focus = true } = {}) {
    const { name, params } = route();
    const chosen = views.get(name);
    const mine = ++turn;
    leave?.();
    leave = null;
    before = current;
    current = name;
    drawLinks(name);
    setTitle(chosen.title);
    const container = dedupReport.dom.el('div', { class: `view view-${name}` });
    const main = document.getElementById('main');
    main.replaceChildren(container);
    window.scrollTo(0, 0);
    if (focus) main.focus({ preventScroll: true });
    const after = await chosen.render(container, data, params);
    if (mine === turn) leave = after ?? null;
    else after?.();
  }

  function setTitle(text) {
    document.title = dedupReport.dom.plain(text ? `${text} · ${data.meta.title}` : data.meta.title);
  }

  let spoken = 0;

  function announce(text) {
    window.clearTimeout(spoken);
    spoken = window.setTimeout(() => { document.getElementById('announcer').textContent = text; }, 150);
  }

  function start(model) {
    data = model;
    window.addEventListener('hashchange', () => show());
    // the address is the view's: the link to the content must not take its place
    document.querySelector('.skip-link').addEventListener('click', (event) => {
      event.preventDefault();
      document.getElementById('main').focus();
    });
    return show({ focus: false });
  }

  /* Whether the view before this one was the list, which 'back' then brings again as it was left. */
  const listBefore = () => before === 'stories' && window.history.length > 1;

  return { view, href, go, replace, setTitle, announce, listBefore, start };
})();
