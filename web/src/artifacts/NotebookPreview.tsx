import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Markdown } from '../design/Markdown';
import { ErrorNote, Skeleton } from '../design/States';
import { grouped } from '../format/number';
import { CodeBlock } from './CodeBlock';
import { parseJson } from './json';
import type { FileOfRun } from './kinds';
import { cleaned } from './lines';
import { type Notebook, type NotebookCell, type NotebookOutput, parseNotebook } from './notebook';
import styles from './NotebookPreview.module.css';
import { TextView } from './TextView';
import { Choice, Toolbar } from './Toolbar';
import { useText } from './useFile';

/** A notebook with its outputs. What is HTML in it is cleaned: nothing of it runs. */
export default function NotebookPreview({ file }: { file: FileOfRun }) {
  const { data: text, error, refetch } = useText(file);
  const [view, setView] = useState<'notebook' | 'source'>('notebook');
  const book = useMemo(() => (text === undefined ? null : notebookOf(text)), [text]);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (text === undefined) return <Skeleton lines={12} />;
  if (!book) return <TextView text={text} language="json" info="This is not a notebook" />;
  const tools = (
    <Choice
      label="Shown as"
      value={view}
      options={[
        { value: 'notebook', label: 'Notebook' },
        { value: 'source', label: 'Source' },
      ]}
      onChange={setView}
    />
  );
  if (view === 'source') return <TextView text={text} language="json" tools={tools} />;
  return (
    <>
      <Toolbar info={`${grouped(book.cells.length)} cells · ${book.language}`}>{tools}</Toolbar>
      <Cells book={book} />
    </>
  );
}

function notebookOf(text: string): Notebook | null {
  try {
    return parseNotebook(parseJson(text));
  } catch {
    return null;
  }
}

/** So many cells more with each press. */
const CELLS = 200;

function Cells({ book }: { book: Notebook }) {
  const [shown, setShown] = useState(CELLS);
  const language = ['python', 'r', 'sql', 'bash', 'javascript'].includes(book.language)
    ? book.language
    : null;
  return (
    <div className={styles.book}>
      {book.cells.slice(0, shown).map((cell, i) => (
        <Cell key={i} cell={cell} language={language} />
      ))}
      {book.cells.length > shown && (
        <button type="button" className={styles.more} onClick={() => setShown(shown + CELLS)}>
          {grouped(book.cells.length - shown)} more cells
        </button>
      )}
    </div>
  );
}

function Cell({ cell, language }: { cell: NotebookCell; language: string | null }) {
  return (
    <div className={styles.cell}>
      <span className={styles.count}>{cell.kind === 'code' && `[${cell.count ?? ' '}]`}</span>
      <div className={styles.content}>
        {cell.kind === 'markdown' ? (
          <Markdown text={cell.source} />
        ) : (
          <CodeBlock text={cell.source} language={cell.kind === 'code' ? language : null} />
        )}
        {cell.outputs.map((output, i) => (
          <Output key={i} output={output} />
        ))}
      </div>
    </div>
  );
}

/** More of an output is not drawn. */
const LONGEST = 50_000;

function Output({ output }: { output: NotebookOutput }) {
  if (output.kind === 'image')
    return <img className={styles.image} src={output.source} alt="Output of the cell" />;
  if (output.kind === 'html') return <Html html={output.html} />;
  if (output.kind === 'markdown') return <Markdown text={output.text} />;
  const text = cleaned(output.text);
  return (
    <pre className={styles.output} data-error={output.isError || undefined} tabIndex={0} aria-label="Output">
      {text.length > LONGEST
        ? `${text.slice(0, LONGEST)}\n… ${grouped(text.length - LONGEST)} more characters`
        : text}
    </pre>
  );
}

function Html({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [clean, setClean] = useState<((html: string) => DocumentFragment) | null>(null);
  useEffect(() => {
    void import('./cleanHtml').then(({ cleanHtml }) => setClean(() => cleanHtml));
  }, []);
  useLayoutEffect(() => {
    if (clean) place.current?.replaceChildren(clean(html));
  }, [clean, html]);
  return <div ref={place} className={styles.html} tabIndex={0} role="region" aria-label="Output" />;
}
