import { useEffect, useMemo, useRef, useState } from 'react';
import { IconButton } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Menu } from '../../design/Menu';
import type { Across, ChartHeight } from '../boardState';
import { type CardMoves, ChartCard } from './ChartCard';
import styles from './ChartGrid.module.css';
import { Marked } from './Marked';
import { gridRows, type Search, type Section } from './sections';
import type { BoardSettings } from './settings';
import { useSeenRows } from './useSeenRows';

const HEIGHTS: Record<ChartHeight, number> = { s: 180, m: 260, l: 400 };
const HEAD = 40;
const GAP = 12;
/** Narrower charts say little. */
const LEAST_WIDTH = 320;

interface Props {
  sections: readonly Section[];
  settings: BoardSettings;
  search: Search;
  fold: readonly string[];
  across: Across;
  height: ChartHeight;
  moves: CardMoves;
  onFold: (section: string) => void;
  onMoveSection: (section: string, where: 'earlier' | 'later' | 'first' | 'last') => void;
  onFull: (key: string) => void;
}

/** Charts in sections. Only what is near the screen is there, so a thousand metrics cost what twenty do. */
export function ChartGrid(props: Props) {
  const { sections, settings, search, fold, across, height, moves, onFold, onMoveSection, onFull } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const width = useWidth(scroll);
  // Few charts share the whole width.
  const longest = Math.max(1, ...sections.map((section) => section.keys.length));
  const room = Math.floor((width + GAP) / (LEAST_WIDTH + GAP));
  const columns = across === 'auto' ? Math.max(1, Math.min(4, room, longest)) : Number(across);
  const rows = useMemo(() => gridRows(sections, fold, columns), [sections, fold, columns]);
  const cardHeight = HEIGHTS[height];
  const heights = useMemo(
    () => rows.map((row) => (row.kind === 'section' ? HEAD : cardHeight + GAP)),
    [rows, cardHeight],
  );
  const seen = useSeenRows(scroll, heights);
  const cardWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  return (
    <div ref={scroll} className={styles.scroll}>
      {width > 0 && (
        <div style={{ height: seen.height, position: 'relative' }}>
          {rows.slice(seen.first, seen.last).map((row, i) => {
            const key = row.kind === 'section' ? `#${row.section.name}` : `:${row.keys[0] ?? i}`;
            return (
              <div key={key} className={styles.row} style={{ top: seen.starts[seen.first + i] }}>
                {row.kind === 'section' ? (
                  <SectionHead
                    section={row.section}
                    isFolded={row.isFolded}
                    search={search}
                    onFold={onFold}
                    onMove={onMoveSection}
                  />
                ) : (
                  <div
                    className={styles.charts}
                    style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
                  >
                    {row.keys.map((metric) => (
                      <ChartCard
                        key={metric}
                        metric={metric}
                        settings={settings}
                        search={search}
                        width={cardWidth}
                        height={cardHeight}
                        moves={moves}
                        onFull={onFull}
                      />
                    ))}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

interface HeadProps {
  section: Section;
  isFolded: boolean;
  search: Search;
  onFold: (section: string) => void;
  onMove: Props['onMoveSection'];
}

function SectionHead({ section, isFolded, search, onFold, onMove }: HeadProps) {
  const title = section.name || 'Metrics';
  return (
    <div className={styles.head}>
      <h2 className={styles.title}>
        <button type="button" aria-expanded={!isFolded} onClick={() => onFold(section.name)}>
          <Icon name={isFolded ? 'chevronRight' : 'chevronDown'} />
          <span>
            <Marked text={title} ranges={section.name ? search.ranges(section.name) : []} />
          </span>
          <span className={styles.count}>{section.keys.length.toLocaleString('en-US')}</span>
        </button>
      </h2>
      <Menu
        label={`Section ${title}`}
        items={[
          { label: 'Move up', icon: 'arrowUp', onSelect: () => onMove(section.name, 'earlier') },
          { label: 'Move down', icon: 'arrowDown', onSelect: () => onMove(section.name, 'later') },
          { label: 'Move to the top', onSelect: () => onMove(section.name, 'first') },
          { label: 'Move to the end', onSelect: () => onMove(section.name, 'last') },
        ]}
        button={(button) => <IconButton icon="dots" label={`Move section ${title}`} {...button} />}
      />
    </div>
  );
}

/** The inner width of an element, without its scrollbar. */
function useWidth(ref: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(element);
      setWidth(element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
