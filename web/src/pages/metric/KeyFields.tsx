import { useId, useState } from 'react';
import { IconButton } from '../../design/Button';
import { TextField } from '../../design/Field';
import styles from './MetricPage.module.css';

/** What a browser's list of suggestions takes without a pause. */
const MOST = 500;

interface Props {
  metric: string;
  also: readonly string[];
  metrics: readonly string[];
  onMetric: (key: string) => void;
  onAlso: (also: readonly string[]) => void;
}

/** Which metrics the page is about: one, and others drawn with it. */
export function KeyFields({ metric, also, metrics, onMetric, onAlso }: Props) {
  const [text, setText] = useState(metric);
  const [more, setMore] = useState('');
  const listId = useId();
  const known = new Set(metrics);
  const near = metrics.filter((key) => key.toLowerCase().includes((more || text).toLowerCase()));
  const offered = (text === metric && !more ? metrics : near).slice(0, MOST);
  return (
    <div className={styles.keys}>
      <TextField
        label="Metric"
        isLabelHidden
        icon="search"
        list={listId}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (known.has(event.target.value) && event.target.value !== metric) onMetric(event.target.value);
        }}
        onKeyDown={(event) => event.key === 'Enter' && text && text !== metric && onMetric(text)}
      />
      {also.map((key) => (
        <span key={key} className={styles.chip}>
          {key}
          <IconButton
            icon="close"
            label={`Without ${key}`}
            onClick={() => onAlso(also.filter((one) => one !== key))}
          />
        </span>
      ))}
      <TextField
        label="Add a metric"
        isLabelHidden
        icon="plus"
        placeholder="Add a metric"
        list={listId}
        value={more}
        onChange={(event) => {
          const key = event.target.value;
          const isNew = known.has(key) && key !== metric && !also.includes(key);
          setMore(isNew ? '' : key);
          if (isNew) onAlso([...also, key]);
        }}
      />
      <datalist id={listId}>
        {offered.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </div>
  );
}
