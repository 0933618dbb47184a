//! A reader who adds and subtracts all that is published, and knows the records to tell whom they found.
//!
//! It shares no code with the threshold. An *atom* is a combination of values that a record may have; each published
//! number is the sum of the records of some atoms. A set of atoms is *had* if its indicator is a linear combination of
//! theirs, that is, if it is orthogonal to all that is orthogonal to them. All sets are tried.

use std::collections::BTreeSet;

/// Arithmetic modulo this prime is exact here: no determinant of so small matrices of zeros and ones reaches it.
const PRIME: i128 = (1 << 61) - 1;

/// Records, each with its unit and the atom that it is in.
pub struct Truth {
    pub atoms: usize,
    pub records: Vec<(u32, usize)>,
}

impl Truth {
    /// The records and units of a set of atoms.
    fn of(&self, set: impl Fn(usize) -> bool) -> (usize, usize) {
        let inside: Vec<_> = self.records.iter().filter(|(_, atom)| set(*atom)).collect();
        (inside.len(), inside.iter().map(|(unit, _)| unit).collect::<BTreeSet<_>>().len())
    }

    /// Sets of atoms that can be had from the published sums, with records of fewer than `threshold` units.
    pub fn had_of_few(&self, published: &[Vec<bool>], threshold: usize) -> Vec<Vec<usize>> {
        assert!(self.atoms <= 20, "2^{} sets are too many", self.atoms);
        let orthogonal = orthogonal(published, self.atoms);
        let mut found = Vec::new();
        let mut sums = vec![0_i128; orthogonal.len()];
        let mut set = 0_u32;
        // The order of Gray's code: one atom enters or leaves at a time.
        for step in 1..1_u32 << self.atoms {
            let atom = step.trailing_zeros() as usize;
            set ^= 1 << atom;
            let enters = set & (1 << atom) != 0;
            for (sum, vector) in sums.iter_mut().zip(&orthogonal) {
                *sum = (*sum + if enters { vector[atom] } else { PRIME - vector[atom] }) % PRIME;
            }
            if sums.iter().all(|sum| *sum == 0) {
                let (records, units) = self.of(|atom| set & (1 << atom) != 0);
                if records > 0 && units < threshold {
                    found.push((0..self.atoms).filter(|atom| set & (1 << atom) != 0).collect());
                }
            }
        }
        found
    }
}

/// A basis of the vectors that are orthogonal to all rows.
fn orthogonal(rows: &[Vec<bool>], width: usize) -> Vec<Vec<i128>> {
    let mut rows: Vec<Vec<i128>> = rows.iter().map(|row| row.iter().map(|one| i128::from(*one)).collect()).collect();
    let mut leading = Vec::new();
    for column in 0..width {
        let done = leading.len();
        let Some(found) = (done..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
        rows.swap(done, found);
        let inverse = power(rows[done][column], PRIME - 2);
        rows[done].iter_mut().for_each(|value| *value = *value * inverse % PRIME);
        let pivot = rows[done].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, row)| *index != done && row[column] != 0) {
            let factor = row[column];
            row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value = (*value + (PRIME - factor) * pivot) % PRIME);
        }
        leading.push(column);
    }
    let free = (0..width).filter(|column| !leading.contains(column));
    let vector = |free: usize| {
        let mut vector = vec![0; width];
        vector[free] = 1;
        leading.iter().zip(&rows).for_each(|(column, row)| vector[*column] = (PRIME - row[free]) % PRIME);
        vector
    };
    free.map(vector).collect()
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// Numbers that are the same in each run (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    /// Small numbers are more frequent, as in real tables.
    pub fn skewed(&mut self, end: usize) -> usize {
        let limit = self.below(end) + 1;
        self.below(limit)
    }
}
