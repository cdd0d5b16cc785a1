//! Tables of runs as files: streamed, some rows at a time.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::try_unfold;
use oxflow_core::limits::MAX_FILE_NAME_CHARS;
use oxflow_core::{Cell, Invalid, check_length};
use oxflow_search::{ColumnAttribute, RunColumn};
use oxflow_store::{ChildrenOf, RunIdList, RunTable};
use oxflow_wire::{CellJson, ExportLink, ExportRequest, Field, RowJson, parse_body};

use super::artifact_files::content_disposition;
use super::run_tables::children_of;
use super::selection::{columns, selection, sort};
use crate::extract::{AnyJsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

impl QueryFields for ExportLink {}

/// Cells that are in memory at a time.
const CELLS_PER_PIECE: usize = 10_000;

/// All rows of a table.
pub(crate) async fn export(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<ExportRequest>,
) -> Result<Response, ApiError> {
    start(app, req).await
}

/// The same by a link.
pub(crate) async fn export_by_link(
    State(app): State<App>,
    QueryFieldsOf(link): QueryFieldsOf<ExportLink>,
) -> Result<Response, ApiError> {
    let request = link.request.required("request")?;
    start(app, parse_body(request.as_bytes())?).await
}

async fn start(app: App, req: ExportRequest) -> Result<Response, ApiError> {
    let table = RunTable {
        selection: selection(req.selection)?,
        sort: sort(req.sort)?,
    };
    let run_id = RunColumn::Attribute(ColumnAttribute::RunId);
    let mut all_columns = columns(req.columns)?;
    all_columns.retain(|column| *column != run_id);
    all_columns.insert(0, run_id);
    let format = Format::parse(req.format)?;
    let file_name = file_name(req.file_name, format)?;
    let export = Export {
        children: children_of(&table.selection),
        list: Arc::new(app.store.list_runs(table).await?),
        app,
        columns: Arc::new(all_columns),
        format,
        next_row: 0,
        is_over: false,
    };
    let body = Body::from_stream(try_unfold(export, Export::next));
    let headers = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            content_disposition("attachment", &file_name),
        ),
    ];
    Ok((headers, body).into_response())
}

fn file_name(field: Field<String>, format: Format) -> Result<String, Invalid> {
    let name = field.optional("file_name")?.filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Ok(format.file_name().to_owned());
    };
    check_length("file_name", MAX_FILE_NAME_CHARS, &name)?;
    if name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(Invalid::new("'file_name' must be a name, without a path"));
    }
    Ok(name)
}

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

impl Format {
    fn parse(field: Field<String>) -> Result<Self, Invalid> {
        match field.optional("format")?.as_deref() {
            None | Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some(_) => Err(Invalid::new("'format' must be csv or json")),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "runs.csv",
            Self::Json => "runs.json",
        }
    }
}

/// A file that is being written. Dropped when the client goes away, and with it whatever was still to read.
struct Export {
    app: App,
    list: Arc<RunIdList>,
    columns: Arc<Vec<RunColumn>>,
    children: ChildrenOf,
    format: Format,
    next_row: usize,
    is_over: bool,
}

impl Export {
    /// The next piece; `None` behind the last one.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.is_over {
            return Ok(None);
        }
        let first_row = self.next_row;
        let rows = (CELLS_PER_PIECE / self.columns.len()).max(1);
        let ids = self.list.window(first_row, rows);
        self.next_row += ids.len();
        self.is_over = self.next_row >= self.list.len();
        let cells = self
            .app
            .cells(ids, self.columns.to_vec(), self.children.clone())
            .await
            .map_err(broken_off)?;
        let piece = Piece {
            columns: Arc::clone(&self.columns),
            cells,
            is_first: first_row == 0,
            is_last: self.is_over,
        };
        let format = self.format;
        let written = tokio::task::spawn_blocking(move || piece.write(format)).await;
        let bytes = written.map_err(io::Error::other)??;
        Ok(Some((bytes.into(), self)))
    }
}

/// The answer has begun, so that it can only be broken off.
fn broken_off(error: ApiError) -> io::Error {
    io::Error::other(error.into_message())
}

/// Some rows of a file.
struct Piece {
    columns: Arc<Vec<RunColumn>>,
    cells: Vec<Vec<Cell>>,
    is_first: bool,
    is_last: bool,
}

impl Piece {
    fn write(self, format: Format) -> io::Result<Vec<u8>> {
        match format {
            Format::Csv => self.write_csv(),
            Format::Json => self.write_json(),
        }
    }

    fn rows(&self) -> usize {
        self.cells.first().map_or(0, Vec::len)
    }

    fn write_csv(self) -> io::Result<Vec<u8>> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        if self.is_first {
            writer.write_record(self.columns.iter().map(ToString::to_string))?;
        }
        for row in 0..self.rows() {
            for column in &self.cells {
                writer.write_field(csv_text(&column[row])?.as_bytes())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))
    }

    fn write_json(self) -> io::Result<Vec<u8>> {
        let mut json = Vec::new();
        let names: Vec<String> = self.columns.iter().map(ToString::to_string).collect();
        let rows = self.rows();
        for row in 0..rows {
            let begin: &[u8] = if self.is_first && row == 0 { b"[\n" } else { b",\n" };
            json.extend_from_slice(begin);
            let object = RowJson {
                names: &names,
                columns: &self.cells,
                row,
            };
            serde_json::to_writer(&mut json, &object)?;
        }
        if self.is_last {
            let end: &[u8] = if self.is_first && rows == 0 {
                b"[]\n"
            } else {
                b"\n]\n"
            };
            json.extend_from_slice(end);
        }
        Ok(json)
    }
}

/// A cell as a field of a CSV file. Data is data: nothing is done against spreadsheets that take it for a formula.
fn csv_text(cell: &Cell) -> io::Result<Cow<'_, str>> {
    Ok(match cell {
        Cell::Missing => Cow::Borrowed(""),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Number(number) if number.is_infinite() => {
            Cow::Borrowed(if *number > 0.0 { "Infinity" } else { "-Infinity" })
        }
        Cell::Number(number) if number.is_nan() => Cow::Borrowed("NaN"),
        other => Cow::Owned(serde_json::to_string(&CellJson(other))?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(cells: Vec<Vec<Cell>>, is_first: bool, is_last: bool) -> Piece {
        let columns = ["attribute.run_id", "param.a,b"].map(|name| RunColumn::parse(name).unwrap());
        Piece {
            columns: Arc::new(columns.to_vec()),
            cells,
            is_first,
            is_last,
        }
    }

    fn text(bytes: io::Result<Vec<u8>>) -> String {
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn what_csv_could_misread_is_quoted() {
        let values = ["plain", "a,b", "say \"x\"", "two\r\nlines", "", "=1+1"];
        let ids = (0..values.len()).map(|i| Cell::Int(i as i64)).collect();
        let texts = values.iter().map(|text| Cell::Text((*text).to_owned())).collect();
        assert_eq!(
            text(piece(vec![ids, texts], true, true).write_csv()),
            "attribute.run_id,\"param.a,b\"\r\n0,plain\r\n1,\"a,b\"\r\n2,\"say \"\"x\"\"\"\r\n3,\"two\r\nlines\"\r\n4,\r\n5,=1+1\r\n"
        );
    }

    #[test]
    fn pieces_make_one_array() {
        let cells = |i| vec![vec![Cell::Int(i)], vec![Cell::Missing]];
        let whole = text(piece(cells(1), true, false).write_json())
            + &text(piece(cells(2), false, true).write_json());
        let parsed: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(
            parsed,
            serde_json::json!([{"attribute.run_id": 1, "param.a,b": null}, {"attribute.run_id": 2, "param.a,b": null}])
        );
        assert_eq!(text(piece(vec![vec![], vec![]], true, true).write_json()), "[]\n");
    }
}
