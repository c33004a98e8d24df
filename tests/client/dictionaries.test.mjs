// The client's source makes no dictionary with a prototype: users choose usernames, ids, emoji and codes, and an ordinary object
// would find `constructor` or `toString` in itself.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { dict, mapped, merged, withEntry, without } from '../../src/http/web/client/lib/dict.js';
import { HOSTILE } from './names.mjs';

const folder = new URL('../../src/http/web/client/', import.meta.url).pathname;

/** The only module that may. */
const MAKER = join('lib', 'dict.js');

const modules = readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith('.js') && path !== MAKER);

/** Code that makes, or indexes, an object with inherited names. */
const FORBIDDEN = [
  ['Object.fromEntries', /\bObject\.fromEntries\b/],
  ['Object.create', /\bObject\.create\b/],
  ['a computed key in an object', /[{,]\s*\[[^\]]+\]\s*:/],
  ['an empty object', /(?<!=> )\{\}(?=[;,)]|$)/],
];

/** Empty objects that are not indexed by foreign names. */
const ALLOWED = [
  /^limits: \{\},$/,                                         // settings of the server, read by name
  /Object\.(?:keys|values|entries)\([\w.]+ \?\? \{\}\)/,     // only its own entries are gone through
  /^const \{ [^}]+ \} = [\w.]+ \?\? \{\};$/,                 // fields that may be missing
  /^(?:export )?(?:function )?\w+\(.*\w+\}? = \{\}/,           // options that may be left out
  /^(?:export )?(?:function )?\w+\(.*\} = \{\}\) \{$/,
  /props: props \?\? \{\}/,                                    // attributes, whose names are the client's
  /\.\.\.\(.*\? \{ .* \} : \{\}\)/,                          // fields of a request that may be left out
  /headers: body === undefined \? \{\}/,
  /errorText\(room\.error \?\? \{\}\)/,
];

const code = (line) => !/^\s*(\/\/|\*|\/\*)/.test(line);

test('only dict.js creates dictionaries', () => {
  assert.ok(modules.length > 80, `${modules.length} modules`);
  const found = [];
  for (const path of modules) {
    readFileSync(join(folder, path), 'utf8').split('\n').filter(code).forEach((line) => {
      if (ALLOWED.some((one) => one.test(line.trim()))) return;
      for (const [what, pattern] of FORBIDDEN) if (pattern.test(line)) found.push(`${path}: ${what}: ${line.trim()}`);
    });
  }
  assert.deepEqual(found, []);
});

test('a table that is indexed by foreign names has no prototype', () => {
  const found = [];
  let tables = 0;
  for (const path of modules) {
    const text = readFileSync(join(folder, path), 'utf8');
    for (const [, name, begins] of text.matchAll(/^(?:export )?const ([A-Z_]+) = \{\s*(\S+)/gm)) {
      if (!new RegExp(`\\b${name}\\[`).test(text)) continue;
      tables += 1;
      if (begins !== '__proto__:') found.push(`${path}: ${name}`);
    }
  }
  assert.ok(tables > 10, `${tables} tables`);
  assert.deepEqual(found, []);
});

test('a dictionary holds its entries under any name, and nothing else', () => {
  for (const name of HOSTILE) {
    const one = withEntry(dict(), name, 1);
    assert.equal(dict()[name], undefined, name);
    assert.equal(name in dict(), false, name);
    assert.deepEqual(Object.entries(one), [[name, 1]]);
    assert.equal(withEntry(one, name, 2)[name], 2);
    assert.equal(merged(dict([['other', 0]]), one)[name], 1);
    assert.equal(mapped(one, (value) => value + 1)[name], 2);
    assert.equal(name in without(one, name), false);
    assert.equal(one[name], 1, 'the one before is as it was');
    // Parsed JSON is an ordinary object.
    assert.equal(mapped(JSON.parse(`{${JSON.stringify(name)}: 1}`), (value) => value + 1)[name], 2);
  }
  const same = dict([['a', 1]]);
  assert.equal(without(same, 'b'), same);
  assert.equal(merged(undefined, same).a, 1);
});
