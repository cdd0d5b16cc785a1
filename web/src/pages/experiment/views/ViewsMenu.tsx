import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { deleteNamedView, saveNamedView } from '../../../api/own';
import { announce } from '../../../design/announce';
import { Button } from '../../../design/Button';
import { Menu } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import { type ExperimentTab, paths } from '../../../app/paths';
import { queryOf } from '../../../url/storedQuery';
import { useWholeQuery } from '../../../url/usePageState';
import { ManageViewsDialog } from './ManageViewsDialog';
import { SaveViewDialog } from './SaveViewDialog';
import { useNamedViews, viewsKey } from './useNamedViews';
import { sameQuery, tabOf, viewQuery } from './viewQuery';

interface Props {
  experimentId: string;
  tab: ExperimentTab;
}

/** Saved states of the table and of the charts: one state, whichever of the two it was saved from. */
export function ViewsMenu({ experimentId, tab }: Props) {
  const client = useQueryClient();
  const search = useWholeQuery();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'save' | 'manage' | null>(null);
  const { views } = useNamedViews(experimentId);
  const now = viewQuery(search);
  const shown = views.find((view) => sameQuery(view.state, now));
  const show = (query: string, to: ExperimentTab) => {
    const path = paths.experiment(experimentId, to);
    navigate(query ? `${path}?${query}` : path);
  };

  const change = async (work: Promise<unknown>, done: string) => {
    setAsked(null);
    try {
      await work;
      toast(done);
    } catch (error) {
      toast(inWords(error).detail || 'That did not work.', { kind: 'failed' });
    }
    await client.invalidateQueries({ queryKey: ['experiments/get', experimentId] });
    await client.invalidateQueries({ queryKey: viewsKey(experimentId) });
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
