import { afterEach, expect, test, vi } from 'vitest';
import { setTimeZone } from '../../format/time';
import { zoneDate } from './zoneDate';

// uPlot asks for it when it is loaded, and jsdom has none.
vi.hoisted(() => {
  globalThis.matchMedia = () => new EventTarget() as MediaQueryList;
});

afterEach(() => {
  setTimeZone('local');
  vi.unstubAllEnvs();
});

test('days begin where the reader wants them to', () => {
  vi.stubEnv('TZ', 'Asia/Kolkata');
  const midnight = Date.UTC(2026, 0, 2);
  expect(zoneDate(midnight).getHours()).toBe(5);
  setTimeZone('utc');
  expect(zoneDate(midnight).getHours()).toBe(0);
  expect(zoneDate(midnight).getDate()).toBe(2);
});
