import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Run } from '../../api/mlflow';
import { paths } from '../../app/paths';
import { Button, IconButton } from '../../design/Button';
import { Icon, type IconName } from '../../design/Icon';
import { Badge, CopyButton, Status, Time } from '../../design/Values';
import { duration } from '../../format/time';
import { runColor } from '../../runs/colors';
import { EditableName } from './EditableName';
import { RunActions } from './RunActions';
import styles from './RunHead.module.css';
import { commitPage, type RunFacts, runFacts, tagsOf } from './runFacts';
import { isLive, useRelations, useRun } from './useRun';
import { useRunChanges } from './useRunChanges';

const PurgeRun = lazy(() => import('./PurgeRun'));

interface Props {
  run: Run;
  /** Those beside it in the list that the reader came from. */
  neighbours: { before: string | null; after: string | null };
  hrefOf: (runId: string) => string;
}

/** What a run is: its name, how it went, where it comes from, and what can be done with it. */
export function RunHead({ run, neighbours, hrefOf }: Props) {
  const facts = runFacts(run);
  const { info } = run;
  const color = runColor(info.run_id, tagsOf(run).get('oxflow.color'));
  return (
    <header className={styles.head}>
      <div className={styles.title}>
        <span className={styles.dot} style={{ background: color }} />
        <EditableName run={run} name={facts.name || info.run_id} />
        <Status status={info.status} />
        <span className={styles.actions}>
          <Steps {...neighbours} hrefOf={hrefOf} />
          <RunActions run={run} />
        </span>
      </div>
      {info.lifecycle_stage === 'deleted' && <DeletedBanner run={run} />}
      <dl className={styles.facts}>
        <Experiment run={run} />
        {facts.parentId && <Parent runId={facts.parentId} />}
        {info.start_time !== undefined && (
          <Fact label="Started">
            <Time at={info.start_time} />
          </Fact>
        )}
        <Duration run={run} />
        {facts.user && <Fact label="User">{facts.user}</Fact>}
        <Source facts={facts} />
        {facts.commit && <Commit facts={facts} commit={facts.commit} />}
        {facts.host && <Fact label="Host">{facts.host}</Fact>}
        <Fact label="Run id">
          <span className="mono">{info.run_id}</span>
          <CopyButton text={info.run_id} label="Copy the run id" />
        </Fact>
      </dl>
    </header>
  );
}

/** To the runs beside it in the list that the reader came from. */
function Steps({ before, after, hrefOf }: Props['neighbours'] & Pick<Props, 'hrefOf'>) {
  const [, navigate] = useLocation();
  if (!before && !after) return null;
  const step = (icon: IconName, label: string, key: string, to: string | null) => (
    <IconButton
      icon={icon}
      label={`${label} (${key})`}
      aria-keyshortcuts={key}
      disabled={!to}
      onClick={() => to && navigate(hrefOf(to))}
    />
  );
  return (
    <span className={styles.steps}>
      {step('chevronLeft', 'Run before this in the list', '[', before)}
      {step('chevronRight', 'Run after this in the list', ']', after)}
    </span>
  );
}

export function Fact({ label, icon, children }: { label: string; icon?: IconName; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>
        {icon && <Icon name={icon} />}
        {children}
      </dd>
    </div>
  );
}

function Experiment({ run }: { run: Run }) {
  const { experiment_id: experimentId, run_id: runId } = run.info;
  const { data } = useRelations(runId);
  return (
    <Fact label="Experiment">
      <Link href={paths.experiment(experimentId)} className={styles.long}>
        {data?.experimentName ?? experimentId}
      </Link>
    </Fact>
  );
}

function Parent({ runId }: { runId: string }) {
  const { data } = useRun(runId);
  return (
    <Fact label="Parent">
      <Link href={paths.run(runId)} className={styles.long}>
        {data ? runFacts(data).name || runId : runId.slice(0, 8)}
      </Link>
    </Fact>
  );
}

/** How long it took; counts while it runs. */
function Duration({ run }: { run: Run }) {
  const { start_time: start, end_time: end } = run.info;
  const isTicking = isLive(run) && end === undefined;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  if (start === undefined || (end === undefined && !isTicking)) return null;
  const ms = Math.max(0, (end ?? now) - start);
  return (
    <Fact label="Duration">
      <span className="number">{duration(isTicking ? Math.floor(ms / 1000) * 1000 : ms)}</span>
    </Fact>
  );
}

function Source({ facts }: { facts: RunFacts }) {
  if (!facts.source) return null;
  const entry = facts.entryPoint && facts.entryPoint !== 'main' ? ` (${facts.entryPoint})` : '';
  return (
    <Fact label="Source">
      <span className={styles.long} title={facts.source}>
        {facts.source.split('/').pop() || facts.source}
        {entry}
      </span>
      {facts.sourceType && facts.sourceType !== 'LOCAL' && <Badge>{facts.sourceType.toLowerCase()}</Badge>}
    </Fact>
  );
}

function Commit({ facts, commit }: { facts: RunFacts; commit: string }) {
  const page = commitPage(facts.repository, commit);
  const short = <span className="mono">{commit.slice(0, 8)}</span>;
  return (
    <Fact label="Commit" icon="commit">
      {page ? (
        <a href={page} target="_blank" rel="noreferrer" title={commit}>
          {short}
        </a>
      ) : (
        <span title={commit}>{short}</span>
      )}
      {facts.branch && <span className={styles.long}>on {facts.branch}</span>}
      {facts.isDirty && (
        <Badge kind="warn" title="Files differed from the commit when the run began">
          changed
        </Badge>
      )}
      <CopyButton text={commit} label="Copy the commit" />
    </Fact>
  );
}

function DeletedBanner({ run }: { run: Run }) {
  const { restore } = useRunChanges(run.info.run_id);
  const [isPurging, setPurging] = useState(false);
  return (
    <>
      <div className={styles.deleted} role="status">
        <Icon name="trash" />
        <p>This run is deleted. It is kept until the trash is emptied.</p>
        <Button icon="restore" onClick={() => restore.mutate()} disabled={restore.isPending}>
          Restore
        </Button>
        <Button icon="trash" kind="danger" onClick={() => setPurging(true)}>
          Delete for good…
        </Button>
      </div>
      <Suspense>{isPurging && <PurgeRun run={run} onClose={() => setPurging(false)} />}</Suspense>
    </>
  );
}
