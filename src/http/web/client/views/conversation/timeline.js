// The messages of the open conversation in a scrolling list. reader.js knows the position, rows.js the rows as data, row.js
// renders each.

import { bounded } from '../../lib/boundary.js';
import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { component } from '../../lib/component.js';
import { nameOf } from '../../state/select.js';
import { find } from '../../state/span.js';
import { messageActions } from './actions.js';
import { beginning } from './beginning.js';
import { logKeys } from './keys.js';
import { Reader } from './reader.js';
import { line, message, pending as waiting } from './row.js';
import { firstNew, rows } from './rows.js';

/** Milliseconds for which a jump target is highlighted. */
const MARKED = 2500;

/**
 * @param {Conversation} place
 * @param {Actions} act
 */
export function timeline(place, act) {
  /** @type {any} */
  let log;
  return component('div', {
    key: `timeline-${place.session.id}`,
    class: 'timeline',
    begin: (local) => {
      local.log = new Log(local, act);
      return () => local.log.reader.end();
    },
    mount: (element) => log.attach(element),
    update: () => log.reader.settle(),
  }, (local) => {
    log = local.log;
    return log.view(place);
  });
}

/** The state of the timeline between two renders. */
class Log {
  /** @param {LocalState} local @param {Actions} act */
  constructor(local, act) {
    this.act = act;
    this.reader = new Reader({ draw: () => this.draw(local), found: (seq) => this.mark(`message-${seq}`) }, act);
    this.made = new Map();       // key of a row → its inputs and its description
    this.unfolded = new Set();   // keys of unfolded rows
    /** @type {any} */
    this.current = null;         // key of the row that is the tab stop
    /** @type {any} */
    this.actions = {
      ...messageActions(() => ({ ...this.place, me: this.place.state.me }), act),
      act,
      /** @param {string} username */
      nameOf: (username) => nameOf(username, this.place.state),
      /** @param {string} key */
      toggle: (key) => this.toggle(key),
    };
  }

  /** @param {any} element */
  attach(element) {
    this.element = element.querySelector('[role="log"]');
    this.reader.attach(this.element);
  }

  /** Renders again without a new state: the window, the tab stop or the highlight has changed. @param {LocalState} local */
  draw(local) {
    const held = this.element.contains(document.activeElement);
    local.set();
    // If the focused message is no longer rendered, the list takes the focus.
    if (held && !this.element.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    this.reader.settle();
  }

  /** @param {Conversation} place */
  view(place) {
    /** @type {any} */
    this.place = place;
    const { state, session } = place;
    // Pending messages follow the newest message, so they are shown only where that is loaded.
    const pending = session.span && !session.span.live ? [] : place.pending;
    const shown = this.reader.show({ session, pending, written: place.pending.length, begins: firstNew(session, state.me), view: state.view });
    const list = rows(session, pending, shown, state);
    this.actions.me = state.me;
    this.place.list = list;
    const stops = list.filter((row) => row.kind === 'message' || row.kind === 'pending');
    const current = stops.some((row) => row.key === this.current) ? this.current : stops.at(-1)?.key;
    const made = new Map();
    const children = list.map((row) => bounded(() => this.row(row, row.key === current, made), () => unreadable(row)));
    this.made = made;
    const away = this.reader.placed && !this.reader.atEnd;
    return [
      h('div', {
        class: 'log', role: 'log', 'aria-label': 'Messages', tabindex: stops.length > 0 ? '-1' : '0',
        // The live region announces new messages; here every move of the window would be announced.
        'aria-live': 'off',
        'aria-busy': !session.span,
        onscroll: () => this.reader.scrolled(),
        onkeydown: (event) => logKeys(event, this),
        onfocusin: (event) => this.focused(event),
      }, h('div', { class: 'rows' },
        shown.start === 0 && beginning(place, this.act),
        children,
        session.span && !session.span.live && h('p', { key: 'newer', class: 'loading' }, 'Loading…'))),
      away && this.down(session),
    ];
  }

  /**
   * A row's description: the same object as long as nothing about it has changed.
   * @param {any} row
   * @param {boolean} current
   * @param {Map<string, any>} made
   */
  row(row, current, made) {
    const { state } = this.place;
    const look = row.kind === 'message' || row.kind === 'pending' ? this.look(row, current) : { today: new Date(state.now).toDateString() };
    const parts = [...Object.values(row), ...Object.values(look)];
    const last = this.made.get(row.key);
    const same = last?.parts.length === parts.length && parts.every((one, i) => one === last.parts[i]);
    const entry = same ? last : { parts, vnode: bounded(() => this.describe(row, look), () => unreadable(row)) };
    made.set(row.key, entry);
    return entry.vnode;
  }

  /** @param {any} row @param {any} look */
  describe(row, look) {
    if (row.kind === 'message') return message(row, look, this.actions);
    if (row.kind === 'pending') return waiting(row, look, this.actions);
    return line(row, this.place.state.now);
  }

  /** @param {any} row @param {boolean} current */
  look(row, current) {
    const { state, session } = this.place;
    const item = row.message ?? row.pending;
    const username = row.message?.username ?? state.me.username;
    const quoted = item.reply_to ? this.message(item.reply_to) : undefined;
    return {
      current,
      tab: current ? null : '-1',
      found: row.key === this.marked,
      unfolded: this.unfolded.has(row.key),
      withNames: session.kind !== 'direct',
      name: nameOf(username, state),
      seed: username,
      gone: username === 'deleted-user',
      quoted,
      quotedName: quoted && nameOf(quoted.username, state),
      mayReact: this.actions.may.react(),
      up: row.kind === 'pending' && state.link.status === 'up',
    };
  }

  /** A message by its number, if it is loaded. @param {number} seq */
  message(seq) {
    return find(this.place.session.span, seq);
  }

  /** @param {Session} session */
  down({ unread }) {
    const label = unread > 0 ? `Newest messages, ${unread > 999 ? 'more than 999' : unread} new` : 'Newest messages';
    return h('button', {
      key: 'down', type: 'button', class: 'down', title: 'Newest messages', 'aria-label': label, onclick: () => this.toNewest(),
    }, icon('down'), unread > 0 && h('span', { class: 'badge' }, unread > 999 ? '999+' : unread));
  }

  toNewest() {
    const { session, state } = this.place;
    this.reader.toEnd();
    // The address no longer names a message: a reload ends here, too.
    if (state.view.route.seq) this.act.openSession(session.id);
    this.current = null;
    this.element.focus({ preventScroll: true });
    this.reader.draw();
  }

  /** @param {string} key */
  toggle(key) {
    if (!this.unfolded.delete(key)) this.unfolded.add(key);
    this.reader.hold(this.element.querySelector(`[data-row="${CSS.escape(key)}"]`));
    this.reader.draw();
  }

  /** @param {UiEvent} event */
  focused(event) {
    const key = event.target.closest('article')?.dataset.row;
    if (!key || key === this.current) return;
    this.current = key;
    this.reader.draw();
  }

  /** @param {string} key */
  mark(key) {
    this.marked = key;
    clearTimeout(this.unmark);
    this.unmark = setTimeout(() => {
      this.marked = null;
      if (this.element.isConnected) this.reader.draw();
    }, MARKED);
    this.reader.draw();
  }
}

/** Replaces a row that cannot be drawn. It counts as seen like any other. @param {Fields} options */
function unreadable({ key, message: item }) {
  return h('p', { key, class: 'notice unshown', data: { seq: item?.seq } }, 'This message cannot be shown.');
}
