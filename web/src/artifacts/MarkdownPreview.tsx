import { useState } from 'react';
import { Markdown } from '../design/Markdown';
import { ErrorNote, Skeleton } from '../design/States';
import type { FileOfRun } from './kinds';
import styles from './MarkdownPreview.module.css';
import { TextView } from './TextView';
import { Choice, Toolbar } from './Toolbar';
import { useText } from './useFile';

/** Markdown as a page or as it is written. */
export default function MarkdownPreview({ file }: { file: FileOfRun }) {
  const { data: text, error, refetch } = useText(file);
  const [view, setView] = useState<'page' | 'source'>('page');
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (text === undefined) return <Skeleton lines={10} />;
  const tools = (
    <Choice
      label="Shown as"
      value={view}
      options={[
        { value: 'page', label: 'Page' },
        { value: 'source', label: 'Source' },
      ]}
      onChange={setView}
    />
  );
  if (view === 'source') return <TextView text={text} language="markdown" tools={tools} isWrapped />;
  return (
    <>
      <Toolbar>{tools}</Toolbar>
      <div className={styles.page}>
        <Markdown text={text} {...(file.base !== null && { base: file.base })} />
      </div>
    </>
  );
}
