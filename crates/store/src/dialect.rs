//! Every difference between the databases, by name.

/// The SQL dialect of a connection. PostgreSQL becomes a second variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
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
        }
    }

    /// `x IN <this>`: membership in one parameter that holds a list.
    pub fn any_of(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value FROM json_each({parameter}))"),
        }
    }

    /// The largest id that an experiment may bring along from another store. PostgreSQL's column has 32
    /// bits; the upper half is left to new experiments.
    pub fn largest_kept_experiment_id(self) -> i64 {
        match self {
            Self::Sqlite => i64::MAX,
        }
    }

    /// What follows an experiment that brought its id along, so that no new one gets the same id.
    pub fn after_own_experiment_id(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
        }
    }
}
