import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { Button } from './Button';
import styles from './ColumnPicker.module.css';
import { TextField } from './Field';
import { Icon } from './Icon';
import { Popover } from './Popover';

export interface ColumnChoice {
  column: string;
  label: string;
  /** `Metrics`, `Params`: a heading above the first of each. */
  group: string;
}

interface Props {
  label: string;
  /** Chosen columns, in their order. */
  value: readonly string[];
  choices: readonly ColumnChoice[];
  /** More than one. */
  isMultiple?: boolean;
  /** Whether nothing may be chosen, and what that is called. */
  none?: string | undefined;
  onChange: (columns: readonly string[]) => void;
}

/** So many are in the page at once; searching finds the others. */
const SHOWN = 200;

/** Chooses one or several of up to thousands of columns by searching. */
export function ColumnPicker({ label, value, choices, isMultiple = false, none, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const labels = new Map(choices.map((one) => [one.column, one.label]));
  const shown = value.map((column) => labels.get(column) ?? column).join(', ') || none || 'Choose…';
  const close = () => {
    setOpen(false);
    document.getElementById(id)?.focus();
  };
  return (
    <div className={styles.field}>
      <span id={`${id}-label`} className={styles.label}>
        {label}
      </span>
      <Button
        id={id}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-labelledby={`${id}-label ${id}`}
        className={styles.button}
        title={shown}
        onClick={() => setOpen(!isOpen)}
      >
        <span>{isMultiple ? `${value.length} chosen` : shown}</span>
        <Icon name="chevronDown" size={12} />
      </Button>
      {isOpen && (
        <Popover anchorId={id} onClose={close}>
          <Choices
            {...{ label, value, choices, isMultiple, none }}
            onChange={(columns) => {
              onChange(columns);
              if (!isMultiple) close();
            }}
          />
        </Popover>
      )}
    </div>
  );
}

function Choices({ label, value, choices, isMultiple, none, onChange }: Props) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
  }, []);
  const found = useMemo(() => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const all = none !== undefined ? [{ column: '', label: none, group: '' }, ...choices] : choices;
    return all.filter((one) => wanted.every((word) => one.label.toLowerCase().includes(word)));
  }, [words, choices, none]);
  const shown = found.slice(0, SHOWN);
  const isChosen = (column: string) => (column ? value.includes(column) : value.length === 0);
  const choose = (column: string) => {
    if (!isMultiple) onChange(column ? [column] : []);
    else if (!column) onChange([]);
    else onChange(isChosen(column) ? value.filter((one) => one !== column) : [...value, column]);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      const next = Math.max(0, Math.min(shown.length - 1, at + by));
      setAt(next);
      list.current?.querySelectorAll('[role=option]')[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const one = shown[at];
      if (one) choose(one.column);
    }
  };
  return (
    <div className={styles.panel}>
      <TextField
        ref={input}
        label={`Search ${label}`}
        isLabelHidden
        icon="search"
        placeholder="Search"
        value={words}
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={shown.length ? `${listId}-${at}` : undefined}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
      />
      <div
        ref={list}
        id={listId}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMultiple}
        className={styles.list}
      >
        {shown.map((one, i) => (
          <div
            key={one.column}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={isChosen(one.column)}
            data-active={i === at || undefined}
            className={styles.option}
            title={one.label}
            onPointerMove={() => setAt(i)}
            onClick={() => choose(one.column)}
          >
            <span className={styles.text}>{one.label}</span>
            {one.group && <span className={styles.group}>{one.group}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.note}>Nothing has this name.</p>}
      {found.length > SHOWN && (
        <p className={styles.note}>and {(found.length - SHOWN).toLocaleString('en-US')} more: search</p>
      )}
    </div>
  );
}
