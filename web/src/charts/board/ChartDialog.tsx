import { useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../../design/Button';
import { Dialog } from '../../design/Dialog';
import { Menu } from '../../design/Menu';
import type { LineChartHandle } from '../line/LineChart';
import { ChartBody, useChartContent } from './ChartBody';
import { chartActions } from './chartActions';
import styles from './ChartDialog.module.css';
import type { BoardSettings } from './settings';

interface Props {
  metric: string;
  /** All charts of the board, in their order. */
  metrics: readonly string[];
  settings: BoardSettings;
  onShow: (metric: string) => void;
  onClose: () => void;
}

/** One chart on the whole screen; `[` and `]` lead to its neighbours. */
export function ChartDialog({ metric, metrics, settings, onShow, onClose }: Props) {
  const [isTable, setTable] = useState(false);
  const handle = useRef<LineChartHandle>(null);
  const keys = useMemo(() => [metric], [metric]);
  const content = useChartContent(keys, settings, window.innerWidth * Math.min(window.devicePixelRatio, 2));
  const at = metrics.indexOf(metric);
  const previous = metrics[at - 1];
  const next = metrics[at + 1];
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const wanted = event.key === '[' ? previous : event.key === ']' ? next : undefined;
      if (!wanted || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      onShow(wanted);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [previous, next, onShow]);
  return (
    <Dialog title={metric} onClose={onClose} width="full">
      <div className={styles.body}>
        <div className={styles.tools}>
          <IconButton
            icon="chevronLeft"
            label="Previous chart ([)"
            disabled={!previous}
            onClick={() => previous && onShow(previous)}
          />
          <IconButton
            icon="chevronRight"
            label="Next chart (])"
            disabled={!next}
            onClick={() => next && onShow(next)}
          />
          <span className={styles.place}>
            {at + 1} of {metrics.length}
          </span>
          <Menu
            label={`Chart of ${metric}`}
            items={chartActions({ keys, settings, content, handle, isTable, setTable })}
            button={(button) => <IconButton icon="dots" label={`More about ${metric}`} {...button} />}
          />
        </div>
        <ChartBody keys={keys} settings={settings} content={content} isTable={isTable} handle={handle} />
      </div>
    </Dialog>
  );
}
