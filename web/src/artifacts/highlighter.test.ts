import { expect, it } from 'vitest';
import { highlightedLines } from './highlighter';

it('keeps the text, line by line', () => {
  const code = 'def f():\n    """two\n    lines"""\n    return "<b>&amp;"\n';
  const lines = highlightedLines(code, 'python');
  expect(lines.map((line) => line.map(({ text }) => text).join('')).join('\n')).toBe(code);
  expect(lines[0]?.[0]).toEqual({ text: 'def', scope: 'keyword' });
  expect(lines[2]?.[0]?.scope).toBe('string');
});
