// Waiting for conditions. Nothing sleeps for a fixed time: conditions are polled until they hold or time out.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds; more than anything should take on a busy machine. */
export const PATIENCE = Number(process.env.PARLOR_TEST_PATIENCE_MS ?? 15_000);

/** Waits until it is visible. */
export function shown(locator) {
  return locator.first().waitFor({ state: 'visible', timeout: PATIENCE });
}

/** Waits until it is not visible. */
export async function gone(locator) {
  await until(async () => (await locator.filter({ visible: true }).count()) === 0, `${locator} is gone`);
}

/** Waits until `read` returns a truthy value, and returns it. */
export async function until(read, what, patience = PATIENCE) {
  const late = Date.now() + patience;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > late) throw new assert.AssertionError({ message: `not in ${patience / 1000} s: ${what}` });
    await pause(50);
  }
}

/** Waits until `read` returns `wanted`; the failure shows the actual value. */
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
