import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { artifactAddress } from '../api/artifacts';
import { paths } from '../app/paths';
import { Button, IconButton } from '../design/Button';
import { Empty } from '../design/States';
import styles from './ImagePreview.module.css';
import type { FileOfRun } from './kinds';
import { Toolbar } from './Toolbar';

/** Only the strip scrolls, not the page. */
function scrollToIt(link: HTMLAnchorElement | null) {
  const strip = link?.parentElement;
  if (strip) strip.scrollLeft = link.offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
}

interface Props {
  file: FileOfRun;
  siblings: readonly string[];
  onOpen: (path: string) => void;
}

const LEVELS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32];
/** So many small images are beside the large one. */
const STRIP = 200;

/** A picture on a checkered ground: as large as there is room, or at any size. SVG only ever as an image. */
export default function ImagePreview({ file, siblings }: Props) {
  const [zoom, setZoom] = useState<number | null>(null);
  const [natural, setNatural] = useState<{ width: number; height: number } | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const image = useRef<HTMLImageElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const name = file.path.split('/').pop() ?? '';
  const shown = () =>
    zoom ?? (natural && image.current ? image.current.clientWidth / (natural.width || 1) : 1);
  const step = (by: 1 | -1) => {
    const now = shown();
    const next = by > 0 ? LEVELS.find((one) => one > now * 1.01) : LEVELS.findLast((one) => one < now * 0.99);
    if (next !== undefined) setZoom(next);
  };
  const zoomBy = useRef(step);
  useEffect(() => {
    zoomBy.current = step;
  });
  useEffect(() => {
    // Not by React, whose listeners cannot keep the browser from zooming the whole page.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomBy.current(event.deltaY < 0 ? 1 : -1);
    };
    const element = stage.current;
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
  if (hasFailed) {
    return (
      <Empty icon="image" title="This is not an image that the browser can show">
        <p>The file may be cut off, or of another format than its name says.</p>
      </Empty>
    );
  }
  const near = siblings.indexOf(file.path);
  const from = Math.max(0, Math.min(near - STRIP / 2, siblings.length - STRIP));
  return (
    <>
      <Toolbar info={natural && `${natural.width} × ${natural.height} px`}>
        <Button aria-pressed={zoom === null} onClick={() => setZoom(null)}>
          Fit
        </Button>
        <Button aria-pressed={zoom === 1} onClick={() => setZoom(1)}>
          100 %
        </Button>
        <IconButton icon="minus" label="Smaller" onClick={() => step(-1)} />
        <IconButton icon="plus" label="Larger" onClick={() => step(1)} />
        {zoom !== null && <span className={styles.zoom}>{Math.round(zoom * 100)} %</span>}
      </Toolbar>
      <div
        ref={stage}
        className={styles.stage}
        tabIndex={0}
        role="region"
        aria-label="Image"
        onKeyDown={(event) => {
          if (event.key === '+') step(1);
          else if (event.key === '-') step(-1);
          else if (event.key === '0') setZoom(null);
        }}
      >
        <img
          ref={image}
          className={zoom === null ? styles.fit : styles.free}
          data-pixelated={(zoom ?? 1) > 2 || undefined}
          style={zoom !== null && natural ? { width: natural.width * zoom } : undefined}
          src={artifactAddress(file.runId, file.path)}
          alt={name}
          onLoad={(event) =>
            setNatural({
              width: event.currentTarget.naturalWidth,
              height: event.currentTarget.naturalHeight,
            })
          }
          onError={() => setFailed(true)}
        />
      </div>
      {siblings.length > 1 && (
        <nav aria-label="Images of this folder" className={styles.strip}>
          {siblings.slice(from, from + STRIP).map((path) => (
            <Link
              key={path}
              href={paths.artifact(file.runId, path)}
              aria-current={path === file.path ? 'page' : undefined}
              title={path.split('/').pop()}
              ref={path === file.path ? scrollToIt : undefined}
            >
              <img src={artifactAddress(file.runId, path)} alt={path.split('/').pop()} loading="lazy" />
            </Link>
          ))}
        </nav>
      )}
    </>
  );
}
