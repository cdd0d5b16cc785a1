import { type ReactNode, useState } from 'react';
import styles from './DropZone.module.css';

interface Props {
  isEnabled: boolean;
  folder: string;
  onFiles: (files: readonly File[]) => void;
  children: ReactNode;
}

/** Takes files that are dropped on it. The button does the same. */
export function DropZone({ isEnabled, folder, onFiles, children }: Props) {
  const [isOver, setOver] = useState(false);
  const hasFiles = (event: React.DragEvent) => isEnabled && event.dataTransfer.types.includes('Files');
  return (
    <div
      className={styles.zone}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {isOver && <div className={styles.over}>Upload into {folder ? `“${folder}”` : 'the run'}</div>}
    </div>
  );
}
