import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** The pictures of docs/ui.md and of the README. */
export default defineConfig({
  ...base,
  testDir: 'tests/screenshots',
  testMatch: '*.shots.ts',
  timeout: 300_000,
});
