interface Props {
  runId: string;
  tab: string;
  artifactPath: string;
}

export default function RunPage({ runId, tab }: Props) {
  return (
    <h1>
      Run {runId}: {tab}
    </h1>
  );
}
