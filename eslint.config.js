/** Lint: what the compiler cannot see. Layers are checked by dependency-cruiser. */
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['out/**', 'node_modules/**', 'test-results/**', 'playwright-report/**'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.node } } },
  {
    files: ['renderer/**/*.ts', 'renderer/**/*.svelte', 'preload/**/*.ts'],
    languageOptions: { globals: { ...globals.browser } },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'svelte/no-at-html-tags': 'error',
      // Large state is $state.raw and replaced as a whole: a plain Map or Set inside it is meant.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['scripts/**', 'cli/**', 'bench/**', 'e2e/**'], rules: { 'no-console': 'off' } },
  {
    // What runs in Electron's own Node may be Node 16 (engine/node16.ts), which lacks these.
    files: ['{contract,recipe,engine,main}/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing*.ts', 'engine/worker/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.property.name=/^(toReversed|toSorted|toSpliced|findLast|findLastIndex)$/]',
          message: 'Node 16 has no such method: copy the array, then reverse() or sort() the copy.',
        },
      ],
    },
  },
  {
    // A test waits for what is to happen, however long that takes; how long it takes is bench's to say.
    files: ['**/*.test.ts', '**/*.test.mjs', '**/testing*.ts', 'e2e/**'],
    ignores: ['bench/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='setTimeout'][arguments.1]:not([arguments.1.value=0])",
          message: 'A test waits for no time: wait for the event, or with vi.waitUntil or expect.poll.',
        },
        {
          selector: 'CallExpression[callee.property.name=/^(waitForTimeout|sleep|delay)$/]',
          message: 'A test waits for no time: wait for the event itself.',
        },
        {
          selector: "ImportDeclaration[source.value='node:timers/promises']",
          message: 'A test waits for no time: wait for the event, or with vi.waitUntil or expect.poll.',
        },
        {
          selector: "MemberExpression[object.name='performance'][property.name='now']",
          message: 'A test sets no bound in milliseconds: speed is measured in bench/.',
        },
        {
          selector:
            "BinaryExpression > CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'A test sets no bound in milliseconds: speed is measured in bench/.',
        },
      ],
    },
  },
  { files: ['*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
