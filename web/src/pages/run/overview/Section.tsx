import { type ReactNode, useId } from 'react';
import { grouped } from '../../../format/number';
import styles from './Section.module.css';

interface Props {
  title: string;
  count?: number | undefined;
  /** Controls beside the title. */
  tools?: ReactNode;
  children: ReactNode;
}

/** A part of the overview with its title. */
export function Section({ title, count, tools, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <header className={styles.header}>
        <h2 id={id}>
          {title}
          {count !== undefined && <span className={styles.count}>{grouped(count)}</span>}
        </h2>
        {tools && <div className={styles.tools}>{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** One line of a section that has nothing to show. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className={styles.nothing}>{children}</p>;
}
