// The composer. Input is stored as the session's draft at once; a sent message goes to the outbox, with or without a connection.

import { iconButton } from '../../lib/button.js';
import { bdi, h } from '../../lib/dom.js';
import { component } from '../../lib/component.js';
import { sendable } from '../../lib/text.js';
import { mentionable, nameOf } from '../../state/select.js';
import { loadBlocks, unblockButton } from '../sidebar/blocks.js';
import { composerContext } from './composer-context.js';
import { cancelled, editing, lastOwn, written } from './draft.js';
import { lengthText, remaining } from './length.js';
import { complete, fitting, listbox, mentionAt, optionId } from './mentions.js';
import { pickEmoji } from './picker.js';

/** The server forwards one typing sign in this time. */
const TYPING_EVERY = 3000;
/** Typing signs are not sent in larger sessions. */
const TYPING_UP_TO = 200;

/** @param {Conversation} place @param {Actions} act */
export function composer(place, act) {
  if (place.blocked) {
    return h('div', { key: 'blocked', class: 'composer read-only row' },
      h('p', { class: 'grow muted' }, 'You blocked ', bdi(nameOf(place.other.username, place.state)), '. Unblock to send messages.'),
      unblockButton(place.other, act));
  }
  if (place.readOnly) {
    return h('p', { key: 'read-only', class: 'composer read-only muted' }, 'This account was deleted. You can still read the conversation.');
  }
  /** @type {any} */
  let writer;
  return component('form', {
    key: `composer-${place.session.id}`,
    class: 'composer',
    begin: (local) => {
      local.writer = new Writer(local, act);
      // Whether writing is allowed depends on it.
      if (place.other && !place.state.blocks) loadBlocks(act);
    },
    onsubmit(event) {
      event.preventDefault();
      writer.send();
    },
    update: () => writer.follow(),
  }, (local) => {
    writer = local.writer;
    return writer.view(place);
  });
}

class Writer {
  /** @param {LocalState} local @param {Actions} act */
  constructor(local, act) {
    this.local = local;
    this.act = act;
    /** @type {any} */
    this.offered = null;    // {at, query, users, active}: the options behind an "@"
    this.saving = false;    // a change is on its way to the server
    this.typingSentAt = 0;  // when the last typing sign was sent
  }

  /** The current draft; the rendered one may be older. */
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
      composerContext(place, draft, this.saving, () => this.cancel()),
      offered && listbox(offered.users, offered.active, (user) => this.mention(user)),
      h('div', { class: 'composer-row' },
        iconButton('Emoji', 'smile', ({ currentTarget }) => this.emoji(currentTarget)),
        h('textarea', {
          id: 'composer', class: 'input', rows: '1', dir: 'auto', 'aria-label': 'Message', placeholder: 'Message', value: text,
          autocapitalize: 'sentences', enterkeyhint: touch() ? 'enter' : 'send',
          'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': offered && 'mentions',
          'aria-activedescendant': offered && optionId(offered.active),
          'aria-describedby': left !== null && 'composer-left', 'aria-invalid': left < 0,
          mount: (field) => this.begin(field),
          oninput: () => this.type(),
          onkeydown: (event) => this.key(event),
          onblur: () => this.offer(null),
          onselect: () => this.look(),
        }),
        iconButton('Send', draft?.edit ? 'check' : 'send', null, { type: 'submit', class: 'icon-button send', title: draft?.edit ? 'Save' : 'Send', 'aria-disabled': left < 0 || !sendable(text) })),
      h('p', { id: 'composer-left', class: ['composer-left small', left < 0 && 'error-text'], role: 'status' }, left === null ? null : lengthText(left)),
    ];
  }

  /** @param {any} field */
  begin(field) {
    /** @type {any} */
    this.field = field;
    const { route } = this.place.state.view;
    // Once it is attached. Opening a conversation focuses the composer, except at a message or the details, or on a touch screen,
    // where the keyboard would hide half of the messages.
    queueMicrotask(() => {
      grow(field);
      if (!touch() && !route.seq && !route.about) field.focus({ preventScroll: true });
    });
  }

  /** After each render: adjusts the height, and moves the caret to the end of a text that replaced another one. */
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
    // At once and not with the next render, before which more may be typed.
    const text = kept?.text ?? '';
    if (this.field.value !== text) this.field.value = text;
  }

  type() {
    this.put(written(this.draft, this.field.value));
    this.look();
    this.sendTyping();
  }

  /** Offers names if the caret is behind an "@". */
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
    this.local.set();
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
    // Ctrl or ⌘ means a real keyboard, also on a touch screen.
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (!touch() || event.ctrlKey || event.metaKey)) this.send();
    else if (event.key === 'Escape' && (draft?.edit || draft?.reply_to)) this.cancel();
    else if (event.key === 'ArrowUp' && this.field.value === '' && !draft?.edit) {
      const mine = lastOwn(session, state.me);
      if (!mine) return;
      this.put(editing(draft, mine));
    } else return;
    event.preventDefault();
  }

  /** Handles a key while names are offered. @returns {boolean} whether it was meant for them @param {Fields} options */
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
    this.typingSentAt = 0;
    if (!draft?.edit) {
      this.put(null);
      this.act.send(session.id, text, { reply_to: draft?.reply_to });
      // The new message is at the end, and so is the reader: a route to another message would lead back to it.
      if (state.view.route.seq) this.act.openSession(session.id);
      return;
    }
    if (this.saving) return;
    // The edit remains in the field until it is stored: refused or offline, nothing is lost.
    this.saving = true;
    this.local.set();
    await this.act.change({ type: 'edit', session: session.id, seq: draft.edit, text });
    this.saving = false;
    this.local.set();
  }

  sendTyping() {
    const { session, state } = this.place;
    const now = Date.now();
    if (session.kind === 'lobby' || session.member_count > TYPING_UP_TO || state.link.status !== 'up') return;
    if (this.draft?.edit || now - this.typingSentAt < TYPING_EVERY || this.field.value === '') return;
    this.typingSentAt = now;
    // A lost typing sign does not matter.
    this.act.request({ type: 'typing', session: session.id }).catch(() => {});
  }
}

/** On-screen keyboards have no Shift + Enter: there Enter inserts a line break, and the button sends. */
function touch() {
  return matchMedia('(pointer: coarse)').matches;
}

/** Makes the field as high as its text. @param {any} field */
function grow(field) {
  // For the measurement the field is small for a moment. The form keeps its height meanwhile, so that the messages above do not
  // move.
  const around = field.form;
  around?.style.setProperty('height', `${around.offsetHeight}px`);
  field.style.setProperty('height', 'auto');
  // `scrollHeight` does not include borders.
  field.style.setProperty('height', `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`);
  around?.style.removeProperty('height');
}
