//! Pairs of attributes that records are counted by together.

use std::collections::BTreeMap;

/// The index of the first pair that forms a circle with those before it; the order of a pair's keys has no meaning.
///
/// The tables of a circle's pairs together reveal numbers that no single table shows. Example: the attributes a, b and c
/// have two values each; the three tables reveal how many records have the first value, or the second, of all three.
pub fn circle<'a>(pairs: impl IntoIterator<Item = [&'a str; 2]>) -> Option<usize> {
    // Keys that pairs connect have the same number.
    let mut connected: BTreeMap<&str, usize> = BTreeMap::new();
    pairs.into_iter().enumerate().find_map(|(index, [one, other])| {
        let one = *connected.entry(one).or_insert(2 * index);
        let other = *connected.entry(other).or_insert(2 * index + 1);
        connected.values_mut().filter(|number| **number == other).for_each(|number| *number = one);
        (one == other).then_some(index)
    })
}

#[cfg(test)]
mod tests {
    use super::circle;

    #[test]
    fn a_pair_whose_keys_others_connect_forms_a_circle() {
        assert_eq!(circle([]), None);
        assert_eq!(circle([["a", "b"], ["c", "d"], ["b", "c"], ["e", "a"]]), None);
        assert_eq!(circle([["a", "b"], ["c", "d"], ["b", "c"], ["d", "a"]]), Some(3));
        assert_eq!(circle([["a", "b"], ["b", "a"]]), Some(1));
        assert_eq!(circle([["a", "a"]]), Some(0));
    }
}
