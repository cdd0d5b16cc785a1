import { useMemo, useState } from 'react';
import { ErrorNote, Skeleton } from '../design/States';
import { DataGrid } from './DataGrid';
import { JsonTree } from './JsonTree';
import { parseJson, recordsTable, splitTable } from './json';
import type { FileOfRun } from './kinds';
import { TextView } from './TextView';
import { Choice } from './Toolbar';
import { useText } from './useFile';

type View = 'table' | 'tree' | 'source';

/** JSON as a tree, or as a table if it is one. */
export default function JsonPreview({ file }: { file: FileOfRun }) {
  const { data: text, error, refetch } = useText(file);
  const parsed = useMemo(() => (text === undefined ? null : read(text)), [text]);
  const [chosen, setChosen] = useState<View | null>(null);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!parsed || text === undefined) return <Skeleton lines={12} />;
  if (parsed.problem !== null) {
    return <TextView text={text} language={null} info={`Not JSON: ${parsed.problem}`} isWrapped />;
  }
  const { table, isTable } = parsed;
  const view = chosen ?? (isTable ? 'table' : 'tree');
  const tools = (
    <Choice<View>
      label="Shown as"
      value={view}
      options={[
        ...(table ? [{ value: 'table' as const, label: 'Table' }] : []),
        { value: 'tree', label: 'Tree' },
        { value: 'source', label: 'Source' },
      ]}
      onChange={setChosen}
    />
  );
  if (view === 'table' && table) return <DataGrid data={table} label={file.path} tools={tools} />;
  if (view === 'source') return <TextView text={text} language="json" tools={tools} isWrapped />;
  return <JsonTree value={parsed.value} label={file.path} tools={tools} />;
}

function read(text: string) {
  try {
    const value = parseJson(text);
    const split = splitTable(value);
    return { value, table: split ?? recordsTable(value), isTable: split !== null, problem: null };
  } catch (error) {
    return { value: null, table: null, isTable: false, problem: (error as Error).message };
  }
}
