/** The cells of a heat map as a series of ECharts: a rectangle for each place, with its mean in it if there is room. */

import { shortNumber } from '../../format/number';
import type { HeatCell } from '../contour';

interface Drawing {
  cells: readonly HeatCell[];
  colorAt: (z: number) => string;
  inkAt: (z: number) => string;
  font: string;
}

interface SeriesApi {
  coord: (value: readonly [number, number]) => number[];
  size: (value: readonly [number, number]) => number[];
}

export function cellSeries({ cells, colorAt, inkAt, font }: Drawing) {
  return {
    type: 'custom',
    zlevel: 0,
    data: cells.map((cell) => [cell.x, cell.y, cell.z]),
    renderItem: ({ dataIndex }: { dataIndex: number }, api: SeriesApi) => {
      const cell = cells[dataIndex];
      if (!cell) return { type: 'group', children: [] };
      const [x = 0, y = 0] = api.coord([cell.x, cell.y]);
      const [width = 0, height = 0] = api.size([1, 1]);
      const hasText = width > 44 && height > 18;
      return {
        type: 'rect',
        shape: { x: x - width / 2 + 1, y: y - height / 2 + 1, width: width - 2, height: height - 2, r: 2 },
        style: { fill: colorAt(cell.z) },
        ...(hasText && {
          textContent: {
            style: { text: shortNumber(cell.z), fill: inkAt(cell.z), font: `12px ${font}` },
          },
          textConfig: { position: 'inside' },
        }),
      };
    },
  };
}
