import { useId, useRef, useState } from 'react';
import { Button } from './Button';
import { Markdown } from './Markdown';
import styles from './Note.module.css';
import { inWords } from './States';

interface Props {
  label: string;
  text: string;
  onSave: (text: string) => Promise<unknown>;
  onCancel: () => void;
}

const SHOWN = ['write', 'preview'] as const;

/** Markdown as text, with a preview. Ctrl+Enter saves, Escape cancels unless something would be lost. */
export function NoteEditor({ label, text, onSave, onCancel }: Props) {
  const [draft, setDraft] = useState(text);
  const [shown, setShown] = useState<(typeof SHOWN)[number]>('write');
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const tabs = useRef<HTMLDivElement>(null);
  const id = useId();

  const save = async () => {
    if (isSaving) return;
    setSaving(true);
    setError(null);
    try {
      await onSave(draft);
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError([title, detail].filter(Boolean).join(' '));
      setSaving(false);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
    } else if (event.key === 'Escape') {
      // Also a dialog around it stays while something would be lost.
      event.preventDefault();
      event.stopPropagation();
      if (draft === text) onCancel();
    }
  };
  const onTabKey = (event: React.KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const next = shown === 'write' ? 'preview' : 'write';
    setShown(next);
    tabs.current?.querySelector<HTMLElement>(`[data-tab=${next}]`)?.focus();
  };

  return (
    <div className={styles.editor} onKeyDown={onKeyDown}>
      <div
        ref={tabs}
        role="tablist"
        aria-label={`${label}: view`}
        className={styles.tabs}
        onKeyDown={onTabKey}
      >
        {SHOWN.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-${tab}`}
            data-tab={tab}
            aria-selected={tab === shown}
            aria-controls={`${id}-panel`}
            tabIndex={tab === shown ? 0 : -1}
            onClick={() => setShown(tab)}
          >
            {tab === 'write' ? 'Write' : 'Preview'}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {shown === 'write' ? (
          <textarea
            autoFocus
            aria-label={`${label}, Markdown`}
            value={draft}
            rows={Math.min(24, Math.max(6, draft.split('\n').length + 1))}
            onChange={(event) => setDraft(event.target.value)}
          />
        ) : (
          <div className={styles.preview}>
            {draft.trim() ? <Markdown text={draft} /> : <p className={styles.muted}>Nothing to show yet.</p>}
          </div>
        )}
      </div>
      <div className={styles.actions}>
        <span className={styles.muted}>Markdown</span>
        {error && (
          <span role="alert" className={styles.error}>
            {error}
          </span>
        )}
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" disabled={isSaving} title="Ctrl+Enter" onClick={() => void save()}>
          Save
        </Button>
      </div>
    </div>
  );
}
