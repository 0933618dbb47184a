//! Ranges of whole numbers and of durations: what is counted instead of the numbers themselves.

/// The first duration of each bucket, in nanoseconds, with its text; the first bucket is that of 0.
const DURATIONS: [(u64, &str); 25] = [
    (1, "0 s"),
    (1_000_000, "1 ms"),
    (2_000_000, "2 ms"),
    (5_000_000, "5 ms"),
    (10_000_000, "10 ms"),
    (20_000_000, "20 ms"),
    (50_000_000, "50 ms"),
    (100_000_000, "100 ms"),
    (200_000_000, "200 ms"),
    (500_000_000, "500 ms"),
    (1_000_000_000, "1 s"),
    (2_000_000_000, "2 s"),
    (5_000_000_000, "5 s"),
    (10_000_000_000, "10 s"),
    (20_000_000_000, "20 s"),
    (30_000_000_000, "30 s"),
    (60_000_000_000, "1 min"),
    (120_000_000_000, "2 min"),
    (300_000_000_000, "5 min"),
    (600_000_000_000, "10 min"),
    (1_800_000_000_000, "30 min"),
    (3_600_000_000_000, "1 h"),
    (7_200_000_000_000, "2 h"),
    (21_600_000_000_000, "6 h"),
    (86_400_000_000_000, "1 day"),
];

/// The number of buckets of durations.
pub const DURATION_BUCKETS: usize = DURATIONS.len() + 1;

/// The bucket of a duration in nanoseconds.
pub fn of_duration(nanoseconds: u64) -> usize {
    DURATIONS.partition_point(|(first, _)| *first <= nanoseconds)
}

/// The text of a bucket of durations.
pub fn duration_text(bucket: usize) -> String {
    let text = |bucket: usize| DURATIONS.get(bucket).map_or("", |(_, text)| text);
    match bucket {
        0 => "0 s".to_owned(),
        1 => "under 1 ms".to_owned(),
        DURATION_BUCKETS.. => String::new(),
        _ if bucket == DURATION_BUCKETS - 1 => "1 day or more".to_owned(),
        _ => format!("{} to {}", text(bucket - 1), text(bucket)),
    }
}

/// The bucket of a whole number: 0, 1, 2 to 4, 5 to 9, 10 to 19, 20 to 49, 50 to 99 and so on.
pub fn of_number(number: i64) -> usize {
    let mut bucket = 0;
    while first(bucket + 1).is_some_and(|first| first <= number) {
        bucket += 1;
    }
    bucket
}

/// The text of a bucket of whole numbers that are at most `max`.
pub fn number_text(bucket: usize, max: i64) -> String {
    let from = first(bucket).unwrap_or(i64::MAX);
    let to = first(bucket + 1).map_or(i64::MAX, |next| next - 1).min(max);
    if from >= to { from.to_string() } else { format!("{from} to {to}") }
}

/// The first number of a bucket; `None` beyond 64 bits.
fn first(bucket: usize) -> Option<i64> {
    let Some(step) = bucket.checked_sub(1) else { return Some(0) };
    let power = 10_i64.checked_pow(u32::try_from(step / 3).ok()?)?;
    power.checked_mul([1, 2, 5][step % 3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_the_bucket_whose_text_names_it() {
        let texts: Vec<_> = (0..9).map(|bucket| number_text(bucket, 70)).collect();
        assert_eq!(texts, ["0", "1", "2 to 4", "5 to 9", "10 to 19", "20 to 49", "50 to 70", "100", "200"]);
        for (number, bucket) in [(0, 0), (1, 1), (2, 2), (4, 2), (5, 3), (49, 5), (50, 6), (99, 6), (100, 7)] {
            assert_eq!(of_number(number), bucket, "{number}");
        }
        assert!(number_text(of_number(i64::MAX), i64::MAX).ends_with(&i64::MAX.to_string()));
    }

    #[test]
    fn a_duration_is_in_the_bucket_whose_text_names_it() {
        let check = |nanoseconds, text: &str| assert_eq!(duration_text(of_duration(nanoseconds)), text);
        check(0, "0 s");
        check(1, "under 1 ms");
        check(999_999, "under 1 ms");
        check(1_000_000, "1 ms to 2 ms");
        check(999_999_999, "500 ms to 1 s");
        check(1_000_000_000, "1 s to 2 s");
        check(86_399_999_999_999, "6 h to 1 day");
        check(86_400_000_000_000, "1 day or more");
        check(u64::MAX, "1 day or more");
        assert_eq!(of_duration(u64::MAX), DURATION_BUCKETS - 1);
    }
}
