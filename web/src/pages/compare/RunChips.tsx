import { useState } from 'react';
import { Link } from 'wouter';
import { paths } from '../../app/paths';
import { announce } from '../../design/announce';
import { Button, IconButton } from '../../design/Button';
import { Menu } from '../../design/Menu';
import { CopyButton } from '../../design/Values';
import { moved } from '../../format/lists';
import styles from './RunChips.module.css';
import type { ComparedRun } from './useComparedRuns';

interface Props {
  runs: readonly ComparedRun[];
  /** Ids that the server does not have. */
  missing: readonly string[];
  base: string;
  onChangeRuns: (ids: readonly string[]) => void;
  onChangeBase: (id: string) => void;
}

/** So many are shown before the reader asks for all. */
const FEW = 12;

/** The compared runs: opened, moved, taken away, one of them the baseline. */
export function RunChips({ runs, missing, base, onChangeRuns, onChangeBase }: Props) {
  const [isAll, setAll] = useState(false);
  const [dragged, setDragged] = useState<number | null>(null);
  const ids = runs.map((run) => run.id);
  const shown = isAll ? runs : runs.slice(0, FEW);
  const move = (from: number, to: number) => {
    onChangeRuns(moved(ids, from, to));
    announce(`${runs[from]?.name ?? ''} is run ${to + 1} of ${runs.length}`);
  };
  const remove = (run: ComparedRun) => {
    onChangeRuns(ids.filter((id) => id !== run.id));
    announce(`${run.name} is no longer compared`);
  };
  return (
    <ul className={styles.chips} aria-label="Compared runs">
      {shown.map((run, i) => (
        <li
          key={run.id}
          className={styles.chip}
          data-base={run.id === base || undefined}
          draggable
          onDragStart={() => setDragged(i)}
          onDragEnd={() => setDragged(null)}
          onDragOver={(event) => dragged !== null && event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            if (dragged !== null && dragged !== i) move(dragged, i);
            setDragged(null);
          }}
        >
          <span className={styles.dot} style={{ background: run.color }} />
          <span className={styles.words}>
            <Link href={paths.run(run.id)} className={styles.name} title={`${run.name} · ${run.id}`}>
              {run.name}
            </Link>
            <span className={styles.experiment} title={run.experiment}>
              {run.id === base && <strong>baseline · </strong>}
              {run.isDeleted && <strong className={styles.deleted}>deleted · </strong>}
              {run.experiment}
            </span>
          </span>
          <Menu
            label={`Run ${run.name}`}
            items={[
              {
                label: run.id === base ? 'No baseline' : 'Make it the baseline',
                icon: 'pin',
                onSelect: () => onChangeBase(run.id === base ? '' : run.id),
              },
              {
                label: 'Move left',
                icon: 'chevronLeft',
                isDisabled: i === 0,
                onSelect: () => move(i, i - 1),
              },
              {
                label: 'Move right',
                icon: 'chevronRight',
                isDisabled: i === runs.length - 1,
                onSelect: () => move(i, i + 1),
              },
              {
                label: 'Only this one and the baseline',
                icon: 'filter',
                isDisabled: !base || base === run.id,
                onSelect: () => onChangeRuns([base, run.id]),
              },
            ]}
            button={(props) => <IconButton {...props} icon="dots" label={`More of ${run.name}`} />}
          />
          <IconButton icon="close" label={`Remove ${run.name}`} onClick={() => remove(run)} />
        </li>
      ))}
      {runs.length > FEW && (
        <li>
          <Button kind="quiet" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? 'Show fewer' : `and ${(runs.length - FEW).toLocaleString('en-US')} more`}
          </Button>
        </li>
      )}
      {missing.map((id) => (
        <li key={id} className={styles.chip} data-missing>
          <span className={styles.words}>
            <code className={styles.name} title={id}>
              {id.slice(0, 8)}
            </code>
            <span className={styles.experiment}>not on this server, or not for you</span>
          </span>
          <CopyButton text={id} label="Copy its id" />
          <IconButton
            icon="close"
            label={`Remove ${id.slice(0, 8)}`}
            onClick={() => onChangeRuns([...ids, ...missing.filter((one) => one !== id)])}
          />
        </li>
      ))}
    </ul>
  );
}
