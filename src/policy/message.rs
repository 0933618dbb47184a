//! The content of a policy file: the messages of `proto/policy.proto`, accepted in their canonical form only.

use super::version::Versions;
use super::{PolicyRefused, WHOLE};
use crate::limits::{MAX_POLICY, MAX_POLICY_SECONDS};
use prost::Message;

/// The file: a payload and its signature.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Envelope {
    /// The vendor's name for the signing key.
    #[prost(string, tag = "1")]
    pub key_id: String,
    /// A [`Payload`].
    #[prost(bytes = "vec", tag = "2")]
    pub payload: Vec<u8>,
    /// 64 bytes.
    #[prost(bytes = "vec", tag = "3")]
    pub signature: Vec<u8>,
}

/// The signed content. Every list is sorted and without duplicates.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Payload {
    /// The app id of its program.
    #[prost(string, tag = "1")]
    pub app_id: String,
    /// From 1, greater than that of every earlier policy.
    #[prost(uint64, tag = "2")]
    pub serial: u64,
    /// The start of its validity, in seconds since the Unix epoch.
    #[prost(uint64, tag = "3")]
    pub not_before: u64,
    /// The end of its validity, in seconds since the Unix epoch, exclusive.
    #[prost(uint64, tag = "4")]
    pub not_after: u64,
    /// Names of spans and events that are not sent.
    #[prost(string, repeated, tag = "5")]
    pub disabled_signals: Vec<String>,
    /// Keys of attributes that are not sent.
    #[prost(string, repeated, tag = "6")]
    pub disabled_attributes: Vec<String>,
    /// Values that turn off the program or a record, by key.
    #[prost(message, repeated, tag = "7")]
    pub off_where: Vec<OffWhere>,
    /// Versions that send nothing.
    #[prost(message, repeated, tag = "8")]
    pub off_versions: Vec<OffVersions>,
    /// The share of installations that send, in basis points: 0 to 10,000. Absent, all do.
    #[prost(uint32, optional, tag = "9")]
    pub rollout_basis_points: Option<u32>,
}

/// A clause that turns off by an attribute's value: in the resource, the program; on a span or an event, that record.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OffWhere {
    /// The attribute.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Its values: at least one.
    #[prost(string, repeated, tag = "2")]
    pub members: Vec<String>,
}

/// A range of versions: up to four numbers each, without zeros at the end.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct OffVersions {
    /// The first; empty is 0.
    #[prost(uint32, repeated, tag = "1")]
    pub from: Vec<u32>,
    /// The first version that sends again; empty for no end.
    #[prost(uint32, repeated, tag = "2")]
    pub to: Vec<u32>,
}

impl OffVersions {
    /// `None` where a version has more than four numbers.
    pub(super) fn range(&self) -> Option<Versions> {
        Versions::new(&self.from, &self.to)
    }
}

/// Parses a policy file without checking its signature or time: for the vendor's inspection. It decides nothing.
///
/// # Errors
/// [`PolicyRefused::TooLarge`], [`PolicyRefused::Malformed`], [`PolicyRefused::NotCanonical`], [`PolicyRefused::Range`]
/// or [`PolicyRefused::TooLong`].
pub fn read(bytes: &[u8]) -> Result<(Envelope, Payload), PolicyRefused> {
    let envelope = envelope(bytes)?;
    let payload = payload(&envelope.payload)?;
    Ok((envelope, payload))
}

pub(super) fn envelope(bytes: &[u8]) -> Result<Envelope, PolicyRefused> {
    if bytes.len() > MAX_POLICY {
        return Err(PolicyRefused::TooLarge);
    }
    let envelope: Envelope = canonical(bytes)?;
    // An empty file is an empty envelope.
    let Envelope { key_id, payload, signature } = &envelope;
    if key_id.is_empty() || payload.is_empty() || signature.is_empty() {
        return Err(PolicyRefused::Malformed);
    }
    Ok(envelope)
}

pub(super) fn payload(bytes: &[u8]) -> Result<Payload, PolicyRefused> {
    let payload: Payload = canonical(bytes)?;
    let versions: Option<Vec<Versions>> = payload.off_versions.iter().map(OffVersions::range).collect();
    let versions = versions.ok_or(PolicyRefused::Range)?;
    let Payload { disabled_signals, disabled_attributes, off_where, .. } = &payload;
    let sorted = grows(disabled_signals)
        && grows(disabled_attributes)
        && grows(off_where.iter().map(|off| &off.key))
        && off_where.iter().all(|off| grows(&off.members))
        && grows(&versions)
        && payload.off_versions.iter().flat_map(|off| [&off.from, &off.to]).all(|version| version.last() != Some(&0));
    if !sorted {
        return Err(PolicyRefused::NotCanonical);
    }
    let keys = off_where.iter().map(|off| &off.key);
    let members = off_where.iter().flat_map(|off| &off.members);
    let sound = payload.serial > 0
        && !payload.app_id.is_empty()
        && payload.not_before < payload.not_after
        && !disabled_signals.iter().chain(disabled_attributes).chain(keys).chain(members).any(String::is_empty)
        && !off_where.iter().any(|off| off.members.is_empty())
        && !versions.iter().any(Versions::is_empty)
        && payload.rollout_basis_points.is_none_or(|share| share <= u32::from(WHOLE));
    if !sound {
        return Err(PolicyRefused::Range);
    }
    if payload.not_after - payload.not_before > MAX_POLICY_SECONDS {
        return Err(PolicyRefused::TooLong);
    }
    Ok(payload)
}

fn canonical<M: Message + Default>(bytes: &[u8]) -> Result<M, PolicyRefused> {
    let message = M::decode(bytes).map_err(|_| PolicyRefused::Malformed)?;
    if message.encode_to_vec() == bytes { Ok(message) } else { Err(PolicyRefused::NotCanonical) }
}

/// Whether each is greater than the one before.
fn grows<T: PartialOrd>(list: impl IntoIterator<Item = T>) -> bool {
    list.into_iter().is_sorted_by(|one, next| one < next)
}
