//! No receiver: this build can't send, and has no options about it.

/// Nowhere.
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
