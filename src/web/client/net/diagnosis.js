// Why no socket opened. Browsers do not tell a page, so the server is asked in another way.

const PATIENCE = 5000;

/**
 * Asks the server, by a method that its socket does not have.
 * @returns {Promise<'origin'|'upgrade'|'unreachable'>} `origin`: it refuses this page's origin; `upgrade`: it answers, so
 *   something in between stops WebSockets; `unreachable`: it does not answer as Parlor does
 */
export async function diagnose() {
  try {
    const response = await fetch('/api/v1/ws', { method: 'POST', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    const { code } = await response.json();
    if (response.status === 403 && code === 'forbidden') return 'origin';
    return response.status === 405 && code === 'invalid_request' ? 'upgrade' : 'unreachable';
  } catch {
    return 'unreachable';
  }
}
