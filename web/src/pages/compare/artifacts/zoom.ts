/** Which part of a picture is in sight: the same for all pictures beside each other. */

export interface Zoom {
  scale: number;
  /** Where the picture's corner is, in pixels of the screen. */
  x: number;
  y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };

const MOST = 40;

/** Enlarged by a factor around a place, which stays where it is. Never smaller than whole. */
export function zoomed(zoom: Zoom, factor: number, at: { x: number; y: number }): Zoom {
  const scale = Math.min(MOST, Math.max(1, zoom.scale * factor));
  if (scale === 1) return WHOLE;
  const ratio = scale / zoom.scale;
  return { scale, x: at.x - (at.x - zoom.x) * ratio, y: at.y - (at.y - zoom.y) * ratio };
}

/** Moved; a part of the picture stays in sight. */
export function panned(zoom: Zoom, dx: number, dy: number, size: { width: number; height: number }): Zoom {
  const within = (value: number, length: number) => Math.min(0, Math.max(length * (1 - zoom.scale), value));
  return { scale: zoom.scale, x: within(zoom.x + dx, size.width), y: within(zoom.y + dy, size.height) };
}
