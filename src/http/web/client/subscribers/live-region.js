// Announces to screen readers what happens elsewhere on the page: messages in the open conversation, the connection, and what a
// view requests. Several announcements become one.

import { nameOf } from '../state/select.js';

/** Milliseconds within which announcements are joined. */
const GATHER = 400;
/** Messages that are read aloud; more are only counted. */
const MOST = 3;

/** The text for an event, or null. @param {State} state @param {State} before @param {any} event */
function announcement(state, before, event) {
  if (event.type === 'announce') return event.text;
  if (event.type === 'link') {
    return before.link.status === 'up' && state.link.status === 'waiting' ? 'Connection lost.' : null;
  }
  return event.frame?.type === 'ready' && before.link.attempt > 0 ? 'Reconnected.' : null;
}

/**
 * The text of a new message to be read aloud: in the open conversation, by another user.
 * @param {State} state
 * @param {HandledEvent} event
 */
function readAloud(state, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'message' || state.view.route.id !== frame.session || !state.view.visible) return null;
  if (frame.kind === 'notice') return frame.text;
  return frame.sender === state.me.id ? null : `${nameOf(frame.username, state)}: ${frame.text}`;
}

/** A subscriber of the state that writes into this element. @param {any} element */
export function announce(element) {
  /** @type {string[]} */
  let texts = [];
  /** @type {string[]} */
  let messages = [];
  let timer = null;

  function flush() {
    timer = null;
    const read = messages.length > MOST ? [`${messages.length} new messages.`] : messages;
    element.textContent = [...texts, ...read].join(' ');
    texts = [];
    messages = [];
  }

  /** @type {Subscriber} */
  return (state, before, event) => {
    const text = announcement(state, before, event);
    const message = readAloud(state, event);
    if (text) texts.push(text);
    if (message) messages.push(message);
    if (!text && !message) return;
    // Emptied first: the same text again would be no change.
    element.textContent = '';
    timer ??= setTimeout(flush, GATHER);
  };
}
