import { memo, useMemo, useRef, useState } from 'react';
import { IconButton } from '../../design/Button';
import { Menu, type MenuItem } from '../../design/Menu';
import { ErrorBoundary } from '../../app/ErrorBoundary';
import type { LineChartHandle } from '../line/LineChart';
import { ChartBody, useChartContent } from './ChartBody';
import styles from './ChartCard.module.css';
import { chartActions } from './chartActions';
import { Marked } from './Marked';
import type { Search } from './sections';
import type { BoardSettings } from './settings';

export interface CardMoves {
  move: (key: string, where: 'earlier' | 'later' | 'first' | 'last') => void;
  /** Dragged onto another. */
  drop: (key: string, onto: string) => void;
}

interface Props {
  metric: string;
  settings: BoardSettings;
  search: Search;
  /** CSS pixels. */
  width: number;
  height: number;
  moves: CardMoves;
  onFull: (key: string) => void;
}

const DRAG_TYPE = 'application/x-oxflow-chart';

/** A chart of one metric in the grid: its name, what can be done with it, and the drawing. */
export const ChartCard = memo(function ChartCard(props: Props) {
  const { metric, settings, search, width, height, moves, onFull } = props;
  const [isTable, setTable] = useState(false);
  const [isTarget, setTarget] = useState(false);
  const handle = useRef<LineChartHandle>(null);
  const keys = useMemo(() => [metric], [metric]);
  const content = useChartContent(keys, settings, width * Math.min(window.devicePixelRatio, 2));
  const name = metric.slice(metric.lastIndexOf('/') + 1) || metric;
  const actions: MenuItem[] = [
    ...chartActions({ keys, settings, content, handle, isTable, setTable }),
    { label: 'Move to the front', startsGroup: true, onSelect: () => moves.move(metric, 'first') },
    { label: 'Move back', icon: 'chevronLeft', onSelect: () => moves.move(metric, 'earlier') },
    { label: 'Move on', icon: 'chevronRight', onSelect: () => moves.move(metric, 'later') },
    { label: 'Move to the end', onSelect: () => moves.move(metric, 'last') },
  ];
  return (
    <section
      className={styles.card}
      style={{ height }}
      aria-label={metric}
      data-target={isTarget}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        setTarget(true);
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={(event) => {
        event.preventDefault();
        setTarget(false);
        moves.drop(event.dataTransfer.getData(DRAG_TYPE), metric);
      }}
    >
      <header
        className={styles.head}
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData(DRAG_TYPE, metric);
          event.dataTransfer.effectAllowed = 'move';
        }}
      >
        <h3 className={styles.title} title={metric}>
          <Marked text={name} ranges={search.ranges(name)} />
        </h3>
        <span className={styles.tools}>
          <IconButton icon="expand" label={`Full screen: ${metric}`} onClick={() => onFull(metric)} />
          <Menu
            label={`Chart of ${metric}`}
            items={actions}
            button={(button) => <IconButton icon="dots" label={`More about ${metric}`} {...button} />}
          />
        </span>
      </header>
      <ErrorBoundary>
        <ChartBody keys={keys} settings={settings} content={content} isTable={isTable} handle={handle} />
      </ErrorBoundary>
    </section>
  );
});
