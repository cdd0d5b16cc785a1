import { useQuery } from '@tanstack/react-query';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { useState } from 'react';
import { artifactBytes } from '../api/artifacts';
import { Button } from '../design/Button';
import { Empty, ErrorNote, Skeleton } from '../design/States';
import { grouped } from '../format/number';
import { DataGrid } from './DataGrid';
import type { FileOfRun } from './kinds';
import type { TableData } from './table';

/** So many rows are read at once: the row groups that have them, not the rest of the file. */
const ROWS = 50_000;

/** A Parquet file as a table, read by ranges of bytes. */
export default function ParquetPreview({ file }: { file: FileOfRun }) {
  const [from, setFrom] = useState(0);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ['get-artifact', file.runId, file.path, 'parquet', from, file.size],
    queryFn: ({ signal }) => read(file, from, signal),
    enabled: file.size !== null,
    staleTime: Infinity,
    gcTime: 30_000,
    placeholderData: (before) => before,
    retry: false,
  });
  if (file.size === null) return <Empty icon="table" title="The size of this file is not known" />;
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={12} />;
  const { total } = data;
  const to = Math.min(from + ROWS, total);
  return (
    <DataGrid
      data={data.table}
      label={file.path}
      tools={
        total > ROWS && (
          <>
            <Button disabled={from === 0 || isPlaceholderData} onClick={() => setFrom(from - ROWS)}>
              Previous
            </Button>
            <Button disabled={to >= total || isPlaceholderData} onClick={() => setFrom(from + ROWS)}>
              Next
            </Button>
          </>
        )
      }
      info={
        total > ROWS
          ? `Rows ${grouped(from + 1)} to ${grouped(to)} of ${grouped(total)} · ${data.groups} row groups`
          : undefined
      }
    />
  );
}

async function read(
  file: FileOfRun,
  from: number,
  signal: AbortSignal,
): Promise<{ table: TableData; total: number; groups: number }> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const size = file.size ?? 0;
  const buffer = {
    byteLength: size,
    slice: async (start: number, end = size) =>
      (await artifactBytes(file.runId, file.path, { from: start, to: end }, signal)).buffer,
  };
  const metadata: FileMetaData = await parquetMetadataAsync(buffer);
  const columns = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    type: typeOf(element),
    isNumeric: isNumeric(element),
  }));
  const total = Number(metadata.num_rows);
  let rows: unknown[][] = [];
  await parquetRead({
    file: buffer,
    metadata,
    rowStart: from,
    rowEnd: Math.min(from + ROWS, total),
    onComplete: (found) => {
      rows = found;
    },
  });
  const table = { columns, rowCount: rows.length, cell: (row: number, i: number) => rows[row]?.[i] };
  return { table, total, groups: metadata.row_groups.length };
}

/** A column's type in the file's own words. */
function typeOf(element: SchemaElement): string {
  const type = element.logical_type?.type ?? element.converted_type ?? element.type ?? 'group';
  return type.toLowerCase();
}

const isNumeric = (element: SchemaElement) =>
  /^(INT32|INT64|FLOAT|DOUBLE)$/.test(element.type ?? '') &&
  !/TIMESTAMP|DATE|TIME/.test(element.logical_type?.type ?? element.converted_type ?? '');
