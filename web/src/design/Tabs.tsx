import { Link } from 'wouter';
import styles from './Tabs.module.css';

export interface Tab {
  label: string;
  /** Where it leads: each tab is a page of its own. */
  href: string;
  isCurrent: boolean;
  count?: number | undefined;
}

export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          href={tab.href}
          aria-current={tab.isCurrent ? 'page' : undefined}
          className={styles.tab}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className={styles.count}>{tab.count.toLocaleString('en-US')}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
