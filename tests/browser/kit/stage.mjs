// A test with a server and people in front of pages. Whatever it opens is closed with it, and whatever goes wrong in a page
// (an error, a refused resource, a dialog) fails it, also where the test itself looked elsewhere.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browser, close } from './browser.mjs';
import { Line } from './line.mjs';
import { Person } from './person.mjs';
import { Server } from './server.mjs';

after(close);

/** Long enough for a busy machine. */
const TIME = 120_000;

/**
 * @param {string} name a sentence
 * @param {object} settings of the server, as environment variables
 * @param {(stage: Stage) => Promise<void>} play
 */
export function scene(name, settings, play) {
  test(name, { timeout: TIME }, async (t) => {
    const stage = new Stage(t, await Server.start(settings));
    try {
      await play(stage);
      stage.checkPeople();
    } catch (error) {
      await stage.picture();
      t.diagnostic(`server log:\n${stage.server.log().split('\n').slice(-20).join('\n')}`);
      for (const person of stage.people) for (const fault of person.faults) t.diagnostic(`${person.name}: ${fault}`);
      throw error;
    } finally {
      await stage.close();
    }
  });
}

class Stage {
  people = [];
  lines = [];

  constructor(t, server) {
    this.t = t;
    this.server = server;
  }

  /**
   * Somebody new in front of the page at `path` (`null`: of an empty one), logged in as `account` where one is given, over
   * `line` where one is given. Other options are the browser context's.
   */
  async visitor(name, { account = null, path = '/', line, ...options } = {}) {
    const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
    const url = (line ?? this.server).url;
    if (account) await context.addCookies([{ name: 'parlor_token', value: account.token, url, httpOnly: true, sameSite: 'Strict' }]);
    const person = await Person.enter(context, name, account, url);
    this.people.push(person);
    if (path !== null) await person.go(path);
    return person;
  }

  /** A new account that is in. */
  async person(username, options = {}) {
    const account = options.account ?? (await this.server.account(username));
    const person = await this.visitor(username, { ...options, account });
    await person.isIn();
    return person;
  }

  /** Another tab of the same browser. */
  async tab(person, path = '/') {
    const other = await Person.enter(person.context, `${person.name}, another tab`, person.account, person.url);
    this.people.push(other);
    await other.go(path);
    return other;
  }

  /** A line to the server that can be slow, or cut. */
  async line() {
    const line = await Line.to(this.server);
    this.lines.push(line);
    return line;
  }

  checkPeople() {
    const faults = this.people.flatMap((person) => person.faults.map((fault) => `${person.name}: ${fault}`));
    if (faults.length) throw new Error(`went wrong in a page:\n${faults.join('\n')}`);
  }

  /** What everybody sees, for whoever looks for the reason of a failure. */
  async picture() {
    for (const person of this.people) await this.keep(person, person.name);
  }

  /** A picture of what somebody sees, to be looked at. */
  async keep(person, name) {
    const folder = process.env.PARLOR_PICTURES;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${this.t.name} - ${name}.png`.replace(/[^\w .,-]/g, ''));
    // A page that hangs or is gone has no picture, and the failure itself matters more.
    await person.page.screenshot({ path, timeout: 5_000 }).then(() => this.t.diagnostic(`picture: ${path}`), () => {});
  }

  async close() {
    for (const context of new Set(this.people.map((person) => person.context))) await context.close();
    for (const line of this.lines) await line.close();
    await this.server.close();
  }
}
