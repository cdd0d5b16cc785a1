/** Names of keys, and sequences of them: `x`, `Shift+x`, `Mod+k` (Ctrl or ⌘), `ArrowDown`, `g e`. */

/** The part of a keyboard event that matters here. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The name of what was pressed; empty for a modifier alone. */
export function keyName(press: KeyPress): string {
  const { key } = press;
  if (['Shift', 'Control', 'Meta', 'Alt', 'AltGraph', 'CapsLock', 'Dead', 'Process'].includes(key)) return '';
  const isLetter = /^\p{L}$/u.test(key);
  // `?` already says that Shift was needed on this keyboard; an `X` could be Caps Lock.
  const hasShift = press.shiftKey && (isLetter || key.length > 1);
  const base = isLetter ? key.toLowerCase() : key;
  return `${press.ctrlKey || press.metaKey ? 'Mod+' : ''}${press.altKey ? 'Alt+' : ''}${hasShift ? 'Shift+' : ''}${base}`;
}

export interface Match {
  /** Which of the sequences is complete. */
  sequence: string | null;
  /** The keys so far, if they begin a longer one. */
  pending: readonly string[];
}

/** Adds a key to those before it. A key that does not go on with a sequence may begin another. */
export function matchKeys(sequences: readonly string[], before: readonly string[], name: string): Match {
  const keys = [...before, name];
  const text = keys.join(' ');
  if (sequences.includes(text)) return { sequence: text, pending: [] };
  if (sequences.some((one) => one.startsWith(`${text} `))) return { sequence: null, pending: keys };
  return before.length ? matchKeys(sequences, [], name) : { sequence: null, pending: [] };
}

/** What is written on the keys, for display: each part is one key of the sequence. */
export function keyCaps(sequence: string, isMac: boolean): string[][] {
  return sequence.split(' ').map((key) =>
    key.split(/\+(?!$)/).map((part) => {
      if (part === 'Mod') return isMac ? '⌘' : 'Ctrl';
      if (part === 'Alt') return isMac ? '⌥' : 'Alt';
      return CAPS.get(part) ?? (part.length === 1 ? part.toUpperCase() : part);
    }),
  );
}

const CAPS: ReadonlyMap<string, string> = new Map([
  ['ArrowDown', '↓'],
  ['ArrowUp', '↑'],
  ['ArrowLeft', '←'],
  ['ArrowRight', '→'],
  ['Escape', 'Esc'],
]);
