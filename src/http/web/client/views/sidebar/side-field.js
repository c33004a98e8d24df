// The search fields of the sidebar's tabs.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';

/**
 * A field above a list, which starts at its top with each new text.
 * @param {string} label
 * @param {string} value
 * @param {(text: string) => void} changed
 * @param {Props} [props]
 */
export function sideField(label, value, changed, props) {
  return h('div', { key: 'side-field', class: 'side-field' }, icon('search'), h('input', {
    type: 'search', class: 'input', 'aria-label': label, placeholder: label, dir: 'auto', value,
    oninput({ target }) {
      target.closest('.pane-body').scrollTop = 0;
      changed(target.value);
    },
    ...props,
  }));
}
