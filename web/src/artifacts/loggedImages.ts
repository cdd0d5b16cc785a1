/** Images of `log_image(image, key=…, step=…)`: their names say what they are. */

export interface LoggedImage {
  key: string;
  step: number;
  timestamp: number;
  path: string;
  /** A smaller copy, if there is one. */
  thumbnail: string | null;
}

/** MLflow writes `+` between the parts, earlier versions `%`; `/` of a key is `~` or `#`. */
const NAME = /^(.+)([+%])step\2(-?\d+)\2timestamp\2(\d+)\2([\w-]+?)(\2compressed)?\.(png|webp|jpe?g|gif)$/;

/** The images of a folder that have such names, by key and step. Without any, the folder is one of other files. */
export function loggedImages(paths: readonly string[]): LoggedImage[] {
  const found = new Map<string, LoggedImage>();
  for (const path of paths) {
    if (!path.includes('step')) continue;
    const parts = NAME.exec(path.slice(path.lastIndexOf('/') + 1));
    if (!parts) continue;
    const [, name = '', separator = '', step = '', timestamp = '', id = '', small] = parts;
    const mark = [name, step, timestamp, id].join(separator);
    const key = name.replace(/[~#]/g, '/');
    const one = found.get(mark) ?? {
      key,
      step: Number(step),
      timestamp: Number(timestamp),
      path,
      thumbnail: null,
    };
    found.set(mark, small ? { ...one, thumbnail: path } : { ...one, path });
  }
  return [...found.values()].sort(
    (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) || a.step - b.step || a.timestamp - b.timestamp,
  );
}
