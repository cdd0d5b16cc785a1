import { useMemo, useState } from 'react';
import type { KeyValue } from '../../../api/mlflow';
import { announce } from '../../../design/announce';
import { IconButton } from '../../../design/Button';
import { TextField } from '../../../design/Field';
import { Menu } from '../../../design/Menu';
import { copy, CopyButton } from '../../../design/Values';
import { GroupCell, KeyCell } from './KeyCell';
import { byKey } from '../../../format/order';
import { nested, type Row, treeRows } from './keyTree';
import { LongText } from './LongText';
import styles from './Params.module.css';
import { Rows } from './Rows';
import { Nothing, Section } from './Section';
import { useOpenGroups, usePreference } from './useOpenGroups';

export function Params({ params }: { params: readonly KeyValue[] }) {
  const [words, setWords] = useState('');
  const [isFlat, setFlat] = usePreference('oxflow.flatParams');
  const { isOpen, toggle } = useOpenGroups(() => params.length <= 200);
  const asked = words.trim().toLowerCase();
  const found = useMemo(
    () =>
      asked ? params.filter(({ key, value }) => `${key}\n${value}`.toLowerCase().includes(asked)) : params,
    [params, asked],
  );
  const rows: Row<string>[] = isFlat
    ? [...found].sort(byKey).map(({ key, value }) => ({ kind: 'leaf', key, label: key, depth: 0, value }))
    : treeRows(found, '.', (prefix) => asked !== '' || isOpen(prefix));
  const hasGroups = useMemo(() => params.some(({ key }) => key.includes('.')), [params]);
  return (
    <Section
      title="Params"
      count={params.length}
      tools={
        params.length > 0 && (
          <>
            {params.length > 8 && (
              <TextField
                label="Search params"
                isLabelHidden
                icon="search"
                placeholder="Search"
                value={words}
                onChange={(event) => setWords(event.target.value)}
              />
            )}
            {hasGroups && (
              <IconButton
                icon="group"
                label="Group by prefix"
                isOn={!isFlat}
                onClick={() => setFlat(!isFlat)}
              />
            )}
            <CopyParams params={params} />
          </>
        )
      }
    >
      {params.length === 0 && <Nothing>This run has no params.</Nothing>}
      {params.length > 0 && rows.length === 0 && <Nothing>No param has this in its key or value.</Nothing>}
      {rows.length > 0 && (
        <Rows
          label="Params"
          className={styles.table}
          count={rows.length}
          rowKey={(i) => keyOf(rows[i])}
          row={(i) => <Cells row={rows[i]} onToggle={toggle} />}
        />
      )}
    </Section>
  );
}

const keyOf = (row: Row<unknown> | undefined) =>
  !row ? '' : row.kind === 'group' ? `group ${row.prefix}` : `key ${row.key}`;

function Cells({ row, onToggle }: { row: Row<string> | undefined; onToggle: (prefix: string) => void }) {
  if (!row) return null;
  if (row.kind === 'group') return <GroupCell group={row} onToggle={onToggle} />;
  return (
    <>
      <KeyCell title={row.key} depth={row.depth}>
        {row.label}
      </KeyCell>
      <div role="cell" className={styles.value}>
        <LongText text={row.value} title={row.key} />
        <CopyButton text={row.value} label={`Copy ${row.key}`} />
      </div>
    </>
  );
}

function CopyParams({ params }: { params: readonly KeyValue[] }) {
  const copied = async (text: string) => {
    await copy(text);
    announce('Copied');
  };
  const flat = () => Object.fromEntries([...params].sort(byKey).map(({ key, value }) => [key, value]));
  return (
    <Menu
      label="Copy params"
      items={[
        {
          label: 'As JSON',
          icon: 'copy',
          onSelect: () => void copied(`${JSON.stringify(flat(), null, 2)}\n`),
        },
        {
          label: 'As YAML, nested',
          icon: 'copy',
          // The writer of YAML comes when it is first needed.
          onSelect: () => void import('js-yaml').then(({ dump }) => copied(dump(nested(params)))),
        },
      ]}
      button={(props) => <IconButton {...props} icon="copy" label="Copy params" />}
    />
  );
}
