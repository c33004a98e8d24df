// A TCP proxy between a page and its server that can be slow, stall, or be cut, for HTTP and WebSocket alike. The browser's own
// throttling does not affect an open WebSocket.

import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export class Line {
  #server;
  #target;
  #pairs = new Set();
  #delay = 0;
  #bytesPerSecond = Infinity;
  #held = null;

  /** The address for pages instead of the server's. */
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
      // The end of one side closes the other.
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
      // The failed side emits `close`.
    }
  }

  /** Delays every chunk from now on, as on a poor mobile network. */
  slow({ delay = 0, bytesPerSecond = Infinity }) {
    this.#delay = delay;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Stalls without closing anything, like a dead network. With `onlyAnswers` data from the page still arrives. */
  hold({ onlyAnswers = false } = {}) {
    let free;
    const freed = new Promise((resolve) => { free = resolve; });
    this.#held = { onlyAnswers, freed, free };
  }

  /** Forwards what was held back. */
  release() {
    this.#held?.free();
    this.#held = null;
  }

  /** Closes all connections at once. New ones are accepted. */
  cut() {
    for (const [page] of this.#pairs) page.destroy();
  }

  async close() {
    this.release();
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
