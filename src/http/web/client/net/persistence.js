// Persists unsent messages and drafts over reloads, and follows the changes that other tabs of the same user make to them.

import { dict } from '../lib/dict.js';
import { userStorage } from '../lib/storage.js';

/** Milliseconds after which a draft is saved. */
const PAUSE = 300;
/** Unsent messages that are saved at most. */
const MOST = 200;

/** A subscriber of the state. @param {Actions['dispatch']} dispatch */
export function persist(dispatch) {
  /** @type {any} */
  let storage = null;
  /** @type {any} */
  let unwatch = null;
  /** @type {any} */
  let state = null;
  /** @type {any} */
  let timer = null;
  const drafts = new Map();

  /** @param {string} user */
  function open(user) {
    storage = userStorage(user);
    unwatch = storage.watch(onOtherTab);
    // @ts-expect-error: entries are names with values.
    restore(storage.list('outbox:').map(([, one]) => one), dict(storage.list('draft:').filter(([, one]) => isDraft(one))));
  }

  /** @param {any[]} found @param {Dict<Draft>} drafts */
  function restore(found, drafts) {
    const pending = found.filter(isPending).map(({ left, ...one }) => one);
    dispatch({ type: 'restored', pending, drafts });
  }

  /** @param {boolean} erase */
  function close(erase) {
    clearTimeout(timer);
    if (erase) storage.wipe();
    else flush();
    drafts.clear();
    unwatch();
    storage = null;
  }

  /** @param {string} name @param {any} value */
  function onOtherTab(name, value) {
    const [, kind, id] = /^(outbox|draft):(.*)$/.exec(name) ?? [];
    // Sent or discarded in the other tab, or left behind by a closed one; its key makes sending it from any tab safe.
    if (kind === 'outbox' && value === null) dispatch({ type: 'discard', key: id });
    if (kind === 'outbox' && value?.left) restore([value], dict());
    // Text typed here and not saved yet is newer than that of another tab.
    if (kind === 'draft' && (value === null || isDraft(value)) && !drafts.has(id)) dispatch({ type: 'draft', session: id, draft: value, kept: true });
  }

  /** @param {State} before */
  function keepOutbox(before) {
    const old = entries(before);
    const now = entries(state);
    for (const key of old.keys()) if (!now.has(key)) storage.remove(`outbox:${key}`);
    for (const [key, one] of now) {
      if (old.get(key) !== one && now.size <= MOST) storage.put(`outbox:${key}`, one);
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
      if (draft) storage.put(`draft:${id}`, draft);
      else storage.remove(`draft:${id}`);
    }
    drafts.clear();
  }

  /** The page closes; other tabs may send what it has not. */
  function leave() {
    if (!storage) return;
    flush();
    for (const [key, one] of entries(state)) storage.put(`outbox:${key}`, { ...one, left: true });
  }

  addEventListener('pagehide', leave);

  /** @type {Subscriber} */
  return (now, before, event) => {
    state = now;
    if (now.me?.id !== before.me?.id) {
      if (before.me) close(event.erase);
      if (now.me) open(now.me.id);
    } else if (storage && event.type !== 'restored') {
      if (now.outbox !== before.outbox) keepOutbox(before);
      if (now.drafts !== before.drafts && !event.kept) keepDrafts(before);
    }
  };
}

// Other versions of this page, extensions and users write into the same storage.
/** @param {any} one */
const isPending = (one) => [one.key, one.session, one.text].every((field) => typeof field === 'string' && field !== '');
/** @param {any} one @returns {boolean} */
const isDraft = (one) => typeof one.text === 'string' && (!one.before || isDraft(one.before));

/** @param {State} state */
const entries = (state) => new Map(Object.values(state.outbox).flat().map((one) => [one.key, one]));
