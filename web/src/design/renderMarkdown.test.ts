import { expect, test } from 'vitest';
import { renderMarkdown } from './renderMarkdown';

function html(text: string, base?: string): string {
  const place = document.createElement('div');
  place.append(renderMarkdown(text, base));
  return [...place.children].map((child) => child.outerHTML).join('');
}

test('Markdown becomes elements, headings below those of the page', () => {
  expect(html('# A\n\n**b** `c`')).toBe('<h3>A</h3><p><strong>b</strong> <code>c</code></p>');
  expect(html('| a |\n|---|\n| 1 |')).toContain('<td>1</td>');
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '<iframe src="https://evil.example"></iframe>',
  '<style>* { display: none }</style>',
  '<p style="position: fixed" class="x" id="app">x</p>',
  '<form action="https://evil.example"><button>x</button></form>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
])('%s does no harm', (text) => {
  expect(html(text)).not.toMatch(
    /script|onerror|javascript:|<iframe|<style|style=|class=|id=|<form|<button|<svg|text\/html/i,
  );
});

test('links open beside the page and tell nobody where from', () => {
  expect(html('[x](https://example.org/a)')).toBe(
    '<p><a href="https://example.org/a" rel="noopener noreferrer" target="_blank">x</a></p>',
  );
  expect(html('[x](b.md)', `${location.origin}/files/a/`)).toContain(
    `href="${location.origin}/files/a/b.md"`,
  );
});

test('pictures of other servers are links', () => {
  expect(html('![plot](https://example.org/a.png)')).toBe(
    '<p><a href="https://example.org/a.png" rel="noopener noreferrer" target="_blank">plot</a></p>',
  );
  expect(html('![plot](//example.org/a.png)')).not.toContain('<img');
  expect(html(`![plot](${location.origin}/a.png)`)).toContain('<img');
  expect(html('![dot](data:image/png;base64,AAAA)')).toContain('src="data:image/png;base64,AAAA"');
  expect(html('![dot](data:image/svg+xml;base64,AAAA)')).not.toContain('<img');
});

test('boxes of task lists cannot be pressed', () => {
  expect(html('- [x] done')).toMatch(/<input[^>]*disabled/);
  expect(html('<input type="text">')).not.toContain('<input');
});
