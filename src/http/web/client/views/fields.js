// Fields that several forms have: see `form`.

import { settings } from '../lib/settings.js';
import { newPassword, personName, required, roomCode } from '../lib/validation.js';

/** The name of a guest. */
export const NAME = { name: 'name', label: 'Your name', autocomplete: 'nickname', dir: 'auto', check: personName };

/** The code of a room. */
export const CODE = {
  name: 'code', label: 'Room code', class: 'input code-input', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false',
  check: roomCode, hint: '10 or 12 letters and digits. You can also paste the link.',
};

/** Whether a new room is kept. */
export const KEEP = {
  name: 'keep', type: 'checkbox', label: 'Keep this room',
  hint: 'Otherwise the room and its messages are deleted soon after everyone has left.',
};

/** The title of a group or room. */
export const TITLE = { name: 'title', label: 'Title', maxlength: '100', dir: 'auto', autocomplete: 'off' };

export const CURRENT_PASSWORD = {
  name: 'current_password', label: 'Current password', type: 'password', autocomplete: 'current-password', check: required('Enter your current password.'),
};
export const NEW_PASSWORD = { name: 'password', type: 'password', autocomplete: 'new-password', check: newPassword, hint: `At least ${settings.passwordMin} characters.` };

/** The refusals of a form with `CURRENT_PASSWORD`. @param {string} text of a wrong one */
export const wrongPassword = (text) => ({ wrong_password: ['current_password', text], too_many_attempts: 'current_password' });
