/** A short piece of a line, as a legend. */
export function Swatch({ color, dash = [] }: { color: string; dash?: readonly number[] }) {
  return (
    <svg aria-hidden="true" width="16" height="8" viewBox="0 0 16 8">
      <path d="M0 4h16" strokeWidth="2.5" strokeDasharray={dash.join(' ')} style={{ stroke: color }} />
    </svg>
  );
}
