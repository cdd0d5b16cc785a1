import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../api/http';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';
import styles from './States.module.css';

/** Nothing here, and what to do about it. */
export function Empty({ icon, title, children }: { icon?: IconName; title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {icon && <Icon name={icon} size={28} />}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What went wrong, in the server's words, with a way on. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, detail, code, advice } = inWords(error);
  return (
    <div role="alert" className={styles.error}>
      <Icon name="error" />
      <div>
        <p className={styles.title}>{title}</p>
        {detail && <p>{detail}</p>}
        {advice && <p>{advice}</p>}
        {code && <p className={styles.code}>{code}</p>}
      </div>
      {onRetry && (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export interface Told {
  title: string;
  /** The server's message. */
  detail: string;
  /** Its code, and what finds the request in its log. */
  code: string;
  advice?: string;
}

/** An error in words: what happened, the server's message, its code. */
export function inWords(error: unknown): Told {
  if (!(error instanceof ApiError)) {
    return {
      title: 'This part of the page failed.',
      detail: error instanceof Error ? error.message : String(error),
      code: '',
    };
  }
  const told = { detail: error.message, code: error.code };
  if (error.status === 0)
    return { title: 'The server does not answer.', detail: 'The page tries again by itself.', code: '' };
  if (error.status === 401) return { title: 'You are not logged in.', ...told };
  if (error.status === 403) {
    return {
      title: 'You have no permission for this.',
      ...told,
      // A refusal of permissions says so itself: which is missing, and who grants it.
      ...(!error.denied && { advice: 'An administrator of the server can say why.' }),
    };
  }
  if (error.status === 404) return { title: 'This does not exist.', ...told };
  if (error.status >= 500) {
    return {
      title: 'The server could not do this.',
      detail: error.message,
      code: error.requestId ? `${error.code} · request ${error.requestId}` : error.code,
    };
  }
  return { title: 'The server refused this.', ...told };
}

/** The shape of what is coming, after a moment: what comes at once needs none. */
export function Skeleton({ lines = 6, label = 'Loading' }: { lines?: number; label?: string }) {
  const isLate = useDelay(150);
  return (
    <div className={styles.skeleton} aria-busy="true" role="status" aria-label={label}>
      {isLate && Array.from({ length: lines }, (_, i) => <span key={i} data-width={i % 4} />)}
    </div>
  );
}

/** Whether so many ms have passed since this appeared. */
export function useDelay(ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isOver;
}
