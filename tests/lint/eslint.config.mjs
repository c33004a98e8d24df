// What tsc does not see in the web client. To be run from the root of the repository, as `.ci/run` does.

import js from '@eslint/js';

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Names that do not exist are errors of tsc.
      'no-undef': 'off',
      'no-unused-vars': ['error', { args: 'after-used', argsIgnorePattern: '^(state|act)$', ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'max-lines': ['error', 400],
      // Text becomes text nodes, never markup: see lib/dom.js.
      'no-restricted-properties': ['error', ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write'].map((property) => ({ property }))],
    },
  },
  {
    // Read by browsers that are too old for all the rest.
    files: ['src/http/web/client/fallback.js'],
    languageOptions: { ecmaVersion: 5, sourceType: 'script' },
    rules: { 'no-var': 'off', 'prefer-const': 'off' },
  },
];
