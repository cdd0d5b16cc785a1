import { expect, test } from 'vitest';
import { runColor, runColors, SERIES_COLORS } from './colors';

const ids = (count: number) => Array.from({ length: count }, (_, i) => `run${i}`);
const runs = (count: number) => ids(count).map((id) => ({ id }));

test('runs together have different colours as far as there are any', () => {
  // By their ids alone some of them collide.
  expect(new Set(ids(10).map((id) => runColor(id))).size).toBeLessThan(10);
  expect(new Set(runColors(runs(10)).values()).size).toBe(10);
  const of = [...runColors(runs(30)).values()];
  for (let slot = 1; slot <= SERIES_COLORS; slot += 1) {
    expect(of.filter((color) => color === `var(--series-${slot})`)).toHaveLength(3);
  }
});

test('the order of the runs changes no colour', () => {
  expect(Object.fromEntries(runColors(runs(25).reverse()))).toEqual(Object.fromEntries(runColors(runs(25))));
});

test('a chosen colour stays, and nobody else gets it while others are free', () => {
  const colors = runColors([
    { id: 'a', chosen: '3' },
    { id: 'b', chosen: '#123456' },
    { id: 'c', chosen: '3' },
    ...runs(9),
  ]);
  expect(['a', 'b', 'c'].map((id) => colors.get(id))).toEqual([
    'var(--series-3)',
    '#123456',
    'var(--series-3)',
  ]);
  expect(new Set(ids(9).map((id) => colors.get(id))).size).toBe(9);
  expect(ids(9).map((id) => colors.get(id))).not.toContain('var(--series-3)');
});

test('a run alone has the colour of its id', () => {
  expect(runColors([{ id: 'x' }]).get('x')).toBe(runColor('x'));
});
