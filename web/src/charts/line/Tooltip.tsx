import { useState } from 'react';
import { createPortal } from 'react-dom';
import { Button, IconButton } from '../../design/Button';
import { fullNumber, shortNumber } from '../../format/number';
import { Elided } from '../Elided';
import { Swatch } from '../Swatch';
import { type XKind, xText } from './axes';
import type { Hit } from './nearest';
import type { Hover } from './plot';
import styles from './Tooltip.module.css';

type Order = 'nearest' | 'high' | 'low';

/** More lines than these nobody reads at a glance, and they hide the chart. */
const AT_A_GLANCE = 12;
const PINNED = 20;
const NEXT: Record<Order, Order> = { nearest: 'high', high: 'low', low: 'nearest' };
const WORDS: Record<Order, string> = { nearest: 'Nearest first', high: 'Highest first', low: 'Lowest first' };

/** The order that the reader chose last; for all charts of the page. */
let chosenOrder: Order = 'nearest';

interface Props {
  hover: Hover;
  xKind: XKind;
  isPinned: boolean;
  onClose: () => void;
}

/** The values under the pointer. Pinned, it stays and can be used. */
export function Tooltip({ hover, xKind, isPinned, onClose }: Props) {
  const [order, setOrder] = useState(chosenOrder);
  const first = hover.hits[0];
  if (!first) return null;
  const most = isPinned ? PINNED : AT_A_GLANCE;
  const near = hover.hits.slice(0, most);
  const hits = order === 'nearest' ? near : near.toSorted(by(order));
  const isRight = hover.clientX > window.innerWidth / 2;
  const isLow = hover.clientY > window.innerHeight / 2;
  const place = {
    ...(isRight ? { right: window.innerWidth - hover.clientX + 16 } : { left: hover.clientX + 16 }),
    ...(isLow ? { bottom: window.innerHeight - hover.clientY - 24 } : { top: hover.clientY - 24 }),
  };
  // Above the dialog that a chart may be in.
  const parent = document.querySelector('dialog[open]') ?? document.body;
  return createPortal(
    <div
      className={styles.tooltip}
      style={place}
      data-pinned={isPinned}
      role={isPinned ? 'dialog' : 'tooltip'}
      aria-label="Values"
    >
      <div className={styles.head}>
        <span>{xText(xKind, first.x)}</span>
        {isPinned && (
          <span>
            <Button
              kind="quiet"
              onClick={() => {
                chosenOrder = NEXT[order];
                setOrder(chosenOrder);
              }}
            >
              {WORDS[order]}
            </Button>
            <IconButton icon="close" label="Unpin" onClick={onClose} />
          </span>
        )}
      </div>
      <table className={styles.rows}>
        <tbody>
          {hits.map((hit) => (
            <Row key={hit.line.id} hit={hit} isFirst={hit === first} x={first.x} xKind={xKind} />
          ))}
        </tbody>
      </table>
      {hover.hits.length > most && (
        <p className={styles.more}>
          and {hover.hits.length - most} more{isPinned ? '' : '; click to pin'}
        </p>
      )}
    </div>,
    parent,
  );
}

function Row({ hit, isFirst, x, xKind }: { hit: Hit; isFirst: boolean; x: number; xKind: XKind }) {
  const { line, index, y } = hit;
  const raw = line.raw?.[index];
  const lo = line.lo?.[index];
  const hi = line.hi?.[index];
  return (
    <tr data-first={isFirst}>
      <td className={styles.swatch}>
        <Swatch color={line.color} dash={line.dash} />
      </td>
      <td className={styles.name}>
        <Elided text={line.name} />
      </td>
      <td className="number" title={fullNumber(y)}>
        {shortNumber(y)}
      </td>
      <td className={`number ${styles.detail}`}>
        {raw !== undefined && Number.isFinite(raw) && `raw ${shortNumber(raw)}`}
        {lo !== undefined && hi !== undefined && ` ${shortNumber(lo)} … ${shortNumber(hi)}`}
        {hit.x !== x && ` at ${xText(xKind, hit.x)}`}
      </td>
    </tr>
  );
}

function by(order: 'high' | 'low') {
  return (a: Hit, b: Hit) => (order === 'high' ? b.y - a.y : a.y - b.y);
}
