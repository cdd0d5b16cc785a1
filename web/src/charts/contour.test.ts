import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, convexHull, isolines, levels, merged, type Point, surfaceOf } from './contour';

const square: Point[] = [
  { x: 0, y: 0, z: 0 },
  { x: 1, y: 0, z: 1 },
  { x: 0, y: 1, z: 0 },
  { x: 1, y: 1, z: 1 },
];

test('the surface passes through its points', () => {
  const surface = surfaceOf(square, 11, 11);
  expect(surface?.z[0]).toBe(0);
  expect(surface?.z[10]).toBe(1);
  expect(surface?.z[60]).toBeCloseTo(0.5);
});

test('it stays within the range of the points, and there is none outside of them', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.record({ x: share, y: share, z: share }), { maxLength: 12 }), (points) => {
      const surface = surfaceOf(points, 9, 9);
      const least = Math.min(...points.map((one) => one.z));
      const greatest = Math.max(...points.map((one) => one.z));
      for (const z of surface?.z ?? []) {
        expect(Number.isNaN(z) || (z >= least - 1e-9 && z <= greatest + 1e-9)).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
  const triangle = surfaceOf(square.slice(0, 3), 31, 31);
  expect(triangle?.z[31 * 31 - 1]).toBeNaN();
  expect(triangle?.hull).toHaveLength(3);
  expect(triangle?.z[0]).toBe(0);
});

test('points on a line have no surface', () => {
  expect(
    surfaceOf(
      [0, 0.5, 1].map((x) => ({ x, y: x, z: 1 })),
      5,
      5,
    ),
  ).toBeNull();
  expect(surfaceOf([], 5, 5)).toBeNull();
});

test('runs with the same params are one point', () => {
  expect(merged([...square, { x: 0, y: 0, z: 2 }])[0]).toEqual({ x: 0, y: 0, z: 1, count: 2 });
  expect(convexHull([...square, { x: 0.5, y: 0.5 }])).toHaveLength(4);
});

test('a line of equal height lies where the height is', () => {
  const surface = surfaceOf(square, 21, 21);
  const segments = surface ? isolines(surface, 0.5) : [];
  expect(segments.length).toBeGreaterThan(18);
  for (const [x1, , x2] of segments) {
    expect(x1).toBeCloseTo(0.5, 1);
    expect(x2).toBeCloseTo(0.5, 1);
  }
});

test('levels are round', () => {
  expect(levels([0, 1], 8)).toEqual([0.2, 0.4, 0.6, 0.8]);
  expect(levels([0.01, 0.012], 3)).toEqual([0.0105, 0.011, 0.0115]);
  expect(levels([1, 1], 8)).toEqual([]);
});

test('a cell of a heat map is the mean of its runs', () => {
  const at = (run: number, z: number) => ({ run, x: 1, y: 2, z });
  expect(cellsOf([at(0, 1), at(1, 2), at(2, 6), { ...at(3, 5), x: 0 }])).toEqual([
    { x: 1, y: 2, z: 3, runs: [0, 1, 2] },
    { x: 0, y: 2, z: 5, runs: [3] },
  ]);
});
