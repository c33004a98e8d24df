// A user without a page, who prepares data for a test.

import { Socket } from './socket.mjs';

export const PASSWORD = 'correct horse battery';

export class Account {
  /** @param {import('./server.mjs').Server} server */
  constructor(server, login) {
    this.server = server;
    this.token = login.token;
    this.user = login.user;
    this.username = login.user.username;
  }

  static async register(server, username) {
    await call(server, null, 'POST', '/register', { username, password: PASSWORD });
    return Account.login(server, username);
  }

  static async login(server, username) {
    return new Account(server, await call(server, null, 'POST', '/login', { username, password: PASSWORD }));
  }

  static async guest(server, name) {
    return new Account(server, await call(server, null, 'POST', '/guests', { name }));
  }

  get(path) { return call(this.server, this.token, 'GET', path); }
  post(path, body) { return call(this.server, this.token, 'POST', path, body); }
  patch(path, body) { return call(this.server, this.token, 'PATCH', path, body); }
  put(path, body) { return call(this.server, this.token, 'PUT', path, body); }
  delete(path, body) { return call(this.server, this.token, 'DELETE', path, body); }

  /** The direct session with another account; created at once, since new accounts accept anyone. */
  async direct(other) {
    return (await this.post('/sessions', { kind: 'direct', username: other.username })).session;
  }

  async group(title, others = []) {
    return (await this.post('/sessions', { kind: 'group', title, usernames: others.map((other) => other.username) })).session;
  }

  /** A room with a `code` to join it. */
  async room(title, keep = true) {
    return (await this.post('/sessions', { kind: 'room', title, keep })).session;
  }

  async join(code) {
    return (await this.post(`/rooms/${encodeURIComponent(code)}/join`)).session;
  }

  /** Sends a message and returns its `seq`. */
  async send(session, text, more = {}) {
    return (await this.post(`/sessions/${session.id}/messages`, { text, ...more })).seq;
  }

  /** The texts of a session, oldest first, without tombstones and notices. */
  async texts(session) {
    const { messages } = await this.get(`/sessions/${session.id}/messages?limit=200`);
    return messages.filter((message) => message.kind === 'text' && !message.deleted).map((message) => message.text);
  }

  /** A live connection: the user is online while it is open. */
  connect() {
    return Socket.open(this);
  }
}

async function call(server, token, method, path, body) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}
