/** The `system/` metrics in words. */

import type { Metric } from '../../../api/mlflow';
import { number } from '../../../api/types';
import { shortNumber } from '../../../format/number';

const UNITS: readonly [string, string][] = [
  ['_percentage', ' %'],
  ['_megabytes', ' MB'],
  ['_watts', ' W'],
];

const NAMES: Record<string, string> = {
  cpu_utilization: 'CPU',
  system_memory_usage: 'Memory',
  disk_usage: 'Disk used',
  disk_available: 'Disk free',
  network_receive: 'Network in',
  network_transmit: 'Network out',
};

/** `system/gpu_0_utilization_percentage` of 81.2 as `GPU 0`, `81.2 %`. */
export function systemValue(metric: Metric): { name: string; value: string } {
  const plain = metric.key.replace(/^system\//, '');
  const unit = UNITS.find(([suffix]) => plain.endsWith(suffix));
  const stem = unit ? plain.slice(0, -unit[0].length) : plain;
  const gpu = /^gpu_(\d+)_(.+)$/.exec(stem);
  const words = (text: string) => text.replace(/_/g, ' ');
  const name = gpu
    ? `GPU ${gpu[1]}${gpu[2] === 'utilization' ? '' : ` ${words(gpu[2] ?? '').replace(' usage', '')}`}`
    : (NAMES[stem] ?? words(stem));
  return { name, value: `${shortNumber(number(metric.value))}${unit?.[1] ?? ''}` };
}

/** One line of the section: what is measured in several units, such as memory in MB and %, stands in it once. */
export interface SystemLine {
  name: string;
  values: string[];
  keys: string[];
}

export function systemLines(metrics: readonly Metric[]): SystemLine[] {
  const lines = new Map<string, SystemLine>();
  for (const metric of metrics) {
    const { name, value } = systemValue(metric);
    const line = lines.get(name) ?? { name, values: [], keys: [] };
    line.values.push(value);
    line.keys.push(metric.key);
    lines.set(name, line);
  }
  return [...lines.values()];
}
