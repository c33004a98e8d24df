// System notifications.

/**
 * @param {string} title
 * @param {{body: string, tag?: string}} options
 * @returns {Notification|null} null where pages cannot show one although they may request the permission, as on phones
 */
export function showNotification(title, options) {
  try {
    return new Notification(title, { icon: '/web/icon.svg', ...options });
  } catch {
    return null;
  }
}
