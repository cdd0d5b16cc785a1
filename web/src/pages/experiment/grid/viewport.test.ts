import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canvasHeight,
  edges,
  MAX_CANVAS,
  scrollTopFor,
  seenRows,
  slotsOf,
  visibleColumns,
  visibleRows,
} from './viewport';

const height = 600;

test('the end of any table can be scrolled to', () => {
  for (const count of [1, 100, 100_000, 312_501, 5_000_000]) {
    for (const rowHeight of [26, 32, 40]) {
      const canvas = canvasHeight({ count, rowHeight });
      const scrollTop = Math.max(0, canvas - height);
      const { last, shift } = visibleRows({ scrollTop, height, count, rowHeight });
      expect(last).toBe(count);
      // The last row ends where the canvas ends.
      expect(count * rowHeight + shift).toBeCloseTo(canvas, 3);
    }
  }
});

test('what is seen is drawn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, at) => {
        const rowHeight = 32;
        const scrollTop = at * Math.max(0, canvasHeight({ count, rowHeight }) - height);
        const measures = { scrollTop, height, count, rowHeight };
        const drawn = visibleRows(measures);
        const seen = seenRows(measures);
        expect(drawn.first).toBeLessThanOrEqual(seen.first);
        expect(drawn.last).toBeGreaterThanOrEqual(seen.last);
        expect(drawn.last - drawn.first).toBeLessThanOrEqual(slotsOf(measures));
      },
    ),
  );
});

test('a row that is asked for comes into sight, and one in sight moves nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999_999 }),
      fc.integer({ min: 0, max: MAX_CANVAS - height }),
      (index, scrollTop) => {
        const measures = { scrollTop, height, count: 1_000_000, rowHeight: 32 };
        const next = scrollTopFor(index, measures);
        const seen = seenRows({ ...measures, scrollTop: next });
        expect(seen.first).toBeLessThanOrEqual(index);
        expect(seen.last).toBeGreaterThanOrEqual(index + 1);
        expect(scrollTopFor(index, { ...measures, scrollTop: next })).toBeCloseTo(next, 3);
      },
    ),
  );
});

test('columns in sight, with one to spare', () => {
  const lefts = edges([100, 100, 100, 100, 100]);
  expect(lefts).toEqual([0, 100, 200, 300, 400, 500]);
  expect(visibleColumns(lefts, 150, 250)).toEqual({ first: 0, last: 4 });
  expect(visibleColumns(lefts, 0, 1000)).toEqual({ first: 0, last: 5 });
  expect(visibleColumns(edges([]), 0, 1000)).toEqual({ first: 0, last: 0 });
});
