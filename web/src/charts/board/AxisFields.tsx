import { useState } from 'react';
import { Button } from '../../design/Button';
import { Checkbox, SelectField, TextField } from '../../design/Field';
import type { Patch } from '../../url/usePageState';
import type { BoardAxis, BoardState } from '../boardState';
import styles from './Toolbar.module.css';

/** A list in a menu has an end; the others are reached by their address. */
const MOST_METRICS = 300;

interface Props {
  state: BoardState;
  patch: Patch<BoardState>;
  metrics: readonly string[];
}

export function AxisFields({ state, patch, metrics }: Props) {
  const { x, y } = state;
  const listed = metrics.slice(0, MOST_METRICS);
  const axes: { value: BoardAxis; label: string }[] = [
    { value: 'step', label: 'Step' },
    { value: 'time', label: 'Wall time' },
    { value: 'relative', label: 'Time since the start of the run' },
    ...[...new Set([...listed, ...(x.startsWith('metric.') ? [x.slice(7)] : [])])].map((key) => ({
      value: `metric.${key}` as const,
      label: `Metric ${key}`,
    })),
  ];
  const yKind = typeof y === 'object' ? 'fixed' : y;
  return (
    <>
      <SelectField
        label="X axis"
        value={x}
        options={axes}
        // A part of one axis is none of another.
        onChange={(next) => patch({ x: next, zoom: null })}
      />
      <Checkbox
        label="Logarithmic x"
        checked={state.xlog}
        onChange={(event) => patch({ xlog: event.target.checked, zoom: null })}
      />
      <SelectField
        label="Range of y"
        value={yKind}
        options={[
          { value: 'auto', label: 'All values' },
          { value: 'outliers', label: 'Without outliers (2–98 %)' },
          { value: 'fixed', label: 'From … to …' },
        ]}
        onChange={(kind) => patch({ y: kind === 'fixed' ? { min: 0, max: 1 } : kind })}
      />
      {typeof y === 'object' && (
        <FixedRange
          key={`${y.min}..${y.max}`}
          min={y.min}
          max={y.max}
          onChange={(next) => patch({ y: next })}
        />
      )}
      <Checkbox
        label="Logarithmic y"
        checked={state.ylog}
        onChange={(event) => patch({ ylog: event.target.checked })}
      />
    </>
  );
}

function FixedRange(props: {
  min: number;
  max: number;
  onChange: (range: { min: number; max: number }) => void;
}) {
  const [min, setMin] = useState(String(props.min));
  const [max, setMax] = useState(String(props.max));
  const range = { min: Number(min), max: Number(max) };
  const isValid = min !== '' && max !== '' && range.max > range.min;
  return (
    <form
      className={styles.range}
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid) props.onChange(range);
      }}
    >
      <TextField
        label="From"
        inputMode="decimal"
        value={min}
        onChange={(event) => setMin(event.target.value)}
      />
      <TextField
        label="To"
        inputMode="decimal"
        value={max}
        error={isValid ? null : 'Must be above “from”.'}
        onChange={(event) => setMax(event.target.value)}
      />
      <Button type="submit" disabled={!isValid}>
        Apply
      </Button>
    </form>
  );
}
