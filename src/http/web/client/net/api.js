// REST, for what has no command on the socket. The browser adds the login cookie; no script ever sees a token.

/** Milliseconds after which a request has failed. */
const PATIENCE = 20_000;

/**
 * Sends a request.
 * @param {string} method
 * @param {string} path below `/api/v1`
 * @param {object} [body]
 * @returns {Promise<any>} the response; rejects with `{status, code, message, retry_after_ms?}`, with status 0 and the
 *   code `offline` if the server cannot be reached
 */
export async function rest(method, path, body) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    throw { status: 0, code: 'offline', message: 'The server cannot be reached.' };
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const seconds = Number(response.headers.get('retry-after'));
  throw {
    status: response.status,
    code: answer?.code ?? (response.status >= 500 ? 'unavailable' : 'internal'),
    message: answer?.detail ?? response.statusText,
    ...(seconds > 0 && { retry_after_ms: seconds * 1000 }),
  };
}
