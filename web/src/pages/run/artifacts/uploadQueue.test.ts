import { afterEach, expect, it } from 'vitest';
import type { Upload } from '../../../api/artifacts';
import { ApiError } from '../../../api/http';
import { UploadQueue } from './uploadQueue';

const queues: UploadQueue[] = [];
afterEach(() => {
  for (const queue of queues.splice(0)) for (const { id } of queue.list()) queue.cancel(id);
});

/** A queue whose uploads end when the test says so. */
function controlled() {
  const begun: (Upload & { end: (error?: Error) => void })[] = [];
  const queue = new UploadQueue(
    { runId: 'r', artifactUri: 'mlflow-artifacts:/1/r' },
    (upload) =>
      new Promise((resolve, reject) => {
        begun.push({ ...upload, end: (error) => (error ? reject(error) : resolve()) });
        upload.signal.addEventListener('abort', () => reject(new DOMException('Cancelled', 'AbortError')));
      }),
  );
  queues.push(queue);
  const end = async (at: number, error?: Error) => {
    begun[at]?.end(error);
    await settled();
  };
  return { queue, begun, end };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
const file = (name: string, size = 3) => new File([new Uint8Array(size)], name);
const states = (queue: UploadQueue) => queue.list().map(({ path, state }) => `${path} ${state}`);
/** Whether leaving the page would ask. */
const asks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

it('uploads one after the other', async () => {
  const { queue, begun, end } = controlled();
  queue.add('', [file('a'), file('b')]);
  queue.add('deep/er', [file('c')]);
  expect(states(queue)).toEqual(['a sending', 'b waiting', 'deep/er/c waiting']);
  await end(0);
  expect(states(queue)).toEqual(['a done', 'b sending', 'deep/er/c waiting']);
  await end(1);
  await end(2);
  expect(states(queue)).toEqual(['a done', 'b done', 'deep/er/c done']);
  expect(begun.map(({ path }) => path)).toEqual(['a', 'b', 'deep/er/c']);
  queue.clear();
  expect(queue.list()).toEqual([]);
});

it('tells how far it is', () => {
  const { queue, begun } = controlled();
  queue.add('', [file('a', 100)]);
  begun[0]?.onProgress(40);
  expect(queue.list()[0]).toMatchObject({ sent: 40, size: 100, state: 'sending' });
});

it('goes on after a failure, which can be tried again', async () => {
  const { queue, begun, end } = controlled();
  queue.add('', [file('a'), file('b')]);
  await end(0, new ApiError(507, 'NO_SPACE', 'the disk is full'));
  expect(states(queue)).toEqual(['a failed', 'b sending']);
  expect(queue.list()[0]?.error).toBe('the disk is full');
  await end(1);
  queue.retry(queue.list()[0]?.id ?? 0);
  expect(queue.list()[0]).toMatchObject({ state: 'sending', error: '' });
  await end(2);
  expect(states(queue)).toEqual(['a done', 'b done']);
  expect(begun).toHaveLength(3);
});

it('does not promise to try again by itself', async () => {
  const { queue, end } = controlled();
  queue.add('', [file('a')]);
  await end(0, new ApiError(0, 'NO_ANSWER', 'The server does not answer.'));
  expect(queue.list()[0]?.error).toMatch(/does not answer.*Try again/);
});

it('begins the next when one is cancelled', async () => {
  const { queue, begun } = controlled();
  queue.add('', [file('a'), file('b'), file('c')]);
  queue.cancel(queue.list()[1]?.id ?? 0);
  queue.cancel(queue.list()[0]?.id ?? 0);
  await settled();
  expect(states(queue)).toEqual(['c sending']);
  expect(begun.map(({ path }) => path)).toEqual(['a', 'c']);
});

it('goes on when nobody looks, and asks before the page is left', async () => {
  const { queue, end } = controlled();
  const leave = queue.subscribe(() => {});
  expect(asks()).toBe(false);
  queue.add('', [file('a'), file('b')]);
  // The end of another run's uploads changes nothing for these.
  const other = controlled();
  other.queue.add('', [file('x')]);
  await other.end(0);
  leave();
  expect(asks()).toBe(true);
  await end(0);
  await end(1);
  expect(states(queue)).toEqual(['a done', 'b done']);
  expect(asks()).toBe(false);
});
