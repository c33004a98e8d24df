// Names of object properties, or with a meaning in JavaScript. Each may be a username, title or text.

/** All of them. */
export const HOSTILE = [
  'constructor', '__proto__', 'prototype', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf',
  'propertyIsEnumerable', '__defineGetter__', '__lookupSetter__', 'undefined', 'null', 'NaN', 'true', 'length', 'then', 'key', '0', '-1', '1e3', '',
];

/** Those that are valid usernames. */
export const USERNAMES = HOSTILE.filter((name) => /^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$/.test(name));
