/** What a run says about itself in its tags. */

import type { KeyValue, Run } from '../../api/mlflow';

export const NOTE_TAG = 'mlflow.note.content';
export const PARENT_TAG = 'mlflow.parentRunId';

export interface RunFacts {
  name: string;
  user: string | null;
  parentId: string | null;
  note: string;
  source: string | null;
  sourceType: string | null;
  entryPoint: string | null;
  host: string | null;
  commit: string | null;
  branch: string | null;
  repository: string | null;
  isDirty: boolean;
}

export function tagsOf(run: Run): ReadonlyMap<string, string> {
  return new Map((run.data.tags ?? []).map(({ key, value }) => [key, value]));
}

export function runFacts(run: Run): RunFacts {
  const tags = tagsOf(run);
  const first = (...keys: string[]) => {
    for (const key of keys) {
      const value = tags.get(key);
      if (value) return value;
    }
    return null;
  };
  return {
    name: run.info.run_name || first('mlflow.runName') || '',
    user: run.info.user_id || first('mlflow.user'),
    parentId: first(PARENT_TAG),
    note: first(NOTE_TAG) ?? '',
    source: first('mlflow.source.name'),
    sourceType: first('mlflow.source.type'),
    entryPoint: first('mlflow.project.entryPoint'),
    host: first('mlflow.host.name', 'mlflow.source.host', 'host'),
    commit: first('mlflow.source.git.commit', 'mlflow.gitCommit'),
    branch: first('mlflow.source.git.branch', 'mlflow.gitBranchName'),
    repository: first('mlflow.source.git.repoURL', 'mlflow.gitRepoURL'),
    isDirty: first('mlflow.source.git.dirty', 'mlflow.source.git.isDirty')?.toLowerCase() === 'true',
  };
}

/** Whether a tag is one that programs keep for themselves. */
export const isSystemTag = ({ key }: KeyValue) => key.startsWith('mlflow.') || key.startsWith('oxflow.');

/** A repository as a page of the web, if it says where it is: `git@host:a/b.git` and `https://…`. */
export function repositoryPage(repository: string): string | null {
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](.+?)(?:\.git)?\/?$/.exec(repository);
  if (ssh) return `https://${ssh[1]}/${ssh[2]}`;
  try {
    const url = new URL(repository);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    url.username = '';
    url.password = '';
    return url.href.replace(/(\.git)?\/?$/, '');
  } catch {
    return null;
  }
}

/** Where a commit is shown; `null` if the repository has no page. */
export function commitPage(repository: string | null, commit: string | null): string | null {
  const page = repository && repositoryPage(repository);
  return page && commit ? `${page}/commit/${encodeURIComponent(commit)}` : null;
}
