import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { connection, fetchAnswer } from '../api/http';
import { announce } from '../design/announce';
import { Button } from '../design/Button';
import styles from './ConnectionBar.module.css';

const LONGEST_WAIT_S = 30;

/** Says that the server does not answer, and asks it now and then; when it is back, the page is read anew. */
export function ConnectionBar() {
  const isLost = useSyncExternalStore(connection.subscribe, connection.isLost);
  const queries = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (isLost) {
      announce('The server does not answer');
    } else if (wasLost.current) {
      announce('The server answers again');
      void queries.invalidateQueries();
    }
    wasLost.current = isLost;
  }, [isLost, queries]);
  return isLost ? <Waiting /> : null;
}

function Waiting() {
  const [wait, setWait] = useState(1);
  const [left, setLeft] = useState(1);
  const isAsking = useRef(false);

  const ask = useCallback(async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    // An answer of any kind ends this bar.
    await fetchAnswer('health', { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
    isAsking.current = false;
    setWait((before) => Math.min(before * 2, LONGEST_WAIT_S));
  }, []);

  useEffect(() => {
    setLeft(wait);
  }, [wait]);
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left === 0) {
      // At the longest wait it stays the same number, so the countdown begins here.
      void ask().then(() => setLeft((now) => now || LONGEST_WAIT_S));
    }
  }, [left, ask]);
  useEffect(() => {
    const now = () => void (document.visibilityState === 'visible' && ask());
    window.addEventListener('online', now);
    document.addEventListener('visibilitychange', now);
    return () => {
      window.removeEventListener('online', now);
      document.removeEventListener('visibilitychange', now);
    };
  }, [ask]);

  return (
    <div className={styles.bar} role="region" aria-label="Connection">
      <span>The server does not answer — {left > 0 ? `trying again in ${left} s` : 'trying again'}</span>
      <Button kind="quiet" onClick={() => setLeft(0)}>
        Try now
      </Button>
    </div>
  );
}
