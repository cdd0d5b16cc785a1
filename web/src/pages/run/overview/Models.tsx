import { useQueries, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { getLoggedModel, modelVersionsOfRun, type Run } from '../../../api/mlflow';
import { modelFolder } from '../../../api/modelPaths';
import { paths } from '../../../app/paths';
import { useSession } from '../../../app/session';
import { IconButton } from '../../../design/Button';
import { useSeen } from '../../../design/useSeen';
import { Badge, CopyButton } from '../../../design/Values';
import { tagsOf } from '../runFacts';
import { pythonText } from '../../../format/code';
import styles from './Datasets.module.css';
import { Section } from './Section';

const PermissionsDialog = lazy(() => import('../../../permissions/PermissionsDialog'));

/** So many models are asked for. */
const MOST = 20;

/** The models that the run logged, and the registered versions that are made of them. */
export function Models({ run }: { run: Run }) {
  const [isSeen, ref] = useSeen();
  const [permissionsOf, setPermissionsOf] = useState<string | null>(null);
  const hasLogins = useSession()?.auth === 'basic';
  const ids = (run.outputs?.model_outputs ?? []).map(({ model_id }) => model_id);
  // A run that has logged no model has none in the registry: most runs need no question.
  const mayHaveVersions = ids.length > 0 || tagsOf(run).has('mlflow.log-model.history');
  const versions = useQuery({
    queryKey: ['model-versions/search', run.info.run_id],
    queryFn: ({ signal }) => modelVersionsOfRun(run.info.run_id, signal),
    enabled: mayHaveVersions && isSeen,
  });
  const models = useQueries({
    queries: ids.slice(0, MOST).map((id) => ({
      queryKey: ['logged-models/get', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getLoggedModel(id, signal),
      enabled: isSeen,
    })),
  });
  if (!mayHaveVersions) return null;
  const registered = versions.data ?? [];
  if (ids.length + registered.length === 0) return <div ref={ref} />;
  return (
    <div ref={ref}>
      <Section title="Models" count={ids.length + registered.length}>
        <ul className={styles.list}>
          {ids.slice(0, MOST).map((id, i) => {
            const info = models[i]?.data?.info;
            return (
              <li key={id} className={styles.item}>
                <div className={styles.line}>
                  <Link href={paths.artifact(run.info.run_id, modelFolder(id))}>{info?.name ?? id}</Link>
                  {info?.model_type && <Badge>{info.model_type}</Badge>}
                  {info && info.status !== 'LOGGED_MODEL_READY' && (
                    <Badge kind="warn">{info.status.replace('LOGGED_MODEL_', '').toLowerCase()}</Badge>
                  )}
                </div>
                <p className={styles.detail}>
                  <span className="mono">{id}</span>
                  <CopyButton
                    text={`mlflow.pyfunc.load_model(${pythonText(`models:/${id}`)})`}
                    label="Copy how to load it"
                  />
                </p>
              </li>
            );
          })}
          {registered.map((version) => (
            <li key={`${version.name}/${version.version}`} className={styles.item}>
              <div className={styles.line}>
                <span>{version.name}</span>
                <Badge kind="accent">version {version.version}</Badge>
                {version.current_stage && version.current_stage !== 'None' && (
                  <Badge>{version.current_stage}</Badge>
                )}
                {(version.aliases ?? []).map((alias) => (
                  <Badge key={alias}>@{alias}</Badge>
                ))}
                {hasLogins && (
                  <IconButton
                    icon="shield"
                    label={`Permissions of ${version.name}`}
                    onClick={() => setPermissionsOf(version.name)}
                  />
                )}
              </div>
              <p className={styles.detail}>
                <span className="mono">
                  models:/{version.name}/{version.version}
                </span>
                <CopyButton
                  text={`mlflow.pyfunc.load_model(${pythonText(`models:/${version.name}/${version.version}`)})`}
                  label="Copy how to load it"
                />
              </p>
            </li>
          ))}
        </ul>
        {ids.length > MOST && <p className={styles.item}>and {ids.length - MOST} more</p>}
      </Section>
      <Suspense>
        {permissionsOf !== null && (
          <PermissionsDialog
            resource={{ type: 'registered_model', id: permissionsOf }}
            name={permissionsOf}
            onClose={() => setPermissionsOf(null)}
          />
        )}
      </Suspense>
    </div>
  );
}
