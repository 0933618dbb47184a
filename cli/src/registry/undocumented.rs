//! What a program that only documents its telemetry (`preset: documented`) can't declare.

use scruple::registry::{Preset, ProgramSettings, Treatment};

use super::finding::{Finding, Place, Rule};

/// The attributes that a program which only documents its telemetry can't have: with one of them it is off when it runs.
pub fn refused<'a>(
    settings: &ProgramSettings<'_>,
    attributes: impl Iterator<Item = (&'a str, &'a Place, &'a Treatment<'a>)>,
) -> Vec<Finding> {
    if settings.preset != Some(Preset::Documented) {
        return Vec::new();
    }
    let linking = attributes.filter(|(_, _, treatment)| treatment.links_records());
    let mistake = |(key, place, treatment): (&str, &Place, &Treatment<'_>)| {
        let what = match treatment {
            Treatment::Hash => "a hash",
            Treatment::Sha256 { .. } => "a SHA-256",
            _ => "an installation id",
        };
        let message = format!("`{key}` is {what}, which `preset: documented` does not allow: such a program is off");
        let help = "leave the attribute out, or let a person answer: write `preset: opt-in`, `first-run` or `next-run`";
        place.error(Rule::Treatment, message, help)
    };
    linking.map(mistake).collect()
}
