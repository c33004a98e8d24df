// Why no socket opened. Browsers do not tell a page, so the server is asked in another way.

const PATIENCE = 5000;

/**
 * Asks for the methods of the socket's address, which only a page of the right origin is told.
 * @returns {Promise<'origin'|'upgrade'|'unreachable'>} `origin`: it refuses this page's origin; `upgrade`: it answers, so
 *   something in between stops WebSockets; `unreachable`: it does not answer as Parlor does
 */
export async function diagnose() {
  try {
    const response = await fetch('/api/v1/ws', { method: 'OPTIONS', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    if (response.status === 204 && response.headers.get('Allow')?.startsWith('GET')) return 'upgrade';
    return response.status === 403 && (await response.json()).code === 'forbidden' ? 'origin' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}
