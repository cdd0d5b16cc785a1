import { expect, it } from 'vitest';
import { parseNotebook } from './notebook';

const code = (outputs: unknown[]) => ({
  cell_type: 'code',
  execution_count: 2,
  source: ['a\n', 'b'],
  outputs,
});

it('reads cells and outputs', () => {
  const found = parseNotebook({
    metadata: { language_info: { name: 'r' } },
    cells: [
      { cell_type: 'markdown', source: '# x' },
      code([
        { output_type: 'stream', name: 'stderr', text: ['w\n'] },
        { output_type: 'display_data', data: { 'image/png': 'aGk=\n', 'text/plain': 'x' } },
        { output_type: 'execute_result', data: { 'text/html': ['<b>x</b>'] } },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: [] },
      ]),
    ],
  });
  expect(found).toEqual({
    language: 'r',
    cells: [
      { kind: 'markdown', source: '# x', count: null, outputs: [] },
      {
        kind: 'code',
        source: 'a\nb',
        count: 2,
        outputs: [
          { kind: 'text', text: 'w\n', isError: true },
          { kind: 'image', source: 'data:image/png;base64,aGk=' },
          { kind: 'html', html: '<b>x</b>' },
          { kind: 'text', text: 'E: v', isError: true },
        ],
      },
    ],
  });
});

it('takes anything', () => {
  expect(parseNotebook([])).toBeNull();
  expect(parseNotebook({ cells: [null, 1, { outputs: 'x' }] })?.cells).toHaveLength(3);
  const output = { output_type: 'display_data', data: { 'image/png': '"><script>' } };
  expect(parseNotebook({ cells: [code([output])] })?.cells[0]?.outputs).toEqual([]);
});
