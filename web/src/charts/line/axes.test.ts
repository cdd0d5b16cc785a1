import { afterAll, beforeAll, expect, test } from 'vitest';
import { setTimeZone } from '../../format/time';
import { timeTicks } from './axes';

beforeAll(() => setTimeZone('utc'));
afterAll(() => setTimeZone('local'));

const at = (text: string) => Date.parse(`${text}Z`);

test('times of day have their date where it begins', () => {
  const ticks = ['2026-11-20T23:30', '2026-11-20T23:45', '2026-11-21T00:00', '2026-11-21T00:15'].map(at);
  expect(timeTicks(ticks, 900_000)).toEqual(['23:30\n2026-11-20', '23:45', '00:00\n2026-11-21', '00:15']);
});

test('days have their year, and short steps their seconds', () => {
  const days = ['2026-12-31T00:00', '2027-01-01T00:00', '2027-01-02T00:00'].map(at);
  expect(timeTicks(days, 86_400_000)).toEqual(['12-31\n2026', '01-01\n2027', '01-02']);
  expect(timeTicks([at('2026-11-20T01:02:03.250')], 250)).toEqual(['01:02:03.250\n2026-11-20']);
});
