import { useMemo, useState } from 'react';
import { ErrorNote, Skeleton } from '../design/States';
import { DataGrid } from './DataGrid';
import { delimiterOf, parseDelimited } from './delimited';
import type { FileOfRun } from './kinds';
import { type TableData, typedColumns } from './table';
import { TextView } from './TextView';
import { Choice } from './Toolbar';
import { useText } from './useFile';

/** CSV and TSV as a table. The first row has the names of the columns. */
export default function DelimitedPreview({ file }: { file: FileOfRun }) {
  const { data: text, error, refetch } = useText(file);
  const [view, setView] = useState<'table' | 'text'>('table');
  const data = useMemo(() => (text === undefined ? null : tableOf(text)), [text]);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data || text === undefined) return <Skeleton lines={12} />;
  const tools = (
    <Choice
      label="Shown as"
      value={view}
      options={[
        { value: 'table', label: 'Table' },
        { value: 'text', label: 'Text' },
      ]}
      onChange={setView}
    />
  );
  if (view === 'text') return <TextView text={text} language={null} tools={tools} />;
  return <DataGrid data={data} label={file.path} tools={tools} />;
}

function tableOf(text: string): TableData {
  const [names = [], ...rows] = parseDelimited(text, delimiterOf(text));
  // A row may be longer than the first.
  const width = rows.reduce((most, row) => Math.max(most, row.length), names.length);
  const all = Array.from({ length: width }, (_, i) => names[i] ?? '');
  return {
    columns: typedColumns(all, rows),
    rowCount: rows.length,
    cell: (row, column) => rows[row]?.[column],
  };
}
