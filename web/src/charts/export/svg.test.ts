import { expect, test } from 'vitest';
import { svgOf } from './svg';

test('an SVG holds each line, and a name can be no markup', () => {
  const x = Float64Array.of(0, 1, 2);
  const svg = svgOf({
    title: '<script>alert(1)</script>',
    view: { x0: 0, x1: 2, y0: 0, y1: 1, isLogX: false, isLogY: false, width: 100, height: 50 },
    lines: [
      {
        id: 'a',
        subject: 'a',
        name: 'a & "b"\u0000',
        color: '#123456',
        dash: [2, 3],
        x,
        y: Float64Array.of(0, NaN, 1),
        xFrom: x,
        lo: null,
        hi: null,
        isEnvelope: false,
        raw: null,
        marks: [],
      },
    ],
    xTicks: [{ at: 1, text: '1' }],
    yTicks: [],
    colors: { text: '#000', grid: '#eee', background: '#fff' },
    resolve: (color) => color,
  });
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(document.querySelector('parsererror')).toBeNull();
  expect(document.querySelector('script')).toBeNull();
  expect(svg).toContain('M0 50L0.01 50M100 0L100.01 0');
  expect([...document.querySelectorAll('text')].at(-1)?.textContent).toBe('a & "b"');
});
