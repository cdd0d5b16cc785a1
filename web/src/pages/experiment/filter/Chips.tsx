import { Icon } from '../../../design/Icon';
import { clausesOf, without } from './clauses';
import styles from './FilterBar.module.css';

interface Props {
  q: string;
  search: string;
  onApply: (filter: { q: string; search: string }) => void;
}

/** The clauses of the filter, each with a button that takes it out. */
export function Chips({ q, search, onApply }: Props) {
  const clauses = clausesOf(q);
  if (!search && clauses.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label="Conditions">
      {search && <Chip text={`name has “${search}”`} onRemove={() => onApply({ q, search: '' })} />}
      {clauses.map((clause, i) => (
        <Chip
          key={`${i} ${clause.text}`}
          text={clause.text}
          onRemove={() => onApply({ q: without(q, i), search })}
        />
      ))}
    </ul>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <li className={styles.chip}>
      <span title={text}>{text}</span>
      <button type="button" aria-label={`Remove ${text}`} onClick={onRemove}>
        <Icon name="close" size={12} />
      </button>
    </li>
  );
}
