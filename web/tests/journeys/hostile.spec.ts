/** Script strings in every field stay text, on every page. */

import { expect, test } from '../support/test';

const SCRIPTS = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '[click](javascript:alert(3))',
  '{{constructor.constructor("alert(4)")()}}',
];
const HOSTILE = SCRIPTS.join(' ');
const LONG_NAME = `names with / % # ? " ' & + 😀 ${'x'.repeat(200)}`;

test('script strings stay text', async ({ page, api, watched }) => {
  // What is left of `<img src=x onerror=…>`: a picture of this server that does not exist.
  watched.mayFail.push(/\/x$/);
  // Chromium tells of handlers in text that is only parsed, to be cleaned; that one ran would be a dialog.
  watched.maySay.push(/^Executing inline event handler violates/, /^policy: script-src-attr inline/);
  const experiment = await api.experiment(`hostile/${HOSTILE}`);
  await api.call('POST', 'experiments/set-experiment-tag', {
    experiment_id: experiment,
    key: 'mlflow.note.content',
    value: `# note\n\n${SCRIPTS.join('\n\n')}\n\n<iframe src="javascript:alert(5)"></iframe><svg onload=alert(6)>`,
  });
  const run = await api.run(experiment, `${LONG_NAME} ${HOSTILE}`.slice(0, 250), {
    params: { 'param/x y': HOSTILE },
    metrics: [{ key: 'metric/x y', value: 1, step: 0, timestamp: 1 }],
    tags: {
      'tag/x y': HOSTILE,
      'mlflow.note.content': HOSTILE,
      'mlflow.source.name': HOSTILE,
      'mlflow.user': HOSTILE,
    },
  });
  const other = await api.run(experiment, HOSTILE, { params: { 'param/x y': '1' } });
  const files: Record<string, string> = {
    'page.html':
      '<script>try { parent.document.title = "taken"; } catch { document.title = "kept out"; }</script>',
    'image.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(8)"><script>alert(9)</script></svg>',
    'readme.md': `${SCRIPTS.join('\n\n')}\n\n<a href="javascript:alert(10)">x</a>`,
    'data.json': JSON.stringify({ [HOSTILE]: HOSTILE }),
    'table.csv': `"${HOSTILE.replaceAll('"', '""')}",b\n1,2\n`,
    'notes.txt': HOSTILE,
  };
  for (const [name, content] of Object.entries(files)) await api.upload(experiment, run, name, content);

  const pages = [
    '/',
    `/experiments/${experiment}`,
    `/experiments/${experiment}/charts`,
    `/experiments/${experiment}/settings`,
    `/runs/${run}`,
    `/runs/${run}/charts`,
    `/runs/${run}/raw`,
    `/runs/${run}/children`,
    ...Object.keys(files).map((name) => `/runs/${run}/artifacts/${name}`),
    `/compare?runs=${run},${other}`,
    `/metric?runs=${run}&key=${encodeURIComponent('metric/x y')}`,
    `/experiments/${experiment}?q=${encodeURIComponent(`params.a = '${HOSTILE.replaceAll("'", '')}'`)}`,
  ];
  for (const path of pages) {
    await page.goto(path, { waitUntil: 'networkidle' });
    await expect(page.locator('main')).not.toBeEmpty();
    // Nothing of it became an element of the page.
    expect(
      await page
        .locator('main img[src="x"], main script, main [onerror], main [onload], main a[href^="javascript:"]')
        .count(),
    ).toBe(0);
    expect(await page.title()).not.toBe('taken');
  }
});
