import { useEffect } from 'react';
import { Popover } from '../../../design/Popover';
import type { Suggestion } from './complete';
import styles from './FilterBar.module.css';

interface Props {
  /** What the ids of the options begin with. */
  id: string;
  options: readonly Suggestion[];
  chosen: number;
  onTake: (suggestion: Suggestion) => void;
  onClose: () => void;
}

/** What can come next. The focus stays in the field, which names the chosen option. */
export function SuggestionList({ id, options, chosen, onTake, onClose }: Props) {
  useEffect(() => {
    document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, chosen]);
  return (
    <Popover anchorId={`${id}-frame`} onClose={onClose}>
      <ul id={`${id}-list`} role="listbox" aria-label="Suggestions" className={styles.list}>
        {options.map((option, i) => (
          <li
            key={option.label}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={styles.option}
            // The press must not take the focus from the field.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onTake(option)}
          >
            <span className={styles.optionLabel}>{option.label || '(empty)'}</span>
            <span className={styles.detail}>{option.detail}</span>
          </li>
        ))}
      </ul>
    </Popover>
  );
}
