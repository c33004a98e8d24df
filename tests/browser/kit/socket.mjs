// A connection in the native dialect, for users without a page.

import WebSocket from 'ws';

export class Socket {
  #ws;
  #requests = new Map();
  #count = 0;
  #waiting = [];

  /** The first frame of the server. */
  ready = null;

  static async open(account) {
    const socket = new Socket(account.server.url.replace('http', 'ws'));
    await socket.#opened();
    const ready = socket.received('ready');
    socket.#send({ type: 'hello', token: account.token });
    socket.ready = await ready;
    return socket;
  }

  constructor(origin) {
    this.#ws = new WebSocket(`${origin}/api/v1/ws`);
    this.#ws.on('message', (data) => this.#receive(JSON.parse(data)));
    this.#ws.on('close', (code) => this.#receive({ type: 'closed', code }));
    // `close` follows.
    this.#ws.on('error', () => {});
  }

  #opened() {
    return new Promise((resolve, reject) => this.#ws.once('open', resolve).once('error', reject));
  }

  #send(frame) {
    this.#ws.send(JSON.stringify(frame));
  }

  /** Sends a command; resolves with the reply, rejects with a refusal. */
  request(frame) {
    if (this.#ws.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the connection has ended'));
    const id = String((this.#count += 1));
    this.#send({ ...frame, id });
    return new Promise((resolve, reject) => this.#requests.set(id, { resolve, reject }));
  }

  /** The next frame of this type that fits. */
  received(type, fits = () => true) {
    return new Promise((resolve, reject) => this.#waiting.push({ type, fits, resolve, reject }));
  }

  #receive(frame) {
    const request = this.#requests.get(frame.id);
    if (request) {
      this.#requests.delete(frame.id);
      if (frame.type === 'error') request.reject(new Error(`${frame.code}: ${frame.message}`));
      else request.resolve(frame);
      return;
    }
    if (frame.type === 'closed') this.#fail(new Error(`the connection ended: ${frame.code}`));
    const at = this.#waiting.findIndex(({ type, fits }) => type === frame.type && fits(frame));
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(frame);
  }

  #fail(error) {
    for (const { reject } of this.#requests.values()) reject(error);
    this.#requests.clear();
    const ended = this.#waiting.filter(({ type }) => type !== 'closed');
    this.#waiting = this.#waiting.filter(({ type }) => type === 'closed');
    for (const { reject } of ended) reject(error);
  }

  /** Sends many texts, most of them in parallel; resolves when all are stored. */
  async sendAll(session, texts, atOnce = 400) {
    for (let from = 0; from < texts.length; from += atOnce) {
      await Promise.all(texts.slice(from, from + atOnce).map((text) => this.request({ type: 'send', session: session.id, text })));
    }
  }

  /** Closes with a goodbye: offline at once, without the grace period. */
  async close() {
    const closed = this.received('closed');
    this.#send({ type: 'goodbye' });
    await closed;
  }
}
