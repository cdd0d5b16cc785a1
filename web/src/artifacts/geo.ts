/** GeoJSON as lines and points on a plane: longitude to the right, latitude up. */

export type Position = readonly [number, number];

export interface Shape {
  kind: 'point' | 'line' | 'area';
  /** One ring or line each; a point is a ring of one. */
  rings: Position[][];
}

type Json = Record<string, unknown>;
const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const position = (value: unknown): Position | null => {
  const [x, y] = list(value);
  return typeof x === 'number' && typeof y === 'number' && Number.isFinite(x) && Number.isFinite(y)
    ? [x, y]
    : null;
};
const ring = (value: unknown): Position[] =>
  list(value)
    .map(position)
    .filter((one) => one !== null);

/** All shapes in a GeoJSON value, whatever of it is valid. */
export function shapesOf(value: unknown): Shape[] {
  const shapes: Shape[] = [];
  const stack: unknown[] = [value];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { type, coordinates, features, geometry, geometries } = record(next);
    if (type === 'FeatureCollection') for (const one of list(features).toReversed()) stack.push(one);
    else if (type === 'Feature') stack.push(geometry ?? {});
    else if (type === 'GeometryCollection') for (const one of list(geometries).toReversed()) stack.push(one);
    else if (type === 'Point') add(shapes, 'point', [ring([coordinates])]);
    else if (type === 'MultiPoint') for (const one of list(coordinates)) add(shapes, 'point', [ring([one])]);
    else if (type === 'LineString') add(shapes, 'line', [ring(coordinates)]);
    else if (type === 'MultiLineString') add(shapes, 'line', list(coordinates).map(ring));
    else if (type === 'Polygon') add(shapes, 'area', list(coordinates).map(ring));
    else if (type === 'MultiPolygon') {
      for (const one of list(coordinates)) add(shapes, 'area', list(one).map(ring));
    }
  }
  return shapes;
}

function add(shapes: Shape[], kind: Shape['kind'], rings: Position[][]) {
  const filled = rings.filter((one) => one.length > 0);
  if (filled.length) shapes.push({ kind, rings: filled });
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export function boundsOf(shapes: readonly Shape[]): Bounds | null {
  const bounds = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  for (const { rings } of shapes) {
    for (const points of rings) {
      for (const [x, y] of points) {
        bounds.west = Math.min(bounds.west, x);
        bounds.east = Math.max(bounds.east, x);
        bounds.south = Math.min(bounds.south, y);
        bounds.north = Math.max(bounds.north, y);
      }
    }
  }
  return bounds.west <= bounds.east ? bounds : null;
}

/** A step of the grid with a round number: about so many lines over the span. */
export function gridStep(span: number, lines: number): number {
  const rough = span / lines || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough) ?? 10;
  return factor * power;
}
