// After any sequence of live frames, pages, late replies, lost connections, removals and restored backups a client ends with the
// state that a new one would load.

import assert from 'node:assert/strict';
import test from 'node:test';

import { createRequests } from '../../src/http/web/client/net/requests.js';
import { needs } from '../../src/http/web/client/state/needs.js';
import { empty, next } from '../../src/http/web/client/state/state.js';
import { HOSTILE, USERNAMES } from './names.mjs';
import { generator } from './random.mjs';
import { Server } from './server.mjs';

class Client {
  constructor(server) {
    this.server = server;
    this.state = next(empty, { type: 'phase', phase: 'member', me: server.me, now: 1 });
    this.requests = createRequests({
      state: () => this.state,
      dispatch: (event) => this.dispatch(event),
      send: (frame) => server.receive(JSON.parse(JSON.stringify(frame))),
      rest: async (method, path) => server.rest(path),
    });
  }

  dispatch(event) {
    this.state = next(this.state, { now: this.state.now + 1, ...event });
  }

  /** Receives the next frames, and requests what is needed. */
  receive() {
    for (const frame of this.server.take()) {
      if (!this.requests.answered(frame)) this.dispatch({ type: 'frame', frame });
    }
    this.requests.run();
  }

  lose() {
    this.requests.lost();
    this.dispatch({ type: 'link', link: { status: 'waiting', why: 'lost', attempt: 1 } });
  }

  async settle() {
    for (let i = 0; i < 20_000; i += 1) {
      if (!this.server.connection) {
        this.lose();
        this.server.connect();
      }
      this.receive();
      await null;
      await null;
      if (this.server.idle && needs(this.state).length === 0) return;
    }
    assert.fail(`it never came to rest: ${JSON.stringify(needs(this.state))}`);
  }

  go(id, more) {
    this.dispatch({ type: 'route', route: { name: 'session', id, ...more } });
  }

  /** Loads everything of every session. */
  async loadAll() {
    await this.settle();
    for (const id of Object.keys(this.state.sessions)) {
      this.go(id, { about: true });
      await this.settle();
      while (this.state.sessions[id]?.span?.first === false) {
        this.dispatch({ type: 'older', session: id });
        await this.settle();
      }
      while (this.state.sessions[id]?.span?.live === false) {
        this.dispatch({ type: 'newer', session: id });
        await this.settle();
      }
    }
    this.dispatch({ type: 'route', route: { name: 'home' } });
    await this.settle();
  }
}

const byId = (a, b) => (a.user.id < b.user.id ? -1 : 1);

/** What must be equal for all clients, independent of how it was loaded. */
function view({ sessions, me }) {
  return Object.fromEntries(Object.entries(sessions).sort().map(([id, session]) => {
    const { title, seq, rev, read, unread, role, member_count, last_message, span, receipts, people, members } = session;
    const others = Object.entries(receipts).filter(([name]) => name !== me.username && name !== 'deleted-user').sort();
    return [id, {
      title, seq, rev, read, unread, role, member_count, last_message, receipts: Object.fromEntries(others),
      // Reactions are dictionaries without a prototype wherever a name in them has changed.
      messages: JSON.parse(JSON.stringify(span.messages)), people: [...people.list].sort(byId), members: [...members].sort(byId),
    }];
  }));
}

/** A random change on the server. */
function happen(server, random, emoji) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const session = pick([...server.sessions.values()]);
  const users = server.here(session).map(({ user }) => user).filter((user) => user !== server.me);
  const user = pick(users);
  const mine = server.isMine(session);
  const one = pick(session.messages);
  const dice = random();
  if (dice < 0.4 && user) server.post(session, user, random() < 0.2 ? 'hi @me' : `text ${server.clock}`);
  else if (dice < 0.45 && mine) server.post(session, server.me, 'from another tab');
  else if (dice < 0.55 && one) server.edit(session, one, `edited ${server.clock}`);
  else if (dice < 0.6 && one) server.erase(session, one);
  else if (dice < 0.7 && one && user) server.react(session, one, user, pick(emoji));
  else if (dice < 0.73) server.retitle(session, `title ${server.clock}`);
  else if (dice < 0.78) {
    const other = pick(server.users.filter((each) => each !== server.me && !each.deleted));
    const here = session.members.get(other?.id)?.state === 'joined';
    if (other) server.move(session, other, here && random() < 0.6 ? 'left' : 'joined', pick(['member', 'admin']));
  } else if (dice < 0.85 && user) server.mark(session, user, session.messages.length);
  else if (dice < 0.88 && mine) server.mark(session, server.me, Math.floor(random() * (session.messages.length + 1)));
  else if (dice < 0.89) server[mine ? 'expel' : 'admit'](session);
  else if (dice < 0.895 && server.users.length > 4 && user && !user.deleted) {
    server.forget(user);
    server.user(`n${server.clock}`);
  }
}

/** A random action of the user. */
function act(client, random) {
  const { state, server } = client;
  const pick = (list) => list[Math.floor(random() * list.length)];
  const id = pick([...server.sessions.keys()]);
  const open = state.view.route.id;
  const session = state.sessions[open];
  const dice = random();
  if (dice < 0.2) client.go(id, random() < 0.3 ? { about: true } : {});
  else if (dice < 0.25) client.go(id, { seq: 1 + Math.floor(random() * 40) });
  else if (dice < 0.3) client.dispatch({ type: 'route', route: { name: 'home' } });
  else if (dice < 0.4) client.dispatch({ type: 'focused', focused: random() < 0.5 });
  else if (!session) return;
  else if (dice < 0.5) client.dispatch({ type: 'older', session: open });
  else if (dice < 0.6) client.dispatch({ type: 'newer', session: open });
  else if (dice < 0.65) client.dispatch({ type: 'newest', session: open });
  else if (dice < 0.8 && session.span) client.dispatch({ type: 'seen', session: open, seq: session.span.messages.at(-1)?.seq ?? 0 });
  else {
    const pending = { key: `k${random()}`, session: open, text: pick(['mine', 'mine @p1']), at: state.now, status: 'waiting' };
    client.dispatch({ type: 'wrote', pending });
  }
}

async function walk(seed, steps, { emoji = ['👍', '🎉'], ...options } = {}) {
  const random = generator(seed);
  const server = new Server(random, options);
  const client = new Client(server);
  server.connect();
  for (let i = 0; i < steps; i += 1) {
    const dice = random();
    if (dice < 0.35) happen(server, random, emoji);
    else if (dice < 0.5) act(client, random);
    else if (dice < 0.505) {
      server.drop();
      client.lose();
    } else if (dice < 0.506) {
      server.restore();
      client.lose();
    } else if (server.connection) {
      client.receive();
      await null;
    } else if (dice > 0.9) server.connect();
  }
  // An open session would be read while the end is compared.
  client.dispatch({ type: 'focused', focused: false });
  await client.loadAll();
  const fresh = new Client(server);
  fresh.lose();
  server.drop();
  await fresh.loadAll();
  assert.deepEqual(view(client.state), view(fresh.state), `seed ${seed}`);
  for (const session of server.mine()) {
    const marks = server.receipts(session).filter(({ username }) => !['me', 'deleted-user'].includes(username));
    const held = client.state.sessions[session.id].receipts;
    for (const { username, ...mark } of marks) assert.deepEqual(held[username], mark, `seed ${seed}: ${session.id}, ${username}`);
  }
  // Messages written while not a member are refused for good; all others were sent.
  const unsent = Object.values(client.state.outbox).flat().filter(({ error }) => error?.code !== 'not_found');
  assert.deepEqual(unsent, [], `seed ${seed}`);
}

test('after any sequence of events the state is what a new client loads', async () => {
  const { SEED: only, WALKS: walks = '150' } = process.env;
  const seeds = only ? [Number(only)] : Array.from({ length: Number(walks) }, (_, i) => i + 1);
  for (const seed of seeds) await walk(seed, 1500);
});

test('after any sequence of events a session with unlisted members is what a new client loads', async () => {
  for (let seed = 1; seed <= 20; seed += 1) await walk(seed, 800, { people: 25 });
});

test('names of object properties do not change what a client loads', async () => {
  const hostile = { names: USERNAMES, ids: ['constructor', '__proto__', 'toString', 'undefined', 'hasOwnProperty'], emoji: HOSTILE.slice(0, 8) };
  for (let seed = 1; seed <= 25; seed += 1) await walk(seed, 800, hostile);
});
