import { useSyncExternalStore } from 'react';
import { changeFeed, type FeedState } from '../api/events';
import styles from './LiveState.module.css';

const WORDS: Record<Exclude<FeedState, 'idle'>, { label: string; note: string }> = {
  live: { label: 'Live', note: 'Values change as they are logged. Press to pause.' },
  connecting: { label: 'Connecting', note: 'Press to pause.' },
  polling: { label: 'Polling', note: 'No live connection: read again every 5 to 30 s. Press to pause.' },
  paused: { label: 'Paused', note: 'Nothing is read by itself. Press to go on.' },
};

/** Whether the page follows what happens, and a press to pause it. Nothing where nothing is listened to. */
export function LiveState() {
  const state = useSyncExternalStore(changeFeed.subscribe, changeFeed.state);
  if (state === 'idle') return null;
  const { label, note } = WORDS[state];
  return (
    <button
      type="button"
      className={styles.live}
      data-state={state}
      aria-pressed={state === 'paused'}
      aria-label={`${label}. ${note}`}
      title={note}
      onClick={() => changeFeed.pause(state !== 'paused')}
    >
      <span className={styles.dot} aria-hidden="true" />
      {label}
    </button>
  );
}
