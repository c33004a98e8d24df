// An emoji picker, with a field for any other emoji. It opens beside a button, which is focused again when it closes.

import { h, patch } from '../../lib/dom.js';
import { GROUPS } from '../../lib/emoji.js';
import { EDGE, place } from '../../lib/place.js';
import { isOneCharacter } from '../../lib/text.js';

/** Opens the picker. @param {HTMLElement} anchor @param {{label: string, pick: (emoji: string) => void}} options */
export function pickEmoji(anchor, { label, pick }) {
  const dialog = document.createElement('dialog');
  dialog.className = 'emoji-picker';
  dialog.setAttribute('aria-label', label);
  /** @param {string} emoji */
  const choose = (emoji) => {
    dialog.close();
    pick(emoji);
  };
  patch(dialog, content(choose));
  // A click on the backdrop closes it: the content covers the dialog itself.
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.onkeydown = (event) => arrows(event, dialog);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  placeAt(dialog, anchor.getBoundingClientRect());
}

/** @param {(emoji: string) => void} choose */
function content(choose) {
  return h('div', { class: 'emoji-choices' },
    GROUPS.map(({ name, emoji }) => h('section', { 'aria-label': name },
      h('h3', { class: 'small muted' }, name),
      h('div', { class: 'emoji-grid' }, emoji.map(([one, label]) => h('button', {
        type: 'button', class: 'emoji-choice', 'aria-label': `${one} ${label}`, title: label, onclick: () => choose(one),
      }, one))))),
    h('form', { class: 'row', novalidate: true, onsubmit: (event) => other(event, choose) },
      h('input', { class: 'input', name: 'emoji', 'aria-label': 'Another emoji', placeholder: 'Another emoji', autocomplete: 'off', maxlength: '32', 'aria-describedby': 'emoji-error' }),
      h('button', { type: 'submit', class: 'button' }, 'Use')),
    h('p', { class: 'error-text', id: 'emoji-error', role: 'alert' }));
}

/** @param {UiEvent} event @param {(emoji: string) => void} choose */
function other(event, choose) {
  event.preventDefault();
  const field = event.target.elements.emoji;
  const emoji = field.value.trim();
  if (isOneCharacter(emoji)) return choose(emoji);
  field.setAttribute('aria-invalid', 'true');
  event.target.parentElement.querySelector('[role="alert"]').textContent = 'Enter exactly one emoji.';
  field.focus();
}

/** Left and right move through all emoji, up and down by rows. @param {UiEvent} event @param {HTMLElement} dialog */
function arrows(event, dialog) {
  const all = [...dialog.querySelectorAll('.emoji-choice')];
  const here = all.indexOf(document.activeElement);
  if (here < 0) return;
  const forwards = getComputedStyle(dialog).direction === 'rtl' ? -1 : 1;
  const columns = all.findIndex((one) => one.offsetTop !== all[0].offsetTop);
  const step = { ArrowLeft: -forwards, ArrowRight: forwards, ArrowUp: -columns, ArrowDown: columns }[event.key];
  if (!step) return;
  event.preventDefault();
  all[Math.max(0, Math.min(here + step, all.length - 1))].focus();
}

/** Above the anchor if there is room, otherwise below. @param {Fields} dialog @param {any} anchor */
function placeAt(dialog, anchor) {
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const above = anchor.top - height - 4;
  place(dialog, anchor.right - width, above >= EDGE ? above : Math.min(anchor.bottom + 4, document.documentElement.clientHeight - height - EDGE));
}
