// Actions on the messages of a conversation and the permissions for them, used by the menu, keys and buttons of a message.

import { editing, replying } from './draft.js';
import { pickEmoji } from './picker.js';

/**
 * The actions of one conversation.
 * @param {() => {session: Session, me: Me, readOnly: boolean}} now the conversation at the time
 *   of the action, so that rows need not be rendered again with each letter of a draft
 * @param {Actions} act
 */
export function messageActions(now, act) {
  const id = () => now().session.id;
  /** @param {Fields} fields */
  const change = (fields) => act.change({ session: id(), ...fields });
  /** @param {Draft} draft */
  const write = (draft) => {
    act.dispatch({ type: 'draft', session: id(), draft });
    const field = document.getElementById('composer');
    // At once, so that further input is appended to it.
    field.value = draft.text;
    field.focus();
  };
  /** @type {Record<'reply'|'react'|'edit'|'delete', (message: any) => boolean>} */
  const may = {
    reply: () => !now().readOnly,
    // The lobby has no reactions.
    react: () => !now().readOnly && now().session.kind !== 'lobby',
    /** @param {Message} message */
    edit: (message) => !now().readOnly && message.sender === now().me.id,
    /** @param {Message} message */
    delete: (message) => message.sender === now().me.id || rules(now().session),
  };
  /** @param {Message} message @param {string} emoji @param {any} [on] */
  const react = (message, emoji, on = true) => change({ type: 'react', seq: message.seq, emoji, on });
  /** @param {Message} message @param {any} button */
  const pick = (message, button) => pickEmoji(button, { label: 'React', pick: (emoji) => react(message, emoji) });
  /** @param {'reply'|'edit'|'delete'} what @param {(message: Message, ...rest: any[]) => any} run @returns {(message: Message) => any} */
  const ifMay = (what, run) => (message, ...rest) => !message.deleted && may[what](message) && run(message, ...rest);
  /** @type {Fields} */
  const all = {
    may,
    react,
    pick,
    reply: ifMay('reply', (message) => write(replying(act.draft(id()), message.seq))),
    edit: ifMay('edit', (message) => write(editing(act.draft(id()), message))),
    delete: ifMay('delete', (message) => act.confirm({
      title: 'Delete this message?', text: 'It will be deleted for everyone in this conversation.', yes: 'Delete', danger: true,
      run: () => change({ type: 'delete', seq: message.seq }),
    })),
    /** @param {User} user */
    profile: ({ username }) => act.openDialog({ name: 'person', username }),
    /** @param {number} seq */
    jump: (seq) => act.go({ name: 'session', id: id(), seq }),
    /** The menu of a message; `button` is where it opens. @param {Message} message @param {any} button */
    menu: (message, button) => [
      may.reply(message) && { label: 'Reply', icon: 'reply', run: () => all.reply(message) },
      may.react(message) && { label: 'React', icon: 'smile', run: () => pick(message, button) },
      message.sender !== now().me.id && message.username !== 'deleted-user' && { label: 'View profile', icon: 'person', run: () => all.profile(message) },
      { label: 'Copy text', icon: 'copy', run: () => act.copy(message.text, 'Text copied.') },
      may.edit(message) && { label: 'Edit', icon: 'edit', run: () => all.edit(message) },
      ...(may.delete(message) ? ['line', { label: 'Delete', icon: 'trash', danger: true, run: () => all.delete(message) }] : []),
    ].filter(Boolean),
  };
  return all;
}

/** Whether I may delete messages of others. @param {Session} session */
function rules(session) {
  return session.kind !== 'direct' && (session.role === 'owner' || session.role === 'admin');
}
