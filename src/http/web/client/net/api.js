// REST, for what has no command on the socket. The browser adds the login cookie; no script ever sees a token.

/** Milliseconds after which a request has failed. */
const PATIENCE = 20_000;
const NO_CONTENT = 204;
const OFFLINE = { status: 0, code: 'offline', message: 'The server cannot be reached.' };

/**
 * Sends a request.
 * @param {string} method
 * @param {string} path below `/api/v1`
 * @param {object} [body]
 * @returns {Promise<any>} the response, null if it has no content; rejects with `{status, code, message, retry_after_ms?}`, with
 *   status 0 and the code `offline` if the server cannot be reached or its response is cut off
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
    throw OFFLINE;
  }
  if (response.status === NO_CONTENT) return null;
  const answer = await response.json().catch(() => null);
  // The connection was lost in the middle of the response, or something in between responded in place of the server.
  if (response.ok && answer === null) throw OFFLINE;
  if (response.ok) return answer;
  const seconds = Number(response.headers.get('retry-after'));
  throw {
    status: response.status,
    code: answer?.code ?? (response.status >= 500 ? 'unavailable' : 'internal'),
    message: answer?.detail ?? response.statusText,
    ...(seconds > 0 && { retry_after_ms: seconds * 1000 }),
  };
}
