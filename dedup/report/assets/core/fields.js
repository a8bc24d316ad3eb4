'use strict';

/* Fields of forms with their labels. */

dedupReport.fields = (() => {
  const { el } = dedupReport.dom;
  let made = 0;

  /* A label above an input. */
  function field(label, input, attributes = {}) {
    made += 1;
    input.id = `field-${made}`;
    return el('div', { class: 'field', ...attributes }, el('label', { for: input.id }, label), input);
  }

  /* choices: words by value; change is called with the value that was chosen. */
  function select(label, choices, value, change, order = Object.keys(choices)) {
    const input = el('select', { onchange: () => change(input.value) },
      order.map((one) => el('option', { value: one, selected: one === value }, choices[one])));
    return field(label, input);
  }

  function day(label, value, change) {
    const input = el('input', { type: 'date', value, onchange: () => change(input.value) });
    return field(label, input);
  }

  return { field, select, day };
})();
