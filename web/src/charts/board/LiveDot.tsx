import { useState, useSyncExternalStore } from 'react';
import { changeFeed, type FeedState } from '../../api/events';
import { IconButton } from '../../design/Button';
import styles from './Toolbar.module.css';

const WORDS: Record<FeedState, string> = {
  live: 'Live',
  connecting: 'Connecting',
  polling: 'Asks every few seconds',
  paused: 'Paused',
  idle: '',
};

/** Whether the page follows what happens, and a way to stop it. */
export function LiveDot() {
  const state = useSyncExternalStore(changeFeed.subscribe, changeFeed.state);
  const [isPaused, setPaused] = useState(false);
  if (state === 'idle') return null;
  return (
    <span className={styles.live} data-state={state}>
      <i aria-hidden="true" />
      {WORDS[state]}
      <IconButton
        icon={isPaused ? 'play' : 'pause'}
        label={isPaused ? 'Follow changes' : 'Stop following changes'}
        onClick={() => {
          changeFeed.pause(!isPaused);
          setPaused(!isPaused);
        }}
      />
    </span>
  );
}
