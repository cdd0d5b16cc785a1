interface Props {
  /** `null`: the experiments that the query names. */
  experimentIds: readonly string[] | null;
  tab: string;
}

export default function ExperimentPage({ experimentIds, tab }: Props) {
  return (
    <h1>
      Experiment {experimentIds?.join(', ')}: {tab}
    </h1>
  );
}
