import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '../../api/mlflow';
import { paths } from '../../app/paths';
import { announce } from '../../design/announce';
import { Button, IconButton } from '../../design/Button';
import { Menu, type MenuItem } from '../../design/Menu';
import { copy } from '../../design/Values';
import { canRegister } from './modelSources';
import { RunPicker } from './RunPicker';
import { runFacts } from './runFacts';
import { curlOfRun, pythonOfRun } from './snippets';
import { serverAddress } from '../../app/base';
import { useRunChanges } from './useRunChanges';

const RegisterDialog = lazy(() => import('./RegisterDialog'));
const PurgeRun = lazy(() => import('./PurgeRun'));

/** What can be done with a run. */
export function RunActions({ run }: { run: Run }) {
  const [isPicking, setPicking] = useState(false);
  const [isRegistering, setRegistering] = useState(false);
  const [isPurging, setPurging] = useState(false);
  const [, navigate] = useLocation();
  const { info } = run;
  const { remove, restore } = useRunChanges(info.run_id);
  const { parentId } = runFacts(run);
  const copied = async (text: string) => {
    await copy(text);
    announce('Copied');
  };
  const items: MenuItem[] = [
    ...(parentId
      ? [
          {
            label: 'Compare with the parent',
            icon: 'compare' as const,
            onSelect: () => navigate(paths.compare([info.run_id, parentId])),
          },
        ]
      : []),
    ...(canRegister(run)
      ? [
          {
            label: 'Register a model…',
            icon: 'plus' as const,
            onSelect: () => setRegistering(true),
          },
        ]
      : []),
    {
      label: 'Copy Python',
      icon: 'copy',
      onSelect: () => void copied(pythonOfRun(serverAddress(), info.run_id)),
    },
    {
      label: 'Copy curl',
      icon: 'copy',
      onSelect: () => void copied(curlOfRun(serverAddress(), info.run_id)),
    },
    {
      label: 'Copy the address of this page',
      icon: 'link',
      onSelect: () => void copied(new URL(paths.run(info.run_id).slice(1), document.baseURI).href),
    },
    ...(info.lifecycle_stage === 'active'
      ? [
          {
            label: 'Delete',
            icon: 'trash' as const,
            isDangerous: true,
            startsGroup: true,
            onSelect: () => remove.mutate(),
          },
        ]
      : [
          {
            label: 'Restore',
            icon: 'restore' as const,
            startsGroup: true,
            onSelect: () => restore.mutate(),
          },
          {
            label: 'Delete for good…',
            icon: 'trash' as const,
            isDangerous: true,
            onSelect: () => setPurging(true),
          },
        ]),
  ];
  return (
    <>
      <Button icon="compare" onClick={() => setPicking(true)}>
        Compare with…
      </Button>
      <Menu
        label="More actions"
        items={items}
        button={(props) => <IconButton {...props} icon="dots" label="More actions" />}
      />
      <Suspense>
        {isRegistering && <RegisterDialog run={run} onClose={() => setRegistering(false)} />}
        {isPurging && <PurgeRun run={run} onClose={() => setPurging(false)} />}
      </Suspense>
      {isPicking && (
        <RunPicker
          title="Compare with"
          experimentId={info.experiment_id}
          without={info.run_id}
          onClose={() => setPicking(false)}
          onPick={(other) => navigate(paths.compare([info.run_id, other]))}
        />
      )}
    </>
  );
}
