import { useEffect, useMemo, useState } from 'react';
import './codeColours.css';
import { type Line, plainLines } from './lines';

/** Above this, colours cost more than they tell. */
const COLOURED = 1024 * 1024;

/** `title.class_` is of the colour of `title`. */
export const scopeClass = (scope: string) => `code-${scope.split(/[.\s]/)[0]}`;

/** Plain lines at once; coloured ones when the highlighter is here. */
export function useLines(whole: string, language: string | null): readonly Line[] {
  // What ends with a line end has no empty line after it.
  const text = whole.endsWith('\n') ? whole.slice(0, -1) : whole;
  const plain = useMemo(() => plainLines(text), [text]);
  const [coloured, setColoured] = useState<{ text: string; lines: readonly Line[] } | null>(null);
  useEffect(() => {
    if (!language || text.length > COLOURED) return;
    let isCurrent = true;
    void import('./highlighter').then(({ highlightedLines }) => {
      if (isCurrent) setColoured({ text, lines: highlightedLines(text, language) });
    });
    return () => {
      isCurrent = false;
    };
  }, [text, language]);
  return coloured?.text === text ? coloured.lines : plain;
}
