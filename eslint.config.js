import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import { bannedApisRule } from './tools/eslint/banned-apis.js'
import { importTableRule } from './tools/eslint/import-table.js'

const focused = '/^(only|skip|todo)$/'
const testFunction = '/^(it|test|describe|suite|bench)$/'
const focusedMessage =
  'No focused, skipped or planned tests: run it, or let requireSystem (tools/testing/system.ts) skip it where a component is missing'

export default defineConfig(
  {
    ignores: [
      '**/node_modules',
      '.cache',
      'coverage',
      'dist',
      'model/kernel',
      'models',
      'runs',
      '**/*.client.js',
      '**/*.generated.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  {
    plugins: { seedbed: { rules: { 'banned-apis': bannedApisRule, 'import-table': importTableRule } } },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 400],
      'prefer-const': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: `MemberExpression[object.name=${testFunction}][property.name=${focused}]`,
          message: focusedMessage,
        },
        {
          selector: `MemberExpression[object.object.name=${testFunction}][property.name=${focused}]`,
          message: focusedMessage,
        },
        {
          selector: `CallExpression[callee.name=${testFunction}] > ObjectExpression > Property[key.name=${focused}]`,
          message: focusedMessage,
        },
      ],
      'seedbed/import-table': 'error',
    },
  },
  {
    files: ['peer/core/**/*.ts', 'peer/protocol/**/*.ts', 'tracker/core/**/*.ts', 'sim/**/*.ts'],
    ignores: ['**/*.{test,bench,contract,testing}.ts'],
    rules: { 'seedbed/banned-apis': 'error' },
  },
)
