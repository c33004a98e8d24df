// The fixture of a browser test: a server and users with pages, all closed after the test. An error in a page (an exception, a
// refused resource, a dialog) fails the test, also where it did not look.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browser, close } from './browser.mjs';
import { Line } from './line.mjs';
import { Person } from './person.mjs';
import { Server } from './server.mjs';

after(close);

/** Milliseconds; enough for a busy machine. */
const TIME = 120_000;

/**
 * @param {string} name a sentence
 * @param {object} settings of the server, as environment variables
 * @param {(fixture: Fixture) => Promise<void>} play
 */
export function browserTest(name, settings, play) {
  test(name, { timeout: TIME }, async (t) => {
    const fixture = new Fixture(t, await Server.start(settings));
    try {
      await play(fixture);
      fixture.checkPeople();
    } catch (error) {
      await fixture.picture();
      t.diagnostic(`server log:\n${fixture.server.log().split('\n').slice(-20).join('\n')}`);
      for (const person of fixture.people) for (const fault of person.faults) t.diagnostic(`${person.name}: ${fault}`);
      throw error;
    } finally {
      await fixture.close();
    }
  });
}

class Fixture {
  people = [];
  lines = [];

  constructor(t, server) {
    this.t = t;
    this.server = server;
  }

  /**
   * A new user with the page at `path` (`null`: an empty one), logged in as `account` if given, over `line` if given. Other
   * options are the browser context's.
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

  /** A new account with the client loaded. */
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

  /** A TCP proxy to the server. */
  async line() {
    const line = await Line.to(this.server);
    this.lines.push(line);
    return line;
  }

  checkPeople() {
    const faults = this.people.flatMap((person) => person.faults.map((fault) => `${person.name}: ${fault}`));
    if (faults.length) throw new Error(`went wrong in a page:\n${faults.join('\n')}`);
  }

  /** Screenshots of all pages, for failures. */
  async picture() {
    for (const person of this.people) await this.keep(person, person.name);
  }

  /** A screenshot of a page. */
  async keep(person, name) {
    const folder = process.env.PARLOR_PICTURES;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${this.t.name} - ${name}.png`.replace(/[^\w .,-]/g, ''));
    // A hanging or closed page has no screenshot, and the failure itself matters more.
    await person.page.screenshot({ path, timeout: 5_000 }).then(() => this.t.diagnostic(`picture: ${path}`), () => {});
  }

  async close() {
    for (const context of new Set(this.people.map((person) => person.context))) await context.close();
    for (const line of this.lines) await line.close();
    await this.server.close();
  }
}
