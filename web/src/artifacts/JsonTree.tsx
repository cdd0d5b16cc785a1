import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useMemo, useRef, useState } from 'react';
import { IconButton } from '../design/Button';
import { TextField } from '../design/Field';
import { Icon } from '../design/Icon';
import { CopyButton } from '../design/Values';
import { grouped } from '../format/number';
import { type JsonRow, jsonRows } from './json';
import styles from './JsonTree.module.css';
import { Toolbar } from './Toolbar';

interface Props {
  value: unknown;
  label: string;
  tools?: ReactNode;
}

const ROW = 24;
/** More levels than this are not drawn further to the right. */
const DEEPEST = 40;
/** More of a text is not drawn in a row. */
const TEXT = 500;

/** A JSON value that opens level by level. */
export function JsonTree({ value, label, tools }: Props) {
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words);
  const [isAllOpen, setAllOpen] = useState(false);
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const rows = useMemo(
    // Two levels are open at first: the names of what there is.
    () => jsonRows(value, (path, depth) => changed.get(path) ?? (isAllOpen || depth < 2), asked),
    [value, changed, isAllOpen, asked],
  );
  const toggle = (row: JsonRow) => setChanged(new Map(changed).set(row.path, !row.isOpen));
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const found = asked.trim() ? rows.filter(({ isFound }) => isFound).length : null;
  const setAll = (isOpen: boolean) => {
    setChanged(new Map([['$', true]]));
    setAllOpen(isOpen);
  };
  return (
    <div className={styles.view}>
      <Toolbar info={found === null ? null : `${grouped(found)} found`}>
        {tools}
        <TextField
          label="Search keys and values"
          isLabelHidden
          icon="search"
          placeholder="Search keys and values"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <IconButton icon="plus" label="Open all" onClick={() => setAll(true)} />
        <IconButton icon="minus" label="Close all" onClick={() => setAll(false)} />
      </Toolbar>
      <div ref={scroller} className={styles.scroller} role="region" aria-label={label} tabIndex={0}>
        <ul className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <li
                key={row.path}
                className={styles.row}
                data-found={row.isFound || undefined}
                style={{
                  transform: `translateY(${start}px)`,
                  paddingLeft: 12 + Math.min(row.depth, DEEPEST) * 16,
                }}
              >
                {row.depth > DEEPEST && <span className={styles.depth}>level {row.depth}</span>}
                <Row row={row} onToggle={() => toggle(row)} />
                <CopyButton text={row.path} label={`Copy the path ${row.path.slice(0, 100)}`} />
              </li>
            );
          })}
        </ul>
        {asked.trim() !== '' && found === 0 && <p className={styles.none}>Nothing has this in it.</p>}
      </div>
    </div>
  );
}

function Row({ row, onToggle }: { row: JsonRow; onToggle: () => void }) {
  const { value, size } = row;
  const name = row.label !== '' && <span className={styles.key}>{row.label}</span>;
  if (size === null || size === 0) {
    return (
      <span className={styles.leaf}>
        {name}
        <Scalar value={value} />
      </span>
    );
  }
  const kind = Array.isArray(value) ? (size === 1 ? 'item' : 'items') : size === 1 ? 'key' : 'keys';
  return (
    <button type="button" className={styles.toggle} aria-expanded={row.isOpen} onClick={onToggle}>
      <Icon name={row.isOpen ? 'chevronDown' : 'chevronRight'} size={12} />
      {name}
      <span className={styles.size}>
        {Array.isArray(value) ? '[ ]' : '{ }'} {grouped(size)} {kind}
      </span>
    </button>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.slice(0, TEXT));
    return (
      <span className={styles.text} title={value.slice(0, 2000)}>
        {value.length > TEXT ? `${text.slice(0, -1)}… ${grouped(value.length)} characters` : text}
      </span>
    );
  }
  const kind = typeof value === 'number' ? styles.number : styles.word;
  return <span className={kind}>{JSON.stringify(value)}</span>;
}
