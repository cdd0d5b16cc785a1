import { Fragment } from 'react';
import { Dialog } from '../design/Dialog';
import { keyCaps } from './keys';
import styles from './ShortcutsDialog.module.css';
import { isMac, useRegisteredShortcuts } from './shortcuts';

/** Which keys do what on the present page. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const all = useRegisteredShortcuts();
  const groups = [
    { title: 'On this page', shown: merged(all.filter((one) => one.scope === 'page')) },
    { title: 'Everywhere', shown: merged(all.filter((one) => one.scope === 'app')) },
  ];
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {groups.map(
        ({ title, shown }) =>
          shown.length > 0 && (
            <section key={title} className={styles.group}>
              <h3>{title}</h3>
              <dl className={styles.list}>
                {shown.map(({ description, keys }) => (
                  <div key={description}>
                    <dt>{description}</dt>
                    <dd>
                      {keys.map((sequence, i) => (
                        <Fragment key={sequence}>
                          {i > 0 && <span className={styles.or}>or</span>}
                          <Keys sequence={sequence} />
                        </Fragment>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
      )}
    </Dialog>
  );
}

/** A sequence as keys: each a box. */
export function Keys({ sequence }: { sequence: string }) {
  return (
    <span className={styles.keys}>
      {keyCaps(sequence, isMac).flatMap((caps, i) => caps.map((cap) => <kbd key={`${i}${cap}`}>{cap}</kbd>))}
    </span>
  );
}

/** Several registrations with one meaning are one line. */
function merged(shortcuts: readonly { description: string; keys: readonly string[] }[]) {
  const found = new Map<string, Set<string>>();
  for (const { description, keys } of shortcuts) {
    const known = found.get(description) ?? new Set();
    for (const key of keys) known.add(key);
    found.set(description, known);
  }
  return [...found].map(([description, keys]) => ({ description, keys: [...keys] }));
}
