'use strict';

/* Runs last: unpacks the first block and shows the first view. */

(async () => {
  const main = document.getElementById('main');
  try {
    if (!('DecompressionStream' in window)) {
      throw new Error('this browser is too old to unpack it; use one of 2023 or later');
    }
    await dedupReport.start(dedupReport.model(await dedupReport.block('core')));
  } catch (error) {
    main.replaceChildren(dedupReport.dom.el('p', { class: 'loading', role: 'alert' },
      `The report cannot be shown: ${error.message}`));
    throw error;
  }
})();
