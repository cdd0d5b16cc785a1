/** Charts are painted in turn, so that twenty of them never hold up the pointer. */

type Job = () => void;

/** Of the 16 ms of a frame. */
const BUDGET_MS = 10;

const urgent = new Map<object, Job>();
const waiting = new Map<object, Job>();
let frame = 0;

/** Paints a chart in one of the next frames; what it asked for before is dropped. `isUrgent`: the one under the pointer. */
export function paintSoon(chart: object, job: Job, isUrgent = false) {
  cancelPaint(chart);
  (isUrgent ? urgent : waiting).set(chart, job);
  frame ||= requestAnimationFrame(run);
}

export function cancelPaint(chart: object) {
  urgent.delete(chart);
  waiting.delete(chart);
}

function run() {
  frame = 0;
  const end = performance.now() + BUDGET_MS;
  for (const queue of [urgent, waiting]) {
    for (const [chart, job] of queue) {
      // The first is painted whatever it takes: otherwise nothing would ever be.
      queue.delete(chart);
      job();
      if (performance.now() > end) break;
    }
    if (performance.now() > end) break;
  }
  if (urgent.size || waiting.size) frame = requestAnimationFrame(run);
}
