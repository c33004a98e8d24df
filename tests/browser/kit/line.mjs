// The line between a page and its server: a TCP proxy that can be slow, stand still, or be cut, for HTTP and WebSocket
// alike. The browser's own throttling does not reach a WebSocket that is open.

import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class Line {
  #server;
  #target;
  #pairs = new Set();
  #delay = 0;
  #bytesPerSecond = Infinity;
  #held = null;

  /** What pages open instead of the server. */
  url;

  /** @param {import('./server.mjs').Server} server */
  static async to(server) {
    const line = new Line(server);
    await new Promise((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    line.url = `http://127.0.0.1:${line.#server.address().port}`;
    return line;
  }

  constructor(server) {
    this.#target = server;
    this.#server = createServer((page) => this.#join(page));
  }

  #join(page) {
    const { hostname, port } = new URL(this.#target.url);
    const far = connect({ host: hostname, port });
    const pair = [page, far];
    this.#pairs.add(pair);
    for (const [from, to] of [[page, far], [far, page]]) {
      from.setNoDelay(true);
      this.#carry(from, to, from === far);
      // Either end takes the other with it.
      from.on('error', () => {}).on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  async #carry(from, to, answers) {
    try {
      for await (const bytes of from) {
        const slow = this.#delay + (1000 * bytes.length) / this.#bytesPerSecond;
        if (slow > 0) await pause(slow);
        if (answers || !this.#held?.onlyAnswers) await this.#held?.freed;
        to.write(bytes);
      }
      to.end();
    } catch {
      // The end that failed tells of it by `close`.
    }
  }

  /** From now on every piece waits, as on a poor mobile network. */
  slow({ delay = 0, bytesPerSecond = Infinity }) {
    this.#delay = delay;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Nothing passes any more, and nobody is told: a dead network. With `onlyAnswers` what the page says still arrives. */
  hold({ onlyAnswers = false } = {}) {
    let free;
    const freed = new Promise((resolve) => { free = resolve; });
    this.#held = { onlyAnswers, freed, free };
  }

  /** What was held passes. */
  release() {
    this.#held?.free();
    this.#held = null;
  }

  /** All connections end at once. New ones are taken. */
  cut() {
    for (const [page] of this.#pairs) page.destroy();
  }

  async close() {
    this.release();
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
