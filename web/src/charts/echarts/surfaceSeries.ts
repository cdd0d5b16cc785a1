/** A surface as a series of ECharts: a picture between two corners, and lines over it. */

import type { Segment, Surface } from '../contour';

interface Drawing {
  surface: Surface;
  /** In the values of the axes: least, greatest. */
  corners: readonly [readonly [number, number], readonly [number, number]];
  bytesAt: (z: number) => [number, number, number];
  lines: readonly Segment[];
  lineColor: string;
}

interface SeriesApi {
  coord: (value: readonly [number, number]) => number[];
}

export function surfaceSeries({ surface, corners, bytesAt, lines, lineColor }: Drawing) {
  const picture = pictureOf(surface, bytesAt);
  return {
    type: 'custom',
    silent: true,
    z: 1,
    zlevel: 0,
    clip: true,
    // One item, whose place spans all; the axes need it to know their range.
    data: [[...corners[0]], [...corners[1]]],
    renderItem: ({ dataIndex }: { dataIndex: number }, api: SeriesApi) => {
      if (dataIndex > 0) return { type: 'group', children: [] };
      const [left = 0, bottom = 0] = api.coord(corners[0]);
      const [right = 0, top = 0] = api.coord(corners[1]);
      const [width, height] = [right - left, bottom - top];
      return {
        type: 'group',
        clipPath: {
          type: 'polygon',
          shape: { points: surface.hull.map(({ x, y }) => [left + x * width, bottom - y * height]) },
        },
        children: [
          { type: 'image', style: { image: picture, x: left, y: top, width, height, opacity: 0.85 } },
          ...lines.map(([x1, y1, x2, y2]) => ({
            type: 'line',
            shape: {
              x1: left + x1 * width,
              y1: bottom - y1 * height,
              x2: left + x2 * width,
              y2: bottom - y2 * height,
            },
            style: { stroke: lineColor, lineWidth: 1, opacity: 0.75 },
          })),
        ],
      };
    },
  };
}

/** A pixel for each place; the browser smooths it when it is drawn larger. */
function pictureOf({ columns, rows, z }: Surface, bytesAt: Drawing['bytesAt']): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const pixels = context.createImageData(columns, rows);
  for (let i = 0; i < z.length; i += 1) {
    const value = z[i] ?? NaN;
    if (Number.isNaN(value)) continue;
    const [column, row] = [i % columns, Math.floor(i / columns)];
    pixels.data.set([...bytesAt(value), 255], ((rows - 1 - row) * columns + column) * 4);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
