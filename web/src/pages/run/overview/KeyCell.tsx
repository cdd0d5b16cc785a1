import type { ReactNode } from 'react';
import { Icon } from '../../../design/Icon';
import { grouped } from '../../../format/number';
import styles from './KeyCell.module.css';
import type { Group } from './keyTree';

/** The row of a group of keys: opens and closes it. */
export function GroupCell({ group, onToggle }: { group: Group; onToggle: (prefix: string) => void }) {
  return (
    <div role="cell" className={styles.group} style={{ paddingLeft: group.depth * 16 }}>
      <button
        type="button"
        aria-expanded={group.isOpen}
        className={styles.toggle}
        title={group.prefix}
        onClick={() => onToggle(group.prefix)}
      >
        <Icon name={group.isOpen ? 'chevronDown' : 'chevronRight'} size={12} />
        <span className={styles.label}>{group.label || '(empty)'}</span>
        <span className={styles.count}>{grouped(group.count)}</span>
      </button>
    </div>
  );
}

/** A key below its groups. */
export function KeyCell({ title, depth, children }: { title: string; depth: number; children: ReactNode }) {
  return (
    <div
      role="rowheader"
      className={styles.key}
      title={title}
      style={depth ? { paddingLeft: depth * 16 + 2 } : undefined}
    >
      {children}
    </div>
  );
}
