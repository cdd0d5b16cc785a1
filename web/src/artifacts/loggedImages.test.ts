import { expect, it } from 'vitest';
import { loggedImages } from './loggedImages';

const id = '7f2c4a1e-0d5b-4a5c-9d2f-5b1f3c9a8e77';

it('reads the names of MLflow, with + and with %', () => {
  const paths = [
    `images/samples~input+step+10+timestamp+1700000000000+${id}.png`,
    `images/samples~input+step+10+timestamp+1700000000000+${id}+compressed.webp`,
    `images/samples~input+step+2+timestamp+1700000000000+${id}.png`,
    `images/heat%step%-1%timestamp%5%${id}.png`,
    'images/other.png',
  ];
  expect(loggedImages(paths)).toEqual([
    { key: 'heat', step: -1, timestamp: 5, path: paths[3], thumbnail: null },
    { key: 'samples/input', step: 2, timestamp: 1700000000000, path: paths[2], thumbnail: null },
    { key: 'samples/input', step: 10, timestamp: 1700000000000, path: paths[0], thumbnail: paths[1] },
  ]);
});

it('takes other files for what they are', () => {
  expect(loggedImages(['a.png', 'step+1.png', ''])).toEqual([]);
});
