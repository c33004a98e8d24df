// A user of a page: finds elements as people do, by role and name.

import { gone, shown, PATIENCE } from './expect.mjs';

/** Chromium reports every refused request on the console; the one for the current user is always refused before a login. */
const EXPECTED = [/status of 401 .*\/api\/v1\/me\b/];

/** Console messages while the server is down. */
export const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|WebSocket connection to/;

export class Person {
  /** Errors of the page. */
  faults = [];

  #expected = [...EXPECTED];

  static async enter(context, name, account, url) {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const person = new Person(context, page, name, account, url);
    await person.#watch();
    return person;
  }

  constructor(context, page, name, account, url) {
    Object.assign(this, { context, page, name, account, url });
  }

  /** Errors like this, uncaught or on the console, are expected. */
  expects(pattern) {
    this.#expected.push(pattern);
  }

  async #watch() {
    this.page.on('pageerror', (error) => {
      if (!this.#expected.some((pattern) => pattern.test(String(error)))) this.faults.push(`error: ${error.stack || error}`);
    });
    this.page.on('dialog', async (dialog) => {
      this.faults.push(`dialog: ${dialog.type()} ${dialog.message()}`);
      await dialog.dismiss();
    });
    this.page.on('console', (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (!['error', 'warning'].includes(message.type()) || this.#expected.some((pattern) => pattern.test(text))) return;
      this.faults.push(`console: ${text}`);
    });
    // Violations that are only reported, or swallowed by a library, count, too.
    await this.page.exposeFunction('parlorTestFault', (fault) => this.faults.push(fault));
    await this.page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        window.parlorTestFault(`content security policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  // Elements of the page.

  role(role, name, options = {}) {
    return this.page.getByRole(role, name === undefined ? options : { name, exact: typeof name === 'string', ...options });
  }

  button(name) { return this.role('button', name); }
  field(name) { return this.page.getByLabel(name, { exact: true }); }
  heading(name) { return this.role('heading', name); }
  tab(name) { return this.role('tab', new RegExp(`^${name}`)); }
  get chats() { return this.role('list', 'Conversations'); }
  get log() { return this.role('log', 'Messages'); }
  get composer() { return this.role('textbox', 'Message'); }
  get details() { return this.role('complementary', 'Details'); }
  get invitations() { return this.role('region', 'Invitations'); }
  get banner() { return this.page.locator('.banner'); }

  /** The link to a conversation in the list, with this unread count, or with any. */
  chat(title, unread) {
    return this.chats.getByRole('link', { name: chatName(title, unread) });
  }

  /** Its row: the title, the last message, the time. */
  row(title) {
    return this.chats.getByRole('listitem').filter({ has: this.page.getByRole('link', { name: chatName(title) }) });
  }

  /** The message that contains this text, or matches a pattern. */
  message(text) {
    return this.log.getByRole('article').filter({ has: this.page.locator('.text', { hasText: text }) });
  }

  /** All visible texts, in order. */
  messages() {
    return this.log.getByRole('article').locator('.text').allInnerTexts();
  }

  // Actions.

  /** Opens a path of the server. */
  go(path) {
    return this.page.goto(this.url + path);
  }

  /** Waits until the client is loaded and connected. */
  async isIn() {
    await shown(this.chats);
    await gone(this.banner);
  }

  /** Chooses a login method or room form on the first page. */
  async choose(way) {
    await this.role('tab', way).or(this.button(way)).first().click();
  }

  /** Submits the form. */
  async submit(name) {
    await this.page.locator('form').getByRole('button', { name, exact: true }).click();
  }

  /** The error of a field. */
  async errorOf(field) {
    const ids = ((await this.field(field).getAttribute('aria-describedby')) ?? '').split(' ').filter(Boolean);
    const texts = await Promise.all(ids.map((id) => this.page.locator(`[id="${id}"].error`).allInnerTexts()));
    const invalid = (await this.field(field).getAttribute('aria-invalid')) === 'true';
    return invalid ? texts.flat().join(' ').trim() : '';
  }

  /** Opens a conversation from the list. */
  async open(title) {
    await this.chat(title).click();
    await shown(this.role('main', title));
    await shown(this.composer);
  }

  /** Writes and sends. */
  async write(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Picks from the menu of a message. */
  async act(text, action) {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name: 'Message actions' }).click();
    await this.role('menuitem', action).click();
  }

  /** Opens the details of the open conversation. */
  async showDetails() {
    await this.button('Details').click();
    await shown(this.details);
  }

  /** Picks from the menu of a member. */
  async actOn(name, action) {
    await this.details.getByRole('button', { name: `Actions for ${name}` }).click();
    await this.role('menuitem', action).click();
  }
}

function chatName(title, unread) {
  const count = unread === undefined ? '( ?, \\d+ unread)?' : unread > 0 ? ` ?, ${unread} unread` : '';
  return new RegExp(`^${escaped(title)}${count}$`);
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
