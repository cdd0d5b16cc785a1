import { Link } from 'wouter';
import { wordsOf } from '../api/denied';
import { paths } from '../app/paths';
import styles from './Permissions.module.css';

interface Props {
  type: string;
  pattern: string;
  /** Of experiments, by id. */
  names: ReadonlyMap<string, string>;
}

/** What a permission is on. */
export function ResourceName({ type, pattern, names }: Props) {
  if (pattern === '*') return <>every {wordsOf(type)}</>;
  if (type !== 'experiment') {
    return (
      <>
        {wordsOf(type)} {pattern}
      </>
    );
  }
  return (
    <span className={styles.resource}>
      experiment <Link href={paths.experiment(pattern)}>{names.get(pattern) ?? pattern}</Link>
    </span>
  );
}
