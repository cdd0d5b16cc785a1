//! Every difference between the databases, by name.

/// The SQL dialect of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL 12 or later.
    Postgres,
}

impl Dialect {
    /// A table `ids(position, id)` out of one parameter that holds a list of texts, in their order.
    ///
    /// Put a `CROSS JOIN` behind it: SQLite then keeps the list as the outer loop, where it would
    /// otherwise read the whole other table (a page of 1000 runs: 44 ms instead of 3.6 s).
    pub fn ids_with_position(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("(SELECT key AS position, value AS id FROM json_each({parameter}))")
            }
            Self::Postgres => self.known_ids_with_position(&self.unseen(parameter)),
        }
    }

    /// The same for a statement that is planned for its values: how many there are then counts.
    pub(crate) fn known_ids_with_position(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => self.ids_with_position(parameter),
            Self::Postgres => format!(
                "(SELECT place - 1 AS position, id FROM unnest({parameter}) WITH ORDINALITY AS list (id, place))"
            ),
        }
    }

    /// A parameter of a prepared statement that holds a list, whose length the planner shall not see.
    ///
    /// PostgreSQL takes a list it does not see for one of ten. Seeing one of less, it takes the plan for any list for the worse
    /// one, and makes another for each run of the statement (a point logged alone: 0.43 ms instead of 0.22).
    pub(crate) fn unseen(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => parameter.to_owned(),
            Self::Postgres => format!("(SELECT {parameter})"),
        }
    }

    /// A table `(a, b)` out of two parameters that hold lists of texts of one length.
    pub fn pairs(self, a: &str, b: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "(SELECT x.value AS a, y.value AS b FROM json_each({a}) x JOIN json_each({b}) y ON y.key = x.key)"
            ),
            Self::Postgres => format!("(SELECT a, b FROM unnest({a}, {b}) AS pair (a, b))"),
        }
    }

    /// A table `(position, run_id, key, …)` out of one parameter that holds a JSON list of lists: of two texts, then of an
    /// integer for each of the named columns. A `CROSS JOIN` belongs behind it, as behind [`Self::ids_with_position`].
    pub fn series_list(self, parameter: &str, columns: &[&str]) -> String {
        let numbers: String = columns
            .iter()
            .zip(2..)
            .map(|(name, place)| match self {
                Self::Sqlite => format!(", value ->> {place} AS {name}"),
                Self::Postgres => format!(", CAST(item ->> {place} AS BIGINT) AS {name}"),
            })
            .collect();
        match self {
            Self::Sqlite => format!(
                "(SELECT key AS position, value ->> 0 AS run_id, value ->> 1 AS key{numbers} FROM json_each({parameter}))"
            ),
            Self::Postgres => format!(
                "(SELECT place - 1 AS position, item ->> 0 AS run_id, item ->> 1 AS key{numbers}
                    FROM jsonb_array_elements(CAST({parameter} AS JSONB)) WITH ORDINALITY AS list (item, place))"
            ),
        }
    }

    /// What follows `FROM`: the rows of a table that a condition finds for each item of a list called `s`.
    ///
    /// Both databases look the rows of one item after the other up. PostgreSQL knows neither how long the list is nor what is
    /// in it, and would otherwise read the whole table (a chart of 20 runs among a million points: 330 ms instead of 20).
    /// `OFFSET 0` keeps it from seeing through.
    pub fn rows_of_each(self, list: &str, table: &str, alias: &str, condition: &str) -> String {
        match self {
            Self::Sqlite => format!("{list} s CROSS JOIN {table} {alias} WHERE {condition}"),
            Self::Postgres => format!(
                "{list} s CROSS JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {condition} OFFSET 0) {alias}"
            ),
        }
    }

    /// Whether so many rows had better be inserted without `ON CONFLICT`, if they are new: with it PostgreSQL looks into the
    /// index before it writes each row, and writes of each that it is to stay (1,000 points: 17.2 ms instead of 14.5).
    pub(crate) fn prefers_new_rows(self, count: usize) -> bool {
        self == Self::Postgres && count >= 100
    }

    /// Whether rows that only order others are joined, and not looked up for each.
    ///
    /// PostgreSQL then reads the values of a metric once, where that is less (10,000 runs ordered by a metric: 13 ms of CPU
    /// instead of 26). SQLite has no other way to join than to look up.
    pub(crate) fn joins_what_orders(self) -> bool {
        self == Self::Postgres
    }

    /// Ends a lookup in another table that is to be planned by itself.
    ///
    /// PostgreSQL makes a join of every `EXISTS` and `IN`, and looks for the best order of all: 128 comparisons took two
    /// seconds to plan, 256 longer than a statement may take. What has an offset it looks up for each row.
    pub(crate) fn apart_from_the_plan(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " OFFSET 0",
        }
    }

    /// The type of a column of bytes.
    pub(crate) fn bytes_type(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }

    /// Behind the type of a column of texts: they are compared byte by byte, whatever the database's language.
    pub(crate) fn byte_order(self) -> &'static str {
        match self {
            Self::Sqlite => "COLLATE BINARY",
            Self::Postgres => "COLLATE \"C\"",
        }
    }

    /// Behind a column: it is among the members of one parameter that holds a list.
    pub fn is_among(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("IN (SELECT value FROM json_each({parameter}))"),
            Self::Postgres => format!("= ANY ({parameter})"),
        }
    }

    /// Behind a column: it is not among the members of one parameter that holds a list.
    pub fn is_not_among(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("NOT IN (SELECT value FROM json_each({parameter}))"),
            Self::Postgres => format!("<> ALL ({parameter})"),
        }
    }

    /// Behind a `SELECT` of a row that is changed next: nobody else changes it meanwhile. SQLite has one
    /// writer at a time anyway.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR NO KEY UPDATE",
        }
    }

    /// Behind a `SELECT` of a row that is deleted next: nobody else changes it, or a row that refers to it, meanwhile.
    pub fn for_deletion(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// The column that every table has, which names a row for the length of a statement.
    pub(crate) fn row_id(self) -> &'static str {
        match self {
            Self::Sqlite => "rowid",
            Self::Postgres => "ctid",
        }
    }

    /// The number before the first slash of a text such as `3/wine`.
    pub fn number_before_slash(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("CAST(substr({text}, 1, instr({text}, '/') - 1) AS INTEGER)"),
            Self::Postgres => format!("CAST(split_part({text}, '/', 1) AS BIGINT)"),
        }
    }

    /// What follows the first slash of a text.
    pub fn behind_slash(self, text: &str) -> String {
        match self {
            Self::Sqlite => format!("substr({text}, instr({text}, '/') + 1)"),
            Self::Postgres => format!("substr({text}, strpos({text}, '/') + 1)"),
        }
    }

    /// `column LIKE pattern`, whatever the case.
    ///
    /// SQLite folds ASCII letters only, PostgreSQL all, as both do under MLflow.
    pub fn ilike(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("LOWER({column}) LIKE "),
            Self::Postgres => format!("{column} ILIKE "),
        }
    }

    /// The spellings of a text to look for with [`Dialect::ilike`], so that the case of other letters than ASCII
    /// does not matter either: small, capital, and with a capital in front.
    pub(crate) fn case_variants(self, text: &str) -> Vec<String> {
        let small = text.to_lowercase();
        if self == Self::Postgres || text.is_ascii() {
            return vec![small];
        }
        let fold = |text: &str| text.to_ascii_lowercase();
        let mut rest = small.chars();
        let first = rest.next().into_iter().flat_map(char::to_uppercase);
        let titled: String = first.chain(rest).collect();
        let mut variants = vec![
            fold(&small),
            fold(&text.to_uppercase()),
            fold(&titled),
            fold(text),
        ];
        variants.sort_unstable();
        variants.dedup();
        variants
    }

    /// The names of all tables, in order.
    pub(crate) fn list_tables(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
            }
            Self::Postgres => {
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            }
        }
    }

    /// The version of the database program, as a text.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT sqlite_version()",
            Self::Postgres => "SELECT current_setting('server_version')",
        }
    }

    /// The name of the database program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// The largest id that an experiment may bring along from another store. PostgreSQL's column has 32
    /// bits; the upper half is left to new experiments.
    pub fn largest_kept_experiment_id(self) -> i64 {
        match self {
            Self::Sqlite => i64::MAX,
            Self::Postgres => 1 << 30,
        }
    }

    /// What follows an experiment that brought its id along, so that no new one gets the same id.
    pub fn after_own_experiment_id(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(
                "SELECT setval(pg_get_serial_sequence('experiments', 'experiment_id'),
                               GREATEST((SELECT MAX(experiment_id) FROM experiments), 1))",
            ),
        }
    }
}
