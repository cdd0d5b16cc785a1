import { useLayoutEffect, useMemo, useRef } from 'react';

/** Functions that stay the same objects and call what they are now, so that rows need not be drawn anew for them. */
export function useLatest<Handlers extends { [name: string]: (...given: never[]) => unknown }>(
  now: Handlers,
): Handlers {
  const latest = useRef(now);
  useLayoutEffect(() => {
    latest.current = now;
  });
  return useMemo(() => {
    const stable: Record<string, unknown> = {};
    for (const name of Object.keys(latest.current)) {
      stable[name] = (...given: never[]) => latest.current[name]?.(...given);
    }
    return stable as Handlers;
  }, []);
}
