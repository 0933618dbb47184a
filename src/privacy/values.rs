//! Treated values, and those of one record, each in the place of its attribute.

/// A sanitized value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// A number within its declared range.
    Count(i64),
    /// The index of a declared member.
    Member(u16),
    /// A bit for each declared name.
    Names(u64),
    /// The first 16 bytes of a keyed hash.
    Hash([u8; 16]),
    /// A plain SHA-256.
    Sha256([u8; 32]),
    /// A version.
    Version(Version),
    /// A line in a declared source file.
    Location {
        /// The index of the file.
        file: u16,
        /// The line, from 1.
        line: u32,
    },
}

/// One to three numbers under 10,000 and an optional pre-release tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// The numbers; only the first `parts` are used.
    pub numbers: [u16; 3],
    /// How many numbers: 1 to 3.
    pub parts: u8,
    /// The tag, an index into [`PRE_RELEASE`].
    pub tag: Option<u8>,
}

/// The known pre-release tags of a version.
pub const PRE_RELEASE: [&str; 9] = ["alpha", "beta", "rc", "pre", "preview", "dev", "nightly", "snapshot", "canary"];

/// The treated values of one record, each in the place of its attribute: fields come in any order, and a value is never
/// moved. A signal has at most [`MAX_ATTRIBUTES`](crate::registry::MAX_ATTRIBUTES) attributes, a bit for each.
#[derive(Clone)]
pub(super) struct SlotValues {
    /// The attributes that have a value. What the others' places contain is meaningless.
    present: u64,
    places: Vec<Value>,
}

impl SlotValues {
    /// No values, with room for this many attributes.
    pub(super) fn new(attributes: usize) -> Self {
        Self { present: 0, places: vec![Value::Boolean(false); attributes] }
    }

    /// Removes all values, and makes room for this many attributes.
    #[inline]
    pub(super) fn reset(&mut self, attributes: usize) {
        self.present = 0;
        self.places.resize(attributes, Value::Boolean(false));
    }

    /// The place of an attribute's value, which has one from now on.
    #[inline(always)]
    pub(super) fn place(&mut self, slot: u8) -> Option<&mut Value> {
        let place = self.places.get_mut(usize::from(slot))?;
        self.present |= bit(slot);
        Some(place)
    }

    pub(super) fn put(&mut self, slot: u8, value: Value) {
        if let Some(place) = self.place(slot) {
            *place = value;
        }
    }

    pub(super) fn remove(&mut self, slot: u8) {
        self.present &= !bit(slot);
    }

    /// Whether an attribute has a value.
    pub(super) fn has(&self, slot: u8) -> bool {
        self.present & bit(slot) != 0
    }

    /// The attributes of a set that have no value.
    pub(super) fn missing(&self, of: u64) -> impl Iterator<Item = u8> {
        slots(of & !self.present)
    }

    /// The values and their attributes, in the order of the attributes.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u8, &Value)> {
        slots(self.present).filter_map(|slot| Some((slot, self.places.get(usize::from(slot))?)))
    }
}

impl PartialEq for SlotValues {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// The bit of an attribute in a set.
#[inline]
pub(super) fn bit(slot: u8) -> u64 {
    1_u64.checked_shl(u32::from(slot)).unwrap_or_default()
}

/// The attributes of a set, ascending.
#[inline]
fn slots(mut set: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let slot = u8::try_from(set.trailing_zeros()).ok().filter(|_| set != 0)?;
        set &= set - 1;
        Some(slot)
    })
}

#[cfg(test)]
mod tests {
    use super::{SlotValues, Value, bit};

    fn slots_of(values: &SlotValues) -> Vec<u8> {
        values.iter().map(|(slot, _)| slot).collect()
    }

    #[test]
    fn values_come_in_the_order_of_their_attributes_and_the_last_one_counts() {
        let mut values = SlotValues::new(32);
        [31, 0, 7, 0].into_iter().zip(0..).for_each(|(slot, value)| values.put(slot, Value::Count(value)));
        let found: Vec<_> = values.iter().map(|(slot, value)| (slot, *value)).collect();
        assert_eq!(found, [(0, Value::Count(3)), (7, Value::Count(2)), (31, Value::Count(0))]);
        values.remove(7);
        assert_eq!(slots_of(&values), [0, 31]);
        assert_eq!(values.missing(bit(7) | bit(31)).collect::<Vec<_>>(), [7]);
    }

    /// A record is reused: a value of the previous record is not a value of the next one.
    #[test]
    fn a_reset_leaves_no_value() {
        let mut values = SlotValues::new(2);
        values.put(1, Value::Count(1));
        values.reset(3);
        assert!(slots_of(&values).is_empty());
        assert!(values == SlotValues::new(0));
        values.put(2, Value::Count(2));
        values.put(3, Value::Count(3));
        assert_eq!(slots_of(&values), [2], "there is no attribute 3");
    }
}
