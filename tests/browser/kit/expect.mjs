// Waiting for what is to come. Nothing here sleeps for a fixed time: it looks again until it is so, or too late.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than anything should take, on a machine that does other things too. */
export const PATIENCE = Number(process.env.PARLOR_TEST_PATIENCE_MS ?? 15_000);

/** Is, or becomes, visible. */
export function shown(locator) {
  return locator.first().waitFor({ state: 'visible', timeout: PATIENCE });
}

/** Is not, or no longer, visible. */
export async function gone(locator) {
  await until(async () => (await locator.filter({ visible: true }).count()) === 0, `${locator} is gone`);
}

/** `read` gives something true, at last. Gives that. */
export async function until(read, what, patience = PATIENCE) {
  const late = Date.now() + patience;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > late) throw new assert.AssertionError({ message: `not in ${patience / 1000} s: ${what}` });
    await pause(50);
  }
}

/** `read` gives `wanted`, at last; the failure shows what it gave instead. */
export async function becomes(read, wanted, patience = PATIENCE) {
  const late = Date.now() + patience;
  for (;;) {
    const value = await read();
    try {
      assert.deepEqual(value, wanted);
      return;
    } catch (difference) {
      if (Date.now() > late) throw difference;
    }
    await pause(50);
  }
}
