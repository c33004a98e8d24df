// A notification of the system.

/**
 * Shows one.
 * @param {string} title
 * @param {{body: string, tag?: string}} options
 * @returns {Notification|null} null where the browser lets pages show none, as those of phones do although they may be asked
 */
export function showNotification(title, options) {
  try {
    return new Notification(title, { icon: '/web/icon.svg', ...options });
  } catch {
    return null;
  }
}
