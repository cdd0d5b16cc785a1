/** What a dataset input says about itself: JSON in texts, of several shapes. */

export interface SchemaColumn {
  name: string;
  type: string;
  isRequired: boolean | null;
}

interface WireColumn {
  name?: string;
  type?: string;
  required?: boolean;
  'tensor-spec'?: { dtype?: string; shape?: number[] };
}

/** The columns of a schema of MLflow: columns, tensors, or named tensors. `null` if it is none of these. */
export function schemaColumns(schema: string | undefined): SchemaColumn[] | null {
  const parsed = asRecord(parsedJson(schema));
  if (!parsed) return null;
  const columns = parsed.mlflow_colspec;
  if (Array.isArray(columns)) return columns.map((one, i) => column(one as WireColumn, i));
  const tensors = asRecord(parsed.mlflow_tensorspec);
  if (!tensors) return null;
  return Object.entries(tensors).flatMap(([role, specs]) => {
    const list = typeof specs === 'string' ? parsedJson(specs) : specs;
    if (!Array.isArray(list)) return [];
    return list.map((one, i) => {
      const found = column(one as WireColumn, i);
      return { ...found, name: (one as WireColumn).name ? `${role}: ${found.name}` : role };
    });
  });
}

function column(one: WireColumn, index: number): SchemaColumn {
  const tensor = one['tensor-spec'];
  const type = tensor ? `${tensor.dtype ?? 'tensor'} (${(tensor.shape ?? []).join(', ')})` : (one.type ?? '');
  return { name: one.name ?? String(index), type, isRequired: one.required ?? null };
}

/** Numbers and texts of a profile, such as `num_rows`. */
export function profileEntries(profile: string | undefined): [string, string][] {
  const parsed = asRecord(parsedJson(profile));
  if (!parsed) return [];
  return Object.entries(parsed).map(([key, value]) => [
    key.replace(/_/g, ' '),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** Where it is from: the address inside of the JSON, or the text itself. */
export function sourceText(source: string): string {
  const parsed = asRecord(parsedJson(source));
  if (!parsed) return source;
  for (const key of ['uri', 'url', 'path', 'table_name', 'delta_table_name']) {
    const value = parsed[key];
    if (typeof value === 'string') return value;
  }
  return '';
}

function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
