import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { runsKeys } from '../api/own';
import type { RunSelection } from '../api/types';
import { paths } from '../app/paths';
import { Button, IconButton } from '../design/Button';
import { Menu } from '../design/Menu';
import { ErrorNote } from '../design/States';
import { usePageState } from '../url/usePageState';
import { AddedChart } from './AddedChart';
import styles from './AddedCharts.module.css';
import { CHART_NAMES, type ChartConfig, type ChartKind, chartList } from './chartConfig';
import { ChartFields } from './ChartFields';
import { defaultChart } from './defaultChart';

const schema = {
  /** The charts that were added to the board. */
  added: chartList,
};

interface Props {
  selection: RunSelection;
  hidden?: readonly string[];
  /** Of the runs that the board draws; the others have their own. */
  colors?: ReadonlyMap<string, string>;
  onSelectRuns?: (runIds: readonly string[]) => void;
  /** Further tools. */
  children?: React.ReactNode;
}

/** Charts of whole runs on a board: scatter, box and so on, added, changed and removed by the reader. */
export function AddedCharts({ selection, hidden, colors, onSelectRuns, children }: Props) {
  const [{ added }, patch] = usePageState(schema);
  const [edited, setEdited] = useState<number | null>(null);
  const [, navigate] = useLocation();
  const keys = useQuery({
    queryKey: ['runs/keys', 'added', selection],
    queryFn: ({ signal }) =>
      runsKeys({ ...selection, kinds: ['metric', 'param', 'tag'], limit: 10_000 }, signal),
    placeholderData: (before) => before,
  });
  const change = (at: number, next: ChartConfig) =>
    patch({ added: added.map((one, i) => (i === at ? next : one)) });
  const openRun = (id: string, isNewTab: boolean) => {
    if (isNewTab) window.open(new URL(paths.run(id).slice(1), document.baseURI), '_blank', 'noopener');
    else navigate(paths.run(id));
  };
  const items = (Object.keys(CHART_NAMES) as ChartKind[]).map((kind) => ({
    label: CHART_NAMES[kind],
    onSelect: () => {
      if (!keys.data) return;
      setEdited(added.length);
      patch({ added: [...added, defaultChart(kind, keys.data)] });
    },
  }));
  return (
    <section className={styles.board} aria-label="Charts of runs">
      <div className={styles.top}>
        <Menu
          label="Add a chart of runs"
          items={items}
          button={(props) => (
            <Button {...props} icon="plus" disabled={!keys.data?.metrics.length}>
              Add chart
            </Button>
          )}
        />
        {children}
      </div>
      {keys.isError && <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />}
      <div className={styles.grid}>
        {added.map((config, i) => (
          <div key={`${i} ${config.kind}`} className={styles.chart}>
            <div className={styles.tools}>
              {edited === i && keys.data && (
                <ChartFields config={config} keys={keys.data} onChange={(next) => change(i, next)} />
              )}
              <span className={styles.rest} />
              <IconButton
                icon="settings"
                label={`Change ${CHART_NAMES[config.kind]}`}
                isOn={edited === i}
                onClick={() => setEdited(edited === i ? null : i)}
              />
              <IconButton
                icon="close"
                label={`Remove ${CHART_NAMES[config.kind]}`}
                onClick={() => {
                  setEdited(null);
                  patch({ added: added.filter((_, j) => j !== i) });
                }}
              />
            </div>
            <AddedChart
              selection={selection}
              config={config}
              height={320}
              onOpenRun={openRun}
              onChange={(next) => change(i, next)}
              {...(hidden && { hidden })}
              {...(colors && { colors })}
              {...(onSelectRuns && { onSelectRuns })}
            />
          </div>
        ))}
      </div>
    </section>
  );
}
