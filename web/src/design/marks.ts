/** The words of a search, in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

export interface Part {
  text: string;
  from: number;
  isMarked: boolean;
}

/** Cuts a text at the places where words (in lower case) are. */
export function marksOf(text: string, words: readonly string[]): Part[] {
  const lower = text.toLowerCase();
  // Letters whose lower case is longer, as İ, would shift every place.
  if (lower.length !== text.length) return [{ text, from: 0, isMarked: false }];
  const isMarked = new Uint8Array(text.length);
  for (const word of words) {
    if (!word) continue;
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
      isMarked.fill(1, at, at + word.length);
    }
  }
  const parts: Part[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + 1;
    while (to < text.length && isMarked[to] === isMarked[from]) to += 1;
    parts.push({ text: text.slice(from, to), from, isMarked: isMarked[from] === 1 });
    from = to;
  }
  return parts;
}
