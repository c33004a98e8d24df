// The field to write in. What is typed is the session's draft at once, so that nothing is lost; sent, it goes to the
// outbox, with or without a connection.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { part } from '../../lib/part.js';
import { sendable } from '../../lib/prose.js';
import { mentionable, nameOf } from '../../state/select.js';
import { loadBlocks, unblockButton } from '../sidebar/blocks.js';
import { above } from './above.js';
import { cancelled, editing, lastOwn, written } from './draft.js';
import { inWords, remaining } from './length.js';
import { complete, fitting, listbox, mentionAt, optionId } from './mentions.js';
import { pickEmoji } from './picker.js';

/** The server passes a sign of typing on once in this time. */
const TYPING_EVERY = 3000;
/** Sessions with more members are not told who is typing. */
const TYPING_UP_TO = 200;

/** @param {Conversation} place @param {Actions} act */
export function composer(place, act) {
  if (place.blocked) {
    return h('div', { key: 'blocked', class: 'composer read-only row' },
      h('p', { class: 'grow muted' }, 'You blocked ', h('bdi', null, nameOf(place.other.username, place.state)), '. Unblock to send messages.'),
      unblockButton(place.other, act));
  }
  if (place.readOnly) {
    return h('p', { key: 'read-only', class: 'composer read-only muted' }, 'This account was deleted. You can still read the conversation.');
  }
  /** @type {any} */
  let writer;
  return part('form', {
    key: `composer-${place.session.id}`,
    class: 'composer',
    begin: (memory) => {
      memory.writer = new Writer(memory, act);
      // Whether one may write depends on them.
      if (place.other && !place.state.blocks) loadBlocks(act);
    },
    onsubmit(event) {
      event.preventDefault();
      writer.send();
    },
    update: () => writer.follow(),
  }, (memory) => {
    writer = memory.writer;
    return writer.view(place);
  });
}

class Writer {
  /** @param {Memory} memory @param {Actions} act */
  constructor(memory, act) {
    this.memory = memory;
    this.act = act;
    /** @type {any} */
    this.offered = null;    // {at, query, users, active}: whom an "@" may mean
    this.saving = false;    // a change is on its way to the server
    this.told = 0;          // when others were last told that I write
  }

  /** What is written by now, which the page may not show yet. */
  get draft() {
    return this.act.draft(this.place.session.id);
  }

  /** @param {Conversation} place */
  view(place) {
    /** @type {any} */
    this.place = place;
    const { state } = place;
    const { draft } = this;
    /** @type {string} */
    const turn = `${draft?.edit} ${draft?.reply_to}`;
    this.turned ||= Boolean(this.field) && turn !== this.turn;
    /** @type {string} */
    this.turn = turn;
    const text = draft?.text ?? '';
    /** @type {any} */
    const left = remaining(text, state.limits?.text_bytes);
    const { offered } = this;
    return [
      above(place, draft, this.saving, () => this.cancel()),
      offered && listbox(offered.users, offered.active, (user) => this.mention(user)),
      h('div', { class: 'composer-row' },
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Emoji', title: 'Emoji', onclick: ({ currentTarget }) => this.emoji(currentTarget) }, icon('smile')),
        h('textarea', {
          id: 'composer', class: 'input', rows: '1', dir: 'auto', 'aria-label': 'Message', placeholder: 'Message', value: text,
          autocapitalize: 'sentences', enterkeyhint: touch() ? 'enter' : 'send',
          'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': offered && 'mentions',
          'aria-activedescendant': offered && optionId(offered.active),
          'aria-describedby': left !== null && 'composer-left', 'aria-invalid': left !== null && left < 0 ? 'true' : null,
          mount: (field) => this.begin(field),
          oninput: () => this.type(),
          onkeydown: (event) => this.key(event),
          onblur: () => this.offer(null),
          onselect: () => this.look(),
        }),
        h('button', { type: 'submit', class: 'icon-button send', 'aria-label': 'Send', title: draft?.edit ? 'Save' : 'Send', 'aria-disabled': sendable(text) && !(left < 0) ? null : 'true' }, icon(draft?.edit ? 'check' : 'send'))),
      h('p', { id: 'composer-left', class: ['composer-left small', left < 0 && 'error-text'], role: 'status' }, left === null ? null : inWords(left)),
    ];
  }

  /** @param {any} field */
  begin(field) {
    /** @type {any} */
    this.field = field;
    const { route } = this.place.state.view;
    // Once it is in the page. Who opens a conversation wants to write, unless they came to a message or to the details;
    // a keyboard on glass would hide half of what there is to read.
    queueMicrotask(() => {
      grow(field);
      if (!touch() && !route.seq && !route.about) field.focus({ preventScroll: true });
    });
  }

  /** After each drawing: the field is as high as its text, and the caret at the end of a text that was put there. */
  follow() {
    grow(this.field);
    if (!this.turned) return;
    this.turned = false;
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  /** @param {Draft|null|undefined} draft */
  put(draft) {
    const kept = draft?.text || draft?.reply_to || draft?.edit ? draft : null;
    this.act.dispatch({ type: 'draft', session: this.place.session.id, draft: kept });
    // At once and not with the next drawing, before which more may be typed.
    const text = kept?.text ?? '';
    if (this.field.value !== text) this.field.value = text;
  }

  type() {
    this.put(written(this.draft, this.field.value));
    this.look();
    this.tell();
  }

  /** Offers names where the caret stands behind an "@". */
  look() {
    const { value, selectionStart, selectionEnd } = this.field;
    const found = selectionStart === selectionEnd ? mentionAt(value, selectionStart) : null;
    const users = found ? fitting(mentionable(this.place.session, this.place.state), found.query) : [];
    this.offer(users.length > 0 ? { ...found, users, active: 0 } : null);
  }

  /** @param {Fields|null} offered */
  offer(offered) {
    if (!offered && !this.offered) return;
    this.offered = offered;
    this.memory.set();
  }

  /** @param {User} user */
  mention(user) {
    const { text, caret } = complete(this.field.value, this.offered, user.username);
    this.offer(null);
    this.insert(text, caret);
  }

  /** @param {string} text @param {number} caret */
  insert(text, caret) {
    this.put(written(this.draft, text));
    this.field.focus();
    this.field.setSelectionRange(caret, caret);
  }

  /** @param {any} button */
  emoji(button) {
    const { value, selectionStart, selectionEnd } = this.field;
    pickEmoji(button, {
      label: 'Emoji',
      pick: (emoji) => this.insert(value.slice(0, selectionStart) + emoji + value.slice(selectionEnd), selectionStart + emoji.length),
    });
  }

  /** @param {UiEvent} event */
  key(event) {
    // Enter, arrows and Esc belong to the input method while it composes.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.offered && this.choose(event)) return event.preventDefault();
    const { session, state } = this.place;
    const { draft } = this;
    // With Ctrl or ⌘ it is a keyboard that was pressed, whatever else the machine is touched with.
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (!touch() || event.ctrlKey || event.metaKey)) this.send();
    else if (event.key === 'Escape' && (draft?.edit || draft?.reply_to)) this.cancel();
    else if (event.key === 'ArrowUp' && this.field.value === '' && !draft?.edit) {
      const mine = lastOwn(session, state.me);
      if (!mine) return;
      this.put(editing(draft, mine));
    } else return;
    event.preventDefault();
  }

  /** A key while names are offered. @returns {boolean} whether it was meant for them @param {Fields} options */
  choose({ key, shiftKey }) {
    const { users, active } = this.offered;
    if (key === 'ArrowDown') this.offer({ ...this.offered, active: (active + 1) % users.length });
    else if (key === 'ArrowUp') this.offer({ ...this.offered, active: (active + users.length - 1) % users.length });
    else if ((key === 'Enter' || key === 'Tab') && !shiftKey) this.mention(users[active]);
    else if (key === 'Escape') this.offer(null);
    else return false;
    return true;
  }

  cancel() {
    this.put(cancelled(this.draft));
    this.field.focus();
  }

  async send() {
    const { session, state } = this.place;
    const { draft } = this;
    const text = sendable(this.field.value);
    this.field.focus();
    // @ts-expect-error: null is below nothing.
    if (!text || remaining(text, state.limits?.text_bytes) < 0) return;
    this.offer(null);
    this.told = 0;
    if (!draft?.edit) {
      this.put(null);
      this.act.send(session.id, text, { reply_to: draft?.reply_to });
      // What was written is at the end, and so is the reader: an address that names a message would lead back to it.
      if (state.view.route.seq) this.act.go({ name: 'session', id: session.id });
      return;
    }
    if (this.saving) return;
    // The change stays in the field until it is kept: refused or offline, nothing of it is lost.
    this.saving = true;
    this.memory.set();
    await this.act.change({ type: 'edit', session: session.id, seq: draft.edit, text });
    this.saving = false;
    this.memory.set();
  }

  tell() {
    const { session, state } = this.place;
    const now = Date.now();
    if (session.kind === 'lobby' || session.member_count > TYPING_UP_TO || state.link.status !== 'up') return;
    if (this.draft?.edit || now - this.told < TYPING_EVERY || this.field.value === '') return;
    this.told = now;
    // Nobody waits for what becomes of it.
    this.act.ask({ type: 'typing', session: session.id }).catch(() => {});
  }
}

/** A keyboard on glass has no Shift + Enter: there Enter begins a new line, and the button sends. */
function touch() {
  return matchMedia('(pointer: coarse)').matches;
}

/** Makes the field as high as its text. @param {any} field */
function grow(field) {
  // To be measured the field is small for a moment. The form keeps its height meanwhile: otherwise the messages above would get
  // the room, and lose their place.
  const around = field.form;
  around?.style.setProperty('height', `${around.offsetHeight}px`);
  field.style.setProperty('height', 'auto');
  // Borders are not part of the height of what is inside.
  field.style.setProperty('height', `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`);
  around?.style.removeProperty('height');
}
