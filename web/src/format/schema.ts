/** Schemas of MLflow: of datasets and of models. */

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

/** The value of a text; `null` if it is not JSON. */
export function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

export function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
