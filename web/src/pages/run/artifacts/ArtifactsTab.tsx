import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { MODELS_FOLDER } from '../../../api/modelPaths';
import { paths } from '../../../app/paths';
import { folderOf } from '../../../artifacts/folder';
import { Button } from '../../../design/Button';
import { TextField } from '../../../design/Field';
import { useArtifactPath } from '../../../url/rawPath';
import styles from './ArtifactsTab.module.css';
import { ArtifactTree } from './ArtifactTree';
import { Detail } from './Detail';
import { SplitView } from './SplitView';
import { foldersAbove, hasWords, treeRows } from './treeRows';
import { DropZone } from './DropZone';
import { UploadList } from './UploadList';
import { useEntry, useListings, useReading } from './useListings';
import { useUploads } from './useUploads';

/** The files of a run: the tree at the left, the file or folder that the address names at the right. */
export default function ArtifactsTab({ run }: { run: Run }) {
  const path = useArtifactPath();
  const [, navigate] = useLocation();
  const [words, setWords] = useState('');
  const asked = useDeferredValue(words);
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const above = useMemo(() => new Set(foldersAbove(path)), [path]);
  const { file, isMissing, error } = useEntry(run, path);
  const reading = useReading(run);
  const isFolder = path === '' || Boolean(file?.is_dir);
  // The way to what the address names is open, and the folder itself.
  const isOpen = useCallback(
    (folder: string) => changed.get(folder) ?? (above.has(folder) || (isFolder && folder === path)),
    [changed, above, isFolder, path],
  );
  const opened = [...changed].filter(([, open]) => open).map(([folder]) => folder);
  const listings = useListings(run, [...new Set([...above, ...opened, ...(isFolder ? [path] : [])])]);
  const rows = useMemo(
    () => treeRows((folder) => listings.get(folder), isOpen, asked),
    [listings, isOpen, asked],
  );
  // The folder on the way to what has not been read is no find.
  const isFound = !asked || rows.some((row) => row.kind === 'entry' && hasWords(row.name, asked));
  const target = isFolder ? path : folderOf(path);
  const uploads = useUploads(run);
  const open = (to: string) => {
    if (to === path) return;
    // Folders that only the address had opened stay open.
    const byAddress = [...above, ...(isFolder ? [path] : [])];
    setChanged((before) => new Map([...byAddress.map((one) => [one, true] as const), ...before]));
    navigate(to ? paths.artifact(run.info.run_id, to) : paths.run(run.info.run_id, 'artifacts'));
  };
  // Until it is known what the address names, nobody can tell a folder from a file: an upload could go beside it.
  const isKnown = path === '' || file !== undefined || isMissing;
  const canChange = isKnown && run.info.lifecycle_stage === 'active' && !path.startsWith(MODELS_FOLDER);

  const left = (
    <>
      <div className={styles.tools}>
        <TextField
          label="Filter files by name"
          isLabelHidden
          icon="search"
          placeholder="Filter by name"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className={styles.filter}
        />
        {canChange && <UploadButton onFiles={(files) => uploads.add(target, files)} />}
      </div>
      <ArtifactTree
        rows={rows}
        current={path}
        onOpen={open}
        onToggle={(folder, isNowOpen) => setChanged(new Map(changed).set(folder, isNowOpen))}
        onMore={reading.more}
        onRetry={reading.again}
      />
      {!isFound && (
        <p className={styles.none}>
          {rows.length > 0
            ? 'No file of this name among those that have been read. There are more.'
            : 'No file of the opened folders has this name.'}
        </p>
      )}
      <UploadList uploads={uploads} />
    </>
  );
  return (
    <DropZone isEnabled={canChange} folder={target} onFiles={(files) => uploads.add(target, files)}>
      <SplitView
        label="the tree"
        left={left}
        right={<Detail run={run} path={path} file={file} isMissing={isMissing} error={error} onOpen={open} />}
      />
    </DropZone>
  );
}

function UploadButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const choose = () => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.onchange = () => onFiles([...(input.files ?? [])]);
    input.click();
  };
  return (
    <Button icon="upload" onClick={choose}>
      Upload
    </Button>
  );
}
