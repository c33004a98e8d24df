// Keeps what was written and not yet sent, and what is being written, over a reload and a closed browser; and hears what
// other tabs of the same user make of it.

import { dict } from '../lib/dict.js';
import { shelf } from '../lib/storage.js';

/** A draft is written down when typing pauses. */
const PAUSE = 300;
/** Messages that wait are kept up to so many. */
const MOST = 200;

/** A subscriber of the state. @param {Actions['dispatch']} dispatch */
export function keeping(dispatch) {
  /** @type {any} */
  let kept = null;
  /** @type {any} */
  let unwatch = null;
  /** @type {any} */
  let state = null;
  /** @type {any} */
  let timer = null;
  const drafts = new Map();

  /** @param {string} user */
  function open(user) {
    kept = shelf(user);
    unwatch = kept.watch(heard);
    // @ts-expect-error: a shelf lists names with values.
    restore(kept.list('outbox:').map(([, one]) => one), dict(kept.list('draft:').filter(([, one]) => isDraft(one))));
  }

  /** @param {any[]} found @param {Dict<Draft>} drafts */
  function restore(found, drafts) {
    const pending = found.filter(isPending).map(({ left, ...one }) => one);
    dispatch({ type: 'restored', pending, drafts });
  }

  /** @param {boolean} erase */
  function close(erase) {
    clearTimeout(timer);
    if (erase) kept.wipe();
    else flush();
    drafts.clear();
    unwatch();
    kept = null;
  }

  /** @param {string} name @param {any} value */
  function heard(name, value) {
    const [, kind, id] = /^(outbox|draft):(.*)$/.exec(name) ?? [];
    // Sent or discarded over there; or left behind by a tab that is gone: who else sends it does not matter, by its key.
    if (kind === 'outbox' && value === null) dispatch({ type: 'discard', key: id });
    if (kind === 'outbox' && value?.left) restore([value], dict());
    // What was typed here and is not written down yet is newer than what another tab has written down.
    if (kind === 'draft' && (value === null || isDraft(value)) && !drafts.has(id)) dispatch({ type: 'draft', session: id, draft: value, kept: true });
  }

  /** @param {State} before */
  function keepOutbox(before) {
    const old = entries(before);
    const now = entries(state);
    for (const key of old.keys()) if (!now.has(key)) kept.remove(`outbox:${key}`);
    for (const [key, one] of now) {
      if (old.get(key) !== one && now.size <= MOST) kept.put(`outbox:${key}`, one);
    }
  }

  /** @param {State} before */
  function keepDrafts(before) {
    for (const id of new Set([...Object.keys(before.drafts), ...Object.keys(state.drafts)])) {
      if (before.drafts[id] !== state.drafts[id]) drafts.set(id, state.drafts[id]);
    }
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE);
  }

  function flush() {
    for (const [id, draft] of drafts) {
      if (draft) kept.put(`draft:${id}`, draft);
      else kept.remove(`draft:${id}`);
    }
    drafts.clear();
  }

  /** The page goes, and what it has not sent is free for other tabs. */
  function leave() {
    if (!kept) return;
    flush();
    for (const [key, one] of entries(state)) kept.put(`outbox:${key}`, { ...one, left: true });
  }

  addEventListener('pagehide', leave);

  /** @type {Subscriber} */
  return (now, before, event) => {
    state = now;
    if (now.me?.id !== before.me?.id) {
      if (before.me) close(event.erase);
      if (now.me) open(now.me.id);
    } else if (kept && event.type !== 'restored') {
      if (now.outbox !== before.outbox) keepOutbox(before);
      if (now.drafts !== before.drafts && !event.kept) keepDrafts(before);
    }
  };
}

// Other versions of this page, extensions and people with a console write into the same storage.
/** @param {any} one */
const isPending = (one) => [one.key, one.session, one.text].every((field) => typeof field === 'string' && field !== '');
/** @param {any} one @returns {boolean} */
const isDraft = (one) => typeof one.text === 'string' && (!one.before || isDraft(one.before));

/** @param {State} state */
const entries = (state) => new Map(Object.values(state.outbox).flat().map((one) => [one.key, one]));
