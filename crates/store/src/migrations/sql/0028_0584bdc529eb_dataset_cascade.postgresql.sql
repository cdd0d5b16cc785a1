-- The old constraint has the name that PostgreSQL gave it.
DO $$
DECLARE
    found RECORD;
BEGIN
    FOR found IN
        SELECT conrelid::regclass AS child, conname
          FROM pg_constraint
         WHERE contype = 'f'
           AND (conrelid, confrelid) IN (('datasets'::regclass, 'experiments'::regclass))
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.child, found.conname);
    END LOOP;
END
$$;
ALTER TABLE datasets ADD CONSTRAINT fk_datasets_experiment_id_experiments
    FOREIGN KEY (experiment_id) REFERENCES experiments (experiment_id) ON DELETE CASCADE;
