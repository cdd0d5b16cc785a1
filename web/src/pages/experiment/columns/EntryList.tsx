import { useMemo, useRef, useState } from 'react';
import type { Column } from '../../../api/types';
import { Checkbox, TextField } from '../../../design/Field';
import { partsOf } from '../../../runs/columns';
import { visibleRows } from '../grid/viewport';
import styles from './Columns.module.css';
import { entriesOf, type Section } from './entries';

const ROW = 28;
const HEIGHT = 336;

interface Props {
  label: string;
  sections: readonly Section[];
  isChosen: (column: Column) => boolean;
  onToggle: (column: Column) => void;
  /** Least, greatest and step of a metric beside its latest value. */
  hasVariants?: boolean;
}

/** Thousands of names: searchable, of which only those in sight are in the page. */
export function EntryList({ label, sections, isChosen, onToggle, hasVariants }: Props) {
  const [search, setSearch] = useState('');
  const [scrollTop, setScrollTop] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const entries = useMemo(() => entriesOf(sections, search), [sections, search]);
  const { first, last } = visibleRows({ scrollTop, height: HEIGHT, count: entries.length, rowHeight: ROW });
  return (
    <>
      <TextField
        label={label}
        isLabelHidden
        icon="search"
        placeholder={label}
        autoFocus
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          list.current?.scrollTo({ top: 0 });
        }}
      />
      <ul
        ref={list}
        className={styles.list}
        tabIndex={0}
        aria-label={label}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      >
        <li aria-hidden="true" style={{ height: first * ROW }} />
        {entries.slice(first, last).map((entry) =>
          entry.kind === 'heading' ? (
            <li key={`# ${entry.label}`} className={styles.heading}>
              <span>{entry.label}</span>
              <span className={styles.detail}>{entry.count.toLocaleString('en-US')}</span>
            </li>
          ) : (
            <li key={entry.column} className={styles.entry}>
              <Checkbox
                label={<span title={entry.label}>{entry.label}</span>}
                className={styles.choice ?? ''}
                checked={isChosen(entry.column)}
                onChange={() => onToggle(entry.column)}
              />
              {hasVariants && entry.isMetric && (
                <Variants column={entry.column} isChosen={isChosen} onToggle={onToggle} />
              )}
              <span
                className={styles.detail}
                title={entry.detail ? `${entry.detail} runs have it` : undefined}
              >
                {entry.detail}
              </span>
            </li>
          ),
        )}
        <li aria-hidden="true" style={{ height: (entries.length - last) * ROW }} />
      </ul>
      {entries.length === 0 && <p className={styles.nothing}>Nothing has “{search}” in its name.</p>}
    </>
  );
}

function Variants({ column, isChosen, onToggle }: Pick<Props, 'isChosen' | 'onToggle'> & { column: Column }) {
  const { key } = partsOf(column);
  return (
    <span className={styles.variants}>
      {(['min', 'max', 'step'] as const).map((variant) => {
        const id = `metric_${variant}.${key}`;
        return (
          <button
            key={variant}
            type="button"
            aria-pressed={isChosen(id)}
            aria-label={`${variant} of ${key}`}
            onClick={() => onToggle(id)}
          >
            {variant}
          </button>
        );
      })}
    </span>
  );
}
