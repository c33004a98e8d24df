// The room-code document's flow, step by step, with an unmodified socket.io-client. Prints at the end what each guest received,
// as one line of JSON.
import { createRequire } from "node:module";

const { URL: url, TRANSPORTS, VERSION } = process.env;
const client = createRequire(import.meta.url)(`socket.io-client-${VERSION}`);
const io = client.io ?? client;
const transports = TRANSPORTS.split(",");
const PATIENCE = 20_000;

/** Sends the form; the status of the answer, and the cookie where there is one. */
async function fillIn(fields) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`${url}/`, { method: "POST", body, redirect: "manual" });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  return { status: answer.status, to: answer.headers.get("location"), cookie };
}

/** The page of the room: where it leads instead, its code and what it shows. */
async function page(cookie) {
  const answer = await fetch(`${url}/room`, { headers: { cookie }, redirect: "manual" });
  const html = await answer.text();
  const lines = [...html.matchAll(/<li class="plain-notice"[^>]*>([^<]*)<|<p class="plain-text"[^>]*>([^<]*)</g)];
  return {
    to: answer.headers.get("location"),
    code: html.match(/data-room-code="([^"]*)"/)?.[1],
    lines: lines.map(([, notice, text]) => notice ?? text),
  };
}

/** Somebody who came in by the form: a cookie and, with it, a socket. */
class Guest {
  received = [];
  #wake = () => {};

  constructor(cookie) {
    this.cookie = cookie;
  }

  async connect() {
    const extraHeaders = { cookie: this.cookie };
    const perTransport = Object.fromEntries(transports.map((name) => [name, { extraHeaders }]));
    this.socket = io(url, { transports, extraHeaders, transportOptions: perTransport, forceNew: true });
    this.socket.on("message", (message) => {
      this.received.push(message);
      this.#wake();
    });
    await this.#happens("connect");
    return this;
  }

  /** The refusal of its connection. */
  async isTurnedAway() {
    this.socket = io(url, { transports, extraHeaders: { cookie: this.cookie }, forceNew: true });
    const error = await new Promise((resolve) => this.socket.on(VERSION === "2" ? "error" : "connect_error", resolve));
    this.socket.close();
    return error.data?.code ?? error;
  }

  send(data) {
    this.socket.emit("message", { data });
  }

  async hasReceived(count) {
    const deadline = setTimeout(() => fail(`${count} messages, received ${JSON.stringify(this.received)}`), PATIENCE);
    while (this.received.length < count) await new Promise((resolve) => (this.#wake = resolve));
    clearTimeout(deadline);
  }

  #happens(event) {
    const deadline = setTimeout(() => fail(event), PATIENCE);
    return new Promise((resolve) =>
      this.socket.once(event, (...what) => {
        clearTimeout(deadline);
        resolve(what);
      }),
    );
  }
}

function fail(what) {
  console.error(`waited in vain for ${what}`);
  process.exit(1);
}

// Home: who is called nothing, has no code to join with, or the code of no room, has the form again.
const refused = [];
for (const fields of [{ create: "" }, { name: "Avi", join: "" }, { name: "Avi", code: "AAAAAAAAAA", join: "" }])
  refused.push((await fillIn(fields)).status);
const made = await fillIn({ name: "Avi Ω", create: "" });
if (made.status !== 303 || made.to !== "/room") fail("a room");
const { code } = await page(made.cookie);
const avi = await new Guest(made.cookie).connect();
await avi.hasReceived(1);

// Another one joins by the code; a name of the room is taken there.
refused.push((await fillIn({ name: "avi ω", code, join: "" })).status);
const joined = await fillIn({ name: "לִיסָה", code: code.toLowerCase(), join: "" });
const lisa = await new Guest(joined.cookie).connect();
await lisa.hasReceived(1);
avi.send("hello");
await lisa.hasReceived(2);
lisa.send("shalom");
await avi.hasReceived(4);
await lisa.hasReceived(3);

// She loads the page again: it has everything, and the others receive no event.
lisa.socket.close();
const { lines } = await page(lisa.cookie);
await lisa.connect();
avi.send("still here?");
await lisa.hasReceived(4);
lisa.send("yes");
await avi.hasReceived(6);
await lisa.hasReceived(5);

// She goes, then he does; nobody comes in by what they came in with.
lisa.socket.close();
await avi.hasReceived(7);
const away = await page(lisa.cookie);
const strangers = [away.to, await new Guest(lisa.cookie).isTurnedAway()];
avi.socket.close();
console.log(JSON.stringify({ refused, strangers, page: lines, avi: avi.received, lisa: lisa.received }));
process.exit(0);
