import { useMemo, useState } from 'react';
import { IconButton } from '../../../design/Button';
import { SelectField } from '../../../design/Field';
import { Icon } from '../../../design/Icon';
import { Empty } from '../../../design/States';
import { maybeNumber, oneOf, text } from '../../../url/codec';
import { usePageState } from '../../../url/usePageState';
import type { ComparedRun } from '../useComparedRuns';
import styles from './ArtifactTabs.module.css';
import { FilePicker } from './FilePicker';
import picker from './FilePicker.module.css';
import { ImagePanels, type Picture } from './ImagePanels';
import { useListed } from './Listed';
import { imageAt, loggedImage, type LoggedImage, loggedSteps } from './union';
import { useAllPaths, useHaving } from './useUnion';
import { WHOLE, zoomed } from './zoom';

const schema = {
  folder: text,
  /** A file; or a key of `log_image`. */
  image: text,
  key: text,
  /** `null`: the last. */
  step: maybeNumber,
  view: oneOf<'side' | 'swipe' | 'difference'>('side', 'swipe', 'difference'),
  left: text,
  right: text,
};

interface Props {
  runs: readonly ComparedRun[];
  base: string;
}

/** The same picture of each run: by its path, or by its key and step. */
export function ImagesTab({ runs: all, base }: Props) {
  const [state, patch] = usePageState(schema);
  const { listed: runs, more } = useListed(all, [base, state.left, state.right]);
  const [zoom, setZoom] = useState(WHOLE);
  // All of them: without one of its images a step would be missing.
  const inImages = useAllPaths(runs, 'images');
  const having = useHaving(runs, state.image);
  const byRun = useMemo(
    () =>
      new Map(
        [...inImages].map(([id, paths]): [string, LoggedImage[]] => [
          id,
          paths.map(loggedImage).filter((one) => one !== null),
        ]),
      ),
    [inImages],
  );
  const keys = useMemo(() => loggedSteps([...byRun.values()].flat()), [byRun]);
  const key = state.key || (state.image ? '' : ([...keys.keys()][0] ?? ''));
  const steps = keys.get(key) ?? [];
  const step = state.step ?? steps.at(-1) ?? 0;

  const pictures = useMemo((): Picture[] => {
    if (key) {
      return runs.map((run) => {
        const image = imageAt(byRun.get(run.id) ?? [], key, step);
        return {
          run,
          path: image?.path ?? null,
          caption: image ? `step ${image.step}` : `nothing up to step ${step}`,
        };
      });
    }
    return runs.map((run) => ({
      run,
      path: having.includes(run) ? state.image : null,
      caption: having.includes(run) ? '' : 'not in this run',
    }));
  }, [runs, key, step, byRun, having, state.image]);

  const shown = pictures.filter((one) => one.path);
  const left = shown.find((one) => one.run.id === (state.left || base)) ?? shown[0];
  const right =
    shown.find((one) => one.run.id === state.right && one !== left) ?? shown.find((one) => one !== left);
  const isTwo = state.view !== 'side' && left && right;
  const options = shown.map(({ run }) => ({ value: run.id, label: run.name }));
  const changeZoom = (factor: number) => setZoom(zoomed(zoom, factor, { x: 120, y: 120 }));
  return (
    <div className={styles.tab}>
      <div className={styles.keys}>
        {keys.size > 0 && (
          <nav aria-label="Logged images">
            <h3>Logged images</h3>
            <ul>
              {[...keys].map(([name, of]) => (
                <li key={name}>
                  <button
                    type="button"
                    className={picker.entry}
                    aria-current={name === key ? 'true' : undefined}
                    onClick={() => patch({ key: name, image: '', step: null })}
                  >
                    <Icon name="bars" />
                    <span className={picker.name}>{name}</span>
                    <span className={picker.count} data-all>
                      {of.length === 1 ? '1 step' : `${of.length} steps`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <FilePicker
          isImages
          runs={runs}
          more={more}
          folder={state.folder}
          path={state.image}
          onOpenFolder={(folder) => patch({ folder })}
          onChoose={(image) => patch({ image, key: '', step: null })}
        />
      </div>
      <section className={styles.content} aria-label="Images">
        {!key && !state.image ? (
          <Empty icon="eye" title="Choose an image">
            <p>
              Images of <code>mlflow.log_image(image, key=…, step=…)</code> are listed by their key; other
              images are found in the folders.
            </p>
          </Empty>
        ) : (
          <>
            <div className={styles.toolbar}>
              <h2 className={styles.path}>{key || state.image}</h2>
              {steps.length > 1 && (
                <label className={styles.step}>
                  Step
                  <input
                    type="range"
                    min={0}
                    max={steps.length - 1}
                    value={Math.max(
                      0,
                      steps.findLastIndex((one) => one <= step),
                    )}
                    aria-valuetext={`step ${step}`}
                    onChange={(event) =>
                      patch({ step: steps[Number(event.target.value)] ?? null }, { replace: true })
                    }
                  />
                  <output>{step}</output>
                </label>
              )}
              <SelectField
                label="View"
                value={state.view}
                options={[
                  { value: 'side', label: 'Side by side' },
                  { value: 'swipe', label: 'Swipe two' },
                  { value: 'difference', label: 'Difference of two' },
                ]}
                onChange={(view) => patch({ view })}
              />
              {isTwo && (
                <>
                  <SelectField
                    label="Left"
                    value={left.run.id}
                    options={options}
                    onChange={(id) => patch({ left: id })}
                  />
                  <SelectField
                    label="Right"
                    value={right.run.id}
                    options={options}
                    onChange={(id) => patch({ right: id })}
                  />
                </>
              )}
              <span className={styles.step}>
                <IconButton
                  icon="minus"
                  label="Zoom out"
                  disabled={zoom.scale === 1}
                  onClick={() => changeZoom(1 / 1.5)}
                />
                <output>{Math.round(zoom.scale * 100)} %</output>
                <IconButton icon="plus" label="Zoom in" onClick={() => changeZoom(1.5)} />
                <IconButton
                  icon="restore"
                  label="Whole images"
                  disabled={zoom.scale === 1}
                  onClick={() => setZoom(WHOLE)}
                />
              </span>
            </div>
            {state.view !== 'side' && !isTwo ? (
              <Empty icon="eye" title="Two runs with this image are needed" />
            ) : (
              <ImagePanels
                pictures={isTwo ? [left, right] : pictures}
                view={isTwo ? state.view : 'side'}
                zoom={zoom}
                onZoom={setZoom}
              />
            )}
          </>
        )}
      </section>
    </div>
  );
}
