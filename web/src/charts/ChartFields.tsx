import { useMemo } from 'react';
import type { RunsKeys } from '../api/types';
import { ColumnPicker } from '../design/ColumnPicker';
import { Checkbox } from '../design/Field';
import type { ChartConfig, ChartKind } from './chartConfig';
import styles from './ChartFields.module.css';
import { axisChoices, groupChoices, metricChoices } from './columnChoices';

interface Field {
  name: string;
  label: string;
  from: 'axis' | 'metric' | 'bounds' | 'group';
  /** Nothing may be chosen: what that is called. */
  none?: string;
}

const AXES: Field = { name: 'axes', label: 'Axes', from: 'axis' };
const COLOR: Field = { name: 'color', label: 'Colour', from: 'axis', none: 'Run' };

const FIELDS: Record<ChartKind, readonly Field[]> = {
  scatter: [
    { name: 'x', label: 'X axis', from: 'axis' },
    { name: 'y', label: 'Y axis', from: 'axis' },
    COLOR,
    { name: 'size', label: 'Size', from: 'axis', none: 'All the same' },
  ],
  box: [
    { name: 'y', label: 'Metric', from: 'bounds' },
    { name: 'by', label: 'By', from: 'group', none: 'All in one box' },
  ],
  parallel: [AXES, COLOR],
  bar: [{ name: 'x', label: 'Metric', from: 'bounds' }],
  contour: [
    { name: 'x', label: 'X axis', from: 'axis' },
    { name: 'y', label: 'Y axis', from: 'axis' },
    { name: 'z', label: 'Metric', from: 'metric' },
  ],
  'over-runs': [{ name: 'y', label: 'Metric', from: 'bounds' }, COLOR],
};

const SWITCHES: Record<string, string> = { xlog: 'Log x', ylog: 'Log y', regression: 'Regression line' };

interface Props {
  config: ChartConfig;
  keys: Pick<RunsKeys, 'metrics' | 'params' | 'tags'>;
  onChange: (config: ChartConfig) => void;
}

/** What a chart shows: a picker for each of its axes, colours and sizes, and its switches. */
export function ChartFields({ config, keys, onChange }: Props) {
  const choices = useMemo(
    () => ({
      axis: axisChoices(keys),
      metric: metricChoices(keys, false),
      bounds: metricChoices(keys, true),
      group: groupChoices(keys),
    }),
    [keys],
  );
  const values = config as unknown as Record<string, unknown>;
  const set = (name: string, value: unknown) =>
    onChange({ ...values, [name]: value } as unknown as ChartConfig);
  return (
    <div className={styles.fields} role="group" aria-label="What the chart shows">
      {FIELDS[config.kind].map((field) => {
        const value = values[field.name];
        const isMultiple = Array.isArray(value);
        return (
          <ColumnPicker
            key={field.name}
            label={field.label}
            value={isMultiple ? (value as string[]) : value ? [String(value)] : []}
            choices={choices[field.from]}
            isMultiple={isMultiple}
            none={field.none}
            onChange={(columns) =>
              set(field.name, isMultiple ? columns : (columns[0] ?? (field.none ? null : '')))
            }
          />
        );
      })}
      {Object.entries(SWITCHES).map(
        ([name, label]) =>
          typeof values[name] === 'boolean' && (
            <Checkbox
              key={name}
              label={label}
              className={styles.switch ?? ''}
              checked={values[name]}
              onChange={(event) => set(name, event.target.checked)}
            />
          ),
      )}
    </div>
  );
}
