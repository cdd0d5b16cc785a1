CREATE TABLE oxflow_new_tags (
    key VARCHAR(250) NOT NULL,
    value VARCHAR(8000),
    run_uuid VARCHAR(32) NOT NULL,
    CONSTRAINT tag_pk PRIMARY KEY (key, run_uuid),
    FOREIGN KEY (run_uuid) REFERENCES runs (run_uuid)
);
INSERT INTO oxflow_new_tags
    (key, value, run_uuid)
SELECT key, value, run_uuid
  FROM tags;
DROP TABLE tags;
ALTER TABLE oxflow_new_tags RENAME TO tags;
CREATE INDEX index_tags_run_uuid ON tags (run_uuid);
