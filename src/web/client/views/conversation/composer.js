// The field to write in. What is typed is the session's draft at once, so that nothing is lost; sent, it goes to the
// outbox, with or without a connection.

import { h } from '../../lib/dom.js';
import { icon } from '../../lib/icons.js';
import { part } from '../../lib/part.js';
import { sendable } from '../../lib/prose.js';
import { mentionable } from '../../state/select.js';
import { above } from './above.js';
import { cancelled, editing, lastOwn, written } from './draft.js';
import { inWords, remaining } from './length.js';
import { complete, fitting, listbox, mentionAt, optionId } from './mentions.js';
import { pickEmoji } from './picker.js';

/** The server passes a sign of typing on once in this time. */
const TYPING_EVERY = 3000;
/** Sessions with more members are not told who is typing. */
const TYPING_UP_TO = 200;

/** @param {object} place `{state, session, draft, readOnly}` @param {object} act */
export function composer(place, act) {
  if (place.readOnly) {
    return h('p', { key: 'read-only', class: 'composer read-only muted' }, 'This person has deleted their account. You can read what was written, but not write any more.');
  }
  let writer;
  return part('form', {
    key: `composer-${place.session.id}`,
    class: 'composer',
    begin: (memory) => { memory.writer = new Writer(memory, act); },
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
  constructor(memory, act) {
    this.memory = memory;
    this.act = act;
    this.offered = null;    // {at, query, users, active}: whom an "@" may mean
    this.told = 0;          // when others were last told that I write
  }

  view(given) {
    // Drawn again for its own sake, what was typed since the last news counts, or letters would be lost.
    if (given !== this.given) Object.assign(this, { given, place: given });
    const { place } = this;
    const { state, draft } = place;
    const turn = `${draft?.edit} ${draft?.reply_to}`;
    this.turned ||= Boolean(this.field) && turn !== this.turn;
    this.turn = turn;
    const text = draft?.text ?? '';
    const left = remaining(text, state.limits?.text_bytes);
    const { offered } = this;
    return [
      above(place, () => this.cancel()),
      offered && listbox(offered.users, offered.active, (user) => this.mention(user)),
      h('div', { class: 'composer-row' },
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Emoji', title: 'Emoji', onclick: ({ currentTarget }) => this.emoji(currentTarget) }, icon('smile')),
        h('textarea', {
          id: 'composer', class: 'input', rows: '1', dir: 'auto', 'aria-label': 'Message', placeholder: 'Message', value: text,
          autocapitalize: 'sentences', enterkeyhint: touch() ? 'enter' : 'send',
          'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': offered && 'mentions',
          'aria-activedescendant': offered && optionId(offered.active),
          'aria-describedby': left !== null && 'composer-left', 'aria-invalid': left !== null && left < 0 ? 'true' : null,
          mount: (field) => { this.field = field; queueMicrotask(() => grow(field)); },
          oninput: () => this.type(),
          onkeydown: (event) => this.key(event),
          onblur: () => this.offer(null),
          onselect: () => this.look(),
        }),
        h('button', { type: 'submit', class: 'icon-button send', 'aria-label': 'Send', title: draft?.edit ? 'Save the change' : 'Send', 'aria-disabled': sendable(text) && !(left < 0) ? null : 'true' }, icon(draft?.edit ? 'check' : 'send'))),
      h('p', { id: 'composer-left', class: ['composer-left small', left < 0 && 'error-text'], role: 'status' }, left === null ? null : inWords(left)),
    ];
  }

  /** After each drawing: the field is as high as its text, and the caret at the end of a text that was put there. */
  follow() {
    grow(this.field);
    if (!this.turned) return;
    this.turned = false;
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  put(given) {
    const draft = given?.text || given?.reply_to || given?.edit ? given : undefined;
    this.place = { ...this.place, draft };
    this.act.dispatch({ type: 'draft', session: this.place.session.id, draft: draft ?? null });
  }

  type() {
    this.put(written(this.place.draft, this.field.value));
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

  offer(offered) {
    if (!offered && !this.offered) return;
    this.offered = offered;
    this.memory.set();
  }

  mention(user) {
    const { text, caret } = complete(this.field.value, this.offered, user.username);
    this.offer(null);
    this.insert(text, caret);
  }

  insert(text, caret) {
    // At once and not with the next drawing: the caret belongs to this text.
    this.field.value = text;
    this.field.focus();
    this.field.setSelectionRange(caret, caret);
    this.put(written(this.place.draft, text));
  }

  emoji(button) {
    const { value, selectionStart, selectionEnd } = this.field;
    pickEmoji(button, {
      label: 'Emoji',
      pick: (emoji) => this.insert(value.slice(0, selectionStart) + emoji + value.slice(selectionEnd), selectionStart + emoji.length),
    });
  }

  key(event) {
    // Enter, arrows and Esc belong to the input method while it composes.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.offered && this.choose(event)) return event.preventDefault();
    const { draft, session, state } = this.place;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !touch()) this.send();
    else if (event.key === 'Escape' && (draft?.edit || draft?.reply_to)) this.cancel();
    else if (event.key === 'ArrowUp' && this.field.value === '' && !draft?.edit) {
      const mine = lastOwn(session, state.me);
      if (!mine) return;
      this.put(editing(draft, mine));
    } else return;
    event.preventDefault();
  }

  /** A key while names are offered. @returns {boolean} whether it was meant for them */
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
    this.put(cancelled(this.place.draft));
    this.field.focus();
  }

  async send() {
    const { session, draft, state } = this.place;
    const text = sendable(this.field.value);
    this.field.focus();
    if (!text || remaining(text, state.limits?.text_bytes) < 0) return;
    this.offer(null);
    this.told = 0;
    if (!draft?.edit) {
      this.put(null);
      this.act.send(session.id, text, { reply_to: draft?.reply_to });
      return;
    }
    // The change stays in the field until it is kept: refused or offline, nothing of it is lost.
    if (await this.act.change({ type: 'edit', session: session.id, seq: draft.edit, text })) this.put(draft.before);
  }

  tell() {
    const { session, state } = this.place;
    const now = Date.now();
    if (session.kind === 'lobby' || session.member_count > TYPING_UP_TO || state.link.status !== 'up') return;
    if (this.place.draft?.edit || now - this.told < TYPING_EVERY || this.field.value === '') return;
    this.told = now;
    // Nobody waits for what becomes of it.
    this.act.ask({ type: 'typing', session: session.id }).catch(() => {});
  }
}

/** A keyboard on glass has no Shift + Enter: there Enter begins a new line, and the button sends. */
function touch() {
  return matchMedia('(pointer: coarse)').matches;
}

function grow(field) {
  field.style.setProperty('height', 'auto');
  // Borders are not part of the height of what is inside.
  field.style.setProperty('height', `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`);
}
