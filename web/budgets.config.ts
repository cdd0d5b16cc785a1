import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** What the pages cost against the budgets: prints a table, and ends with 1 if one is exceeded. */
export default defineConfig({
  ...base,
  testDir: 'tests/budgets',
  testMatch: '*.budget.ts',
  timeout: 900_000,
  // What is measured is asked in each frame, as a text.
  use: { ...base.use, bypassCSP: true },
});
