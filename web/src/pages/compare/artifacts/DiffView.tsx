import { useMemo, useState } from 'react';
import { Checkbox } from '../../../design/Field';
import { classes } from '../../../design/classes';
import styles from './DiffView.module.css';
import { diffRows, formatOf, type LineRow, type Side, valueRows } from './fileDiff';

interface File {
  name: string;
  text: string;
}

interface Props {
  path: string;
  left: File;
  right: File;
  isLines: boolean;
  onChangeLines: (isLines: boolean) => void;
}

/** More rows are no reading. */
const MOST = 3_000;

/** Two texts: their values where the format is known, or their lines. */
export default function DiffView({ path, left, right, isLines, onChangeLines }: Props) {
  const format = formatOf(path);
  const values = useMemo(() => {
    if (!format || isLines) return null;
    try {
      return valueRows(format, left.text, right.text);
    } catch {
      return null;
    }
  }, [format, isLines, left.text, right.text]);
  const isSame = left.text === right.text;
  return (
    <div className={styles.diff}>
      <div className={styles.toolbar}>
        <p role="status">{isSame ? 'The two files are the same.' : ' '}</p>
        {format && (
          <Checkbox
            label="As lines"
            checked={isLines}
            onChange={(event) => onChangeLines(event.target.checked)}
          />
        )}
      </div>
      {format && !isLines && !values && (
        <p className={styles.note}>One of them is not valid, so their lines are compared.</p>
      )}
      {values ? <Values rows={values} left={left} right={right} /> : <Lines left={left} right={right} />}
    </div>
  );
}

function Values({ rows, left, right }: { rows: ReturnType<typeof valueRows>; left: File; right: File }) {
  const [isAll, setAll] = useState(false);
  const changed = rows.filter((row) => row.left !== row.right);
  const shown = isAll ? rows : changed;
  return (
    <>
      <Checkbox
        label={`Only what differs (${changed.length} of ${rows.length} values)`}
        checked={!isAll}
        onChange={(event) => setAll(!event.target.checked)}
      />
      {shown.length > 0 && (
        <div className={styles.scroller} role="region" aria-label="Values" tabIndex={0}>
          <table className={styles.values}>
            <thead>
              <tr>
                <th scope="col">Value</th>
                <th scope="col">{left.name}</th>
                <th scope="col">{right.name}</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, MOST).map((row) => (
                <tr key={row.path} data-changed={row.left !== row.right || undefined}>
                  <th scope="row">{row.path}</th>
                  <td className={styles.removed}>{row.left ?? <em>none</em>}</td>
                  <td className={styles.added}>{row.right ?? <em>none</em>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length > MOST && (
        <p className={styles.note}>The first {MOST.toLocaleString('en-US')} are shown.</p>
      )}
    </>
  );
}

function Lines({ left, right }: { left: File; right: File }) {
  const rows = useMemo(() => diffRows(left.text, right.text), [left.text, right.text]);
  if (!rows) return <p className={styles.note}>The files differ too much to be compared line by line.</p>;
  return (
    <>
      <div className={styles.scroller} role="region" aria-label="Lines" tabIndex={0}>
        <table className={styles.lines}>
          <thead>
            <tr>
              <th scope="col" colSpan={2}>
                {left.name}
              </th>
              <th scope="col" colSpan={2}>
                {right.name}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map((row, i) => (
              <LineCells key={i} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST && (
        <p className={styles.note}>The first {MOST.toLocaleString('en-US')} rows are shown.</p>
      )}
    </>
  );
}

function LineCells({ row }: { row: LineRow }) {
  if (row.kind === 'folded') {
    return (
      <tr className={styles.folded}>
        <td colSpan={4}>
          {row.lines === 1 ? '1 line' : `${row.lines.toLocaleString('en-US')} lines`} the same
        </td>
      </tr>
    );
  }
  const isChanged = row.kind === 'changed';
  return (
    <tr>
      <Half side={row.left} mark={isChanged ? '−' : ''} className={isChanged ? styles.removed : ''} />
      <Half side={row.right} mark={isChanged ? '+' : ''} className={isChanged ? styles.added : ''} />
    </tr>
  );
}

function Half({ side, mark, className }: { side: Side | null; mark: string; className: string | undefined }) {
  if (!side) return <td colSpan={2} className={styles.nothing} />;
  return (
    <>
      <td className={classes(styles.line, className)}>{side.line}</td>
      <td className={className}>
        {mark && <span className={styles.mark}>{mark}</span>}
        {side.text}
      </td>
    </>
  );
}
