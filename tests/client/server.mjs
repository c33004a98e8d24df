// A small server that exists only in the tests: sessions with steps, live frames, pages and `sync` as the contract
// describes them. What it says to a connection waits in a queue, where answers to reading commands may fall behind.

const clone = (value) => JSON.parse(JSON.stringify(value));
const NAMED = 20;
const CAP = 1000;

export class Server {
  /** `ids` and `names`: of the sessions and of the people in them, where they are not to be made up. */
  constructor(random, { sessions = 4, page = 2, people = 5, ids, names } = {}) {
    this.random = random;
    this.page = page;
    this.epoch = 1;
    this.clock = 0;
    this.sessions = new Map();
    this.users = [];
    this.connection = null;
    for (const name of ['me', ...(names ?? Array.from({ length: people }, (_, i) => `p${i + 1}`))]) this.user(name);
    [this.me] = this.users;
    for (const id of ids ?? Array.from({ length: sessions }, (_, i) => `s${i}`)) this.found(id);
  }

  user(username) {
    const user = { id: `u-${username}-${this.users.length}`, username, display_name: username, kind: 'account' };
    this.users.push(user);
    return user;
  }

  found(id) {
    const members = new Map(this.users.map((user, i) => [user.id, {
      user, role: i ? 'member' : 'owner', joined_at: this.time(), state: 'joined', rev: 0, read: 0, received: 0,
    }]));
    this.sessions.set(id, {
      id, kind: 'group', title: id, created_at: this.time(), at: this.clock, rev: 0, messages: [], members, keys: new Map(),
    });
  }

  time() {
    this.clock += 1;
    return new Date(this.clock * 1000).toISOString();
  }

  // What a member sees.

  message(session, one) {
    const { id: sender, username } = one.user;
    const { seq, rev, kind, text, at } = one;
    const said = { session: session.id, seq, rev, sender, username, kind, text, at };
    const mentions = /@(\w+)/.exec(text);
    if (one.reply_to) said.reply_to = one.reply_to;
    if (mentions && !one.deleted) said.mentions = [mentions[1]];
    if (one.edited_at) said.edited_at = one.edited_at;
    if (one.deleted) said.deleted = true;
    const reactions = Object.entries(one.reactions).filter(([, users]) => users.length)
      .map(([emoji, users]) => [emoji, users.map((user) => user.username)]);
    if (reactions.length) said.reactions = Object.fromEntries(reactions);
    return said;
  }

  member({ user, role, joined_at }) {
    return clone({ user, role, joined_at });
  }

  here(session) {
    return [...session.members.values()].filter(({ state }) => state === 'joined');
  }

  unread(session) {
    const { read } = session.members.get(this.me.id);
    const counted = session.messages.filter((one) => one.seq > read && one.kind === 'text' && !one.deleted && one.user !== this.me);
    return Math.min(counted.length, CAP);
  }

  describe(session) {
    const here = this.here(session);
    const mine = session.members.get(this.me.id);
    const last = session.messages.at(-1);
    return clone({
      id: session.id, kind: session.kind, title: session.title, role: mine.role,
      members: here.slice(0, NAMED).map((one) => this.member(one)), member_count: here.length,
      last_message: last && this.message(session, last), seq: session.messages.length, rev: session.rev,
      read: mine.read, unread: this.unread(session), created_at: session.created_at,
    });
  }

  mine() {
    return [...this.sessions.values()].filter(({ members }) => members.get(this.me.id)?.state === 'joined')
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  }

  list(cursor) {
    const all = this.mine().filter(({ at }) => cursor === undefined || at < Number(cursor));
    const sessions = all.slice(0, this.page);
    const next = all.length > this.page ? String(sessions.at(-1).at) : undefined;
    return { sessions: sessions.map((one) => this.describe(one)), next };
  }

  receipts(session) {
    return this.here(session).map(({ user, read, received }) => ({ username: user.username, read, received }));
  }

  // The connection.

  connect() {
    this.connection = { live: [], late: [] };
    const { sessions, next } = this.list();
    this.tell({
      type: 'ready', user: clone(this.me), connection: 'c',
      server: { name: 'parlor', version: '0', protocol: 1, epoch: String(this.epoch) },
      heartbeat_seconds: 25, limits: {}, sessions, sessions_next: next, invites: [], online: [],
    });
  }

  drop() {
    this.connection = null;
  }

  tell(frame) {
    this.connection?.live.push(clone(frame));
  }

  /** An answer made now that may be told after what happens later. */
  later(...frames) {
    this.connection?.late.push(clone(frames));
  }

  /** The next frames to arrive. */
  take() {
    const { live, late } = this.connection;
    if (late.length && (live.length === 0 || this.random() < 0.3)) return late.splice(Math.floor(this.random() * late.length), 1)[0];
    return live.length ? [live.shift()] : [];
  }

  get idle() {
    return !this.connection || (this.connection.live.length === 0 && this.connection.late.length === 0);
  }

  isMine(session) {
    return session?.members.get(this.me.id)?.state === 'joined';
  }

  /** Told to this connection, unless it is the one that acted and hears `ok` instead. */
  event(session, frame, acting) {
    if (acting) this.tell({ type: 'ok', id: acting, ...this.okOf(frame) });
    else if (this.isMine(session)) this.tell(frame);
  }

  okOf({ type, session, seq, rev, at }) {
    return type === 'message' ? { session, seq, rev, at } : { rev };
  }

  // Steps.

  post(session, user, text, { kind = 'text', acting, reply_to } = {}) {
    session.rev += 1;
    const one = { seq: session.messages.length + 1, rev: session.rev, user, kind, text, at: this.time(), reply_to, reactions: Object.create(null) };
    session.at = this.clock;
    session.messages.push(one);
    if (kind === 'text') Object.assign(session.members.get(user.id), { read: one.seq, received: one.seq });
    this.event(session, { type: 'message', ...this.message(session, one) }, acting);
    return one;
  }

  amend(session, one, change, acting) {
    if (one.deleted || one.kind === 'notice') return;
    session.rev += 1;
    one.rev = session.rev;
    change(one);
    this.event(session, { type: 'message_changed', ...this.message(session, one) }, acting);
  }

  edit(session, one, text, acting) {
    this.amend(session, one, (it) => Object.assign(it, { text, edited_at: this.time() }), acting);
  }

  erase(session, one) {
    this.amend(session, one, (it) => Object.assign(it, { text: '', deleted: true, reactions: Object.create(null), edited_at: undefined }));
  }

  react(session, one, user, emoji) {
    this.amend(session, one, (it) => {
      const users = it.reactions[emoji] ?? [];
      it.reactions[emoji] = users.includes(user) ? users.filter((other) => other !== user) : [...users, user];
    });
  }

  retitle(session, title) {
    session.rev += 1;
    session.title = title;
    this.event(session, { type: 'session_changed', session: session.id, rev: session.rev, title });
    this.post(session, this.me, `called ${title}`, { kind: 'notice' });
  }

  move(session, user, state, role = 'member') {
    session.rev += 1;
    const held = session.members.get(user.id);
    const joined_at = state === 'joined' && held?.state !== 'joined' ? this.time() : (held?.joined_at ?? this.time());
    const fresh = state === 'joined' && held?.state !== 'joined';
    const member = { ...(held ?? { read: 0, received: 0 }), user, role, joined_at, state, rev: session.rev };
    if (fresh) Object.assign(member, { read: session.messages.length, received: session.messages.length });
    // Whoever joins stands last in the list.
    if (fresh) session.members.delete(user.id);
    session.members.set(user.id, member);
    this.event(session, { type: 'member', session: session.id, rev: session.rev, state, ...this.member(member) });
  }

  /** The account ends: it leaves everywhere, and what it said stands under another name. */
  forget(user) {
    user.username = 'deleted-user';
    user.display_name = 'deleted-user';
    user.deleted = true;
    for (const session of this.sessions.values()) {
      const member = session.members.get(user.id);
      if (!member) continue;
      const here = member.state === 'joined';
      this.move(session, user, here ? 'left' : member.state, member.role);
      if (here) this.post(session, user, 'left', { kind: 'notice' });
    }
  }

  /** I am taken out, or put in again. */
  expel(session) {
    this.move(session, this.me, 'removed');
    this.tell({ type: 'session_removed', session: session.id, reason: 'removed' });
    // Pages that were not sent yet are dropped.
    const parted = ({ type, session: id }) => type === 'changes' && id === session.id;
    if (this.connection) this.connection.late = this.connection.late.map((frames) => frames.filter((frame) => !parted(frame)));
  }

  admit(session) {
    session.rev += 1;
    session.members.delete(this.me.id);
    session.members.set(this.me.id, {
      user: this.me, role: 'member', joined_at: this.time(), state: 'joined', rev: session.rev,
      read: session.messages.length, received: session.messages.length,
    });
    this.tell({ type: 'session_added', session: this.describe(session) });
  }

  mark(session, user, seq) {
    const member = session.members.get(user.id);
    if (seq <= member.read) return;
    member.read = seq;
    member.received = Math.max(member.received, seq);
    if (this.isMine(session)) {
      this.tell({ type: 'receipt', session: session.id, username: user.username, read: member.read, received: member.received });
    }
  }

  /** A backup of some time ago is put in place: another history. */
  restore() {
    this.epoch += 1;
    for (const session of this.sessions.values()) {
      session.messages.splice(Math.floor(session.messages.length * 0.7));
      session.rev = Math.max(0, ...session.messages.map(({ rev }) => rev), ...[...session.members.values()].map(({ rev }) => rev));
      for (const member of session.members.values()) {
        member.read = Math.min(member.read, session.messages.length);
        member.received = Math.min(member.received, session.messages.length);
      }
      session.keys.clear();
    }
    this.drop();
  }

  // Commands.

  rest(path) {
    const session = this.sessions.get(/^\/sessions\/(\w+)$/.exec(path)?.[1]);
    if (path === '/presence') return { presence: [] };
    if (!this.isMine(session)) throw { status: 404, code: 'not_found', message: '' };
    return { session: this.describe(session) };
  }

  hear(frame) {
    const session = this.sessions.get(frame.session);
    const ok = (answer) => this.later({ type: 'ok', id: frame.id, ...answer });
    const no = (code) => this.later({ type: 'error', id: frame.id, code, message: '' });
    if (['send', 'history', 'members', 'read', 'edit'].includes(frame.type) && !this.isMine(session)) {
      no('not_found');
      return;
    }
    const commands = {
      send: () => {
        const seq = session.keys.get(frame.key);
        if (seq) {
          const { rev, at } = session.messages[seq - 1];
          ok({ session: session.id, seq, rev, at, duplicate: true });
        } else {
          session.keys.set(frame.key, session.messages.length + 1);
          this.post(session, this.me, frame.text, { acting: frame.id, reply_to: frame.reply_to });
        }
      },
      history: () => {
        const { before, after, limit } = frame;
        const all = session.messages.filter(({ seq }) => seq < (before ?? Infinity) && seq > (after ?? 0));
        const page = after === undefined ? all.slice(-limit) : all.slice(0, limit);
        ok({ messages: page.map((one) => this.message(session, one)), complete: page.length === all.length });
      },
      members: () => ok({ members: this.here(session).map((one) => this.member(one)) }),
      read: () => {
        this.pass(session, frame.seq);
        ok({});
      },
      sessions: () => ok(this.list(frame.cursor)),
      invites: () => ok({ invites: [] }),
      sync: () => {
        const answers = Object.entries(frame.sessions).map(([id, rev]) => this.changes(id, rev, frame.epoch));
        this.later(...answers, { type: 'ok', id: frame.id });
      },
    };
    commands[frame.type]();
  }

  /** My own mark, set by this connection: it is answered, not told. */
  pass(session, seq) {
    const member = session.members.get(this.me.id);
    member.read = Math.max(member.read, seq);
    member.received = Math.max(member.received, seq);
  }

  changes(id, from, epoch) {
    const session = this.sessions.get(id);
    if (!this.isMine(session)) return { type: 'session_removed', session: id, reason: 'not_found' };
    if (from > session.rev || epoch !== String(this.epoch)) return { type: 'reset', session: id };
    const changed = session.messages.filter(({ rev }) => rev > from).sort((a, b) => a.rev - b.rev);
    const page = changed.slice(0, 3);
    const to = page.length < changed.length ? page.at(-1).rev : session.rev;
    const members = [...session.members.values()].filter(({ rev }) => rev > from && rev <= to)
      .map((one) => ({ ...this.member(one), state: one.state, rev: one.rev })).sort((a, b) => a.rev - b.rev);
    return {
      type: 'changes', session: id, from, to, messages: page.map((one) => this.message(session, one)), members, title: session.title,
      read: session.members.get(this.me.id).read, unread: this.unread(session), receipts: this.receipts(session), more: to < session.rev,
    };
  }
}
