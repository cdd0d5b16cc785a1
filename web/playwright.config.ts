import { defineConfig } from '@playwright/test';

/** The browser tests: a release server filled by `oxflow demo`, Debian's Chromium. `make web-test` runs them. */
export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/support/filled.ts',
  testMatch: '**/*.spec.ts',
  outputDir: '../.test/web/failures',
  // Two cores: one browser and one server.
  workers: 1,
  fullyParallel: false,
  // A busy machine may make one wait too short; the report names what needed a second try.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  expect: { timeout: 7_000 },
  reporter: [['list']],
  use: {
    actionTimeout: 7_000,
    navigationTimeout: 15_000,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.OXFLOW_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
