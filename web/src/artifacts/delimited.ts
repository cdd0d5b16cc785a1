/** CSV and TSV: RFC 4180 with the freedom that files take. */

/**
 * The rows of a text. A field in quotes may hold the delimiter, line ends and doubled quotes; a quote inside of an
 * unquoted field is a character as any other. Empty lines are no rows.
 */
export function parseDelimited(text: string, delimiter: string, mostRows = Infinity): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const end = text.length;
  // A line with an empty field in quotes is a row, an empty line is none.
  let hasQuotes = false;
  const closeRow = () => {
    if (row.length > 1 || row[0] !== '' || hasQuotes) rows.push(row);
    row = [];
    hasQuotes = false;
  };
  while (at < end && rows.length < mostRows) {
    if (text[at] === '"') {
      let field = '';
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) {
          // Never closed: all that is left.
          field += text.slice(at);
          at = end;
          break;
        }
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
      // What follows the closing quote belongs to the field too.
      const rest = endOfField(text, at, delimiter);
      row.push(field + text.slice(at, rest));
      hasQuotes = true;
      at = rest;
    } else {
      const rest = endOfField(text, at, delimiter);
      row.push(text.slice(at, rest));
      at = rest;
    }
    if (at >= end) break;
    if (text[at] === delimiter) {
      at += 1;
      // A delimiter at the very end has an empty field after it.
      if (at >= end) row.push('');
    } else {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
      closeRow();
    }
  }
  if (row.length && rows.length < mostRows) closeRow();
  return rows;
}

function endOfField(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return at;
}

/** The delimiter of a text, by its first line: what is in it most, outside of quotes. */
export function delimiterOf(text: string): string {
  const line =
    text
      .slice(0, 20_000)
      .replace(/"[^"]*"/g, '')
      .split(/\r?\n/)[0] ?? '';
  let best = ',';
  let most = 0;
  for (const one of [',', '\t', ';', '|']) {
    const count = line.split(one).length - 1;
    if (count > most) [best, most] = [one, count];
  }
  return best;
}
