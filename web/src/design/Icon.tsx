/** Icons: 16 × 16 strokes in the colour of the text. They say nothing to screen readers: the control has the name. */

const PATHS = {
  archive: 'M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3',
  arrowDown: 'M8 3v10M4 9l4 4 4-4',
  arrowUp: 'M8 13V3M4 7l4-4 4 4',
  bars: 'M3 13V8M8 13V3M13 13V6',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  chevronDown: 'M4 6l4 4 4-4',
  chevronLeft: 'M10 4L6 8l4 4',
  chevronRight: 'M6 4l4 4-4 4',
  clock: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM8 4.5V8l2.3 1.5',
  close: 'M4 4l8 8M12 4l-8 8',
  collapse: 'M13.5 6.5h-4v-4M9.5 6.5l4.5-4.5M2.5 9.5h4v4M6.5 9.5L2 14',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  commit: 'M8 5.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5zM1.5 8h4M10.5 8h4',
  compare: 'M6 2.5H2.5v11H6M10 2.5h3.5v11H10M8 1v14',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  dots: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  download: 'M8 2v8M4.5 6.5L8 10l3.5-3.5M2.5 13.5h11',
  edit: 'M3 13l.7-3L11 2.7 13.3 5 6 12.3z',
  error: 'M8 1.8L15 14H1zM8 6.5v3.5M8 12h.01',
  expand: 'M9.5 2.5h4v4M13.5 2.5L9 7M6.5 13.5h-4v-4M2.5 13.5L7 9',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 100 4 2 2 0 000-4z',
  eyeOff:
    'M3 3l10 10M6 4a6 6 0 012-.5c4 0 6.5 4.5 6.5 4.5a12 12 0 01-2 2.4M4 5.4A11 11 0 001.5 8S4 12.5 8 12.5a6 6 0 002.5-.6',
  file: 'M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13',
  filter: 'M2 3.5h12L9.5 8.5v4.5l-3-1.5v-3z',
  flask: 'M6 1.5h4M6.5 1.5v5L2.5 13.5h11l-4-7v-5M5 10h6',
  folder: 'M1.5 3.5h4.5l1.5 2h7v8h-13z',
  folderOpen: 'M1.5 13.5v-10H6l1.5 2h5.5v2.5M1.5 13.5l2-5.5h12l-2 5.5z',
  group: 'M2.5 3h11M2.5 6h7M4.5 9.5h9M4.5 12.5h6',
  help: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM6.2 6.2a1.8 1.8 0 113 1.3c-.7.6-1.2.9-1.2 1.7M8 11.3h.01',
  image: 'M2 3h12v10H2zM2 11l3.5-3.5L9 11l2-2 3 3M10.5 5.8h.01',
  info: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM8 7.3v4M8 4.9h.01',
  link: 'M6.5 9.5l3-3M7 4.5L8.8 2.7a3 3 0 014.3 4.3L11.3 9M9 11.5l-1.8 1.8a3 3 0 01-4.3-4.3L4.7 7.2',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  minus: 'M3 8h10',
  monitor: 'M2 2.5h12v8.5H2zM5.5 13.5h5M8 11v2.5',
  moon: 'M13.5 9.5A6 6 0 016.5 2.5a6 6 0 107 7z',
  panel: 'M2 3h12v10H2zM6 3v10',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  pin: 'M6 1.5h4M6.5 1.5v5L4.5 9h7l-2-2.5v-5M8 9v5.5',
  play: 'M4.5 2.5l8 5.5-8 5.5z',
  plus: 'M8 3v10M3 8h10',
  refresh: 'M13.5 8a5.5 5.5 0 11-1.6-3.9M13.5 1.5v3h-3',
  restore: 'M2.5 8a5.5 5.5 0 101.6-3.9M2.5 1.5v3h3M8 5v3.5l2.5 1.5',
  search: 'M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.5 10.5l3.5 3.5',
  settings:
    'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3a1.5 1.5 0 100 3 1.5 1.5 0 000-3zM5.5 10a1.5 1.5 0 100 3 1.5 1.5 0 000-3z',
  shield: 'M8 1.5l5.5 2v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4z',
  signOut: 'M6.5 2.5h-4v11h4M10.5 4.5L14 8l-3.5 3.5M14 8H6.5',
  star: 'M8 1.8l1.9 4 4.4.6-3.2 3 .8 4.4L8 11.7l-3.9 2.1.8-4.4-3.2-3 4.4-.6z',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  table: 'M2 3h12v10H2zM2 6.5h12M2 9.8h12M7 3v10',
  tag: 'M2 2h6l6 6-6 6-6-6zM5 5h.01',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4M6.5 6.5v4.5M9.5 6.5v4.5',
  upload: 'M8 10.5v-8M4.5 6L8 2.5 11.5 6M2.5 13.5h11',
  user: 'M8 2a3 3 0 100 6 3 3 0 000-6zM2.5 14c.5-3 2.7-4 5.5-4s5 1 5.5 4',
  users:
    'M6 2.5a2.5 2.5 0 100 5 2.5 2.5 0 000-5zM1 13.5c.4-2.7 2.2-3.5 5-3.5s4.6.8 5 3.5M10.5 2.7a2.4 2.4 0 010 4.6M12.5 10.2c1.5.4 2.3 1.5 2.5 3.3',
  wrap: 'M2.5 3.5h11M2.5 8h9a2 2 0 010 4H8M9.5 10.5L8 12l1.5 1.5M2.5 12h2.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'dots' ? 2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
