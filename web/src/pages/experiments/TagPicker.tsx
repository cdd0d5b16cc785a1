import { useMemo, useState } from 'react';
import type { ExperimentSummary } from '../../api/types';
import { Checkbox, TextField } from '../../design/Field';
import { grouped } from '../../format/number';
import { countTags } from './tags';
import styles from './Toolbar.module.css';

interface Props {
  experiments: readonly ExperimentSummary[];
  chosen: readonly string[];
  onChoose: (tags: readonly string[]) => void;
}

const SHOWN = 100;

/** Which tags experiments must have: those there are, the most frequent first. */
export function TagPicker({ experiments, chosen, onChoose }: Props) {
  const [text, setText] = useState('');
  const tags = useMemo(() => countTags(experiments), [experiments]);
  const found = tags.filter(({ tag }) => tag.toLowerCase().includes(text.trim().toLowerCase()));
  if (tags.length === 0) {
    return (
      <p className={styles.none}>
        No experiment has tags yet. Add some with the menu of a row, or with <code>set_experiment_tag</code>.
      </p>
    );
  }
  return (
    <div className={styles.picker}>
      <TextField
        autoFocus
        label="Find tags"
        isLabelHidden
        icon="search"
        placeholder="Find tags"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul aria-label="Tags">
        {found.slice(0, SHOWN).map(({ tag, count }) => (
          <li key={tag}>
            <Checkbox
              label={tag.replace('=', ': ')}
              checked={chosen.includes(tag)}
              onChange={(event) =>
                onChoose(event.target.checked ? [...chosen, tag] : chosen.filter((one) => one !== tag))
              }
            />
            <span className={styles.count}>{grouped(count)}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={styles.none}>No tag has this in it.</p>}
      {found.length > SHOWN && (
        <p className={styles.none}>{grouped(found.length - SHOWN)} more: type to find them.</p>
      )}
    </div>
  );
}
