import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { fetchAnswer } from '../../../api/http';
import { SelectField } from '../../../design/Field';
import { Empty, ErrorNote, Skeleton } from '../../../design/States';
import { bytes } from '../../../format/number';
import { oneOf, text } from '../../../url/codec';
import { usePageState } from '../../../url/usePageState';
import type { ComparedRun } from '../useComparedRuns';
import styles from './ArtifactTabs.module.css';
import { FilePicker } from './FilePicker';
import { useListed } from './Listed';
import { useHaving } from './useUnion';

// The diff and the YAML parser are fetched with the first file.
const DiffView = lazy(() => import('./DiffView'));

const schema = {
  folder: text,
  path: text,
  left: text,
  right: text,
  as: oneOf<'auto' | 'lines'>('auto', 'lines'),
};

/** Files larger than this are not compared by lines. */
const MOST_BYTES = 5 * 1024 * 1024;

interface Props {
  runs: readonly ComparedRun[];
  base: string;
}

/** One file of two runs, side by side. */
export function FilesTab({ runs: all, base }: Props) {
  const [state, patch] = usePageState(schema);
  const { listed: runs, more } = useListed(all, [base, state.left, state.right]);
  const having = useHaving(runs, state.path);
  const pick = (id: string, not?: ComparedRun) =>
    having.find((run) => run.id === id) ?? having.find((run) => run.id !== not?.id);
  const left = pick(state.left || base);
  const right = pick(state.right, left);
  const options = having.map((run) => ({ value: run.id, label: run.name }));
  return (
    <div className={styles.tab}>
      <FilePicker
        runs={runs}
        more={more}
        folder={state.folder}
        path={state.path}
        onOpenFolder={(folder) => patch({ folder })}
        onChoose={(path) => patch({ path })}
      />
      <section className={styles.content} aria-label="Comparison">
        {!state.path ? (
          <Empty icon="file" title="Choose a file">
            <p>Texts are compared line by line; JSON, YAML, MLmodel and requirements also value by value.</p>
          </Empty>
        ) : (
          <>
            <div className={styles.toolbar}>
              <h2 className={styles.path}>{state.path}</h2>
              {left && right && (
                <>
                  <SelectField
                    label="Left"
                    value={left.id}
                    options={options}
                    onChange={(id) => patch({ left: id })}
                  />
                  <SelectField
                    label="Right"
                    value={right.id}
                    options={options}
                    onChange={(id) => patch({ right: id })}
                  />
                </>
              )}
            </div>
            {left && right && left.id !== right.id ? (
              <TwoFiles
                key={state.path}
                path={state.path}
                left={left}
                right={right}
                isLines={state.as === 'lines'}
                onChangeLines={(isLines) => patch({ as: isLines ? 'lines' : 'auto' })}
              />
            ) : (
              <Empty
                icon="file"
                title={having.length ? `Only ${having[0]?.name} has this file` : 'No run has this file'}
              />
            )}
          </>
        )}
      </section>
    </div>
  );
}

interface TwoFilesProps {
  path: string;
  left: ComparedRun;
  right: ComparedRun;
  isLines: boolean;
  onChangeLines: (isLines: boolean) => void;
}

function TwoFiles({ path, left, right, isLines, onChangeLines }: TwoFilesProps) {
  const [a, b] = [useText(left.id, path), useText(right.id, path)];
  const error = a.error ?? b.error;
  if (error) return <ErrorNote error={error} onRetry={() => (void a.refetch(), void b.refetch())} />;
  if (!a.data || !b.data) return <Skeleton label="Loading files" />;
  const problem = a.data.problem ?? b.data.problem;
  if (problem) {
    return (
      <Empty icon="file" title={problem}>
        <p>
          {left.name}: {bytes(a.data.size)}; {right.name}: {bytes(b.data.size)}.
        </p>
      </Empty>
    );
  }
  return (
    <Suspense fallback={<Skeleton label="Comparing" />}>
      <DiffView
        path={path}
        left={{ name: left.name, text: a.data.text }}
        right={{ name: right.name, text: b.data.text }}
        isLines={isLines}
        onChangeLines={onChangeLines}
      />
    </Suspense>
  );
}

interface TextFile {
  text: string;
  size: number;
  /** Why it cannot be shown as text. */
  problem: string | null;
}

function useText(runId: string, path: string) {
  return useQuery({
    queryKey: ['get-artifact', 'text', runId, path],
    queryFn: async ({ signal }): Promise<TextFile> => {
      const answer = await fetchAnswer('get-artifact', {
        query: { run_id: runId, path },
        accept: '*/*',
        signal,
      });
      const length = Number(answer.headers.get('Content-Length') ?? 0);
      if (length > MOST_BYTES) {
        await answer.body?.cancel();
        return { text: '', size: length, problem: 'This file is too large to compare' };
      }
      const content = await answer.arrayBuffer();
      const found = new TextDecoder().decode(content);
      const problem = found.slice(0, 8_000).includes('\0') ? 'This file is not a text' : null;
      return { text: found, size: content.byteLength, problem };
    },
    staleTime: 60_000,
  });
}
