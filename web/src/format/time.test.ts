import { expect, test } from 'vitest';
import { ago, duration, localDate, localTime, setTimeZone } from './time';

test.each([
  [0, '0 ms'],
  [1500, '1.5 s'],
  [42_900, '42 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '1 d'],
  [-1, '–'],
])('%d ms take %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('times are told from now', () => {
  const now = 1_766_316_000_000;
  const told = [1, 30_000, 300_000, 10_800_000, 90_000_000, 1_036_800_000].map((past) =>
    ago(now - past, now),
  );
  expect(told).toEqual(['just now', '30 s ago', '5 min ago', '3 h ago', 'yesterday', '12 days ago']);
});

test('times are told in UTC to those who want that', () => {
  setTimeZone('utc');
  expect(localTime(1_766_316_000_000)).toBe('2025-12-21 11:20:00 UTC');
  expect(localDate(1_766_316_000_000)).toBe('2025-12-21');
  setTimeZone('local');
});
