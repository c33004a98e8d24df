// The first page: how much is transferred for it, and how soon it is there.

import assert from 'node:assert/strict';
import { shown } from '../kit/expect.mjs';
import { scene } from '../kit/stage.mjs';

/** What the first load may weigh in all, headers included. */
const BYTES = 100 * 1024;

scene('the first load is below 100 KiB, all of it from this server, and shown at once', {}, async ({ server, visitor, t }) => {
});
