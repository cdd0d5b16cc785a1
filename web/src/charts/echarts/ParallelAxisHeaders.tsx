import { useState } from 'react';
import { announce } from '../../design/announce';
import { Menu, type MenuItem } from '../../design/Menu';
import { moved } from '../../format/lists';
import type { Axis } from '../runData';
import styles from './ParallelChart.module.css';

interface Props {
  axes: readonly Axis[];
  onChange?: ((axes: readonly string[]) => void) | undefined;
}

/** The names above the axes: dragged, or moved by their menu. */
export function ParallelAxisHeaders({ axes, onChange }: Props) {
  const [dragged, setDragged] = useState<number | null>(null);
  const columns = axes.map((axis) => axis.column);
  const move = (from: number, to: number) => {
    onChange?.(moved(columns, from, to));
    announce(`${axes[from]?.label ?? ''} is axis ${to + 1} of ${axes.length}`);
  };
  return (
    <ol className={styles.headers} aria-label="Axes">
      {axes.map((axis, i) => {
        const items: MenuItem[] = [
          { label: 'Move left', icon: 'chevronLeft', isDisabled: i === 0, onSelect: () => move(i, i - 1) },
          {
            label: 'Move right',
            icon: 'chevronRight',
            isDisabled: i === axes.length - 1,
            onSelect: () => move(i, i + 1),
          },
          {
            label: 'Remove',
            icon: 'close',
            isDisabled: axes.length <= 2,
            onSelect: () => onChange?.(columns.filter((_, j) => j !== i)),
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
                  <button
                    {...props}
                    type="button"
                    className={styles.name}
                    title={`${axis.label}: drag to move`}
                  >
                    {axis.label}
                  </button>
                )}
              />
            ) : (
              <span className={styles.name} title={axis.label}>
                {axis.label}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
