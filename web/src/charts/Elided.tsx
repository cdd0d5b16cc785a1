import styles from './Elided.module.css';

/** Letters of the end that always stay: runs of a sweep differ there. */
const TAIL = 8;

/** A name that is cut in the middle where there is no room for it; whole on hover. */
export function Elided({ text }: { text: string }) {
  const letters = [...text];
  if (letters.length <= TAIL * 2) {
    return (
      <span className={styles.all} title={text}>
        {text}
      </span>
    );
  }
  return (
    <span className={styles.name} title={text}>
      <span className={styles.head}>{letters.slice(0, -TAIL).join('')}</span>
      <span className={styles.tail}>{letters.slice(-TAIL).join('')}</span>
    </span>
  );
}
