import { expect, test } from 'vitest';
import { panned, WHOLE, zoomed } from './zoom';

test('the place under the pointer stays', () => {
  const at = { x: 30, y: 40 };
  const zoom = zoomed(zoomed(WHOLE, 2, at), 1.5, at);
  expect(zoom.scale).toBe(3);
  // What is at (30, 40) now was there when the picture was whole.
  expect([(at.x - zoom.x) / zoom.scale, (at.y - zoom.y) / zoom.scale]).toEqual([30, 40]);
});

test('never smaller than whole, never out of sight', () => {
  expect(zoomed({ scale: 1.2, x: -10, y: 0 }, 0.5, { x: 0, y: 0 })).toEqual(WHOLE);
  const size = { width: 100, height: 50 };
  expect(panned({ scale: 2, x: 0, y: 0 }, 500, -500, size)).toEqual({ scale: 2, x: 0, y: -50 });
  expect(panned(WHOLE, -20, 10, size)).toEqual({ ...WHOLE, x: 0, y: 0 });
});
