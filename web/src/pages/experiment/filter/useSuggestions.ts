import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { runsValues } from '../../../api/own';
import type { RunsKeys } from '../../../api/types';
import { columnNamed, type Expectation, type Suggestion, suggestions } from './complete';

const NO_VALUES: readonly never[] = [];

/** What can be chosen at the caret; values of a column are asked of the server as they are typed. */
export function useSuggestions(
  at: Expectation,
  keys: RunsKeys | undefined,
  experimentIds: readonly string[],
  isOpen: boolean,
): readonly Suggestion[] {
  const column = at.expects === 'value' ? columnNamed(at.name) : null;
  const asks =
    isOpen && column !== null && /^(?:param|tag|attribute)\./.test(column) && !column.endsWith('_time');
  const typed = useSettled(at.typed.replace(/^['"`]/, ''), 150);
  const values = useQuery({
    queryKey: ['runs/values', experimentIds, column, typed],
    queryFn: ({ signal }) => runsValues(experimentIds, column ?? '', typed, signal),
    enabled: asks,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const known = asks ? (values.data?.values ?? NO_VALUES) : NO_VALUES;
  const text = JSON.stringify(at);
  return useMemo(
    () => (isOpen ? suggestions(JSON.parse(text) as Expectation, { keys, values: known }) : []),
    [text, keys, known, isOpen],
  );
}

/** A value once it has not changed for so many ms. */
function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
