// A connection of the native dialect, for people without a page.

import WebSocket from 'ws';

export class Socket {
  #ws;
  #asked = new Map();
  #count = 0;
  #waiting = [];

  /** What the server said first. */
  ready = null;

  static async open(account) {
    const socket = new Socket(account.server.url.replace('http', 'ws'));
    await socket.#opened();
    const ready = socket.heard('ready');
    socket.#say({ type: 'hello', token: account.token });
    socket.ready = await ready;
    return socket;
  }

  constructor(origin) {
    this.#ws = new WebSocket(`${origin}/api/v1/ws`);
    this.#ws.on('message', (data) => this.#hear(JSON.parse(data)));
    this.#ws.on('close', (code) => this.#hear({ type: 'closed', code }));
    // The end is told by `close`.
    this.#ws.on('error', () => {});
  }

  #opened() {
    return new Promise((resolve, reject) => this.#ws.once('open', resolve).once('error', reject));
  }

  #say(frame) {
    this.#ws.send(JSON.stringify(frame));
  }

  /** The answer to a command; a refusal is thrown. */
  ask(frame) {
    const id = String((this.#count += 1));
    this.#say({ ...frame, id });
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  /** The next frame of this type that fits, from now on. */
  heard(type, fits = () => true) {
    return new Promise((resolve, reject) => this.#waiting.push({ type, fits, resolve, reject }));
  }

  #hear(frame) {
    const asked = this.#asked.get(frame.id);
    if (asked) {
      this.#asked.delete(frame.id);
      if (frame.type === 'error') asked.reject(new Error(`${frame.code}: ${frame.message}`));
      else asked.resolve(frame);
      return;
    }
    if (frame.type === 'closed') this.#fail(new Error(`the connection ended: ${frame.code}`));
    const at = this.#waiting.findIndex(({ type, fits }) => type === frame.type && fits(frame));
    if (at >= 0) this.#waiting.splice(at, 1)[0].resolve(frame);
  }

  #fail(error) {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    const ended = this.#waiting.filter(({ type }) => type !== 'closed');
    this.#waiting = this.#waiting.filter(({ type }) => type === 'closed');
    for (const { reject } of ended) reject(error);
  }

  /** Says many texts, most of them on their way at once; returns when all are kept. */
  async sayAll(session, texts, atOnce = 400) {
    for (let from = 0; from < texts.length; from += atOnce) {
      await Promise.all(texts.slice(from, from + atOnce).map((text) => this.ask({ type: 'send', session: session.id, text })));
    }
  }

  /** A goodbye: offline at once, without the presence grace. */
  async close() {
    const closed = this.heard('closed');
    this.#say({ type: 'goodbye' });
    await closed;
  }
}
