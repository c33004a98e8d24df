// A small choice of emoji, and a field for any other one. It opens beside a button and gives the focus back to it.

import { h, patch } from '../../lib/dom.js';
import { GROUPS } from '../../lib/emoji.js';
import { isOneCharacter } from '../../lib/prose.js';

/**
 * Opens the picker.
 * @param {HTMLElement} anchor
 * @param {{label: string, pick: (emoji: string) => void}} options
 */
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
  // A press beside it closes it, as with a menu: the dialog's own box is filled by its content.
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.onkeydown = (event) => arrows(event, dialog);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  place(dialog, anchor.getBoundingClientRect());
}

/** @param {(emoji: string) => void} choose */
function content(choose) {
  return h('div', { class: 'emoji-choices' },
    GROUPS.map(({ name, emoji }) => h('section', { 'aria-label': name },
      h('h3', { class: 'small muted' }, name),
      h('div', { class: 'emoji-grid' }, emoji.map(([one, said]) => h('button', {
        type: 'button', class: 'emoji-choice', 'aria-label': `${one} ${said}`, title: said, onclick: () => choose(one),
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

/**
 * Left and right go through all emoji, up and down by rows as they stand on the page.
 * @param {UiEvent} event
 * @param {HTMLElement} dialog
 */
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

/** Above the anchor where there is room, else below; never outside the window. @param {Fields} dialog @param {any} anchor */
function place(dialog, anchor) {
  const edge = 8;
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const { clientWidth, clientHeight } = document.documentElement;
  const above = anchor.top - height - 4;
  const top = above >= edge ? above : Math.min(anchor.bottom + 4, clientHeight - height - edge);
  dialog.style.setProperty('left', `${Math.max(edge, Math.min(anchor.right - width, clientWidth - width - edge))}px`);
  dialog.style.setProperty('top', `${Math.max(edge, top)}px`);
}
