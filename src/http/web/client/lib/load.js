// What a part loads when it appears: waiting, failing with a way to try again, and showing are the same everywhere.

import { h } from './dom.js';
import { inWords } from './words.js';

/**
 * Loads into a part's memory: its fields are those that `ask` gives, and `status` says how far it is.
 * @param {Memory} memory
 * @param {() => Promise<Fields>} ask
 */
export async function load(memory, ask) {
  memory.again = () => load(memory, ask);
  memory.set({ status: 'busy', error: null });
  try {
    memory.set({ ...(await ask()), status: 'done' });
  } catch (error) {
    memory.set({ status: 'failed', error });
  }
}

/**
 * What `draw` gives once it is loaded; before that, and when it fails, words.
 * @param {Memory} memory
 * @param {(memory: Memory) => View} draw
 */
export function loaded(memory, draw) {
  if (memory.status === 'done') return draw(memory);
  if (memory.status === 'busy') return h('p', { key: 'busy', class: 'muted small' }, 'Loading …');
  return h('div', { key: 'failed', class: 'stack', role: 'alert' },
    h('p', { class: 'error-text' }, inWords(memory.error)),
    h('button', { type: 'button', class: 'button', onclick: memory.again }, 'Try again'));
}
