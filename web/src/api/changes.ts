/** One connection of the page to `events`, for everything on it that wants to know what changed. */

import { eventsAddress } from './own';
import type { ChangeEvent } from './types';

export interface Change extends Pick<ChangeEvent, 'runs' | 'experiments'> {
  /** Nobody said what changed, but something may have: read again what can change. */
  isGuess: boolean;
}

/** `live`: told at once. `polling`: no connection, so asked now and then. `paused`: hidden tab, or by the reader. */
export type FeedState = 'live' | 'connecting' | 'polling' | 'paused' | 'idle';

interface Listener {
  experiments: readonly string[];
  runs: readonly string[];
  onChange: (change: Change) => void;
}

interface Listening extends Listener {
  /** Something may have happened since it read, and before a connection told of it. */
  isOwed: boolean;
}

/** Between two guesses without a connection: longer and longer. */
const POLL = [5_000, 8_000, 12_000, 20_000, 30_000] as const;
/** Changes that others write into the database past this server are not told. */
const GUESS_WHILE_LIVE = 60_000;
/** Before the next attempt to connect. */
const RETRY = [2_000, 5_000, 15_000, 30_000, 60_000] as const;
/** So that a page whose parts mount one after the other opens one connection. */
const SETTLE = 200;
/** After the first connection of a page: it is still busy with what it read itself. */
const FIRST_GUESS = 1_000;
/** So long the page waits for a connection before it reads again what it may have missed. */
const OPENS_WITHIN = 400;

export class ChangeFeed {
  readonly #listeners = new Set<Listening>();
  readonly #watchers = new Set<() => void>();
  #source: EventSource | null = null;
  /** Of the address before, until the new one is open: nothing is missed between them. */
  #retiring: EventSource | null = null;
  #hasMissed = false;
  #address = '';
  #state: FeedState = 'idle';
  #isPausedByReader = false;
  #polls = 0;
  #failures = 0;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #guessTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: (address: string) => EventSource = (address) => new EventSource(address),
  ) {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  listen(listener: Listener): () => void {
    const listening = { ...listener, isOwed: true };
    this.#listeners.add(listening);
    this.#settle();
    return () => {
      this.#listeners.delete(listening);
      this.#settle();
    };
  }

  readonly state = () => this.#state;

  readonly subscribe = (watcher: () => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  /** The reader's pause button. Going on reads again at once. */
  pause(isPaused: boolean) {
    this.#isPausedByReader = isPaused;
    this.#resume();
  }

  get #isPaused() {
    return this.#isPausedByReader || document.visibilityState === 'hidden';
  }

  readonly #onVisibility = () => this.#resume();

  /** After a pause: what happened meanwhile was told to nobody. */
  #resume() {
    this.#connect();
    if (this.#isPaused || this.#listeners.size === 0) return;
    this.#miss();
    this.#guessIn(OPENS_WITHIN);
  }

  #miss() {
    this.#hasMissed = true;
    for (const listener of this.#listeners) listener.isOwed = true;
  }

  /** What is owed is read again, once for all reasons there are. */
  #guessIn(wait: number) {
    clearTimeout(this.#guessTimer);
    this.#guessTimer = setTimeout(() => {
      this.#hasMissed = false;
      this.#guess((listener) => listener.isOwed);
    }, wait);
  }

  #settle() {
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => this.#connect(), SETTLE);
  }

  /** Brings the connection in line with what is listened to. */
  #connect() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#settleTimer);
    if (this.#listeners.size === 0 || this.#isPaused) {
      this.#close();
      this.#stopPolling();
      clearTimeout(this.#guessTimer);
      this.#set(this.#listeners.size === 0 ? 'idle' : 'paused');
      return;
    }
    const address = this.#wanted();
    if (this.#source && address === this.#address) {
      // Who came later reads while the connection already tells.
      if (this.#state === 'live' && !this.#hasMissed) for (const one of this.#listeners) one.isOwed = false;
      return;
    }
    if (this.#state === 'live' && !this.#retiring) this.#retiring = this.#source;
    else this.#source?.close();
    this.#address = address;
    if (this.#state === 'idle' || this.#state === 'paused') this.#set('connecting');
    const source = this.open(address);
    this.#source = source;
    source.addEventListener('open', () => {
      if (this.#source !== source) return;
      this.#retiring?.close();
      this.#retiring = null;
      if ([...this.#listeners].some((listener) => listener.isOwed)) {
        this.#guessIn(this.#hasMissed ? SETTLE : FIRST_GUESS);
      }
      this.#failures = 0;
      this.#polls = 0;
      this.#set('live');
      this.#schedulePoll();
    });
    source.addEventListener('change', (event) => this.#tell(event as MessageEvent<string>));
    source.addEventListener('error', () => {
      if (this.#source !== source) return;
      this.#close();
      this.#miss();
      const wasPolling = this.#state === 'polling';
      this.#set('polling');
      const wait = RETRY[Math.min(this.#failures, RETRY.length - 1)] ?? 60_000;
      this.#failures += 1;
      this.#retryTimer = setTimeout(() => this.#connect(), wait);
      // An attempt that fails must not put the next guess off.
      if (!wasPolling) this.#schedulePoll();
    });
    if (this.#pollTimer === undefined) this.#schedulePoll();
  }

  #wanted() {
    const experiments = new Set<string>();
    const runs = new Set<string>();
    for (const listener of this.#listeners) {
      for (const id of listener.experiments) experiments.add(id);
      for (const id of listener.runs) runs.add(id);
    }
    return eventsAddress([...experiments].sort(), [...runs].sort());
  }

  #close() {
    this.#source?.close();
    this.#retiring?.close();
    this.#source = null;
    this.#retiring = null;
  }

  #stopPolling() {
    clearTimeout(this.#pollTimer);
    this.#pollTimer = undefined;
    this.#polls = 0;
  }

  #schedulePoll() {
    clearTimeout(this.#pollTimer);
    const wait =
      this.#state === 'live' ? GUESS_WHILE_LIVE : (POLL[Math.min(this.#polls, POLL.length - 1)] ?? 30_000);
    this.#pollTimer = setTimeout(() => {
      this.#polls += 1;
      this.#guess(() => true);
      this.#schedulePoll();
    }, wait);
  }

  #tell(event: MessageEvent<string>) {
    let change: ChangeEvent;
    try {
      change = JSON.parse(event.data) as ChangeEvent;
    } catch {
      return; // Cut off on the way; the next guess reads it.
    }
    if (change.all) return this.#guess(() => true);
    const named = new Set(change.runs.map((run) => run.experiment_id));
    const whole = change.experiments.filter((id) => !named.has(id));
    for (const listener of [...this.#listeners]) {
      // Of which experiment a run is that is listened to, is not known here.
      const isGuess =
        whole.some((id) => listener.experiments.includes(id)) ||
        (whole.length > 0 && listener.runs.length > 0);
      const runs = change.runs.filter(
        (run) => listener.runs.includes(run.run_id) || listener.experiments.includes(run.experiment_id),
      );
      const experiments = change.experiments.filter((id) => listener.experiments.includes(id));
      if (runs.length || experiments.length || isGuess) listener.onChange({ runs, experiments, isGuess });
    }
  }

  #guess(isMeant: (listener: Listening) => boolean) {
    for (const listener of [...this.#listeners].filter(isMeant)) {
      listener.isOwed = false;
      listener.onChange({ runs: [], experiments: [...listener.experiments], isGuess: true });
    }
  }

  #set(state: FeedState) {
    if (this.#state === state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}
