// Where one is in the client, as the part of the address behind `#`: so back, reload and a second tab work by themselves.
// A room's code is never put there by the client; a link with one (`/room/<code>`) is a path of the server.

/** Reads the address. Anything unknown is home. @param {string} hash @param {string} [path] @returns {Route} */
export function parse(hash, path = '/') {
  const session = /^#\/s\/([0-9a-z]{1,32})(?:\/(about)|\/m\/([1-9][0-9]{0,15}))?$/.exec(hash);
  if (session) {
    const [, id, about, seq] = session;
    return { name: 'session', id, about: Boolean(about), seq: seq ? Number(seq) : undefined };
  }
  const room = /^\/room\/([^/]{1,64})$/.exec(path);
  if (room && hash.length < 2) {
    try {
      return { name: 'room', code: decodeURIComponent(room[1]) };
    } catch {
      return { name: 'room', code: room[1] };
    }
  }
  return { name: 'home' };
}

/** The address of a place, for links. @param {Route} route */
export function href(route) {
  if (route.name !== 'session') return '#/';
  if (route.about) return `#/s/${route.id}/about`;
  return route.seq ? `#/s/${route.id}/m/${route.seq}` : `#/s/${route.id}`;
}
