//! The operator's rows: one a record, flat and typed.
//!
//! The columns are those of [`flat_schema`], then one for each attribute, by its key (no key begins with `_`): a boolean, a
//! whole number, text (dictionary encoded), or a list of texts.

use std::sync::Arc;

use crate::failed::Result;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, FixedSizeBinaryArray, Int32Array, Int64Array, ListBuilder,
    RecordBatch, StringArray, StringBuilder, TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit};
use scruple_registry::SignalKind;

use crate::batch::{END, IDS, OWN, PERIOD, SCHEMA, START, STATUS};
use crate::codes::{Codes, list};
use scruple_cli::counts::STATUS_WORDS;
use scruple_cli::counts::columns::{ColumnForm, SignalColumns};

/// The schema of the operator's file.
fn flat_schema(signal: &SignalColumns) -> SchemaRef {
    let time = || DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("_period", DataType::Date32, false),
        Field::new("_time", time(), false),
        Field::new("_schema_url", dictionary(), false),
        Field::new("_trace_id", DataType::Utf8, true),
        Field::new("_span_id", DataType::Utf8, true),
    ];
    if signal.kind == SignalKind::Span {
        fields.push(Field::new("_duration_ns", DataType::Int64, false));
        fields.push(Field::new("_status", dictionary(), false));
    }
    fields.extend(signal.columns.iter().map(|column| {
        let form = match column.form {
            ColumnForm::Boolean => DataType::Boolean,
            ColumnForm::Int | ColumnForm::IntegerMember => DataType::Int64,
            ColumnForm::Text => dictionary(),
            ColumnForm::Texts => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            ColumnForm::Uuid | ColumnForm::Hex(_) => DataType::Utf8,
        };
        Field::new(&column.key, form, true)
    }));
    Arc::new(Schema::new(fields))
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Turns sorted batches into rows of the operator's file.
pub struct Flat {
    schema: SchemaRef,
    kind: SignalKind,
    forms: Vec<ColumnForm>,
    /// The texts of each column.
    texts: Vec<Arc<StringArray>>,
    schema_urls: Arc<StringArray>,
    statuses: Arc<StringArray>,
}

impl Flat {
    /// For one signal.
    pub fn new(signal: &SignalColumns, codes: &[Codes], schema_urls: &Codes) -> Self {
        let texts = |codes: &Codes| Arc::new(codes.texts().map(Some).collect::<StringArray>());
        Self {
            schema: flat_schema(signal),
            kind: signal.kind,
            forms: signal.columns.iter().map(|column| column.form).collect(),
            texts: codes.iter().map(texts).collect(),
            schema_urls: texts(schema_urls),
            statuses: Arc::new(STATUS_WORDS.iter().map(Some).collect()),
        }
    }

    /// The schema of the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows of a batch.
    ///
    /// # Errors
    /// The batch has other columns.
    pub fn rows(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let column = |index: usize| batch.column(index);
        let starts = column(START).as_primitive::<Int64Type>();
        let ids = column(IDS).as_fixed_size_binary();
        let [trace, span] = [0..16, 16..24].map(|range: std::ops::Range<usize>| -> ArrayRef {
            Arc::new(each(ids, |id| id.get(range.clone()).map(hex)))
        });
        let mut arrays = vec![
            Arc::clone(column(PERIOD)),
            Arc::new(TimestampNanosecondArray::new(starts.values().clone(), None).with_timezone("UTC")),
            named(column(SCHEMA), &self.schema_urls)?,
            trace,
            span,
        ];
        if self.kind == SignalKind::Span {
            let ends = column(END).as_primitive::<Int64Type>();
            let durations = arrow::compute::kernels::numeric::sub_wrapping(ends, starts)?;
            arrays.extend([durations, named(column(STATUS), &self.statuses)?]);
        }
        for (index, form) in self.forms.iter().enumerate() {
            let column = column(OWN + index);
            arrays.push(match (form, self.texts.get(index)) {
                (ColumnForm::Text, Some(texts)) => named(column, texts)?,
                (ColumnForm::Texts, Some(texts)) => lists(column.as_primitive::<Int32Type>(), texts),
                (ColumnForm::IntegerMember, Some(texts)) => {
                    Arc::new(integers(column.as_primitive::<Int32Type>(), texts))
                }
                (ColumnForm::Boolean, _) => {
                    let codes = column.as_primitive::<Int32Type>();
                    Arc::new(codes.iter().map(|code| code.map(|code| code != 0)).collect::<BooleanArray>())
                }
                (ColumnForm::Uuid, _) => Arc::new(each(column.as_fixed_size_binary(), |id| Some(uuid(id)))),
                (ColumnForm::Hex(_), _) => Arc::new(each(column.as_fixed_size_binary(), |id| Some(hex(id)))),
                _ => Arc::clone(column),
            });
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)
    }
}

fn named(codes: &ArrayRef, texts: &Arc<StringArray>) -> Result<ArrayRef> {
    let codes: &Int32Array = codes.as_primitive();
    let texts: ArrayRef = Arc::<StringArray>::clone(texts);
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(codes.clone(), texts)?))
}

/// The numbers whose texts these are.
fn integers(codes: &Int32Array, texts: &StringArray) -> Int64Array {
    let numbers: Vec<Option<i64>> = texts.iter().map(|text| text?.parse().ok()).collect();
    let number = |code: Option<i32>| usize::try_from(code?).ok().and_then(|code| *numbers.get(code)?);
    codes.iter().map(number).collect()
}

fn lists(codes: &Int32Array, texts: &StringArray) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for code in codes {
        let text = code.and_then(|code| usize::try_from(code).ok()).filter(|code| *code < texts.len());
        text.into_iter()
            .flat_map(|code| list(texts.value(code)))
            .for_each(|member| lists.values().append_value(member));
        lists.append(text.is_some());
    }
    Arc::new(lists.finish())
}

fn each(ids: &FixedSizeBinaryArray, text: impl Fn(&[u8]) -> Option<String>) -> StringArray {
    ids.iter().map(|id| id.and_then(&text)).collect()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |number: u8| char::from(DIGITS[usize::from(number & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

fn uuid(bytes: &[u8]) -> String {
    let digits = hex(bytes);
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}
