// Says to screen readers what others see happen elsewhere on the page: messages in the open conversation, the connection,
// and whatever a view asks for. Several at once become one saying.

import { nameOf } from '../state/select.js';

/** What comes within this time is said together. */
const GATHER = 400;
/** Messages that are read out; of more only the number is said. */
const MOST = 3;

/** What is to be said of an event, or nothing. @param {State} state @param {State} before @param {any} event */
export function saying(state, before, event) {
  if (event.type === 'announce') return event.text;
  if (event.type === 'link') {
    return before.link.status === 'up' && state.link.status === 'waiting' ? 'Connection lost.' : null;
  }
  if (event.type !== 'frame') return null;
  const { frame } = event;
  if (frame.type === 'ready' && before.link.attempt > 0) return 'Reconnected.';
  return null;
}

/**
 * The message of an event that is to be read out: in the open conversation, of somebody else.
 * @param {State} state
 * @param {HandledEvent} event
 */
export function heard(state, { type, frame }) {
  if (type !== 'frame' || frame.type !== 'message' || state.view.route.id !== frame.session || !state.view.visible) return null;
  if (frame.kind === 'notice') return frame.text;
  return frame.sender === state.me.id ? null : `${nameOf(frame.username, state)}: ${frame.text}`;
}

/** A subscriber of the state that speaks through this element. @param {any} element */
export function announce(element) {
  /** @type {string[]} */
  let texts = [];
  /** @type {string[]} */
  let messages = [];
  let timer = null;

  function speak() {
    timer = null;
    const read = messages.length > MOST ? [`${messages.length} new messages.`] : messages;
    element.textContent = [...texts, ...read].join(' ');
    texts = [];
    messages = [];
  }

  /** @type {Subscriber} */
  return (state, before, event) => {
    const text = saying(state, before, event);
    const message = heard(state, event);
    if (text) texts.push(text);
    if (message) messages.push(message);
    if (!text && !message) return;
    // Emptied first: the same words again would be no change.
    element.textContent = '';
    timer ??= setTimeout(speak, GATHER);
  };
}
