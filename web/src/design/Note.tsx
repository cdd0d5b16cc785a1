import { type ReactNode, useState } from 'react';
import { Button, IconButton } from './Button';
import { Markdown } from './Markdown';
import styles from './Note.module.css';
import { NoteEditor } from './NoteEditor';

interface Props {
  /** Markdown; empty: there is no note. */
  text: string;
  /** `null`: it may not be changed. */
  onSave: ((text: string) => Promise<unknown>) | null;
  title?: string;
  /** What to say where there is no note. */
  empty?: ReactNode;
}

/** A note in Markdown, shown or edited in its place. */
export function Note({
  text,
  onSave,
  title = 'Note',
  empty = 'What was tried, and what came of it?',
}: Props) {
  const [isEdited, setEdited] = useState(false);
  if (isEdited && onSave) {
    return (
      <NoteEditor
        label={title}
        text={text}
        onCancel={() => setEdited(false)}
        onSave={async (next) => {
          await onSave(next);
          setEdited(false);
        }}
      />
    );
  }
  if (!text.trim()) {
    return (
      <div className={styles.empty}>
        <span>{empty}</span>
        {onSave && (
          <Button kind="quiet" icon="edit" onClick={() => setEdited(true)}>
            Write a note
          </Button>
        )}
      </div>
    );
  }
  return (
    <div className={styles.note}>
      <Markdown text={text} />
      {onSave && (
        <IconButton icon="edit" label={`Edit ${title.toLowerCase()}`} onClick={() => setEdited(true)} />
      )}
    </div>
  );
}
