import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RunStatus } from '../api/types';
import { fullNumber, shortNumber } from '../format/number';
import { ago, localTime, utcTime } from '../format/time';
import { announce } from './announce';
import { IconButton } from './Button';
import { classes } from './classes';
import styles from './Values.module.css';

/** A number in four significant digits; all of them on hover. */
export function Num({ value }: { value: number }) {
  return (
    <span className="number" title={fullNumber(value)}>
      {shortNumber(value)}
    </span>
  );
}

/** How long ago; the exact time on hover. */
export function Time({ at }: { at: number }) {
  const now = useNow();
  const [local, utc] = [localTime(at), utcTime(at)];
  return (
    <time dateTime={new Date(at).toISOString()} title={local === utc ? utc : `${local} · ${utc}`}>
      {ago(at, now)}
    </time>
  );
}

/** The time, all over the page the same, every 30 s anew. */
export function useNow(): number {
  return useSyncExternalStore(clock.subscribe, clock.now);
}

const clock = (() => {
  let now = Date.now();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    now: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      timer ??= setInterval(() => {
        now = Date.now();
        for (const one of listeners) one();
      }, 30_000);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
  };
})();

const STATUS_WORDS: Record<RunStatus, string> = {
  RUNNING: 'Running',
  SCHEDULED: 'Scheduled',
  FINISHED: 'Finished',
  FAILED: 'Failed',
  KILLED: 'Killed',
};

/** The state of a run: a mark of its own shape and the word. */
export function Status({ status, isShort = false }: { status: RunStatus; isShort?: boolean }) {
  const word = STATUS_WORDS[status] ?? status;
  return (
    <span className={styles.status} data-status={status} title={word}>
      <svg
        aria-hidden="true"
        width="12"
        height="12"
        viewBox="0 0 12 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      >
        {status === 'FINISHED' && (
          <path d="M2.5 6.2l2.4 2.4 4.6-5" strokeLinecap="round" strokeLinejoin="round" />
        )}
        {status === 'FAILED' && <path d="M3 3l6 6M9 3l-6 6" strokeLinecap="round" />}
        {status === 'KILLED' && <path d="M3 3h6v6H3z" />}
        {status === 'RUNNING' && (
          <circle cx="6" cy="6" r="3.2" fill="currentColor" className={styles.pulse} />
        )}
        {status === 'SCHEDULED' && <path d="M6 1.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM6 3.8V6l1.6 1" />}
      </svg>
      <span className={isShort ? 'unseen' : undefined}>{word}</span>
    </span>
  );
}

/** A small label. */
export function Badge({
  children,
  kind = 'plain',
  title,
}: {
  children: React.ReactNode;
  kind?: 'plain' | 'ok' | 'warn' | 'error' | 'accent';
  title?: string;
}) {
  return (
    <span className={classes(styles.badge, styles[kind])} title={title}>
      {children}
    </span>
  );
}

/** Copies a text, and says so. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 1500);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <IconButton
      icon={isDone ? 'check' : 'copy'}
      label={label}
      onClick={async () => {
        await copy(text);
        setDone(true);
        announce('Copied');
      }}
    />
  );
}

/** Puts a text on the clipboard; also where the browser has no clipboard for pages without TLS. */
export async function copy(text: string) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
