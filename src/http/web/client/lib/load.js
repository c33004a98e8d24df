// Loading data for a component: progress, error with a retry button, and result look the same everywhere.

import { button } from './button.js';
import { h } from './dom.js';
import { errorText } from './wording.js';

/** The place of an error, empty without one: a live region must exist before its content. @param {Refusal|null|undefined} error @param {string} [prefix] */
export function errorLine(error, prefix = '') {
  return h('div', { key: 'error', role: 'alert' }, error && h('p', { class: 'error-text' }, prefix, errorText(error)));
}

/**
 * Loads the fields that `request` returns into local state; `status` is `busy`, `done` or `failed`.
 * @param {LocalState} local
 * @param {() => Promise<Fields|void>} request
 */
export async function load(local, request) {
  local.again = () => load(local, request);
  local.set({ status: 'busy', error: null });
  try {
    local.set({ ...(await request()), status: 'done' });
  } catch (error) {
    local.set({ status: 'failed', error });
  }
}

/**
 * The result of `draw` once loaded; before that, progress or the error.
 * @param {LocalState} local
 * @param {(local: LocalState) => View} draw
 */
export function loaded(local, draw) {
  if (local.status === 'done') return draw(local);
  if (local.status === 'busy') return h('p', { key: 'busy', class: 'muted small' }, 'Loading …');
  return h('div', { key: 'failed', class: 'stack', role: 'alert' },
    h('p', { class: 'error-text' }, errorText(local.error)),
    button('Try again', local.again));
}
