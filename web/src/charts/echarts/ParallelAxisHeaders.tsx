import { useState } from 'react';
import { announce } from '../../design/announce';
import { Menu, type MenuItem } from '../../design/Menu';
import { moved } from '../../format/lists';
import type { Axis } from '../runData';
import styles from './ParallelChart.module.css';

interface Props {
  axes: readonly Axis[];
  log: readonly string[];
  onChange?: ((change: { axes: readonly string[]; log: readonly string[] }) => void) | undefined;
}

/** The names above the axes: dragged, or moved by their menu. */
export function ParallelAxisHeaders({ axes, log, onChange }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const columns = axes.map((axis) => axis.column);
  const move = (from: number, to: number) => {
    onChange?.({ axes: moved(columns, from, to), log });
    announce(`${axes[from]?.label ?? ''} is axis ${to + 1} of ${axes.length}`);
  };
  return (
    <ol className={styles.headers} aria-label="Axes">
      {axes.map((axis, i) => {
        const isLog = log.includes(axis.column);
        const name = isLog ? `${axis.label} (log)` : axis.label;
        const items: MenuItem[] = [
          { label: 'Move left', icon: 'chevronLeft', isDisabled: i === 0, onSelect: () => move(i, i - 1) },
          {
            label: 'Move right',
            icon: 'chevronRight',
            isDisabled: i === axes.length - 1,
            onSelect: () => move(i, i + 1),
          },
          {
            label: 'Logarithmic',
            isChecked: isLog,
            isDisabled: axis.kind !== 'number',
            onSelect: () =>
              onChange?.({
                axes: columns,
                log: isLog ? log.filter((column) => column !== axis.column) : [...log, axis.column],
              }),
          },
          {
            label: 'Remove',
            icon: 'close',
            isDisabled: axes.length <= 2,
            onSelect: () =>
              onChange?.({
                axes: columns.filter((_, j) => j !== i),
                log: log.filter((column) => column !== axis.column),
              }),
          },
        ];
        const share = axes.length < 2 ? 0.5 : i / (axes.length - 1);
        return (
          <li
            key={axis.column}
            className={styles.header}
            style={{ left: `calc(var(--side) + (100% - 2 * var(--side)) * ${share})` }}
            draggable={Boolean(onChange)}
            data-dragged={dragged === i || undefined}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              setDragged(i);
            }}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event) => dragged !== null && event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              if (dragged !== null && dragged !== i) move(dragged, i);
              setDragged(null);
            }}
          >
            {onChange ? (
              <Menu
                label={`Axis ${axis.label}`}
                items={items}
                button={(props) => (
                  <button {...props} type="button" className={styles.name} title={`${name}: drag to move`}>
                    {name}
                  </button>
                )}
              />
            ) : (
              <span className={styles.name} title={name}>
                {name}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
