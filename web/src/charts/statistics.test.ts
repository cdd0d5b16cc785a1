import { expect, test } from 'vitest';
import { paletteBytes, paletteColor, shareOf } from './palette';
import { bestSoFar, boxOf, quantile, regression } from './statistics';

test('a box is that of Tukey, with the quartiles of NumPy', () => {
  expect(boxOf([1, 2, 3, 4, 100])).toEqual({
    count: 5,
    low: 1,
    first: 2,
    median: 3,
    third: 4,
    high: 4,
    mean: 22,
  });
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
  expect(boxOf([7])).toMatchObject({ low: 7, median: 7, high: 7 });
  expect(boxOf([])).toBeNull();
});

test('a line through points', () => {
  expect(
    regression([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toEqual({ slope: 2, intercept: 1, r2: 1 });
  expect(
    regression([
      [0, 0],
      [1, 1],
      [2, 0],
    ])?.r2,
  ).toBe(0);
  expect(
    regression([
      [1, 1],
      [1, 2],
    ]),
  ).toBeNull();
  expect(regression([])).toBeNull();
});

test('the best so far', () => {
  expect(bestSoFar([3, 4, 1, 2], false)).toEqual([3, 3, 1, 1]);
  expect(bestSoFar([3, 4, 1, 5], true)).toEqual([3, 4, 4, 5]);
});

test('the palette grows lighter all the way, in both themes', () => {
  for (const shade of ['light', 'dark'] as const) {
    const light = Array.from({ length: 50 }, (_, i) => {
      const [r, g, b] = paletteBytes(i / 49, shade);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    expect([...light].sort((a, b) => a - b)).toEqual(light);
  }
  expect(paletteColor(-1, 'light')).toBe(paletteColor(0, 'light'));
  expect(paletteColor(1, 'dark')).toBe('rgb(253,231,37)');
  expect(shareOf(3, [1, 5])).toBe(0.5);
  expect(shareOf(1, [1, 1])).toBe(0.5);
});
