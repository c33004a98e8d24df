// Settings of the server, embedded in the page so that nothing is offered that the server refuses.

const found = typeof document === 'undefined' ? {} : JSON.parse(document.body.dataset.settings || '{}');

/**
 * `guests`: whether a name alone is enough to log in; `directory`: whether users find everyone ("open") or only those
 * who share a conversation with them ("closed"); `passwordMin`: minimum length of a password.
 * @type {{guests: boolean, directory: 'open'|'closed', passwordMin: number}}
 */
export const settings = Object.freeze({ guests: true, directory: 'open', passwordMin: 8, ...found });
