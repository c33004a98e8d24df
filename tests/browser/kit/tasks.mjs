// The longest task of a page's main thread, in processor time: other programs on the machine make a task last longer, but do not
// add to it.

import { browser } from './browser.mjs';

/** The longest task, in milliseconds, while `run` runs. */
export async function longestTask(page, run) {
  const chromium = await browser();
  await chromium.startTracing(page, { categories: ['toplevel', '__metadata'] });
  let trace;
  try {
    await run();
  } finally {
    trace = JSON.parse(await chromium.stopTracing());
  }
  const threads = new Set(trace.traceEvents
    .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid}/${tid}`));
  const tasks = trace.traceEvents.filter(({ name, pid, tid, tdur }) => tdur > 0 && name.endsWith('RunTask') && threads.has(`${pid}/${tid}`));
  if (tasks.length < 10) throw new Error(`only ${tasks.length} tasks were seen`);
  return Math.round(Math.max(...tasks.map(({ tdur }) => tdur)) / 1000);
}
