'use strict';

/* Light, dark, or as the system has it; remembered where the browser lets a file remember. */

(() => {
  const KEY = 'dedup-report-theme';
  const CHOICES = { auto: 'as the system', light: 'light', dark: 'dark' };
  const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };
  const ICONS = { auto: '◐', light: '☀', dark: '☾' };

  function remembered() {
    try {
      return window.localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function remember(choice) {
    try {
      window.localStorage.setItem(KEY, choice);
    } catch {
      // a browser that keeps nothing for files: the choice lasts as long as the page
    }
  }

  let choice = remembered() in CHOICES ? remembered() : 'auto';
  const icon = dedupReport.dom.el('span', { class: 'theme-icon', 'aria-hidden': 'true' });
  const button = dedupReport.dom.el('button', { type: 'button', class: 'icon-button', id: 'theme' }, icon);

  function apply() {
    if (choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    icon.textContent = ICONS[choice];
    button.setAttribute('aria-label', `Colours: ${CHOICES[choice]}. Change to ${CHOICES[NEXT[choice]]}`);
    button.title = `Colours: ${CHOICES[choice]}`;
  }

  button.addEventListener('click', () => {
    choice = NEXT[choice];
    remember(choice);
    apply();
  });
  apply();
  document.getElementById('tools').append(button);
})();
