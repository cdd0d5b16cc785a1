/** Notebooks of Jupyter, versions 3 and 4. */

export type NotebookOutput =
  | { kind: 'text'; text: string; isError: boolean }
  | { kind: 'image'; source: string }
  | { kind: 'html'; html: string }
  | { kind: 'markdown'; text: string };

export interface NotebookCell {
  kind: 'code' | 'markdown' | 'raw';
  source: string;
  count: number | null;
  outputs: NotebookOutput[];
}

export interface Notebook {
  language: string;
  cells: NotebookCell[];
}

type Json = Record<string, unknown>;
const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** Texts are lists of lines, or one text. */
const joined = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join('') : typeof value === 'string' ? value : '';

/** What a notebook shows; `null` if the value is none. */
export function parseNotebook(value: unknown): Notebook | null {
  const book = record(value);
  // Version 3 has its cells in worksheets.
  const cells = Array.isArray(book.cells)
    ? book.cells
    : list(book.worksheets).flatMap((sheet) => list(record(sheet).cells));
  if (!Array.isArray(book.cells) && !Array.isArray(book.worksheets)) return null;
  const metadata = record(book.metadata);
  const language = record(metadata.language_info).name ?? record(metadata.kernelspec).language;
  return { language: typeof language === 'string' ? language : 'python', cells: cells.map(cellOf) };
}

function cellOf(value: unknown): NotebookCell {
  const cell = record(value);
  const kind = cell.cell_type === 'markdown' || cell.cell_type === 'raw' ? cell.cell_type : 'code';
  const count = cell.execution_count ?? cell.prompt_number;
  return {
    kind,
    source: joined(cell.source ?? cell.input),
    count: typeof count === 'number' ? count : null,
    outputs: kind === 'code' ? list(cell.outputs).flatMap((one) => outputOf(record(one))) : [],
  };
}

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

function outputOf(output: Json): NotebookOutput[] {
  if (output.output_type === 'stream') {
    return [{ kind: 'text', text: joined(output.text), isError: output.name === 'stderr' }];
  }
  if (output.output_type === 'error' || output.output_type === 'pyerr') {
    const trace = list(output.traceback).map(String).join('\n');
    return [
      { kind: 'text', text: trace || `${String(output.ename)}: ${String(output.evalue)}`, isError: true },
    ];
  }
  const data = record(output.data);
  for (const type of IMAGES) {
    const bytes = joined(data[type]).replace(/\s/g, '');
    if (bytes && /^[A-Za-z0-9+/=]+$/.test(bytes)) {
      return [{ kind: 'image', source: `data:${type};base64,${bytes}` }];
    }
  }
  const svg = joined(data['image/svg+xml']);
  // As the source of an image, an SVG runs nothing and loads nothing.
  if (svg) return [{ kind: 'image', source: `data:image/svg+xml,${encodeURIComponent(svg)}` }];
  const html = joined(data['text/html']);
  if (html) return [{ kind: 'html', html }];
  const markdown = joined(data['text/markdown']);
  if (markdown) return [{ kind: 'markdown', text: markdown }];
  const text = joined(data['text/plain'] ?? output.text);
  return text ? [{ kind: 'text', text, isError: false }] : [];
}
