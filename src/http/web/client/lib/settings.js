// What the server lets people do, as the page says it: known before anything is drawn, so that nothing is offered that
// the server refuses.

const found = typeof document === 'undefined' ? {} : JSON.parse(document.body.dataset.settings || '{}');

/**
 * The server's settings. `guests`: whether people come in with a name alone; `directory`: whether one finds everybody
 * ("open") or only people with whom one shares a conversation ("closed"); `passwordMin`: characters of the shortest password.
 * @type {{guests: boolean, directory: 'open'|'closed', passwordMin: number}}
 */
export const settings = Object.freeze({ guests: true, directory: 'open', passwordMin: 8, ...found });
