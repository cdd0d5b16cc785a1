import { useId, useRef, useState } from 'react';
import styles from './CodeSnippets.module.css';
import { CopyButton } from './Values';

interface Props {
  label: string;
  snippets: readonly { title: string; code: string }[];
}

/** The same in several languages: tabs, and a button that copies. */
export function CodeSnippets({ label, snippets }: Props) {
  const [at, setAt] = useState(0);
  const tabs = useRef<HTMLDivElement>(null);
  const id = useId();
  const shown = snippets[at];
  const onKeyDown = (event: React.KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = (at + by + snippets.length) % snippets.length;
    setAt(next);
    tabs.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  if (!shown) return null;
  return (
    <div className={styles.snippets}>
      <div className={styles.head}>
        <div ref={tabs} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
          {snippets.map(({ title }, i) => (
            <button
              key={title}
              type="button"
              role="tab"
              id={`${id}-${i}`}
              aria-selected={i === at}
              aria-controls={`${id}-panel`}
              tabIndex={i === at ? 0 : -1}
              onClick={() => setAt(i)}
            >
              {title}
            </button>
          ))}
        </div>
        <CopyButton text={shown.code} label="Copy the code" />
      </div>
      <pre id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${at}`} tabIndex={0}>
        <code>{shown.code}</code>
      </pre>
    </div>
  );
}
