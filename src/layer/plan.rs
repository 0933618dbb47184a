//! Plans: the destinations of the fields of each declared callsite, found by the address of its metadata.
//!
//! An open-addressed table of cells that are written once, so that a look-up takes a load and a comparison and no lock.
//! Only declared callsites are added, and a program has few of them; when the table is full, records of further
//! callsites are dropped and counted.

use crate::privacy::{DropReason, Field, Sanitizer, SignalId};
use crate::registry::SignalKind;
use std::sync::OnceLock;
use tracing::Metadata;

const CELLS: usize = 1024;

/// The plans of one layer, and how it finds the destination of a field.
pub(crate) struct CallsiteCache {
    cells: Vec<OnceLock<Plan>>,
    field: FindField,
}

type FindField = fn(&Sanitizer, SignalId, &str) -> Field;

struct Plan {
    address: usize,
    of: SignalId,
    fields: Box<[Field]>,
}

impl CallsiteCache {
    pub(crate) fn new(field: FindField) -> Self {
        Self { cells: (0..CELLS).map(|_| OnceLock::new()).collect(), field }
    }

    /// The plan of a callsite; `None` for an undeclared one.
    #[inline]
    pub(crate) fn get(
        &self,
        sanitizer: &Sanitizer,
        metadata: &'static Metadata<'static>,
    ) -> Result<Option<(SignalId, &[Field])>, DropReason> {
        let address = std::ptr::from_ref(metadata).addr();
        // Metadata is aligned and some hundred bytes apart: the low bits carry little information.
        let first = (address >> 4) ^ (address >> 12);
        let mut compiled = None;
        for cell in (0..CELLS).filter_map(|step| self.cells.get((first + step) % CELLS)) {
            if cell.get().is_none() {
                let plan = match compiled.take() {
                    Some(plan) => plan,
                    None => match self.compile(sanitizer, metadata, address) {
                        Some(plan) => plan,
                        None => return Ok(None),
                    },
                };
                // Another thread may write first, for this callsite or another.
                compiled = cell.set(plan).err();
            }
            if let Some(plan) = cell.get().filter(|plan| plan.address == address) {
                return Ok(Some((plan.of, &plan.fields)));
            }
        }
        Err(DropReason::TooManyCallsites)
    }

    fn compile(&self, sanitizer: &Sanitizer, metadata: &'static Metadata<'static>, address: usize) -> Option<Plan> {
        let of = sanitizer.find(kind(metadata), metadata.name())?;
        let fields = metadata.fields().iter().map(|field| (self.field)(sanitizer, of, field.name())).collect();
        Some(Plan { address, of, fields })
    }
}

/// The kind of a callsite's signal.
pub(crate) fn kind(metadata: &Metadata<'_>) -> SignalKind {
    if metadata.is_span() { SignalKind::Span } else { SignalKind::Event }
}
