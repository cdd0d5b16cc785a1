import { useState } from 'react';
import { fetchAnswer } from '../../../api/http';
import { runsExportAddress } from '../../../api/own';
import type { Column, RunsKeys, Sort } from '../../../api/types';
import { Button } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { wireColumns } from '../../../runs/columns';
import { NAME } from '../grid/gridTypes';
import styles from './Bulk.module.css';
import { runsOf, type Target } from './runBulk';

interface Props {
  target: Target;
  columns: readonly Column[];
  keys: RunsKeys | undefined;
  sort: readonly Sort[];
  fileName: string;
  onClose: () => void;
}

const ATTRIBUTES = ['status', 'start_time', 'end_time', 'duration', 'user_id', 'experiment_id'].map(
  (name) => `attribute.${name}`,
);
/** What the server takes. */
const MOST_COLUMNS = 190;

/** All matching runs, or the selected ones, as a file. */
export default function ExportDialog({ target, columns, keys, sort, fileName, onClose }: Props) {
  const [format, setFormat] = useState<'csv' | 'json'>('csv');
  const [which, setWhich] = useState<'shown' | 'all'>('shown');
  const all = [
    ...(keys?.metrics ?? []).map(({ key }) => `metric.${key}`),
    ...(keys?.params ?? []).map(({ key }) => `param.${key}`),
    ...(keys?.tags ?? []).map(({ key }) => `tag.${key}`),
  ];
  const chosen = wireColumns([NAME, ...ATTRIBUTES, ...(which === 'shown' ? columns : all)]);

  const start = async () => {
    onClose();
    const request = {
      ...(target.ids ? { ids: target.ids, view: 'all' as const } : target.question),
      columns: chosen.slice(0, MOST_COLUMNS),
      sort,
      format,
      file_name: `${fileName}.${format}`,
    };
    // The browser streams a download to disk by itself, unless the question is too long for an address.
    const address = runsExportAddress(request);
    if (address.length < 6000) return save(address, request.file_name);
    try {
      const answer = await fetchAnswer('api/oxflow/v1/runs/export', { method: 'POST', body: request });
      const url = URL.createObjectURL(await answer.blob());
      save(url, request.file_name);
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      toast(inWords(error).detail || 'The export failed.', { kind: 'failed' });
    }
  };

  return (
    <Dialog
      title={`Export ${runsOf(target.count)}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" icon="download" onClick={() => void start()}>
            Export
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <fieldset className={styles.choices}>
          <legend>Format</legend>
          {(['csv', 'json'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
              {one.toUpperCase()}
            </label>
          ))}
        </fieldset>
        <fieldset className={styles.choices}>
          <legend>Columns</legend>
          <label>
            <input
              type="radio"
              name="columns"
              checked={which === 'shown'}
              onChange={() => setWhich('shown')}
            />
            Those of the table, with status, times and user
          </label>
          <label>
            <input type="radio" name="columns" checked={which === 'all'} onChange={() => setWhich('all')} />
            All {all.length} metrics, params and tags
          </label>
        </fieldset>
        {chosen.length > MOST_COLUMNS && (
          <p className={styles.note}>A file has at most {MOST_COLUMNS} columns: the first of these.</p>
        )}
      </div>
    </Dialog>
  );
}

function save(address: string, name: string) {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
