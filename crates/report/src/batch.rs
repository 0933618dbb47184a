//! Arrow batches of one signal's records, in the form that is sorted: ids as bytes, texts as numbers.
//!
//! The columns are those of [`schema`], then one for each column of the signal.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::failed::Result;
use arrow::array::{
    ArrayBuilder, ArrayRef, Date32Builder, FixedSizeBinaryBuilder, Int32Builder, Int64Builder, RecordBatch,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use scruple_check::{StoredRecord, StoredValue};

use crate::calendar;
use crate::codes::{Codes, MOST_CODES};
use crate::parquet_file::PartialParquet;
use scruple_cli::counts::PeriodLength;
use scruple_cli::counts::columns::{AttributeColumn, ColumnForm, SignalColumns};

/// The number of records that are in memory before they are written.
pub const BATCH: usize = 8_192;

/// The column of the unit's id: 16 bytes.
pub const UNIT: usize = 0;
/// The column of a span's own id: 16 bytes of trace id, 8 of span id; null for an event, which has no id of its own.
pub const RECORD: usize = 1;
/// The column of the ids that a record carries: those of a span, or of the span that an event is in.
pub const IDS: usize = 2;
/// The column of the first day of the record's period.
pub const PERIOD: usize = 3;
/// The column of the start, in nanoseconds since the epoch.
pub const START: usize = 4;
/// The column of the end.
pub const END: usize = 5;
/// The column of the span's status code.
pub const STATUS: usize = 6;
/// The column of the number of the registry's schema URL.
pub const SCHEMA: usize = 7;
/// The number of columns before those of the signal.
pub const OWN: usize = 8;

/// The schema of a signal's batches.
pub fn schema(signal: &SignalColumns) -> SchemaRef {
    let own = [
        Field::new("unit", DataType::FixedSizeBinary(16), true),
        Field::new("record", DataType::FixedSizeBinary(24), true),
        Field::new("ids", DataType::FixedSizeBinary(24), true),
        Field::new("period", DataType::Date32, false),
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
        Field::new("status", DataType::Int32, false),
        Field::new("schema", DataType::Int32, false),
    ];
    let declared = signal.columns.iter().enumerate().map(|(index, column)| {
        let form = match column.form {
            ColumnForm::Boolean | ColumnForm::IntegerMember | ColumnForm::Text | ColumnForm::Texts => DataType::Int32,
            ColumnForm::Int => DataType::Int64,
            ColumnForm::Uuid => DataType::FixedSizeBinary(16),
            ColumnForm::Hex(bytes) => DataType::FixedSizeBinary(bytes),
        };
        Field::new(format!("c{index}"), form, true)
    });
    Arc::new(Schema::new(own.into_iter().chain(declared).collect::<Vec<_>>()))
}

/// The records of one signal on their way to a file.
pub struct SignalBatch {
    /// The numbers of the texts of each column; empty for a column without texts.
    pub codes: Vec<Codes>,
    /// The number of records so far.
    pub records: u64,
    schema: SchemaRef,
    places: HashMap<String, usize>,
    forms: Vec<ColumnForm>,
    own: OwnBuilders,
    declared: Vec<Builder>,
    slots: Vec<Slot>,
}

struct OwnBuilders {
    unit: FixedSizeBinaryBuilder,
    record: FixedSizeBinaryBuilder,
    ids: FixedSizeBinaryBuilder,
    period: Date32Builder,
    start: Int64Builder,
    end: Int64Builder,
    status: Int32Builder,
    schema: Int32Builder,
}

enum Builder {
    Code(Int32Builder),
    Int(Int64Builder),
    Bytes(FixedSizeBinaryBuilder),
}

/// A value of the current record.
#[derive(Clone, Copy)]
enum Slot {
    Absent,
    Code(i32),
    Int(i64),
    Bytes([u8; 32]),
}

/// Why a record is not taken.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany {
    /// The column with too many different texts.
    pub key: String,
}

impl std::fmt::Display for TooMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: a new value after {MOST_CODES} different ones", self.key)
    }
}

impl SignalBatch {
    /// An empty one.
    pub fn new(signal: &SignalColumns) -> Self {
        let builder = |column: &AttributeColumn| match column.form {
            ColumnForm::Boolean | ColumnForm::IntegerMember | ColumnForm::Text | ColumnForm::Texts => {
                Builder::Code(Int32Builder::new())
            }
            ColumnForm::Int => Builder::Int(Int64Builder::new()),
            ColumnForm::Uuid => Builder::Bytes(FixedSizeBinaryBuilder::new(16)),
            ColumnForm::Hex(bytes) => Builder::Bytes(FixedSizeBinaryBuilder::new(bytes)),
        };
        let codes = |column: &AttributeColumn| match column.form {
            // The members of a list are no lists themselves.
            ColumnForm::Texts => Codes::default(),
            _ => Codes::of(&column.members),
        };
        let columns = &signal.columns;
        Self {
            codes: columns.iter().map(codes).collect(),
            records: 0,
            schema: schema(signal),
            places: columns.iter().enumerate().map(|(index, column)| (column.key.clone(), index)).collect(),
            forms: columns.iter().map(|column| column.form).collect(),
            own: OwnBuilders {
                unit: FixedSizeBinaryBuilder::new(16),
                record: FixedSizeBinaryBuilder::new(24),
                ids: FixedSizeBinaryBuilder::new(24),
                period: Date32Builder::new(),
                start: Int64Builder::new(),
                end: Int64Builder::new(),
                status: Int32Builder::new(),
                schema: Int32Builder::new(),
            },
            declared: columns.iter().map(builder).collect(),
            slots: vec![Slot::Absent; columns.len()],
        }
    }

    /// Takes one record. `schema` is the number of its schema URL.
    ///
    /// # Errors
    /// A column has too many different texts; nothing is taken then.
    pub fn add(
        &mut self,
        record: &StoredRecord<'_>,
        unit_key: Option<&str>,
        length: PeriodLength,
        schema: i32,
    ) -> std::result::Result<(), TooMany> {
        self.slots.fill(Slot::Absent);
        let mut unit = None;
        for (key, value) in record.attributes() {
            // The address that a receiver adds has no column.
            let Some(&place) = self.places.get(key) else { continue };
            let slot = slot(self.forms[place], &value, &mut self.codes[place]);
            self.slots[place] = slot.ok_or_else(|| TooMany { key: key.to_owned() })?;
            if let (true, Slot::Bytes(bytes)) = (Some(key) == unit_key, self.slots[place]) {
                unit = Some(bytes);
            }
        }
        let mut ids = [0; 24];
        let has_ids = record.trace_id.len() == 16 && record.span_id.len() == 8;
        if has_ids {
            ids[..16].copy_from_slice(record.trace_id);
            ids[16..].copy_from_slice(record.span_id);
        }
        let is_span = record.kind == scruple_registry::SignalKind::Span;
        let period = calendar::period(length, record.start).start;
        let own = &mut self.own;
        bytes(&mut own.unit, unit.as_ref().map(|unit| unit.as_slice()), 16);
        bytes(&mut own.record, (has_ids && is_span).then_some(ids.as_slice()), 24);
        bytes(&mut own.ids, has_ids.then_some(ids.as_slice()), 24);
        own.period.append_value(days(period));
        own.start.append_value(record.start.cast_signed());
        own.end.append_value(record.end.cast_signed());
        own.status.append_value(record.status);
        own.schema.append_value(schema);
        for ((builder, slot), form) in self.declared.iter_mut().zip(&self.slots).zip(&self.forms) {
            match (builder, slot) {
                (Builder::Code(builder), Slot::Code(code)) => builder.append_value(*code),
                (Builder::Code(builder), _) => builder.append_null(),
                (Builder::Int(builder), Slot::Int(value)) => builder.append_value(*value),
                (Builder::Int(builder), _) => builder.append_null(),
                (Builder::Bytes(builder), Slot::Bytes(value)) => bytes(builder, Some(value), width(*form)),
                (Builder::Bytes(builder), _) => builder.append_null(),
            }
        }
        self.records += 1;
        Ok(())
    }

    /// Writes what is in memory, if it is a whole batch or `is_last`.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&mut self, to: &mut Option<PartialParquet>, path: &Path, is_last: bool) -> Result<()> {
        let length = self.own.start.len();
        if length == 0 || (length < BATCH && !is_last) {
            return Ok(());
        }
        let batch = self.take()?;
        if to.is_none() {
            *to = Some(PartialParquet::temporary(path, &self.schema)?);
        }
        to.as_mut().map_or(Ok(()), |file| file.write(&batch))
    }

    fn take(&mut self) -> Result<RecordBatch> {
        let own = &mut self.own;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(own.unit.finish()),
            Arc::new(own.record.finish()),
            Arc::new(own.ids.finish()),
            Arc::new(own.period.finish()),
            Arc::new(own.start.finish()),
            Arc::new(own.end.finish()),
            Arc::new(own.status.finish()),
            Arc::new(own.schema.finish()),
        ];
        arrays.extend(self.declared.iter_mut().map(|builder| match builder {
            Builder::Code(builder) => ArrayBuilder::finish(builder),
            Builder::Int(builder) => ArrayBuilder::finish(builder),
            Builder::Bytes(builder) => ArrayBuilder::finish(builder),
        }));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)
    }
}

fn slot(form: ColumnForm, value: &StoredValue<'_>, codes: &mut Codes) -> Option<Slot> {
    Some(match (form, value) {
        (ColumnForm::Boolean, StoredValue::Boolean(value)) => Slot::Code((*value).into()),
        (ColumnForm::Int, StoredValue::Int(value)) => Slot::Int(*value),
        (ColumnForm::Uuid | ColumnForm::Hex(_), StoredValue::Text(text)) => hex(text).map_or(Slot::Absent, Slot::Bytes),
        (ColumnForm::Texts, StoredValue::Texts(texts)) => Slot::Code(codes.list(texts)?),
        (ColumnForm::Text, StoredValue::Text(text)) => Slot::Code(codes.number(text)?),
        // Versions that declare one key with different forms meet in text.
        (ColumnForm::Text, StoredValue::Boolean(value)) => Slot::Code(codes.number(&value.to_string())?),
        (ColumnForm::IntegerMember | ColumnForm::Text, StoredValue::Int(value)) => {
            Slot::Code(codes.number(&value.to_string())?)
        }
        (ColumnForm::Text, StoredValue::Texts(texts)) => Slot::Code(codes.number(&texts.join(", "))?),
        _ => Slot::Absent,
    })
}

/// The bytes of a UUID or a hash; the check has seen that it is one.
fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = text.bytes().filter(|byte| *byte != b'-').map(|byte| char::from(byte).to_digit(16));
    for (place, digit) in digits.enumerate() {
        let byte = bytes.get_mut(place / 2)?;
        *byte = *byte << 4 | u8::try_from(digit?).ok()?;
    }
    Some(bytes)
}

fn width(form: ColumnForm) -> usize {
    match form {
        ColumnForm::Hex(bytes) => usize::try_from(bytes).unwrap_or(32),
        _ => 16,
    }
}

/// Appends the first bytes of a value; the builder's own width is the same, so it does not refuse.
fn bytes(builder: &mut FixedSizeBinaryBuilder, value: Option<&[u8]>, width: usize) {
    let appended = value.and_then(|value| value.get(..width)).map(|value| builder.append_value(value));
    if !matches!(appended, Some(Ok(()))) {
        builder.append_null();
    }
}

/// Days since the epoch, as Arrow counts them.
pub fn days(date: chrono::NaiveDate) -> i32 {
    i32::try_from((date - chrono::NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}
