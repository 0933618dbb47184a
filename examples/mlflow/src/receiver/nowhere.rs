//! No receiver options, for a build that can't send.

/// No options.
#[derive(Default, clap::Args)]
pub struct Receiver;

impl Receiver {
    pub fn of_arguments() -> Self {
        Self
    }

    pub fn take(&self, builder: scruple::Builder) -> scruple::Builder {
        builder
    }

    pub fn hand_on(&self, _: &mut std::process::Command) {}
}
