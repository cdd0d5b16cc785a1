//! Cells of tables of runs as JSON.

use oxflow_core::{Cell, DatasetUse, ModelOfRun};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::Double;

/// Columns of a table by name, in the order in which they were asked for.
#[derive(Debug)]
pub struct Columns(pub Vec<(String, Vec<Cell>)>);

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, cells) in &self.0 {
            map.serialize_entry(name, &Cells(cells))?;
        }
        map.end()
    }
}

struct Cells<'c>(&'c [Cell]);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for cell in self.0 {
            list.serialize_element(&CellJson(cell))?;
        }
        list.end()
    }
}

/// A row of a table as an object.
#[derive(Debug)]
pub struct RowJson<'r> {
    /// The names of the columns.
    pub names: &'r [String],
    /// Their cells.
    pub columns: &'r [Vec<Cell>],
    /// Which row.
    pub row: usize,
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells = self.columns.iter().map(|cells| CellJson(&cells[self.row]));
        serializer.collect_map(self.names.iter().zip(cells))
    }
}

/// A cell as JSON.
#[derive(Debug)]
pub struct CellJson<'c>(pub &'c Cell);

impl Serialize for CellJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Missing => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Int(number) => serializer.serialize_i64(*number),
            Cell::Number(number) => Double(*number).serialize(serializer),
            Cell::Datasets(datasets) => serializer.collect_seq(datasets.iter().map(DatasetJson)),
            Cell::Models(models) => serializer.collect_seq(models.iter().map(ModelJson)),
        }
    }
}

struct DatasetJson<'d>(&'d DatasetUse);

impl Serialize for DatasetJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("digest", &self.0.digest)?;
        map.serialize_entry("context", &self.0.context)?;
        map.end()
    }
}

struct ModelJson<'m>(&'m ModelOfRun);

impl Serialize for ModelJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self.0 {
            ModelOfRun::Registered { name, version } => {
                map.serialize_entry("name", name)?;
                map.serialize_entry("version", version)?;
            }
            ModelOfRun::Logged { model_id, name } => {
                map.serialize_entry("model_id", model_id)?;
                map.serialize_entry("name", name)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_lacks_are_texts() {
        let cells = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5].map(Cell::Number);
        assert_eq!(
            serde_json::to_string(&Cells(&cells)).unwrap(),
            r#"["NaN","Infinity","-Infinity",0.5]"#
        );
    }
}
