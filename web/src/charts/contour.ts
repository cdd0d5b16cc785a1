/** A surface through scattered points, and its lines of equal height. All of it in a square from 0 to 1. */

export interface Point {
  x: number;
  y: number;
  z: number;
}

export interface Surface {
  columns: number;
  rows: number;
  /** Row by row from the bottom; NaN outside of the hull and the cells along it. */
  z: Float64Array;
  /** The points' convex hull: outside there is nothing to go by. */
  hull: readonly { x: number; y: number }[];
}

/** Runs with the same two params are one point with their mean. */
export function merged(points: readonly Point[]): (Point & { count: number })[] {
  const at = new Map<string, Point & { count: number }>();
  for (const point of points) {
    const key = `${point.x} ${point.y}`;
    const before = at.get(key);
    if (before) {
      before.z = (before.z * before.count + point.z) / (before.count + 1);
      before.count += 1;
    } else at.set(key, { ...point, count: 1 });
  }
  return [...at.values()];
}

export interface HeatCell {
  x: number;
  y: number;
  /** The mean of its runs. */
  z: number;
  runs: number[];
}

/** The runs at each place of a heat map. */
export function cellsOf(points: readonly (Point & { run: number })[]): HeatCell[] {
  const at = new Map<string, HeatCell>();
  for (const { x, y, z, run } of points) {
    const cell = at.get(`${x} ${y}`) ?? { x, y, z: 0, runs: [] };
    cell.z += (z - cell.z) / (cell.runs.length + 1);
    cell.runs.push(run);
    at.set(`${x} ${y}`, cell);
  }
  return [...at.values()];
}

/**
 * Each place has the mean of all points, weighted by 1 / distance³ (Shepard's method): it passes through every point and
 * never leaves their range. `null` when the points lie on one line.
 */
export function surfaceOf(points: readonly Point[], columns: number, rows: number): Surface | null {
  const known = merged(points);
  const hull = convexHull(known);
  if (hull.length < 3) return null;
  const z = new Float64Array(columns * rows).fill(NaN);
  // The cells that the hull cuts are needed whole.
  const margin = 1.5 / Math.min(columns - 1, rows - 1);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const x = column / (columns - 1);
      const y = row / (rows - 1);
      if (isInside(hull, x, y, margin)) z[row * columns + column] = heightAt(known, x, y);
    }
  }
  return { columns, rows, z, hull };
}

function heightAt(points: readonly Point[], x: number, y: number): number {
  let sum = 0;
  let weights = 0;
  for (const point of points) {
    const square = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (square < 1e-12) return point.z;
    const weight = 1 / (square * Math.sqrt(square));
    sum += weight * point.z;
    weights += weight;
  }
  return sum / weights;
}

/** Counter-clockwise; Andrew's monotone chain. */
export function convexHull<P extends { x: number; y: number }>(points: readonly P[]): P[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (from: readonly P[]) => {
    const chain: P[] = [];
    for (const point of from) {
      while (
        chain.length > 1 &&
        turn(chain[chain.length - 2] as P, chain[chain.length - 1] as P, point) <= 1e-12
      )
        chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: { x: number; y: number }, b: { x: number; y: number }, c: { x: number; y: number }): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** Whether a place is inside, or outside by no more than a margin. */
function isInside(hull: readonly { x: number; y: number }[], x: number, y: number, margin: number): boolean {
  return hull.every((a, i) => {
    const b = hull[(i + 1) % hull.length] ?? a;
    return turn(a, b, { x, y }) >= -(margin * Math.hypot(b.x - a.x, b.y - a.y) + 1e-9);
  });
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

/** The line of a height, by marching squares; saddles are cut through their middle. */
export function isolines({ columns, rows, z }: Surface, level: number): Segment[] {
  const found: Segment[] = [];
  const at = (column: number, row: number) => z[row * columns + column] ?? NaN;
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const corners: Corner[] = [
        [column, row, at(column, row)],
        [column + 1, row, at(column + 1, row)],
        [column + 1, row + 1, at(column + 1, row + 1)],
        [column, row + 1, at(column, row + 1)],
      ];
      if (corners.some((corner) => Number.isNaN(corner[2]))) continue;
      const cuts = corners.flatMap((a, i) => {
        const b = corners[(i + 1) % 4] as Corner;
        return a[2] >= level === b[2] >= level ? [] : [cut(a, b, level)];
      });
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        const [a, b] = [cuts[i] as [number, number], cuts[i + 1] as [number, number]];
        found.push([a[0] / (columns - 1), a[1] / (rows - 1), b[0] / (columns - 1), b[1] / (rows - 1)]);
      }
    }
  }
  return found;
}

type Corner = readonly [column: number, row: number, z: number];

function cut(a: Corner, b: Corner, level: number): [number, number] {
  const share = (level - a[2]) / (b[2] - a[2]);
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

/** Heights between two bounds, at most `count` of them, round in decimals. */
export function levels([low, high]: readonly [number, number], count: number): number[] {
  const raw = (high - low) / (count + 1);
  if (!(raw > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const found: number[] = [];
  for (let i = Math.floor(low / step) + 1; i * step < high; i += 1)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}
