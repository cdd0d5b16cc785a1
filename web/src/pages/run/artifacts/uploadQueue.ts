/** Uploads into runs, one after the other. They go on when the reader leaves the files: then the panel of transfers tells of them. */

import { type Upload, uploadArtifact } from '../../../api/artifacts';
import { ApiError } from '../../../api/http';
import { queryClient } from '../../../app/queryClient';
import { startTransfer } from '../../../app/transfers';
import { tellFolders } from '../../../artifacts/folder';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';

export interface UploadState {
  id: number;
  path: string;
  /** Bytes. */
  size: number;
  /** Bytes that have left the browser. */
  sent: number;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  error: string;
}

interface Job extends UploadState {
  file: File;
  controller: AbortController;
}

const isUnfinished = ({ state }: UploadState) => state === 'waiting' || state === 'sending';

/** The uploads into one run. */
export class UploadQueue {
  #jobs: readonly Job[] = [];
  #nextId = 1;
  #isBusy = false;
  #away: ReturnType<typeof startTransfer> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly place: Pick<Upload, 'runId' | 'artifactUri'>,
    private readonly upload: (upload: Upload) => Promise<void> = uploadArtifact,
  ) {}

  readonly list = (): readonly UploadState[] => this.#jobs;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    this.#comeBack();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0 && this.#jobs.some(isUnfinished)) this.#leave();
    };
  };

  readonly add = (folder: string, files: readonly File[]) => {
    const jobs = files.map((file): Job => {
      const id = this.#nextId;
      this.#nextId += 1;
      const path = folder ? `${folder}/${file.name}` : file.name;
      const controller = new AbortController();
      return { id, path, size: file.size, sent: 0, state: 'waiting', error: '', file, controller };
    });
    this.#set([...this.#jobs, ...jobs]);
  };

  readonly cancel = (id: number) => {
    this.#jobs.find((one) => one.id === id)?.controller.abort();
    this.#set(this.#jobs.filter((one) => one.id !== id));
  };

  readonly retry = (id: number) => this.#change(id, { state: 'waiting', sent: 0, error: '' });

  /** Leaves only what is still to do. */
  readonly clear = () => this.#set(this.#jobs.filter(isUnfinished));

  /** Of this queue alone: another one may still need its own. */
  readonly #ask = (event: BeforeUnloadEvent) => event.preventDefault();

  #change(id: number, changes: Partial<Job>) {
    this.#set(this.#jobs.map((one) => (one.id === id ? { ...one, ...changes } : one)));
  }

  #set(jobs: readonly Job[]) {
    this.#jobs = jobs;
    if (jobs.some(isUnfinished)) window.addEventListener('beforeunload', this.#ask);
    else window.removeEventListener('beforeunload', this.#ask);
    for (const listener of this.#listeners) listener();
    this.#tellAway();
    void this.#next();
  }

  async #next() {
    const job = this.#jobs.find(({ state }) => state === 'waiting');
    if (!job || this.#isBusy) return;
    this.#isBusy = true;
    const { id, path, file, controller } = job;
    this.#change(id, { state: 'sending' });
    try {
      const onProgress = (sent: number) => this.#change(id, { sent });
      await this.upload({ ...this.place, path, file, signal: controller.signal, onProgress });
      this.#isBusy = false;
      this.#change(id, { state: 'done', sent: job.size });
      this.#stored(job);
    } catch (error) {
      this.#isBusy = false;
      // One that was cancelled is not in the list any more: this begins the next.
      this.#change(id, { state: 'failed', error: reason(error) });
    }
  }

  #stored({ path, size }: Job) {
    const { runId } = this.place;
    void tellFolders(queryClient, runId, { put: { path, is_dir: false, file_size: size } });
    void queryClient.invalidateQueries({ queryKey: ['get-artifact', runId, path] });
  }

  #leave() {
    const rest = this.#jobs.filter(isUnfinished);
    const label = rest.length === 1 && rest[0] ? rest[0].path : `${rest.length} files`;
    const cancel = () => {
      for (const { id } of this.#jobs.filter(isUnfinished)) this.cancel(id);
    };
    this.#away = startTransfer(`Uploading ${label}`, null, cancel, { isBytes: true });
    this.#tellAway();
  }

  #tellAway() {
    if (!this.#away) return;
    const jobs = this.#jobs;
    const failed = jobs.filter(({ state }) => state === 'failed');
    this.#away.update({
      done: jobs.reduce((sum, one) => sum + one.sent, 0),
      total: jobs.reduce((sum, one) => sum + one.size, 0),
      failures: failed.map(({ path, error }) => ({ id: path, kind: 'file', code: '', message: error })),
    });
    if (jobs.some(isUnfinished)) return;
    if (failed.length === 0 && jobs.length > 0) toast('The upload is done.');
    this.#away.end(failed.length > 0 ? 'failed' : 'done');
    this.#away = null;
  }

  #comeBack() {
    this.#away?.update({ failures: [] });
    this.#away?.end('done');
    this.#away = null;
  }
}

function reason(error: unknown): string {
  if (error instanceof ApiError && error.status === 0)
    return 'The server does not answer, or the file can no longer be read. Try again.';
  const { title, detail } = inWords(error);
  return detail || title;
}

const queues = new Map<string, UploadQueue>();

/** The uploads into a run, wherever on its pages the reader is. */
export function uploadsInto(place: Pick<Upload, 'runId' | 'artifactUri'>): UploadQueue {
  const queue = queues.get(place.runId) ?? new UploadQueue(place);
  queues.set(place.runId, queue);
  return queue;
}
