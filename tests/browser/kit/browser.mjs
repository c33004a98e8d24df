// Debian's Chromium, one per spec file, without background requests.

import { chromium } from 'playwright-core';

const flags = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
// Chromium refuses its sandbox to root.
if (process.getuid?.() === 0) flags.push('--no-sandbox');

let launched = null;

/** The browser of this process, started on first use. */
export function browser() {
  launched ??= chromium.launch({ executablePath: process.env.PARLOR_BROWSER ?? '/usr/bin/chromium', args: flags });
  return launched;
}

/** Closes it if it was started. */
export async function close() {
  await (await launched)?.close();
}
