import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { deleteNamedView, namedViews, saveNamedView } from '../../../api/own';
import type { NamedView } from '../../../api/types';
import { announce } from '../../../design/announce';
import { Button } from '../../../design/Button';
import { Menu } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import type { RunsState } from '../../../runs/runsState';
import { parseRunsState, printRunsState } from '../../../runs/useRunsState';
import { useRawSearch } from '../../../url/raw';
import type { Patch } from '../../../url/usePageState';
import { useExperiment } from '../../run/useRun';
import { ManageViewsDialog } from './ManageViewsDialog';
import { SaveViewDialog } from './SaveViewDialog';

interface Props {
  experimentId: string;
  state: RunsState;
  patch: Patch<RunsState>;
}

const NO_VIEWS: readonly NamedView[] = [];
/** The server keeps them as tags of the experiment. */
const TAG = 'oxflow.view.';

/** Saved states of the table: everything but what is selected. */
export function ViewsMenu({ experimentId, state, patch }: Props) {
  const client = useQueryClient();
  const search = useRawSearch();
  const [asked, setAsked] = useState<'save' | 'manage' | null>(null);
  const key = ['views', 'named', experimentId];
  const experiment = useExperiment(experimentId);
  const answer = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => namedViews(experimentId, signal),
    // Most experiments have none, and need no question.
    enabled: experiment.data?.tags?.some((tag) => tag.key.startsWith(TAG)) ?? false,
    staleTime: 60_000,
  });
  const views = answer.data?.views ?? NO_VIEWS;
  const isKnown = answer.data !== undefined || (experiment.data !== undefined && !answer.isLoading);
  const now = printRunsState({ ...state, sel: [] });
  const shown = views.find((view) => printRunsState(parseRunsState(view.state)) === now);

  // An address that says nothing means the view that somebody made the default; once, when the page is opened.
  const wasPlain = useRef(search === '');
  const initial = views.find((view) => view.is_default);
  useEffect(() => {
    if (wasPlain.current && initial) patch(parseRunsState(initial.state), { replace: true });
    if (isKnown) wasPlain.current = false;
  }, [initial, isKnown, patch]);

  const change = async (work: Promise<unknown>, done: string) => {
    setAsked(null);
    try {
      await work;
      toast(done);
    } catch (error) {
      toast(inWords(error).detail || 'That did not work.', { kind: 'failed' });
    }
    await client.invalidateQueries({ queryKey: ['experiments/get', experimentId] });
    await client.invalidateQueries({ queryKey: key });
  };
  const save = (name: string, view: unknown, isDefault: boolean) =>
    saveNamedView({ experiment_id: experimentId, name, state: view, is_default: isDefault });

  return (
    <>
      <Menu
        label="Views"
        button={(props) => (
          <Button {...props} icon="star">
            {shown ? shown.name : 'Views'}
          </Button>
        )}
        items={[
          ...views.map((view) => ({
            label: view.is_default ? `${view.name} (default)` : view.name,
            isChecked: view === shown,
            onSelect: () => patch(parseRunsState(view.state)),
          })),
          {
            label: 'Save this view…',
            icon: 'plus' as const,
            startsGroup: views.length > 0,
            onSelect: () => setAsked('save'),
          },
          {
            label: 'Manage views…',
            icon: 'settings' as const,
            isDisabled: views.length === 0,
            onSelect: () => setAsked('manage'),
          },
          {
            label: 'Copy a link to this view',
            icon: 'link' as const,
            startsGroup: true,
            onSelect: () => void copy(location.href).then(() => announce('Copied the link')),
          },
          {
            label: 'Back to the start',
            icon: 'restore' as const,
            onSelect: () => patch(parseRunsState(null)),
          },
        ]}
      />
      {asked === 'save' && (
        <SaveViewDialog
          taken={views.map(({ name }) => name)}
          suggested={shown?.name ?? ''}
          onClose={() => setAsked(null)}
          onSave={(name, isDefault) => void change(save(name, { query: now }, isDefault), `Saved “${name}”.`)}
        />
      )}
      {asked === 'manage' && (
        <ManageViewsDialog
          views={views}
          onClose={() => setAsked(null)}
          onDefault={(view) =>
            void change(
              save(view.name, view.state, !view.is_default),
              view.is_default ? 'There is no default view now.' : `“${view.name}” is the default now.`,
            )
          }
          onDelete={(view) =>
            void change(deleteNamedView(experimentId, view.name), `Deleted the view “${view.name}”.`)
          }
        />
      )}
    </>
  );
}
