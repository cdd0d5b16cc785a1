/** The words for permissions in selects and tables. */

import { wordsOf } from '../api/denied';
import { type Grant, LEVELS, NAMED_TYPES } from '../api/permissions';

export const GRANTS: readonly { value: Grant; label: string }[] = [
  ...LEVELS.map((value) => ({ value, label: value })),
  { value: 'DENY', label: 'DENY' },
];

/** What each of them allows, each with what is before it. */
export const MEANINGS: Record<Grant, string> = {
  READ: 'see it',
  USE: 'load and call it',
  EDIT: 'log to it and change it',
  MANAGE: 'delete it and grant permissions on it',
  DENY: 'nothing, whatever else was granted',
};

/** What is granted for all at once: MLflow's types of things that have no grants one by one. */
const WHOLE_TYPES = [
  'run',
  'logged_model',
  'registered_model_version',
  'prompt_version',
  'trace',
  'assessment',
  'scorer',
  'scorer_version',
  'gateway_secret',
  'gateway_endpoint',
  'gateway_model_definition',
  'mcp_server',
  'mcp_server_version',
  'review_queue',
] as const;

const ROLES_ONLY = 'workspace';

const option = (value: string) => ({ value, label: wordsOf(value) });

/** What can be granted to users, or to roles. */
export const typeOptions = (isRole: boolean) =>
  [...NAMED_TYPES, ...WHOLE_TYPES, ...(isRole ? [ROLES_ONLY] : [])].map(option);

/** Whether one thing of the type can be named. */
export const isNamed = (type: string) => (NAMED_TYPES as readonly string[]).includes(type);

/** A workspace is used or managed; everything else has all levels. */
export const grantsOf = (type: string) =>
  type === ROLES_ONLY ? GRANTS.filter(({ value }) => value === 'USE' || value === 'MANAGE') : GRANTS;
