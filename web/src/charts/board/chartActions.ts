import type { RefObject } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { address } from '../../api/http';
import { paths } from '../../app/paths';
import type { MenuItem } from '../../design/Menu';
import { toast } from '../../design/toasts';
import { copy } from '../../design/Values';
import type * as Files from '../export/files';
import type { LineChartHandle } from '../line/LineChart';
import type { useChartContent } from './ChartBody';
import type { BoardSettings } from './settings';

interface Options {
  keys: readonly string[];
  settings: BoardSettings;
  content: ReturnType<typeof useChartContent>;
  handle: RefObject<LineChartHandle | null>;
  isTable: boolean;
  setTable: (isTable: boolean) => void;
}

/** What can be done with a chart, wherever it is. The files are made by a chunk of their own. */
export function chartActions({ keys, settings, content, handle, isTable, setTable }: Options): MenuItem[] {
  const lines = content.prepared?.lines ?? [];
  const name = keys.join('_').replace(/[^\w.-]+/g, '_') || 'chart';
  const isNothing = lines.length === 0;
  const withFiles = (save: (files: typeof Files) => void | Promise<void>) => () =>
    void import('../export/files')
      .then(save)
      .catch((error: unknown) =>
        toast(error instanceof Error ? error.message : 'The file could not be made.', { kind: 'failed' }),
      );
  const plot = () => handle.current?.plot() ?? null;
  return [
    {
      label: isTable ? 'Show as chart' : 'Show as table',
      icon: isTable ? 'bars' : 'table',
      onSelect: () => setTable(!isTable),
    },
    {
      label: 'Copy link',
      icon: 'link',
      onSelect: () => {
        const link = new URL(location.href);
        link.searchParams.set('full', keys[0] ?? '');
        void copy(link.href).then(() => toast('Copied the link to this chart.'));
      },
    },
    {
      label: 'Open metric page',
      icon: 'expand',
      onSelect: () => {
        const ids = settings.shown.map((run) => run.id);
        navigate(address(paths.metric(ids, keys[0] ?? '')));
      },
    },
    {
      label: 'Save as PNG',
      icon: 'download',
      startsGroup: true,
      isDisabled: isNothing || isTable,
      onSelect: withFiles((files) => files.savePng(plot(), name)),
    },
    {
      label: 'Save as SVG',
      icon: 'download',
      isDisabled: isNothing || isTable,
      onSelect: withFiles((files) => files.saveSvg(plot(), lines, keys.join(', '), name)),
    },
    {
      label: 'Drawn data as CSV',
      icon: 'download',
      isDisabled: isNothing,
      onSelect: withFiles((files) => files.saveDrawnCsv(lines, settings.state.x, name)),
    },
    {
      label: 'All points as CSV',
      icon: 'download',
      isDisabled: isNothing,
      onSelect: withFiles((files) => files.saveFullCsv(settings.shown, keys, name)),
    },
  ];
}
