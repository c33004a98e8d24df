// What can be done with the messages of a conversation, and who may: the menu of a message, its keys and its buttons all
// call this.

import { editing, replying } from './draft.js';
import { showProfile } from '../profile.js';
import { pickEmoji } from './picker.js';

/**
 * The things to do in one conversation.
 * @param {() => {session: Session, me: Me, readOnly: boolean}} now the conversation as it is
 *   when something is done, so that what is on the page need not be made anew with each letter of a draft
 * @param {Actions} act
 */
export function messageActions(now, act) {
  /** @param {Fields} fields */
  const change = (fields) => act.change({ session: now().session.id, ...fields });
  /** @param {Draft} draft */
  const write = (draft) => {
    act.dispatch({ type: 'draft', session: now().session.id, draft });
    const field = document.getElementById('composer');
    // At once: what is typed next is typed behind it.
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
    reply: ifMay('reply', (message) => write(replying(act.draft(now().session.id), message.seq))),
    edit: ifMay('edit', (message) => write(editing(act.draft(now().session.id), message))),
    delete: ifMay('delete', (message) => act.dispatch({
      type: 'dialog',
      dialog: {
        name: 'confirm', title: 'Delete this message?', text: 'It will be deleted for everyone in this conversation.', yes: 'Delete', danger: true,
        run: () => change({ type: 'delete', seq: message.seq }),
      },
    })),
    /** @param {User} user */
    profile: ({ username }) => showProfile(username, act),
    /** @param {number} seq */
    jump: (seq) => act.go({ name: 'session', id: now().session.id, seq }),
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

/** Whether I may delete what others wrote. @param {Session} session */
function rules(session) {
  return session.kind !== 'direct' && (session.role === 'owner' || session.role === 'admin');
}
