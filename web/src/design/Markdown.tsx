import { lazy, Suspense } from 'react';
import styles from './Markdown.module.css';
import { Skeleton } from './States';

// The parser and the cleaner are files of their own, fetched with the first text.
const Rendered = lazy(() => import('./RenderedMarkdown'));

interface Props {
  text: string;
  /** Where relative links and pictures lead from; a folder, with a slash at its end. Default: this page. */
  base?: string;
}

/** Markdown as a part of the page: no scripts, no styles, no pictures of other servers. */
export function Markdown({ text, base }: Props) {
  return (
    <Suspense fallback={<Skeleton lines={3} label="Loading the text" />}>
      <Rendered className={styles.markdown ?? ''} text={text} {...(base !== undefined && { base })} />
    </Suspense>
  );
}
