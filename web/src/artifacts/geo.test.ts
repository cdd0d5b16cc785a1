import { expect, it } from 'vitest';
import { boundsOf, gridStep, shapesOf } from './geo';

it('finds the shapes', () => {
  const shapes = shapesOf({
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2, 99] } },
      { type: 'Feature', geometry: null },
      {
        type: 'GeometryCollection',
        geometries: [{ type: 'LineString', coordinates: [[0, 0], 'x', [5, 5]] }],
      },
      {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [0, 0],
              [1, 0],
              [0, 0],
            ],
          ],
        ],
      },
    ],
  });
  expect(shapes).toEqual([
    { kind: 'point', rings: [[[1, 2]]] },
    {
      kind: 'line',
      rings: [
        [
          [0, 0],
          [5, 5],
        ],
      ],
    },
    {
      kind: 'area',
      rings: [
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      ],
    },
  ]);
  expect(boundsOf(shapes)).toEqual({ west: 0, south: 0, east: 5, north: 5 });
});

it('takes anything', () => {
  expect(shapesOf(null)).toEqual([]);
  expect(shapesOf({ type: 'Polygon', coordinates: 'x' })).toEqual([]);
  expect(boundsOf([])).toBeNull();
});

it('steps in round numbers', () => {
  expect([gridStep(360, 6), gridStep(11, 6), gridStep(0.03, 6), gridStep(0, 6)]).toEqual([100, 2, 0.005, 1]);
});
