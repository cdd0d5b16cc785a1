import { expect, it } from 'vitest';
import { systemLines, systemValue } from './systemMetrics';

it.each([
  ['system/cpu_utilization_percentage', 61.536, 'CPU', '61.54 %'],
  ['system/gpu_0_utilization_percentage', 80, 'GPU 0', '80 %'],
  ['system/gpu_1_memory_usage_megabytes', 12_000, 'GPU 1 memory', '12,000 MB'],
  ['system/something_new', 1, 'something new', '1'],
])('%s', (key, value, name, text) => {
  expect(systemValue({ key, value, timestamp: 0, step: 0 })).toEqual({ name, value: text });
});

it('says what is measured in two units once', () => {
  const metric = (key: string, value: number) => ({ key: `system/${key}`, value, timestamp: 0, step: 0 });
  const lines = systemLines([
    metric('disk_available_megabytes', 10),
    metric('system_memory_usage_megabytes', 2_000),
    metric('system_memory_usage_percentage', 25),
  ]);
  expect(lines.map(({ name, values }) => [name, values])).toEqual([
    ['Disk free', ['10 MB']],
    ['Memory', ['2,000 MB', '25 %']],
  ]);
});
