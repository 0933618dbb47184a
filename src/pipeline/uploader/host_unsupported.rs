//! The replacement on platforms where a thread uploads: no process is started.

/// An executable, which can't be made here.
pub(super) struct Executable(std::convert::Infallible);

impl Executable {
    pub(super) fn to_start() -> Option<Self> {
        None
    }

    pub(super) fn may_start(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn start(&self, _: &str) {
        match self.0 {}
    }
}

pub(in crate::pipeline) fn is_first_line() -> bool {
    false
}

/// Not asked: nothing is started here.
pub(super) fn is_alone() -> bool {
    false
}

pub(super) fn may_leave_processes() -> bool {
    false
}

/// Not asked: nothing is started here.
pub(super) fn adopts() -> bool {
    false
}

pub(in crate::pipeline) fn uploader_of() -> Option<&'static str> {
    None
}

pub(in crate::pipeline) fn begin() {}
