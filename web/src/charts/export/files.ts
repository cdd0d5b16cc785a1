/** What a chart can be saved as. */

import { metricHistory } from '../../api/mlflow';
import { number } from '../../api/types';
import { toast } from '../../design/toasts';
import { resolvedColor } from '../../runs/colors';
import type { DrawnLine } from '../line/line';
import type { LinePlot } from '../line/plot';
import type { ChartRun } from '../line/prepare';
import { csvRow } from './csv';
import { svgOf } from './svg';

export function savePng(plot: LinePlot | null, name: string) {
  plot?.picture().toBlob((blob) => blob && save(blob, `${name}.png`), 'image/png');
}

export function saveSvg(plot: LinePlot | null, lines: readonly DrawnLine[], title: string, name: string) {
  if (!plot) return;
  const [xTicks = [], yTicks = []] = plot.ticks;
  const svg = svgOf({
    title,
    view: plot.view(),
    lines,
    xTicks,
    yTicks,
    colors: {
      text: resolvedColor('var(--text)'),
      grid: resolvedColor('var(--grid-line)'),
      background: resolvedColor('var(--bg)'),
    },
    resolve: resolvedColor,
  });
  save(new Blob([svg], { type: 'image/svg+xml' }), `${name}.svg`);
}

/** What is drawn, point by point; buckets with their range. */
export function saveDrawnCsv(lines: readonly DrawnLine[], xName: string, name: string) {
  const parts = [csvRow(['name', 'subject', xName, 'value', 'min', 'max', 'unsmoothed'])];
  for (const line of lines.toReversed()) {
    for (let i = 0; i < line.x.length; i += 1) {
      const one = (values: Float64Array | null) => values?.[i] ?? '';
      parts.push(
        csvRow([
          line.name,
          line.subject,
          line.x[i] as number,
          line.y[i] as number,
          one(line.lo),
          one(line.hi),
          one(line.raw),
        ]),
      );
    }
  }
  save(new Blob(parts, { type: 'text/csv' }), `${name}.csv`);
}

/** Every point that was logged, read from the server page by page. */
export async function saveFullCsv(runs: readonly ChartRun[], keys: readonly string[], name: string) {
  const parts: string[] = [csvRow(['run_id', 'run_name', 'key', 'step', 'timestamp', 'value'])];
  let count = 0;
  toast('Reading all points…');
  for (const run of runs) {
    for (const key of keys) {
      for await (const page of metricHistory(run.id, key)) {
        const rows = page.map(({ step, timestamp, value }) =>
          csvRow([run.id, run.name, key, step, timestamp, number(value)]),
        );
        parts.push(rows.join(''));
        count += rows.length;
      }
    }
  }
  save(new Blob(parts, { type: 'text/csv' }), `${name}.csv`);
  toast(`Saved ${count.toLocaleString('en-US')} points.`);
}

function save(blob: Blob, fileName: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
