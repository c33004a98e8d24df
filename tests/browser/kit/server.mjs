// The real binary as a child process, with its own database in a temporary folder. It can be killed, stopped and restarted on the
// same port, as pages expect.

import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Account } from './account.mjs';

const binary = process.env.PARLOR_BINARY ?? new URL('../../../target/debug/parlor', import.meta.url).pathname;

export class Server {
  /** Child processes to end with this one. */
  static #running = new Set();

  static {
    process.on('exit', () => Server.#running.forEach((server) => server.#remove()));
    for (const signal of ['SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  }

  #folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  #settings;
  #child = null;

  /** `http://127.0.0.1:<port>`, the same for its whole life. */
  url = 'http://127.0.0.1:0';

  /** @param {object} settings environment variables */
  static async start(settings = {}) {
    const server = new Server(settings);
    Server.#running.add(server);
    await server.open();
    return server;
  }

  constructor(settings) {
    this.#settings = settings;
  }

  /** Starts it, first or again, and waits until it listens. */
  async open() {
    const log = openSync(join(this.#folder, 'log'), 'a');
    const address = this.url.slice('http://'.length);
    this.#child = spawn(binary, ['--listen', address, '--database-url', `sqlite:${join(this.#folder, 'parlor.db')}`], {
      cwd: this.#folder,
      // The developer's own settings do not apply to tests.
      env: { PATH: process.env.PATH, ...this.#settings },
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    for await (const line of createInterface(this.#child.stdout)) {
      const found = /listening on (http:\S+)/.exec(line);
      if (!found) continue;
      this.url = found[1];
      return;
    }
    throw new Error(`no start:\n${this.log()}`);
  }

  /** Sends SIGKILL and waits for the end. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Sends SIGTERM and waits for the end. */
  stop() {
    return this.#end('SIGTERM');
  }

  async #end(signal) {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Its log. */
  log() {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Ends it and removes its data. */
  async close() {
    await this.kill();
    this.#remove();
  }

  #remove() {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
    Server.#running.delete(this);
  }

  /** A new account that has logged in. */
  account(username) {
    return Account.register(this, username);
  }

  /** A new guest. */
  guest(name) {
    return Account.guest(this, name);
  }
}
