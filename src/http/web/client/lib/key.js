// Idempotency keys: the server recognises a repeated command by its key.

/** A random key. Not `randomUUID`, which exists on secure origins only. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
