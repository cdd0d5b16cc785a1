import type { ReactNode } from 'react';
import styles from './Table.module.css';

interface Props {
  label: string;
  /** The headers; one that ends in `!` is for screen readers only. */
  columns: readonly string[];
  /** Its rows. */
  children: ReactNode;
}

/** A table of some hundred rows at most, which scrolls inside itself where it is too wide. */
export function Table({ label, columns, children }: Props) {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column.endsWith('!') ? <span className="unseen">{column.slice(0, -1)}</span> : column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** The cell with the buttons of a row. */
export function Actions({ children }: { children: ReactNode }) {
  return (
    <td className={styles.actions}>
      <span>{children}</span>
    </td>
  );
}
