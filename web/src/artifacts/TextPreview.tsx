import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { artifactBytes } from '../api/artifacts';
import { ApiError } from '../api/http';
import { Button } from '../design/Button';
import { ErrorNote, Skeleton } from '../design/States';
import { bytes } from '../format/number';
import { type FileOfRun, languageOf } from './kinds';
import { cleaned } from './lines';
import { TextView } from './TextView';
import { Choice } from './Toolbar';

/** Of larger files a part is shown first. */
const WHOLE = 10 * 1024 * 1024;
const PART = 1024 * 1024;
const FOLLOW_MS = 3_000;

type Part = 'start' | 'end' | 'all';

/** Code, logs and other texts; the end of a growing one is followed. */
export default function TextPreview({ file }: { file: FileOfRun }) {
  const size = file.size ?? 0;
  const isLarge = size > WHOLE;
  const [part, setPart] = useState<Part>(isLarge ? 'start' : 'all');
  const [isFollowing, setFollowing] = useState(false);
  // What the list says about the size grows with the file; what was read stays.
  const [from] = useState(Math.max(0, size - PART));
  const range = part === 'all' ? null : part === 'start' ? { from: 0, to: PART } : { from, to: Infinity };
  const { data, error, refetch } = useQuery({
    queryKey: ['get-artifact', file.runId, file.path, 'text', part],
    queryFn: ({ signal }) => artifactBytes(file.runId, file.path, range, signal),
    staleTime: 10_000,
    gcTime: 30_000,
    refetchOnWindowFocus: false,
  });
  const added = useTail(file, data ? (range?.from ?? 0) + data.length : null, isFollowing);
  const text = useMemo(() => {
    if (!data) return null;
    const all = new Uint8Array(data.length + added.length);
    all.set(data);
    all.set(added, data.length);
    return cleaned(new TextDecoder().decode(all));
  }, [data, added]);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (text === null) return <Skeleton lines={12} />;
  const tools = (
    <>
      {isLarge && (
        <Choice
          label="Which part"
          value={part}
          options={[
            { value: 'start', label: 'First 1 MiB' },
            { value: 'end', label: 'Last 1 MiB' },
            { value: 'all', label: `All ${bytes(size)}` },
          ]}
          onChange={setPart}
        />
      )}
      {(file.isLive || isFollowing) && part !== 'start' && (
        <Button
          icon={isFollowing ? 'pause' : 'play'}
          aria-pressed={isFollowing}
          onClick={() => setFollowing(!isFollowing)}
        >
          {isFollowing ? 'Stop following' : 'Follow'}
        </Button>
      )}
    </>
  );
  return <TextView text={text} language={languageOf(file.path)} tools={tools} isFollowing={isFollowing} />;
}

/** What is added to the file after this byte, as it comes. */
function useTail(file: FileOfRun, after: number | null, isOn: boolean): Uint8Array {
  const [added, setAdded] = useState<Uint8Array>(NOTHING);
  useEffect(() => {
    setAdded(NOTHING);
  }, [after]);
  useEffect(() => {
    if (!isOn || after === null) return;
    const controller = new AbortController();
    let next = after;
    let timer: ReturnType<typeof setTimeout>;
    const read = async () => {
      try {
        if (!document.hidden) {
          const range = { from: next, to: Infinity };
          const more = await artifactBytes(file.runId, file.path, range, controller.signal);
          if (controller.signal.aborted) return;
          next += more.length;
          if (more.length) {
            setAdded((before) => {
              const all = new Uint8Array(before.length + more.length);
              all.set(before);
              all.set(more, before.length);
              return all;
            });
          }
        }
      } catch (error) {
        if (controller.signal.aborted) return;
        // It passes, or shows with the next reading of the file.
        if (!(error instanceof ApiError)) throw error;
      }
      timer = setTimeout(() => void read(), FOLLOW_MS);
    };
    setAdded(NOTHING);
    void read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [file.runId, file.path, after, isOn]);
  return added;
}

const NOTHING = new Uint8Array();
