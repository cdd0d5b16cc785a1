/** Tables as texts for other programs. */

export type CsvCell = string | number | null | undefined;

/** RFC 4180. */
export function csvText(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

/** A text that a spreadsheet would run as a formula gets an apostrophe before it; a number does not. */
function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return '';
  const raw = String(value);
  const text =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(raw) && Number.isNaN(Number(raw)) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table in Markdown. */
export function markdownTable(rows: readonly (readonly CsvCell[])[]): string {
  const cell = (value: CsvCell) =>
    String(value ?? '')
      .replace(/[\\|]/g, '\\$&')
      .replace(/\r?\n/g, ' ');
  const [head = [], ...body] = rows.map((row) => `| ${row.map(cell).join(' | ')} |`);
  const line = `|${(rows[0] ?? []).map(() => ' --- |').join('')}`;
  return [head, line, ...body].join('\n') + '\n';
}

/** Gives the reader a file. */
export function download(name: string, content: Blob) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A name without what files cannot have. */
export function fileName(text: string, ending: string): string {
  return `${
    text
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'oxflow'
  }.${ending}`;
}
