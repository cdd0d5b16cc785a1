import { type ReactNode, type RefObject, useRef, useState } from 'react';
import { IconButton } from '../../design/Button';
import { csvText, download, fileName } from '../../format/csv';
import styles from './ChartPanel.module.css';
import { ChartTable, type TableData } from './ChartTable';
import type { ChartHandle } from './EChart';

interface Props {
  title: string;
  /** What the chart shows, in words. */
  summary: string;
  /** Which runs are not drawn and why. */
  note?: string;
  /** The numbers behind it. */
  table: () => TableData;
  /** More controls beside its title. */
  tools?: ReactNode;
  /** What to say instead of an empty chart. */
  empty?: string | null;
  onOpenRun?: ((runId: string, isNewTab: boolean) => void) | undefined;
  children: (chart: RefObject<ChartHandle | null>) => ReactNode;
}

/** What is around every chart: its name, its words, the same as a table, as a picture and as CSV. */
export function ChartPanel({ title, summary, note, table, tools, empty, onOpenRun, children }: Props) {
  const [isTable, setTable] = useState(false);
  const chart = useRef<ChartHandle>(null);
  return (
    <section className={styles.panel} aria-label={title}>
      <header className={styles.header}>
        <h3 className={styles.title} title={title}>
          {title}
        </h3>
        {tools}
        <IconButton
          icon={isTable ? 'bars' : 'table'}
          label={isTable ? 'Show as chart' : 'Show as table'}
          onClick={() => setTable(!isTable)}
        />
        <IconButton
          icon="download"
          label="Download as picture (PNG)"
          disabled={isTable || Boolean(empty)}
          onClick={() => chart.current?.exportPng(title)}
        />
        <IconButton
          icon="file"
          label="Download the data (CSV)"
          onClick={() => {
            const { header, rows } = table();
            download(
              fileName(title, 'csv'),
              new Blob([csvText([['run_id', ...header], ...rows.map((row) => [row.id, ...row.cells])])], {
                type: 'text/csv',
              }),
            );
          }}
        />
      </header>
      {isTable ? (
        <ChartTable label={title} data={table()} onOpenRun={onOpenRun} />
      ) : empty ? (
        <p className={styles.empty}>{empty}</p>
      ) : (
        children(chart)
      )}
      <p className={styles.summary}>
        {summary} {note && <span className={styles.note}>{note}</span>}
      </p>
    </section>
  );
}
