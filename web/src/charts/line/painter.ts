/** Charts are painted in turn, so that twenty of them never hold up the pointer. */

type Job = () => void;

/** A frame that took longer painted too much: the browser rasters after us, so our own time says little. */
const SLOW_MS = 24;
/** Of the 16 ms of a frame, for our own part. */
const BUDGET_MS = 10;
const MOST = 32;

const urgent = new Map<object, Job>();
const waiting = new Map<object, Job>();
let frame = 0;
let quota = 6;
let paintedAt = 0;

/** Paints a chart in one of the next frames; what it asked for before is dropped. `isUrgent`: the one in use. */
export function paintSoon(chart: object, job: Job, isUrgent = false) {
  cancelPaint(chart);
  (isUrgent ? urgent : waiting).set(chart, job);
  frame ||= requestAnimationFrame(run);
}

export function cancelPaint(chart: object) {
  urgent.delete(chart);
  waiting.delete(chart);
}

function run(now: number) {
  frame = 0;
  // Only a frame right after another tells how long that one took.
  if (paintedAt) quota = now - paintedAt > SLOW_MS ? Math.max(1, quota >> 1) : Math.min(MOST, quota + 1);
  const end = performance.now() + BUDGET_MS;
  let left = quota;
  for (const queue of [urgent, waiting]) {
    for (const [chart, job] of queue) {
      // The first is painted whatever it takes: otherwise nothing would ever be.
      if (left < quota && (left <= 0 || performance.now() > end)) break;
      queue.delete(chart);
      left -= 1;
      job();
    }
  }
  const isMore = urgent.size + waiting.size > 0;
  paintedAt = isMore ? now : 0;
  if (isMore) frame = requestAnimationFrame(run);
}
