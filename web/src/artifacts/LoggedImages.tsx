import { useMemo, useState } from 'react';
import { artifactAddress } from '../api/artifacts';
import { Button } from '../design/Button';
import { Time } from '../design/Values';
import { grouped } from '../format/number';
import type { LoggedImage } from './loggedImages';
import styles from './LoggedImages.module.css';

interface Props {
  runId: string;
  images: readonly LoggedImage[];
  onOpen: (path: string) => void;
}

/** Keys that are shown at once; and so many more at a press. */
const KEYS = 60;

/** Images that were logged with a key and a step: one for each key, and a slider for its steps. */
export default function LoggedImages({ runId, images, onOpen }: Props) {
  const [most, setMost] = useState(KEYS);
  const byKey = useMemo(() => grouping(images), [images]);
  const rest = byKey.size - most;
  return (
    <section aria-label="Logged images" className={styles.keys}>
      {[...byKey].slice(0, most).map(([key, of]) => (
        <OneKey key={key} runId={runId} name={key} images={of} onOpen={onOpen} />
      ))}
      {rest > 0 && (
        <Button onClick={() => setMost(most + KEYS)}>
          Show {grouped(Math.min(rest, KEYS))} more of {grouped(byKey.size)} keys
        </Button>
      )}
    </section>
  );
}

function grouping(images: readonly LoggedImage[]): Map<string, LoggedImage[]> {
  const found = new Map<string, LoggedImage[]>();
  for (const image of images) {
    const of = found.get(image.key);
    if (of) of.push(image);
    else found.set(image.key, [image]);
  }
  return found;
}

function OneKey({ runId, name, images, onOpen }: Props & { name: string }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const at = Math.min(chosen ?? images.length - 1, images.length - 1);
  const image = images[at];
  if (!image) return null;
  return (
    <figure className={styles.key}>
      <figcaption title={name}>{name}</figcaption>
      <button type="button" className={styles.image} title="Show it alone" onClick={() => onOpen(image.path)}>
        <img loading="lazy" src={artifactAddress(runId, image.path)} alt={`${name}, step ${image.step}`} />
      </button>
      <div className={styles.steps}>
        <span className="number">step {grouped(image.step)}</span>
        {images.length > 1 && (
          <input
            type="range"
            min={0}
            max={images.length - 1}
            value={at}
            aria-label={`Step of ${name}`}
            aria-valuetext={`step ${image.step}`}
            onChange={(event) => setChosen(Number(event.target.value))}
          />
        )}
        <Time at={image.timestamp} />
      </div>
      {chosen !== null && at < images.length - 1 && (
        <Button kind="quiet" onClick={() => setChosen(null)}>
          To the latest
        </Button>
      )}
    </figure>
  );
}
