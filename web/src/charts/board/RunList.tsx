import { Link } from 'wouter';
import { IconButton } from '../../design/Button';
import { SelectField } from '../../design/Field';
import { Menu } from '../../design/Menu';
import { grouped } from '../../format/number';
import { paths } from '../../app/paths';
import { useRunList } from '../../runs/runList';
import { Elided } from '../Elided';
import { type ChartRun, dashesOf, type Group } from '../line/prepare';
import { Swatch } from '../Swatch';
import { type HighlightStore, useHighlight } from './highlight';
import styles from './RunList.module.css';

const COUNTS = [5, 10, 20, 50, 100, 200] as const;

interface Props {
  runs: readonly ChartRun[];
  /** How many runs match in all. */
  total: number;
  hidden: ReadonlySet<string>;
  pinned: ReadonlySet<string>;
  /** Runs that are not drawn; all of the list's state is the table's. */
  onHide: (hidden: readonly string[]) => void;
  onPin: ((pinned: readonly string[]) => void) | null;
  n: number | null;
  onN: (n: number) => void;
  base: string;
  onBase: (run: string) => void;
  hasPatterns: boolean;
  highlight: HighlightStore;
  /** The lines, where these are groups and not runs. */
  groups: readonly Group[] | null;
}

/** The runs of the charts: their legend, and which of them are drawn. */
export function RunList(props: Props) {
  const { runs, total, hidden, pinned, onHide, onPin, n, onN, base, onBase, hasPatterns, highlight, groups } =
    props;
  useRunList(() => runs.map((run) => run.id));
  const pointed = useHighlight(highlight);
  const shownCount = runs.filter((run) => !hidden.has(run.id)).length;
  const shown = runs.filter((run) => !hidden.has(run.id));
  const runDashes = dashesOf(shown, hasPatterns);
  const dashes = new Map(shown.map((run, i) => [run.id, runDashes[i] ?? []] as const));
  const groupDashes = dashesOf(groups ?? [], hasPatterns);
  const groupOf = new Map(groups?.flatMap((group) => group.members.map((run) => [run, group] as const)));
  // Hidden runs that are not in the list stay hidden.
  const others = [...hidden].filter((id) => !runs.some((run) => run.id === id));
  const hideAllBut = (id: string) => {
    const isAlone = shownCount === 1 && !hidden.has(id);
    onHide(isAlone ? others : [...others, ...runs.filter((run) => run.id !== id).map((run) => run.id)]);
  };
  const toggle = <Id extends string>(set: ReadonlySet<Id>, id: Id): Id[] =>
    set.has(id) ? [...set].filter((one) => one !== id) : [...set, id];
  return (
    <aside className={styles.list} aria-label="Runs of the charts">
      <div className={styles.head}>
        <IconButton
          icon={shownCount ? 'eye' : 'eyeOff'}
          label={shownCount ? 'Hide all runs' : 'Show all runs'}
          onClick={() => onHide(shownCount ? [...others, ...runs.map((run) => run.id)] : others)}
        />
        <span className={styles.count}>
          {grouped(shownCount)} of {grouped(total)} {total === 1 ? 'run' : 'runs'}
        </span>
        {n !== null && (
          <SelectField
            label="How many runs"
            isLabelHidden
            value={String(n)}
            options={[...new Set([...COUNTS, n])]
              .sort((a, b) => a - b)
              .map((one) => ({ value: String(one), label: `first ${one}` }))}
            onChange={(value) => onN(Number(value))}
          />
        )}
      </div>
      {groups && (
        <ul className={styles.groups} aria-label="Groups" onPointerLeave={() => highlight.set(null)}>
          {groups.map((group, i) => (
            <li
              key={group.id}
              className={styles.group}
              data-pointed={pointed === group.id}
              onPointerEnter={() => highlight.set(group.id)}
            >
              <Swatch color={group.color} dash={groupDashes[i] ?? []} />
              <Elided text={group.name} />
              <span className={styles.mark}>{group.members.length}</span>
            </li>
          ))}
        </ul>
      )}
      <ul className={styles.runs} onPointerLeave={() => highlight.set(null)}>
        {runs.map((run) => {
          const isHidden = hidden.has(run.id);
          return (
            <li
              key={run.id}
              className={styles.run}
              data-hidden={isHidden}
              data-pointed={pointed === run.id}
              onPointerEnter={() => highlight.set(isHidden ? null : (groupOf.get(run.id)?.id ?? run.id))}
            >
              <IconButton
                icon={isHidden ? 'eyeOff' : 'eye'}
                label={`${isHidden ? 'Show' : 'Hide'} ${run.name}`}
                onClick={() => onHide(toggle(hidden, run.id))}
              />
              <button
                type="button"
                className={styles.name}
                title={`${run.name}: show only this run`}
                onClick={() => hideAllBut(run.id)}
                onFocus={() => highlight.set(isHidden ? null : run.id)}
                onBlur={() => highlight.set(null)}
              >
                <Swatch
                  color={groupOf.get(run.id)?.color ?? run.color}
                  dash={groups ? [] : (dashes.get(run.id) ?? [])}
                />
                <Elided text={run.name} />
              </button>
              {base === run.id && <span className={styles.mark}>baseline</span>}
              {pinned.has(run.id) && <span className={styles.mark}>pinned</span>}
              <Menu
                label={run.name}
                items={[
                  { label: 'Show only this run', icon: 'eye', onSelect: () => hideAllBut(run.id) },
                  ...(onPin
                    ? [
                        {
                          label: pinned.has(run.id) ? 'Unpin' : 'Pin',
                          icon: 'pin' as const,
                          onSelect: () => onPin(toggle(pinned, run.id)),
                        },
                      ]
                    : []),
                  {
                    label: base === run.id ? 'No baseline' : 'Compare others to it',
                    icon: 'compare' as const,
                    onSelect: () => onBase(base === run.id ? '' : run.id),
                  },
                ]}
                button={(button) => <IconButton icon="dots" label={`More about ${run.name}`} {...button} />}
              />
              <Link href={paths.run(run.id)} className={styles.open} title={`Open ${run.name}`}>
                Open
              </Link>
            </li>
          );
        })}
      </ul>
    </aside>
  );
}
