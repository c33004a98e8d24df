// The client's location as the fragment of the address, so that back, reload and a second tab work by themselves. The client
// never puts a room code there; a link with one (`/room/<code>`) is a path of the server.

/** Parses the address. Anything unknown is home. @param {string} hash @param {string} [path] @returns {Route} */
export function parse(hash, path = '/') {
  const session = /^#\/s\/([0-9a-z]{1,32})(?:\/(about)|\/m\/([1-9][0-9]{0,15}))?$/.exec(hash);
  if (session) {
    const [, id, about, seq] = session;
    return { name: 'session', id, about: Boolean(about), seq: seq ? Number(seq) : undefined };
  }
  const room = /^\/room\/([^/]{1,64})$/.exec(path);
  if (room && hash.length < 2) {
    let [, code] = room;
    try {
      code = decodeURIComponent(code);
    } catch {
      // Taken as it is.
    }
    return { name: 'room', code };
  }
  return { name: 'home' };
}

/** The address of a route, for links. @param {Route} route */
export function href(route) {
  if (route.name !== 'session') return '#/';
  if (route.about) return `#/s/${route.id}/about`;
  return route.seq ? `#/s/${route.id}/m/${route.seq}` : `#/s/${route.id}`;
}

/** `history.back()` takes effect later: an entry that is added or changed before that would be left at once. */
let going = false;

export function goBack() {
  going = true;
  addEventListener('popstate', () => {
    going = false;
  }, { once: true });
  history.back();
}

/** Calls `then` at once, or after a pending `goBack`. @param {() => void} then */
export function whenBack(then) {
  if (going) addEventListener('popstate', then, { once: true });
  else then();
}
