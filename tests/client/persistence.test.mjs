// Unsent messages and drafts outlive the page, in several tabs at once.

import assert from 'node:assert/strict';
import test from 'node:test';

import { persist } from '../../src/http/web/client/net/persistence.js';
import { empty, next } from '../../src/http/web/client/state/state.js';

const user = (id) => ({ id, username: id, display_name: id, kind: 'account' });
const wrote = (key) => ({ type: 'wrote', pending: { key, session: 'a', text: key, at: 1, status: 'waiting' } });
const draft = (text) => ({ type: 'draft', session: 'a', draft: text && { text } });

let tabs = [];

/** A browser's storage: writes of one tab are events in the others. */
class Storage {
  #writer = null;

  as(tab, work) {
    this.#writer = tab;
    work();
    this.#writer = null;
  }

  notify(key, newValue) {
    for (const tab of tabs) if (tab !== this.#writer) tab.receive({ key, newValue });
  }
}

function browser() {
  const storage = new Storage();
  const define = (name, value) => Object.defineProperty(storage, name, { value, enumerable: false, configurable: true });
  define('getItem', (key) => storage[key] ?? null);
  define('setItem', (key, value) => {
    storage[key] = value;
    storage.notify(key, value);
  });
  define('removeItem', (key) => {
    delete storage[key];
    storage.notify(key, null);
  });
  globalThis.localStorage = storage;
  tabs = [];
  return storage;
}

function tab(storage) {
  const it = { state: empty, listeners: [] };
  globalThis.addEventListener = (type, listener) => it.listeners.push([type, listener]);
  globalThis.removeEventListener = () => {};
  const queue = [];
  let handling = false;
  it.dispatch = (event) => storage.as(it, () => {
    queue.push(event);
    if (handling) return;
    handling = true;
    while (queue.length) {
      const before = it.state;
      const one = queue.shift();
      it.state = next(it.state, { now: 1, ...one });
      kept(it.state, before, one);
    }
    handling = false;
  });
  it.fire = (type, event) => it.listeners.filter(([name]) => name === type).forEach(([, listener]) => listener(event));
  it.receive = (event) => it.fire('storage', event);
  it.leave = () => it.fire('pagehide');
  const kept = persist((event) => it.dispatch(event));
  tabs.push(it);
  it.dispatch({ type: 'phase', phase: 'member', me: user('u') });
  return it;
}

test('messages and drafts survive a reload', () => {
  const storage = browser();
  const before = tab(storage);
  before.dispatch(wrote('k1'));
  before.dispatch(draft('half a'));
  before.leave();
  tabs = [];
  const after = tab(storage);
  assert.deepEqual(after.state.outbox.a.map(({ key }) => key), ['k1']);
  assert.equal(after.state.drafts.a.text, 'half a');
});

test('a message that one tab has sent is pending in no other', () => {
  const storage = browser();
  const one = tab(storage);
  one.dispatch(wrote('k1'));
  const two = tab(storage);
  assert.equal(two.state.outbox.a.length, 1);
  one.dispatch({ type: 'answered', request: { type: 'send', session: 'a', key: 'k1' }, answer: { session: 'a', seq: 1, rev: 1 } });
  assert.deepEqual(Object.keys(two.state.outbox), []);
  assert.deepEqual(Object.keys(storage), []);
});

test('an unsent message of a closed tab is sent by another one', () => {
  const storage = browser();
  const [one, two] = [tab(storage), tab(storage)];
  one.dispatch(wrote('k1'));
  assert.deepEqual(Object.keys(two.state.outbox), []);
  one.leave();
  assert.deepEqual(two.state.outbox.a, [wrote('k1').pending]);
});

test('a login in another tab does not lose the draft of the user before', () => {
  const storage = browser();
  const one = tab(storage);
  one.dispatch(draft('half a'));
  one.dispatch({ type: 'wiped', erase: false });
  one.dispatch({ type: 'phase', phase: 'member', me: user('u') });
  assert.equal(one.state.drafts.a.text, 'half a');
});

test('a draft is updated in other tabs, but not while the user types there', () => {
  const storage = browser();
  const [one, two] = [tab(storage), tab(storage)];
  two.dispatch({ type: 'focused', focused: false });
  one.dispatch(draft('first'));
  one.leave();
  assert.equal(two.state.drafts.a.text, 'first');
  two.dispatch({ type: 'route', route: { name: 'session', id: 'a' } });
  two.dispatch({ type: 'focused', focused: true });
  two.dispatch(draft('mine'));
  one.dispatch(draft('first and more'));
  one.leave();
  assert.equal(two.state.drafts.a.text, 'mine');
});

test('logging out removes drafts; being logged out keeps them for the next login', () => {
  const storage = browser();
  const one = tab(storage);
  one.dispatch(wrote('k1'));
  one.dispatch({ type: 'wiped', erase: false });
  assert.deepEqual(Object.keys(one.state.outbox), []);
  assert.equal(Object.keys(storage).length, 1);
  one.dispatch({ type: 'phase', phase: 'member', me: user('u') });
  assert.equal(one.state.outbox.a.length, 1);
  one.dispatch({ type: 'wiped', erase: true });
  assert.deepEqual(Object.keys(storage), []);
});

test('no user sees the drafts of another user of this browser', () => {
  const storage = browser();
  const one = tab(storage);
  one.dispatch(wrote('k1'));
  one.dispatch({ type: 'wiped', erase: false });
  one.dispatch({ type: 'phase', phase: 'member', me: user('eve') });
  assert.deepEqual(Object.keys(one.state.outbox), []);
});

test('a full storage does no harm', () => {
  const storage = browser();
  const one = tab(storage);
  Object.defineProperty(storage, 'setItem', { value: () => { throw new Error('QuotaExceededError'); } });
  one.dispatch(wrote('k1'));
  one.dispatch(draft('x'));
  one.leave();
  assert.equal(one.state.outbox.a.length, 1);
});
