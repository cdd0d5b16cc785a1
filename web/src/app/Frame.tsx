import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Toasts } from '../design/toasts';
import styles from './Frame.module.css';
import { paths } from './paths';

/** What is around every page: navigation, the bar at the top, notices. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <nav className={styles.nav} aria-label="Main">
        <Link href={paths.experiments()}>Oxflow</Link>
      </nav>
      <main className={styles.main} id="main">
        {children}
      </main>
      <Toasts />
    </div>
  );
}
