import { useEffect, useId, useRef, useState } from 'react';
import type { RunsKeys } from '../../../api/types';
import { useShortcut } from '../../../app/shortcuts';
import { IconButton } from '../../../design/Button';
import { Icon } from '../../../design/Icon';
import { parseFilter, printFilter } from './clauses';
import { accept, expectationAt, type Suggestion } from './complete';
import styles from './FilterBar.module.css';
import { HistoryMenu } from './HistoryMenu';
import { remember } from './history';
import { SuggestionList } from './SuggestionList';
import { useSuggestions } from './useSuggestions';

export interface FilterError {
  message: string;
  /** Where in `q`; `null`: the server did not say. */
  place: { offset: number; length: number } | null;
}

interface Props {
  q: string;
  search: string;
  onApply: (filter: { q: string; search: string }) => void;
  keys: RunsKeys | undefined;
  experimentIds: readonly string[];
  error: FilterError | null;
}

/** The filter as it is typed: MLflow's grammar with completion, or words to search for in names. Enter applies it. */
export function FilterBar({ q, search, onApply, keys, experimentIds, error }: Props) {
  const applied = printFilter({ q, search });
  const [draft, setDraft] = useState(applied);
  const [caret, setCaret] = useState(applied.length);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const id = useId();

  // The filter may change elsewhere: chips, a view, the way back.
  useEffect(() => {
    setDraft(applied);
  }, [applied]);
  useShortcut('/', 'To the filter', () => {
    input.current?.focus();
    input.current?.select();
  });

  const at = expectationAt(draft, caret);
  const options = useSuggestions(at, keys, experimentIds, isOpen);
  const isListShown = isOpen && options.length > 0;

  const apply = (text: string) => {
    const { q: nextQ, search: nextSearch } = parseFilter(text);
    setOpen(false);
    setChosen(-1);
    if (text.trim()) remember(text.trim());
    onApply({ q: nextQ, search: nextSearch });
  };
  const take = (suggestion: Suggestion) => {
    const next = accept(draft, at, suggestion.insert);
    setDraft(next.text);
    setCaret(next.caret);
    setChosen(-1);
    setOpen(true);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.caret, next.caret);
    });
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) {
      event.preventDefault();
      if (!isListShown) setOpen(true);
      else setChosen((chosen + step + options.length + 1) % (options.length + 1));
      return;
    }
    const option = isListShown ? options[chosen] : undefined;
    if (event.key === 'Enter' || (event.key === 'Tab' && option)) {
      event.preventDefault();
      if (option) take(option);
      else apply(draft);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (isListShown) setOpen(false);
      else if (draft !== applied) setDraft(applied);
      else input.current?.blur();
    }
  };

  const place = error?.place && draft === applied ? error.place : null;
  const offset = parseFilter(draft).offset + (place?.offset ?? 0);
  return (
    <div className={styles.bar}>
      <div id={`${id}-frame`} className={styles.frame} data-error={error ? true : undefined}>
        <Icon name="search" />
        <div className={styles.field}>
          {place && (
            <div className={styles.mirror} aria-hidden="true">
              <div ref={mirror}>
                {draft.slice(0, offset)}
                <mark>{draft.slice(offset, offset + Math.max(1, place.length)) || ' '}</mark>
              </div>
            </div>
          )}
          <input
            ref={input}
            role="combobox"
            aria-label="Filter runs"
            aria-expanded={isListShown}
            aria-controls={isListShown ? `${id}-list` : undefined}
            aria-autocomplete="list"
            aria-activedescendant={isListShown && chosen >= 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            spellCheck={false}
            autoComplete="off"
            placeholder="Filter: metrics.loss < 0.5 AND params.optimizer = 'adam', or words of a name"
            value={draft}
            onChange={(event) => {
              setDraft(event.target.value);
              setCaret(event.target.selectionStart ?? event.target.value.length);
              setOpen(true);
              setChosen(-1);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onScroll={(event) => {
              if (mirror.current)
                mirror.current.style.transform = `translateX(${-event.currentTarget.scrollLeft}px)`;
            }}
            onKeyDown={onKeyDown}
            onBlur={() => setOpen(false)}
          />
        </div>
        {draft !== applied && <kbd title="Press Enter to apply">Enter</kbd>}
        {(draft || applied) && (
          <IconButton
            icon="close"
            label="Clear the filter"
            onClick={() => {
              setDraft('');
              apply('');
            }}
          />
        )}
        <HistoryMenu
          onChoose={(text) => {
            setDraft(text);
            apply(text);
          }}
        />
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className={styles.error}>
          {error.message}
        </p>
      )}
      {isListShown && (
        <SuggestionList
          id={id}
          options={options}
          chosen={chosen}
          onTake={take}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
