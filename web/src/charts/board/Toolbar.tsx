import { type ReactNode, useDeferredValue, useEffect, useId, useState } from 'react';
import { LiveState } from '../../app/LiveState';
import { Button, IconButton } from '../../design/Button';
import { Checkbox, SelectField, TextField } from '../../design/Field';
import { Popover } from '../../design/Popover';
import type { Patch } from '../../url/usePageState';
import { type BoardState, SMOOTHING_BOUNDS } from '../boardState';
import type { Smoothing } from '../series/smooth';
import { AxisFields } from './AxisFields';
import styles from './Toolbar.module.css';

interface Props {
  state: BoardState;
  patch: Patch<BoardState>;
  /** Metrics for the x axis; params and tags for groups, as columns. */
  metrics: readonly string[];
  groupColumns: readonly string[];
  /** Why the expression of the search cannot be read. */
  searchError: string | null;
  /** How many metrics are found. */
  found: number;
  /** A board of many charts, not one. */
  isBoard?: boolean;
  hasPatterns: boolean;
  onPatterns: (hasPatterns: boolean) => void;
  /** Whether the list of runs is shown, if there is one. */
  isListOpen?: boolean;
  onList?: (isOpen: boolean) => void;
}

/** What is common to all charts of a board. */
export function Toolbar(props: Props) {
  const { state, patch, metrics, groupColumns, searchError, found, hasPatterns, onPatterns } = props;
  const { isBoard = true } = props;
  return (
    <div className={styles.toolbar} role="toolbar" aria-label="Charts">
      {props.onList && (
        <IconButton
          icon="panel"
          label={props.isListOpen ? 'Hide the list of runs' : 'Show the list of runs'}
          isOn={props.isListOpen ?? false}
          onClick={() => props.onList?.(!props.isListOpen)}
        />
      )}
      {isBoard && (
        <SearchField
          value={state.m}
          error={searchError}
          found={found}
          onChange={(m) => patch({ m }, { replace: true })}
        />
      )}
      <Tool label="Axes" value={axesText(state)}>
        <AxisFields state={state} patch={patch} metrics={metrics} />
      </Tool>
      <Tool label="Smoothing" value={smoothingText(state.smooth)}>
        <SmoothingFields value={state.smooth} onChange={(smooth) => patch({ smooth }, { replace: true })} />
      </Tool>
      {groupColumns.length > 0 && (
        <Tool
          label="Group"
          value={state.by.map((one) => one.slice(one.indexOf('.') + 1)).join(', ') || 'none'}
        >
          <SelectField
            label="A line for each value of"
            value={state.by[0] ?? ''}
            options={[{ value: '', label: 'no group: a line for each run' }, ...columnOptions(groupColumns)]}
            onChange={(column) => patch({ by: column ? [column, ...state.by.slice(1)] : [] })}
          />
          {state.by.length > 0 && (
            <>
              <SelectField
                label="and of"
                value={state.by[1] ?? ''}
                options={[
                  { value: '', label: 'nothing else' },
                  ...columnOptions(groupColumns.filter((one) => one !== state.by[0])),
                ]}
                onChange={(column) => patch({ by: [state.by[0] ?? '', ...(column ? [column] : [])] })}
              />
              <SelectField
                label="Band around the mean"
                value={state.band}
                options={[
                  { value: 'std', label: 'Standard deviation' },
                  { value: 'minmax', label: 'Least to greatest' },
                ]}
                onChange={(band) => patch({ band })}
              />
            </>
          )}
        </Tool>
      )}
      <Tool label="Layout">
        {isBoard && (
          <>
            <SelectField
              label="Charts side by side"
              value={state.across}
              options={(['auto', '1', '2', '3', '4'] as const).map((value) => ({
                value,
                label: value === 'auto' ? 'As there is room' : value,
              }))}
              onChange={(across) => patch({ across }, { replace: true })}
            />
            <SelectField
              label="Height"
              value={state.height}
              options={[
                { value: 's', label: 'Low' },
                { value: 'm', label: 'Medium' },
                { value: 'l', label: 'High' },
              ]}
              onChange={(height) => patch({ height }, { replace: true })}
            />
          </>
        )}
        <Checkbox
          label="Dash patterns, not only colours"
          checked={hasPatterns}
          onChange={(event) => onPatterns(event.target.checked)}
        />
        {isBoard && (state.moves.length > 0 || state.order.length > 0) && (
          <Button kind="quiet" onClick={() => patch({ moves: [], order: [] })}>
            Order by name again
          </Button>
        )}
      </Tool>
      {state.base && (
        <SelectField
          label="Against the baseline"
          isLabelHidden
          value={state.against}
          options={[
            { value: 'difference', label: 'Difference to baseline' },
            { value: 'ratio', label: 'Ratio to baseline' },
          ]}
          onChange={(against) => patch({ against })}
        />
      )}
      {state.zoom && (
        <Button icon="restore" onClick={() => patch({ zoom: null })}>
          Show all of x
        </Button>
      )}
      <span className={styles.live}>
        <LiveState />
      </span>
    </div>
  );
}

/** A button that says what is set, and opens the fields to set it. */
function Tool({ label, value, children }: { label: string; value?: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Button
        id={id}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className={styles.tool}
      >
        <span className={styles.label}>{label}</span>
        {value && <span className={styles.value}>{value}</span>}
      </Button>
      {isOpen && (
        <Popover anchorId={id} onClose={() => setOpen(false)}>
          <div className={styles.panel} role="dialog" aria-label={label}>
            {children}
          </div>
        </Popover>
      )}
    </>
  );
}

/** Typing must not wait for the charts. */
function SearchField(props: {
  value: string;
  error: string | null;
  found: number;
  onChange: (m: string) => void;
}) {
  const { value, error, found, onChange } = props;
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    // Somebody went back, or followed a link.
    setSent(value);
    setText(value);
  }
  const settled = useDeferredValue(text);
  useEffect(() => {
    if (settled === sent) return;
    const timer = setTimeout(() => {
      setSent(settled);
      onChange(settled);
    }, 120);
    return () => clearTimeout(timer);
  }, [settled, sent, onChange]);
  return (
    <TextField
      label="Search metrics"
      isLabelHidden
      icon="search"
      type="search"
      placeholder="Search metrics, as train/.*loss"
      value={text}
      className={styles.search}
      error={error && text ? error : null}
      aria-description={`${found} found`}
      onChange={(event) => setText(event.target.value)}
    />
  );
}

function SmoothingFields({ value, onChange }: { value: Smoothing; onChange: (value: Smoothing) => void }) {
  const id = useId();
  const bounds = value.kind === 'off' ? null : SMOOTHING_BOUNDS[value.kind];
  return (
    <>
      <SelectField
        label="Smoothing"
        value={value.kind}
        options={[
          { value: 'off', label: 'Off' },
          { value: 'ema', label: 'Exponential mean' },
          { value: 'mean', label: 'Centred mean' },
          { value: 'gauss', label: 'Gaussian' },
        ]}
        onChange={(kind) =>
          onChange(kind === 'off' ? { kind } : { kind, amount: SMOOTHING_BOUNDS[kind].start })
        }
      />
      {value.kind !== 'off' && bounds && (
        <div className={styles.slider}>
          <label htmlFor={id}>{AMOUNT_WORDS[value.kind]}</label>
          <input
            id={id}
            type="range"
            min={bounds.min}
            max={bounds.max}
            step={bounds.step}
            value={value.amount}
            onChange={(event) => onChange({ ...value, amount: Number(event.target.value) })}
          />
          <output htmlFor={id}>{value.amount}</output>
        </div>
      )}
    </>
  );
}

const AMOUNT_WORDS = { ema: 'Kept of the past', mean: 'Points', gauss: 'Deviation in points' } as const;

function smoothingText(value: Smoothing): string {
  if (value.kind === 'off') return 'off';
  return `${{ ema: '', mean: 'mean ', gauss: 'Gauss ' }[value.kind]}${value.amount}`;
}

function axesText({ x, xlog, ylog, y }: BoardState): string {
  const words = { step: 'step', time: 'wall time', relative: 'relative time' };
  const name = x.startsWith('metric.') ? x.slice(7) : words[x as keyof typeof words];
  const log = xlog && ylog ? 'log x, y' : xlog ? 'log x' : ylog ? 'log y' : null;
  const cut = y === 'outliers' ? 'no outliers' : typeof y === 'object' ? 'fixed y' : null;
  return [name, log, cut].filter(Boolean).join(', ');
}

function columnOptions(columns: readonly string[]) {
  return columns.map((column) => ({
    value: column,
    label: column.startsWith('tag.') ? `tag ${column.slice(4)}` : column.slice(column.indexOf('.') + 1),
  }));
}
