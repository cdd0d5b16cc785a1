import { useState } from 'react';
import { Dialog } from '../../../design/Dialog';
import { CopyButton } from '../../../design/Values';
import styles from './LongText.module.css';

/** So much of a text can be read in a row. */
const SHORT = 60;

/** A text in one line; a long one opens as a whole. */
export function LongText({ text, title }: { text: string; title: string }) {
  const [isOpen, setOpen] = useState(false);
  if (text === '') return <span className={styles.empty}>empty</span>;
  if (text.length <= SHORT && !text.includes('\n')) {
    return (
      <span className={styles.line} title={text}>
        {text}
      </span>
    );
  }
  return (
    <>
      <button type="button" className={styles.more} title="Show all of it" onClick={() => setOpen(true)}>
        {text.slice(0, 400)}
      </button>
      {isOpen && (
        <Dialog
          title={title}
          width="wide"
          onClose={() => setOpen(false)}
          actions={<CopyButton text={text} />}
        >
          <pre className={styles.all}>{text}</pre>
        </Dialog>
      )}
    </>
  );
}
