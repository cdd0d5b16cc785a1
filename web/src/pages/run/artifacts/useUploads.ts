import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { uploadArtifact } from '../../../api/artifacts';
import type { Run } from '../../../api/mlflow';
import { inWords } from '../../../design/States';

export interface UploadState {
  id: number;
  path: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  error: string;
}

interface Job extends UploadState {
  file: File;
  controller: AbortController;
}

export interface Uploads {
  list: readonly UploadState[];
  add: (folder: string, files: readonly File[]) => void;
  cancel: (id: number) => void;
  retry: (id: number) => void;
  clear: () => void;
}

/** Uploads into a run, one after the other. */
export function useUploads(run: Run): Uploads {
  const client = useQueryClient();
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  const isBusy = useRef(false);
  const nextId = useRef(1);
  const { run_id: runId, artifact_uri: artifactUri } = run.info;

  useEffect(() => {
    const job = jobs.find(({ state }) => state === 'waiting');
    if (!job || isBusy.current) return;
    isBusy.current = true;
    const change = (changes: Partial<Job>) =>
      setJobs((all) => all.map((one) => (one.id === job.id ? { ...one, ...changes } : one)));
    change({ state: 'sending' });
    uploadArtifact({
      runId,
      artifactUri,
      path: job.path,
      file: job.file,
      signal: job.controller.signal,
      onProgress: (sent) => change({ sent }),
    })
      .then(
        () => {
          change({ state: 'done', sent: job.size });
          void client.invalidateQueries({ queryKey: ['artifacts/list', runId] });
          void client.invalidateQueries({ queryKey: ['get-artifact', runId, job.path] });
        },
        (error: unknown) => {
          if (job.controller.signal.aborted) return;
          const { title, detail } = inWords(error);
          change({ state: 'failed', error: detail || title });
        },
      )
      .finally(() => {
        isBusy.current = false;
        // The next one begins with this drawing.
        setJobs((all) => [...all]);
      });
  }, [jobs, runId, artifactUri, client]);

  const isRunning = jobs.some(({ state }) => state === 'waiting' || state === 'sending');
  useEffect(() => {
    if (!isRunning) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isRunning]);

  return {
    list: jobs,
    add: (folder, files) =>
      setJobs((all) => [
        ...all,
        ...files.map((file): Job => {
          const id = nextId.current;
          nextId.current += 1;
          const path = folder ? `${folder}/${file.name}` : file.name;
          const controller = new AbortController();
          return { id, path, size: file.size, sent: 0, state: 'waiting', error: '', file, controller };
        }),
      ]),
    cancel: (id) => {
      jobs.find((one) => one.id === id)?.controller.abort();
      setJobs((all) => all.filter((one) => one.id !== id));
    },
    retry: (id) =>
      setJobs((all) =>
        all.map((one) => (one.id === id ? { ...one, state: 'waiting', sent: 0, error: '' } : one)),
      ),
    clear: () => setJobs((all) => all.filter(({ state }) => state === 'waiting' || state === 'sending')),
  };
}
