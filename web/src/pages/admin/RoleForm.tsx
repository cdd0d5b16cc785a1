import { useState } from 'react';
import { TextField } from '../../design/Field';
import { FormDialog } from '../../design/FormDialog';

interface Props {
  title: string;
  action: string;
  name?: string;
  description?: string;
  onSave: (name: string, description: string) => Promise<unknown>;
  onClose: () => void;
}

/** What a role is called, and what it is for. */
export function RoleForm({
  title,
  action,
  name: before = '',
  description: was = '',
  onSave,
  onClose,
}: Props) {
  const [name, setName] = useState(before);
  const [description, setDescription] = useState(was);
  const isChanged = name.trim() !== before || description.trim() !== was;
  return (
    <FormDialog
      title={title}
      action={action}
      isReady={name.trim() !== '' && isChanged}
      onSubmit={() => onSave(name.trim(), description.trim())}
      onClose={onClose}
    >
      <TextField autoFocus label="Name" value={name} onChange={(event) => setName(event.target.value)} />
      <TextField
        label="Description (optional)"
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
    </FormDialog>
  );
}
