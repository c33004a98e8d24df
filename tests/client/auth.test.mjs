// What a browser does not report: why no socket opened, and that it did not keep a login's cookie.

import assert from 'node:assert/strict';
import test from 'node:test';

import { diagnose } from '../../src/http/web/client/net/diagnosis.js';
import { createAuth } from '../../src/http/web/client/net/auth.js';

/** Answers every request alike, and records them. */
function answering(t, status, body) {
  const requests = [];
  t.mock.method(globalThis, 'fetch', async (path, { method }) => {
    requests.push(`${method} ${path}`);
    if (status === 0) throw new TypeError('Failed to fetch');
    return new Response(status === 204 ? null : body, { status, headers: status === 204 && body ? { Allow: body } : {} });
  });
  return requests;
}

test('a refused origin, a blocked socket and an unreachable server are distinguished', async (t) => {
  const problem = (code) => JSON.stringify({ code });
  for (const [status, body, found] of [
    [403, problem('forbidden'), 'origin'],
    [204, 'GET, HEAD, OPTIONS', 'upgrade'],
    // A proxy that answers OPTIONS itself does not know the methods.
    [204, '', 'unreachable'],
    [405, problem('invalid_request'), 'unreachable'],
    // An error of a proxy is not one of the server.
    [403, '<h1>Forbidden</h1>', 'unreachable'],
    [502, '<h1>Bad Gateway</h1>', 'unreachable'],
    [503, problem('unavailable'), 'unreachable'],
    [200, '{}', 'unreachable'],
    [0, '', 'unreachable'],
  ]) {
    const requests = answering(t, status, body);
    assert.equal(await diagnose(), found, `${status} ${body}`);
    assert.deepEqual(requests, ['OPTIONS /api/v1/ws']);
    t.mock.restoreAll();
  }
});

// The device name of a login is derived from it; older versions of node have none.
globalThis.navigator ??= { userAgent: '' };

function authWith(answers) {
  const events = [];
  const rest = async (method, path) => {
    const answer = answers[`${method} ${path}`];
    if (answer?.status) throw answer;
    return answer;
  };
  const connection = { start: () => events.push('start'), stop() {} };
  const { act } = createAuth({ dispatch: ({ type }) => events.push(type), rest, connection, goHome() {} });
  return { act, events };
}

const NOBODY = { status: 401, code: 'unauthenticated', message: '' };
const USER = { id: '1', username: 'avi', display_name: 'avi' };

/** A request after the login is sent as the new user, so that only the browser can be the reason for a 401. */
test('a login whose cookie the browser did not keep is reported as such', async (t) => {
  t.after(() => delete globalThis.location);
  for (const [protocol, text] of [['http:', /https/], ['https:', /cookies/]]) {
    globalThis.location = { protocol };
    const account = authWith({ 'POST /login': { user: USER }, 'GET /me': NOBODY });
    await assert.rejects(account.act.login({ username: 'avi', password: 'x' }), (error) => error.code === 'not_kept' && text.test(error.message));
    const guest = authWith({ 'POST /guests': { user: USER }, 'GET /me': NOBODY });
    await assert.rejects(guest.act.guest('avi'), (error) => error.code === 'not_kept' && text.test(error.message));
    assert.deepEqual([...account.events, ...guest.events], [], 'no login');
  }
});

test('a wrong password is reported as such, and a login with the right one succeeds', async () => {
  const wrong = { status: 401, code: 'wrong_password', message: '' };
  await assert.rejects(authWith({ 'POST /login': wrong }).act.login({ username: 'avi', password: 'x' }), wrong);
  const fine = authWith({ 'POST /login': { user: USER }, 'GET /me': { user: USER } });
  await fine.act.login({ username: 'avi', password: 'x' });
  assert.deepEqual(fine.events, ['phase', 'start']);
});
