import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../design/Button';
import { TextField } from '../design/Field';
import { CopyButton } from '../design/Values';
import { grouped } from '../format/number';
import { type Line, lineText, LONGEST, marked, type Match, matches } from './lines';
import { scopeClass, useLines } from './lineColours';
import styles from './TextView.module.css';
import { Toolbar } from './Toolbar';

interface Props {
  text: string;
  /** Of the highlighter; `null` for plain text. */
  language: string | null;
  /** Keeps the end in sight while more comes. */
  isFollowing?: boolean;
  info?: ReactNode;
  tools?: ReactNode;
  isWrapped?: boolean;
}

const LINE = 20;

/** A text with line numbers, of which only the lines in sight exist. */
export function TextView({ text, language, isFollowing = false, info, tools, isWrapped = false }: Props) {
  const [wraps, setWraps] = useState(isWrapped);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState(0);
  const lines = useLines(text, language);
  const found = useMemo(() => matches(lines, wanted), [lines, wanted]);
  const byLine = useMemo(() => {
    const map = new Map<number, (Match & { index: number })[]>();
    found.forEach((match, index) => {
      const list = map.get(match.line);
      if (list) list.push({ ...match, index });
      else map.set(match.line, [{ ...match, index }]);
    });
    return map;
  }, [found]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 30,
  });
  const widest = useMemo(
    () =>
      lines.reduce(
        (most, line) =>
          Math.max(
            most,
            line.reduce((n, { text: t }) => n + t.length, 0),
          ),
        0,
      ),
    [lines],
  );
  useEffect(() => {
    if (isFollowing) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isFollowing, lines.length, virtual]);
  useEffect(() => {
    virtual.measure();
  }, [wraps, virtual]);
  const go = (index: number) => {
    const next = found.length ? (index + found.length) % found.length : 0;
    setAt(next);
    const match = found[next];
    if (match) virtual.scrollToIndex(match.line, { align: 'center' });
  };
  const digits = String(lines.length).length;
  return (
    <div className={styles.view}>
      <Toolbar
        info={
          info ?? (text === '' ? 'Empty' : lines.length === 1 ? '1 line' : `${grouped(lines.length)} lines`)
        }
      >
        {tools}
        <TextField
          label="Find in this file"
          isLabelHidden
          icon="search"
          placeholder="Find"
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            go(event.shiftKey ? at - 1 : byLine.size && wanted ? at + 1 : 0);
          }}
        />
        {wanted && (
          <>
            <span className={styles.found} role="status">
              {found.length ? `${grouped(at + 1)} of ${grouped(found.length)}` : 'None'}
            </span>
            <IconButton icon="arrowUp" label="Previous match" onClick={() => go(at - 1)} />
            <IconButton icon="arrowDown" label="Next match" onClick={() => go(at + 1)} />
          </>
        )}
        <IconButton icon="wrap" label="Wrap long lines" isOn={wraps} onClick={() => setWraps(!wraps)} />
        <CopyButton text={text} label="Copy the text" />
      </Toolbar>
      <div
        ref={scroller}
        className={`${styles.scroller} code-colours`}
        data-wraps={wraps || undefined}
        tabIndex={0}
        role="region"
        aria-label="Text"
      >
        <div
          className={styles.all}
          style={{
            height: virtual.getTotalSize(),
            minWidth: wraps ? undefined : `calc(${Math.min(widest, LONGEST) + digits + 4}ch + 16px)`,
          }}
        >
          {virtual.getVirtualItems().map(({ index, key, start }) => (
            <div
              key={key}
              data-index={index}
              ref={wraps ? virtual.measureElement : undefined}
              className={styles.line}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className={styles.number} style={{ width: `${digits + 2}ch` }}>
                {index + 1}
              </span>
              <code className={styles.code}>
                <Pieces line={lines[index] ?? []} found={byLine.get(index) ?? []} at={at} />
              </code>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Pieces({
  line,
  found,
  at,
}: {
  line: Line;
  found: readonly (Match & { index: number })[];
  at: number;
}) {
  const rest = lineText(line).length - LONGEST;
  return (
    <>
      {marked(line, found).map(({ text, scope, match }, i) =>
        match === null ? (
          <span key={i} className={scope ? scopeClass(scope) : undefined}>
            {text}
          </span>
        ) : (
          <mark key={i} data-current={match === at || undefined}>
            {text}
          </mark>
        ),
      )}
      {rest > 0 && <i className={styles.rest}> … {grouped(rest)} more characters</i>}
    </>
  );
}
