// What a browser does not tell: why no socket opened, and that a login was not kept.

import assert from 'node:assert/strict';
import test from 'node:test';

import { diagnose } from '../../src/http/web/client/net/diagnosis.js';
import { entering } from '../../src/http/web/client/net/entering.js';

/** Answers every request alike, and says what was asked. */
function answering(t, status, body) {
  const asked = [];
  t.mock.method(globalThis, 'fetch', async (path, { method }) => {
    asked.push(`${method} ${path}`);
    if (status === 0) throw new TypeError('Failed to fetch');
    return new Response(status === 204 ? null : body, { status, headers: status === 204 && body ? { Allow: body } : {} });
  });
  return asked;
}

test('a refused origin is told from a blocked socket and from a server that is away', async (t) => {
  const problem = (code) => JSON.stringify({ code });
  for (const [status, body, found] of [
    [403, problem('forbidden'), 'origin'],
    [204, 'GET, HEAD, OPTIONS', 'upgrade'],
    // A proxy that answers such questions by itself knows no methods.
    [204, '', 'unreachable'],
    [405, problem('invalid_request'), 'unreachable'],
    // What a proxy says in its own name is nothing of the server's.
    [403, '<h1>Forbidden</h1>', 'unreachable'],
    [502, '<h1>Bad Gateway</h1>', 'unreachable'],
    [503, problem('unavailable'), 'unreachable'],
    [200, '{}', 'unreachable'],
    [0, '', 'unreachable'],
  ]) {
    const asked = answering(t, status, body);
    assert.equal(await diagnose(), found, `${status} ${body}`);
    assert.deepEqual(asked, ['OPTIONS /api/v1/ws']);
    t.mock.restoreAll();
  }
});

// The name of a login is made of it; older versions of node have none.
globalThis.navigator ??= { userAgent: '' };

function enterBy(answers) {
  const said = [];
  const rest = async (method, path) => {
    const answer = answers[`${method} ${path}`];
    if (answer?.status) throw answer;
    return answer;
  };
  const connection = { start: () => said.push('start'), stop() {} };
  const { act } = entering({ dispatch: ({ type }) => said.push(type), rest, connection, goHome() {} });
  return { act, said };
}

const NOBODY = { status: 401, code: 'unauthenticated', message: '' };
const USER = { id: '1', username: 'avi', display_name: 'avi' };

/** What comes after the login belongs to whoever has just come in, so that the reason can only be the browser. */
test('a login that the browser did not keep is said to be that', async (t) => {
  t.after(() => delete globalThis.location);
  for (const [protocol, words] of [['http:', /https/], ['https:', /cookies/]]) {
    globalThis.location = { protocol };
    const account = enterBy({ 'POST /login': { user: USER }, 'GET /me': NOBODY });
    await assert.rejects(account.act.login({ username: 'avi', password: 'x' }), (error) => error.code === 'not_kept' && words.test(error.message));
    const guest = enterBy({ 'POST /guests': { user: USER }, 'GET /me': NOBODY });
    await assert.rejects(guest.act.guest('avi'), (error) => error.code === 'not_kept' && words.test(error.message));
    assert.deepEqual([...account.said, ...guest.said], [], 'nobody has come in');
  }
});

test('a wrong password is still a wrong password, and who comes in is in', async () => {
  const wrong = { status: 401, code: 'wrong_password', message: '' };
  await assert.rejects(enterBy({ 'POST /login': wrong }).act.login({ username: 'avi', password: 'x' }), wrong);
  const fine = enterBy({ 'POST /login': { user: USER }, 'GET /me': { user: USER } });
  await fine.act.login({ username: 'avi', password: 'x' });
  assert.deepEqual(fine.said, ['phase', 'start']);
});
