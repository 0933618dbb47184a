//! The facts of a registry's `service`: from the tables, in the text, and compared.

use super::change::{ChangeKind, Direction};
use super::parse_error::{ParseError, ParseErrorKind};
use super::reader::{Lines, facts, hold};
use super::report::{About, more};
use super::writer::Writer;
use crate::{Endpoint, Expiry, Rotation, Service, TimeResolution};
use Direction::{Narrower, Other, Wider};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// The facts of a registry's `service`, without the program's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceFacts<'a> {
    pub(super) app_id: Cow<'a, str>,
    name: Cow<'a, str>,
    pub(super) controller: Cow<'a, str>,
    pub(super) endpoint: Cow<'a, str>,
    pub(super) client_address: bool,
    pub(super) rotate: Rotation,
    pub(super) time: TimeResolution,
    /// `None` if it is that of times.
    pub(super) duration: Option<TimeResolution>,
    because: Option<Cow<'a, str>>,
    pub(super) expires: Expiry,
    link: Option<Cow<'a, str>>,
}

impl<'a> ServiceFacts<'a> {
    /// A service without facts.
    pub(super) fn new() -> Self {
        Self::of(&Service::new("", "", "", "", ""))
    }

    /// The facts in the tables.
    pub(super) fn of(service: &Service<'a>) -> Self {
        Self {
            app_id: service.app_id.into(),
            name: service.name.into(),
            controller: service.controller.into(),
            endpoint: service.endpoint.into(),
            client_address: service.client_address,
            rotate: service.rotate,
            time: service.time,
            duration: Some(service.duration).filter(|own| *own != service.time),
            because: service.because.map(Cow::Borrowed),
            expires: service.expires,
            link: service.link.map(Cow::Borrowed),
        }
    }

    /// Reads the facts in the next lines.
    pub(super) fn read(lines: &mut Lines<'_, 'a>, first: usize) -> Result<Self, ParseError> {
        let mut found = Self::new();
        let words = facts(lines, "service ", |fact, line| {
            match fact {
                "app_id" => found.app_id = line.string()?,
                "because" => found.because = Some(line.string()?),
                "client_address" => found.client_address = line.among(&[("three_octets", true)])?,
                "controller" => found.controller = line.string()?,
                "endpoint" => found.endpoint = line.string()?,
                "expires" => found.expires.date = Some(line.date()?),
                "expires_version" => found.expires.version = Some(line.version()?),
                "link" => found.link = Some(line.string()?),
                "name" => found.name = line.string()?,
                "rotate" => found.rotate = line.among(Rotation::WORDS)?,
                "time" => found.time = line.among(TimeResolution::WORDS)?,
                "duration" => found.duration = Some(line.among(TimeResolution::WORDS)?),
                _ => return Err(ParseErrorKind::Unknown),
            }
            Ok(())
        })?;
        let needed = ["app_id", "controller", "endpoint", "name", "rotate", "time"];
        hold(&words, &needed).map_err(|why| ParseError { line: first, why })?;
        Ok(found)
    }

    /// Writes the facts.
    pub(super) fn write(&self, lines: &mut Writer<'_>) {
        lines.texts("app_id", [&self.app_id]);
        lines.texts("name", [&self.name]);
        lines.texts("controller", [&self.controller]);
        lines.texts("endpoint", [&self.endpoint]);
        lines.texts("link", &self.link);
        lines.texts("because", &self.because);
        lines.expiry(self.expires);
        lines.fact("rotate", self.rotate.word());
        lines.fact("time", self.time.word());
        if let Some(duration) = self.duration {
            lines.fact("duration", duration.word());
        }
        if self.client_address {
            lines.fact("client_address", "three_octets");
        }
    }
}

pub(super) fn compare(old: &ServiceFacts<'_>, new: &ServiceFacts<'_>, about: &mut About<'_, '_>) -> ControlFlow<()> {
    if old.controller != new.controller {
        let (before, now) = (&old.controller, &new.controller);
        about.say(Wider, ChangeKind::Controller, format_args!("now has the controller {now:?}, before {before:?}"))?;
    }
    if old.endpoint != new.endpoint {
        let (before, now) = (&old.endpoint, &new.endpoint);
        let direction = if have_one_origin(before, now) { Other } else { Wider };
        about.say(direction, ChangeKind::Endpoint, format_args!("now sends to {now:?}, before to {before:?}"))?;
    }
    match (old.client_address, new.client_address) {
        (false, true) => about.say(
            Wider,
            ChangeKind::ClientAddress,
            format_args!("now lets the receiver keep three octets of the sender's IPv4 address"),
        )?,
        (true, false) => {
            about.say(
                Narrower,
                ChangeKind::ClientAddress,
                format_args!("no longer lets the receiver keep an address"),
            )?;
        }
        (true, true) | (false, false) => {}
    }
    if let Some(direction) = more(old.rotate, new.rotate) {
        let (before, now) = (period(old.rotate), period(new.rotate));
        about.say(
            direction,
            ChangeKind::Rotation,
            format_args!("now keeps its hashes and ids {now}, before {before}"),
        )?;
    }
    about.expiry((old.expires, Expiry::NEVER), (new.expires, Expiry::NEVER))?;
    about.resolutions((old.time, old.duration), (new.time, new.duration))?;
    if old.name != new.name {
        about.say(Other, ChangeKind::ServiceName, format_args!("now calls itself {:?}", new.name))?;
    }
    match &new.link {
        _ if old.link == new.link => {}
        Some(link) => about.say(Other, ChangeKind::Link, format_args!("now refers to {link:?}"))?,
        None => about.say(Other, ChangeKind::Link, format_args!("no longer has a link"))?,
    }
    about.because(old.because.as_deref(), new.because.as_deref())
}

pub(super) fn have_one_origin(old: &str, new: &str) -> bool {
    match (Endpoint::parse(old), Endpoint::parse(new)) {
        (Ok(before), Ok(now)) => before.origin() == now.origin(),
        _ => false,
    }
}

fn period(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::Daily => "for a day",
        Rotation::Monthly => "for 30 days",
        Rotation::Yearly => "for 365 days",
        Rotation::Never => "permanently",
    }
}
