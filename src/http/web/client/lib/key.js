// Keys by which the server knows a command again that it may have been told before.

/** A new key, never used before. Not `randomUUID`, which browsers keep from pages without https. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
