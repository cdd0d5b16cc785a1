import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { deleteNamedView, namedViews, saveNamedView } from '../../../api/own';
import type { NamedView } from '../../../api/types';
import { announce } from '../../../design/announce';
import { Button } from '../../../design/Button';
import { Menu } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import { type ExperimentTab, paths } from '../../../app/paths';
import { queryOf } from '../../../url/storedQuery';
import { useWholeQuery } from '../../../url/usePageState';
import { useExperiment } from '../../run/useRun';
import { ManageViewsDialog } from './ManageViewsDialog';
import { SaveViewDialog } from './SaveViewDialog';
import { sameQuery, tabOf, viewQuery } from './viewQuery';

interface Props {
  experimentId: string;
  tab: ExperimentTab;
}

const NO_VIEWS: readonly NamedView[] = [];
/** The server keeps them as tags of the experiment. */
const TAG = 'oxflow.view.';

/** Saved states of the table and of the charts: one state, whichever of the two it was saved from. */
export function ViewsMenu({ experimentId, tab }: Props) {
  const client = useQueryClient();
  const search = useWholeQuery();
  const [, navigate] = useLocation();
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
  const now = viewQuery(search);
  const shown = views.find((view) => sameQuery(view.state, now));
  const show = (query: string, to: ExperimentTab) => {
    const path = paths.experiment(experimentId, to);
    navigate(query ? `${path}?${query}` : path);
  };

  // An address that says nothing means the view that somebody made the default; once, when the page is opened.
  const wasPlain = useRef(search === '');
  const initial = views.find((view) => view.is_default);
  useEffect(() => {
    const path = paths.experiment(experimentId, tab);
    const query = queryOf(initial?.state);
    // The part of the page stays that the address names.
    if (wasPlain.current && query) navigate(`${path}?${query}`, { replace: true });
    if (isKnown) wasPlain.current = false;
  }, [initial, isKnown, experimentId, tab, navigate]);

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
            onSelect: () => show(queryOf(view.state), tabOf(view.state) ?? tab),
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
            onSelect: () => show('', tab),
          },
        ]}
      />
      {asked === 'save' && (
        <SaveViewDialog
          taken={views.map(({ name }) => name)}
          suggested={shown?.name ?? ''}
          onClose={() => setAsked(null)}
          onSave={(name, isDefault) =>
            void change(save(name, { query: now, tab }, isDefault), `Saved “${name}”.`)
          }
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
