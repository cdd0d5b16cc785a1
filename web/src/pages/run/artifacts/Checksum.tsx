import { useQuery } from '@tanstack/react-query';
import { artifactHead } from '../../../api/own';
import { CopyButton } from '../../../design/Values';
import styles from './Detail.module.css';

/** Enough to compare by eye. */
const SHOWN_DIGITS = 12;

interface Props {
  runId: string;
  path: string;
  size: number | null;
}

/** The checksum of a file, if the server knows it. Nothing is said while it is asked for, or if that fails. */
export function Checksum({ runId, path, size }: Props) {
  const { data } = useQuery({
    // With the file's bytes: an upload makes both old.
    queryKey: ['get-artifact', runId, path, 'head', size],
    queryFn: ({ signal }) => artifactHead(runId, path, signal),
    staleTime: 30_000,
    retry: false,
  });
  const sum = data?.sha256;
  if (!sum) return null;
  return (
    <span className={styles.sum} role="group" aria-label="Checksum">
      SHA-256
      <span className="mono" title={sum}>
        {sum.slice(0, SHOWN_DIGITS)}…
      </span>
      <CopyButton text={sum} label="Copy the SHA-256" />
    </span>
  );
}
