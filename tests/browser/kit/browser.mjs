// Debian's Chromium, one for each spec file, quiet towards the network.

import { chromium } from 'playwright-core';

const flags = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
// Chromium refuses its sandbox to root.
if (process.getuid?.() === 0) flags.push('--no-sandbox');

let launched = null;

/** The browser of this process; started when it is first asked for. */
export function browser() {
  launched ??= chromium.launch({ executablePath: process.env.PARLOR_BROWSER ?? '/usr/bin/chromium', args: flags });
  return launched;
}

/** Ends it, if it was started. */
export async function close() {
  await (await launched)?.close();
}
