// The real binary as a child process, with a database of its own in a folder that is removed with it. It can be killed,
// stopped and started again on the same port, as pages expect of a server that comes back.

import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Account } from './account.mjs';

const binary = process.env.PARLOR_BINARY ?? new URL('../../../target/debug/parlor', import.meta.url).pathname;

export class Server {
  /** What must not outlive this process, however it ends. */
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

  /** Starts it, the first time or again, and returns once it answers. */
  async open() {
    const log = openSync(join(this.#folder, 'log'), 'a');
    const address = this.url.slice('http://'.length);
    this.#child = spawn(binary, ['--listen', address, '--database-url', `sqlite:${join(this.#folder, 'parlor.db')}`], {
      cwd: this.#folder,
      // What the developer has set for their own server does not reach a test's.
      env: { PATH: process.env.PATH, ...this.#settings },
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    for await (const line of createInterface(this.#child.stdout)) {
      const said = /listening on (http:\S+)/.exec(line);
      if (!said) continue;
      this.url = said[1];
      return;
    }
    throw new Error(`no start:\n${this.log()}`);
  }

  /** SIGKILL, and gone when this returns. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** SIGTERM, and gone when this returns. */
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

  /** What it has logged. */
  log() {
    return readFileSync(join(this.#folder, 'log'), 'utf8');
  }

  /** Ends it for good and removes what it kept. */
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
