import styles from './Nav.module.css';

/** The mark of `icon.svg`, in the colours of the theme. */
export function Logo() {
  return (
    <svg aria-hidden="true" width="24" height="24" viewBox="0 0 32 32" fill="none" className={styles.logo}>
      <rect width="32" height="32" rx="7" />
      <path d="M7 9c1 5 4 7 9 7s8-2 9-7" data-part="horns" />
      <path d="M11 16v4c0 3 2 5 5 5s5-2 5-5v-4" data-part="head" />
    </svg>
  );
}
