import { marksOf } from './marks';

/** A text with the words that found it marked. The words are in lower case. */
export function Highlight({ text, words }: { text: string; words: readonly string[] }) {
  if (words.length === 0) return text;
  return marksOf(text, words).map((part) =>
    part.isMarked ? <mark key={part.from}>{part.text}</mark> : part.text,
  );
}
