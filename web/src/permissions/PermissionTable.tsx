import type { ReactNode } from 'react';
import type { Permission } from '../api/permissions';
import { Actions, Table } from '../design/Table';
import { byResource } from './group';
import { ResourceName } from './ResourceName';
import { useExperimentNames } from './useAccounts';

interface Line {
  resource_type: string;
  resource_pattern: string;
  permission: Permission;
}

interface Props<One extends Line> {
  label: string;
  permissions: readonly One[];
  /** How the permission is shown; as a word unless it can be changed. */
  permission?: (one: One) => ReactNode;
  /** Buttons at the end of a row. */
  actions?: (one: One) => ReactNode;
}

/** Permissions, one on each line. */
export function PermissionTable<One extends Line>({ label, permissions, permission, actions }: Props<One>) {
  const names = useExperimentNames(
    permissions.some((one) => one.resource_type === 'experiment' && one.resource_pattern !== '*'),
  );
  return (
    <Table label={label} columns={['On', 'Permission', ...(actions ? ['Actions!'] : [])]}>
      {[...permissions].sort(byResource).map((one) => (
        <tr key={`${one.resource_type} ${one.resource_pattern}`}>
          <th scope="row">
            <ResourceName type={one.resource_type} pattern={one.resource_pattern} names={names} />
          </th>
          <td>{permission ? permission(one) : one.permission}</td>
          {actions && <Actions>{actions(one)}</Actions>}
        </tr>
      ))}
    </Table>
  );
}
