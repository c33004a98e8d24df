// An unmodified socket.io-client that sends and receives messages while its connection is cut. Its output has a line for each
// `in`, `out` and `acknowledged`, and at the end the messages that it has, as one line of JSON.
import { createRequire } from "node:module";

const { URL, TOKEN, SESSION, VERSION, TRANSPORTS, SENDS, TOTAL, AHEAD } = process.env;
const require = createRequire(import.meta.url);
const client = require(`socket.io-client-${VERSION}`);
const io = client.io ?? client;
const isOld = VERSION === "2";
const socket = io(URL, {
  transports: TRANSPORTS.split(","),
  auth: { token: TOKEN },
  reconnectionDelay: 100,
  reconnectionDelayMax: 300,
});

const texts = new Map();
const refused = [];
let received = new Set();
let doubled = 0;
let connects = 0;
let rev = 0;
let isIn = false;
let transport = "";

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const keep = (message) => {
  texts.set(message.seq, message.text);
  if (message.rev === rev + 1) rev = message.rev;
  else if (message.rev > rev) catchUp();
};
const catchUp = () => socket.emit("sync", { sessions: { [SESSION]: rev } }, () => {});
const enter = () => {
  isIn = true;
  catchUp();
  console.log("in");
};

socket.on("connect", () => {
  connects += 1;
  received = new Set();
  // Clients of version 2 cannot authenticate when they connect.
  if (isOld) socket.emit("hello", { token: TOKEN }, (answer) => (answer.ok ? enter() : refused.push(answer)));
});
socket.on("ready", enter);
socket.on("disconnect", () => {
  isIn = false;
  console.log("out");
});
// Version 2 also reports ended connections here, without a code.
socket.on("error", (error) => error?.code && refused.push(error));
socket.on("message", (message) => {
  if (received.has(message.seq)) doubled += 1;
  received.add(message.seq);
  keep(message);
});
socket.on("changes", (changes) => {
  for (const message of changes.messages) texts.set(message.seq, message.text);
  rev = Math.max(rev, changes.to);
  if (changes.more) catchUp();
});

const send = (text) =>
  Promise.race([
    new Promise((resolve) => socket.emit("send", { session: SESSION, text, key: text }, resolve)),
    new Promise((resolve) => socket.once("disconnect", () => resolve(null))),
    pause(3_000).then(() => null),
  ]);

for (let at = 0; at < Number(SENDS); at += 1) {
  // Nobody is far ahead of the other, so that cuts hit both of them talking.
  while (texts.size < 2 * at - Number(AHEAD)) await pause(10);
  for (;;) {
    while (!isIn) await pause(10);
    const answer = await send(`own ${at}`);
    if (answer?.ok) {
      texts.set(answer.seq, `own ${at}`);
      if (answer.rev === rev + 1) rev = answer.rev;
      console.log("acknowledged");
      break;
    }
    if (answer) refused.push(answer);
  }
  transport = socket.io.engine?.transport?.name ?? transport;
}
const asking = setInterval(() => isIn && catchUp(), 500);
while (texts.size < Number(TOTAL)) await pause(20);
clearInterval(asking);
const inOrder = [...texts].sort(([one], [other]) => one - other).map(([, text]) => text);
console.log(JSON.stringify({ texts: inOrder, doubled, connects, refused, transport }));
socket.close();
process.exit(0);
