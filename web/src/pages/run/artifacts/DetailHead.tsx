import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { artifactAddress, deleteArtifact, proxiedPath } from '../../../api/artifacts';
import type { ArtifactFile, Run } from '../../../api/mlflow';
import { modelPath, MODELS_FOLDER } from '../../../api/modelPaths';
import { artifactZipAddress } from '../../../api/own';
import { paths } from '../../../app/paths';
import { folderOf, nameOf, tellFolders } from '../../../artifacts/folder';
import { announce } from '../../../design/announce';
import { Button, IconButton } from '../../../design/Button';
import { Dialog } from '../../../design/Dialog';
import { Icon } from '../../../design/Icon';
import { Menu, type MenuItem } from '../../../design/Menu';
import { inWords } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import { bytes } from '../../../format/number';
import { Checksum } from './Checksum';
import styles from './Detail.module.css';

interface Props {
  run: Run;
  path: string;
  file: ArtifactFile | undefined;
  isFolder: boolean;
  previous: string | undefined;
  next: string | undefined;
  onOpen: (path: string) => void;
}

/** Where the file is, how large, and what can be done with it. */
export function DetailHead({ run, path, file, isFolder, previous, next, onOpen }: Props) {
  const [isDeleting, setDeleting] = useState(false);
  const { run_id: runId, artifact_uri: root } = run.info;
  const copied = async (text: string) => {
    await copy(text);
    announce('Copied');
  };
  const canDelete = path !== '' && proxiedPath(root, path) !== null && run.info.lifecycle_stage === 'active';
  const isOfModel = path === MODELS_FOLDER || modelPath(path) !== null;
  const items: MenuItem[] = [
    ...(isOfModel
      ? [{ label: 'Copy the models:/ URI', icon: 'copy' as const, onSelect: () => void copied(path) }]
      : [
          {
            label: 'Copy the runs:/ URI',
            icon: 'copy' as const,
            onSelect: () => void copied(['runs:', runId, path].filter(Boolean).join('/')),
          },
          {
            label: 'Copy the storage URI',
            icon: 'copy' as const,
            onSelect: () => void copied(path ? `${root.replace(/\/$/, '')}/${path}` : root),
          },
        ]),
    { label: 'Copy the path', icon: 'copy', isDisabled: path === '', onSelect: () => void copied(path) },
    ...(canDelete
      ? [
          {
            label: isFolder ? 'Delete the folder' : 'Delete the file',
            icon: 'trash' as const,
            isDangerous: true,
            startsGroup: true,
            onSelect: () => setDeleting(true),
          },
        ]
      : []),
  ];
  return (
    <header className={styles.head}>
      <ol className={styles.path} aria-label="Path">
        <li>
          <Link href={paths.run(runId, 'artifacts')}>artifacts</Link>
        </li>
        {path !== '' &&
          path.split('/').map((part, i, parts) => {
            const to = parts.slice(0, i + 1).join('/');
            return (
              <li key={to}>
                {i < parts.length - 1 ? (
                  <Link href={paths.artifact(runId, to)} title={part}>
                    {part}
                  </Link>
                ) : (
                  <span aria-current="page" title={part}>
                    {part}
                  </span>
                )}
              </li>
            );
          })}
      </ol>
      {file?.file_size !== undefined && !isFolder && (
        <span className={styles.size} title={`${file.file_size.toLocaleString('en-US')} bytes`}>
          {bytes(file.file_size)}
        </span>
      )}
      {file && !isFolder && !isOfModel && (
        <Checksum runId={runId} path={path} size={file.file_size ?? null} />
      )}
      <div className={styles.tools}>
        {!isFolder && (
          <>
            <IconButton
              icon="chevronLeft"
              label="Previous file"
              aria-keyshortcuts="["
              disabled={previous === undefined}
              onClick={() => previous !== undefined && onOpen(previous)}
            />
            <IconButton
              icon="chevronRight"
              label="Next file"
              aria-keyshortcuts="]"
              disabled={next === undefined}
              onClick={() => next !== undefined && onOpen(next)}
            />
          </>
        )}
        {!(isFolder && isOfModel) && (
          <a
            className={styles.download}
            href={isFolder ? artifactZipAddress(runId, path) : artifactAddress(runId, path)}
            download={isFolder ? `${nameOf(path) || 'artifacts'}.zip` : nameOf(path)}
          >
            <Icon name="download" />
            {isFolder ? 'Download all' : 'Download'}
          </a>
        )}
        <Menu
          label="More actions for this artifact"
          items={items}
          button={(props) => <IconButton {...props} icon="dots" label="More actions for this artifact" />}
        />
      </div>
      {isDeleting && (
        <DeleteDialog
          run={run}
          path={path}
          isFolder={isFolder}
          onClose={() => setDeleting(false)}
          onDeleted={() => onOpen(folderOf(path))}
        />
      )}
    </header>
  );
}

interface DeleteProps {
  run: Run;
  path: string;
  isFolder: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

function DeleteDialog({ run, path, isFolder, onClose, onDeleted }: DeleteProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteArtifact(run.info.artifact_uri, path),
    onSuccess: async () => {
      onClose();
      onDeleted();
      toast(`“${nameOf(path)}” is deleted.`);
      await tellFolders(client, run.info.run_id, { removed: path });
    },
  });
  const failure = remove.error ? inWords(remove.error) : null;
  return (
    <Dialog
      title={isFolder ? 'Delete this folder?' : 'Delete this file?'}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" icon="trash" onClick={() => remove.mutate()} disabled={remove.isPending}>
            Delete
          </Button>
        </>
      }
    >
      <p>
        “{path}”{isFolder && ', with everything in it,'} is deleted from the store at once. It cannot be
        restored.
      </p>
      {failure && <p role="alert">{failure.detail || failure.title}</p>}
    </Dialog>
  );
}
