// An unmodified socket.io-client that repeatedly sends five messages and disconnects at once; every second time it sends a
// goodbye before, and the time until others see it offline is measured. Prints at the end how often that was.
import { createRequire } from "node:module";

const { URL, TOKEN, SESSION, VERSION, TRANSPORTS, TIMES, OTHER } = process.env;
const require = createRequire(import.meta.url);
const client = require(`socket.io-client-${VERSION}`);
const io = client.io ?? client;
const isOld = VERSION === "2";
const SENDS = 5;

// Resolves when the client is known and its transport is no longer about to change.
const enter = () =>
  new Promise((resolve, reject) => {
    const transports = TRANSPORTS.split(",");
    const socket = io(URL, { transports, auth: { token: TOKEN }, forceNew: true, reconnection: false });
    const settle = () => {
      const { engine } = socket.io;
      if (transports.length === 1 || engine.transport.name === "websocket") resolve(socket);
      else engine.once("upgrade", () => resolve(socket));
    };
    socket.on("connect", () => isOld && socket.emit("hello", { token: TOKEN }, settle));
    if (!isOld) socket.on("ready", settle);
    socket.on("connect_error", reject);
  });

// Milliseconds until others see that avi is offline.
const offlineAfter = async () => {
  const begun = Date.now();
  for (;;) {
    const headers = { Authorization: `Bearer ${OTHER}` };
    const seen = await (await fetch(`${URL}/api/v1/presence?usernames=avi`, { headers })).json();
    const took = Date.now() - begun;
    if (seen.presence[0].status === "offline" || took > 10_000) return took;
  }
};

const took = [];
for (let at = 0; at < Number(TIMES); at += 1) {
  const socket = await enter();
  for (let number = 0; number < SENDS; number += 1) {
    socket.emit("send", { session: SESSION, text: `${at}.${number}` });
  }
  if (at % 2) socket.emit("goodbye");
  socket.disconnect();
  if (at % 2) took.push(await offlineAfter());
}
// No `process.exit`: what is on its way goes out.
console.log(JSON.stringify({ done: Number(TIMES), took }));
