// Diagnoses why no socket opened. Browsers do not reveal it to a page, so another request finds out.

const PATIENCE = 5000;

/**
 * Requests the methods of the socket's address, which the server lists only for pages of an allowed origin.
 * @returns {Promise<'origin'|'upgrade'|'unreachable'>} `origin`: the server refuses this page's origin; `upgrade`: it responds, so
 *   something in between blocks WebSockets; `unreachable`: no response of Parlor
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
