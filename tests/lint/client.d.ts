// The types of the web client (src/http/web/client), for its JSDoc: what the server sends, what the state holds, and what views get.
// Nothing of this is served.

/** A dictionary without a prototype: see lib/dict.js. */
type Dict<T> = Record<string, T>;

/** Anything with named fields whose names are not known here: frames, events, properties of elements. */
type Fields = Record<string, any>;

// ---- From the server: docs/protocol.md

type Time = string;
type SessionKind = 'direct' | 'group' | 'room' | 'lobby';
type Role = 'owner' | 'admin' | 'member';
type Status = 'online' | 'offline';

interface User {
  id: string;
  username: string;
  display_name: string;
  kind?: 'account' | 'guest' | 'bot';
  status?: Status;
  last_seen?: Time;
  deleted?: boolean;
}

/** Oneself, with one's settings. */
interface Me extends User {
  accepts?: 'anyone' | 'invited';
}

interface Member {
  user: User;
  role: Role;
  joined_at: Time;
}

/** A change of a membership, which is a step of its session. */
interface MemberChange extends Member {
  session?: any;
  /** `joined`, `left` or `removed`. */
  state: string;
  rev: number;
}

interface Message {
  session: string;
  seq: number;
  rev: number;
  sender: string;
  username: string;
  /** `text` or `notice`. */
  kind: string;
  text: string;
  at: Time;
  reply_to?: number;
  edited_at?: Time;
  deleted?: boolean;
  mentions?: string[];
  reactions?: Dict<string[]>;
}

/** A message that a search has found. */
interface SearchHit extends Message {
  snippet: { text: string, hit?: boolean }[];
}

interface Invite {
  id: string;
  from: User;
  to: User;
  session?: { id: string, title: string };
  /** `pending`, `accepted`, `rejected`, `withdrawn` or `expired`. */
  state: string;
  at: Time;
}

interface Marks {
  read: number;
  received: number;
}

/** A session as the server describes it. */
interface SessionDescription {
  id: string;
  kind: SessionKind;
  title: string;
  seq: number;
  rev: number;
  role: Role;
  read: number;
  unread: number;
  member_count: number;
  members?: Member[];
  last_message?: Message | null;
  created_at: Time;
  code?: string;
}

/** What may be known of a room before one is in it. */
interface RoomLook {
  title: string;
  member_count: number;
  online_count: number;
}

/** A refusal: of the server, or of the client in its place. */
interface Refusal {
  code: string;
  status?: number;
  message?: string;
  retry_after_ms?: number;
}

/** A login, as the list of logins shows it. */
interface Login {
  id: string;
  device?: string;
  current?: boolean;
  created_at: Time;
  last_used_at: Time;
}

// ---- The state: src/http/web/client/state

/** The messages of a session that are held: see state/span.js. */
interface Span {
  messages: Message[];
  first: boolean;
  live: boolean;
  follows?: boolean;
}

interface Session extends SessionDescription {
  members: Member[];
  span: Span | null;
  wants: 'older' | 'newer' | 'newest' | number | null;
  receipts: Dict<Marks>;
  marked: boolean;
  /** Who is typing, until when. */
  typing: Dict<number>;
  people: { list: Member[], next: string | null } | null;
  line: number | null;
  shown: number;
  serverRev: number;
  changed: number;
  moved: number;
  stale: boolean;
  reload: boolean;
  vague: boolean;
  leftAt?: number;
}

interface Person {
  user: User;
  status?: Status;
  last_seen?: Time;
}

interface Draft {
  text: string;
  reply_to?: number;
  edit?: number;
  before?: Draft;
}

interface Pending {
  key: string;
  session: string;
  text: string;
  reply_to?: number;
  at: number;
  /** `waiting`, `sending` or `failed`. */
  status: string;
  error?: Refusal;
}

interface Link {
  /** `off`, `connecting`, `up`, `waiting` or `refused`. */
  status: string;
  why: string | null;
  attempt: number;
  code?: number;
  retryAt?: number;
}

/** A place in the client; which fields it has follows from its name (see lib/route.js). */
interface Route {
  /** `home`, `session` or `room`. */
  name: string;
  id?: any;
  seq?: number;
  about?: boolean;
  code?: any;
}

/** The connection: see net/link.js. */
interface Connection {
  start(): void;
  stop(): void;
  retry(): void;
  send(frame: Fields): void;
  readonly up: boolean;
}

interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'news' | 'error';
  action?: { text: string, event: StateEvent };
}

interface State {
  /** `starting`, `visitor` or `member`. */
  phase: string;
  now: number;
  /** Null before a login; views and handlers of a member are not used then. */
  me: any;
  server: { name: string, version: string, epoch: string } | null;
  limits: Record<string, number>;
  link: Link;
  sessions: Dict<Session>;
  sessionsNext: string | null;
  whole: boolean;
  unnamed: Dict<true>;
  strays: Dict<number>;
  removed: Dict<true>;
  people: Dict<Person>;
  presenceDue: boolean;
  blocks: User[] | null;
  invites: { in: Invite[], out: Invite[], fresh: string[], next: string | null, outDue: boolean };
  outbox: Dict<Pending[]>;
  drafts: Dict<Draft>;
  search: any;
  room: any;
  view: {
    route: Route,
    side: string,
    dialog: Fields | null,
    visible: boolean,
    focused: boolean,
    jump: { session: string, seq: number } | null,
    missing: string | null,
  };
  toasts: Toast[];
}

/** What happens to the state; which fields it has follows from its type. */
interface StateEvent extends Fields {
  type: string;
}

/** A frame of the server, or what it answered a command: with the fields of all of them. */
interface Frame extends Fields, Message, MemberChange {
  type?: any;
  session: any;
  sessions: SessionDescription[];
  messages: Message[];
  members: MemberChange[];
  invites: Invite[];
  users: User[];
  online: string[];
}

/** An event as handlers and subscribers see it, with the fields that its type has. */
interface HandledEvent extends StateEvent {
  frame: Frame;
  answer: Frame;
  request: Fields;
  /** One message, or in `restored` those of a page before. */
  pending: Pending & Pending[];
}

type Handlers = Record<string, (state: State, event: HandledEvent) => State>;

type Subscriber = (state: State, before: State, event: HandledEvent) => void;

/** Something that the state lacks: see state/needs.js. */
interface Need {
  id: string;
  request: Fields;
  rest?: [string, string];
  note?: Fields;
}

// ---- The views: src/http/web/client/views

/** A description of an element or a text: see lib/dom.js. */
interface VNode {
  tag?: string;
  props: Fields;
  key?: string | number;
  children: VNode[];
  text?: string;
  dom?: any;
}

/** What a view gives. */
type View = any;

/** What a part of a view remembers, and how it changes that: see lib/part.js. */
interface LocalState extends Fields {
  /** Changes fields and draws the part again; without effect once it is gone. */
  set(fields?: Fields): void;
  /** The part is no longer on the page. */
  gone: boolean;
  // The lists are there in those that have them.
  chosen: User[];
  found: User[];
  users: User[];
  tokens: Login[];
  fields: Field[];
}

/** A field of a form: see lib/form.js. Everything else becomes an attribute of its input. */
interface Field {
  /** Of its value. */
  name: string;
  label: string;
  /** `text` by default; a `password` can be revealed. */
  type?: string;
  /** A note below the field. */
  hint?: string;
  /** What stands in it at first. */
  begin?: string;
  /** It takes the focus when it appears. */
  focus?: boolean;
  /** A sentence when it is wrong. */
  check?(value: string, values: Fields): string | null | undefined;
  [attribute: string]: any;
}

/** By what views do things. */
interface Actions {
  dispatch(event: StateEvent): void;
  rest(method: string, path: string, body?: object): Promise<any>;
  go(route: Route): void;
  openSession(id: string): void;
  toast(text: string, kind?: Toast['kind']): void;
  showError(error: Refusal): void;
  openDialog(dialog: Fields): void;
  confirm(options: Fields): void;
  closeDialog(): void;
  writeTo(username: string): Promise<void>;
  copy(text: string, confirmation: string): Promise<void>;
  draft(session: string): Draft;
  announce(text: string): void;
  request(frame: StateEvent): Promise<any>;
  change(frame: Fields): Promise<any>;
  send(session: string, text: string, options?: { reply_to?: number }): void;
  login(account: { username: string, password: string }): Promise<void>;
  register(account: { username: string, password: string }): Promise<void>;
  guest(name: string, task?: () => Promise<any>): Promise<any>;
  logout(): Promise<void>;
}

/** The open conversation, as its parts see it. */
interface Conversation {
  state: State;
  session: Session;
  other?: any;
  pending: Pending[];
  readOnly: boolean;
  blocked: boolean;
  list?: any[];
}

/** An event of an element of the client, whose targets are known by where it is listened to. */
interface UiEvent extends KeyboardEvent {
  readonly target: any;
  readonly currentTarget: any;
}

/** Properties of an element: see `h` in lib/dom.js. */
interface Props {
  key?: string | number;
  /** Handlers. */
  [handler: `on${string}`]: ((event: UiEvent) => any) | null | undefined | false | '';
  mount?: ((element: any) => any) | null;
  update?: ((element: any) => any) | null;
  unmount?: ((element: any) => any) | null;
  /** Of a part: see lib/part.js. */
  begin?: (local: LocalState) => any;
  /** Of a form: see lib/form.js. */
  send?: (values: Fields) => any;
  [attribute: string]: any;
}

// What is looked up on the page is known by where it is looked for: the client has made it.

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Document {
  getElementById(id: string): any;
}
