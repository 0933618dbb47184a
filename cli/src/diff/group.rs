//! The headings that changes are told under.

use anstyle::{AnsiColor, Style};
use scruple::registry::snapshot::{Change, ChangeKind, Direction};

/// The effect of a change on the person whose data it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    New,
    Finer,
    Weaker,
    Others,
    Gone,
    Coarser,
    Stronger,
    Neither,
}

impl Group {
    /// In the order in which they are told.
    pub const ALL: [Self; 8] =
        [Self::New, Self::Finer, Self::Weaker, Self::Others, Self::Gone, Self::Coarser, Self::Stronger, Self::Neither];

    /// Where a change belongs.
    pub fn of(change: &Change) -> Self {
        let is_more = match change.direction {
            Direction::Wider => true,
            Direction::Narrower => false,
            Direction::Other => return Self::Neither,
        };
        match change.what {
            ChangeKind::Time | ChangeKind::Buckets | ChangeKind::Max | ChangeKind::AtMost | ChangeKind::Expires => {
                if is_more {
                    Self::Finer
                } else {
                    Self::Coarser
                }
            }
            ChangeKind::Treatment | ChangeKind::Normalize | ChangeKind::Rotation | ChangeKind::Preset => {
                if is_more {
                    Self::Weaker
                } else {
                    Self::Stronger
                }
            }
            ChangeKind::Purpose if !is_more => Self::Stronger,
            ChangeKind::Program | ChangeKind::Controller | ChangeKind::Endpoint => Self::Others,
            // A kind of change that is not known here is told where it is read first.
            _ if is_more => Self::New,
            _ => Self::Gone,
        }
    }

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::New => "Newly collected",
            Self::Finer => "Finer, or more of it",
            Self::Weaker => "Weaker protection",
            Self::Others => "Received by others",
            Self::Gone => "No longer collected",
            Self::Coarser => "Coarser, or less of it",
            Self::Stronger => "Stronger protection",
            Self::Neither => "Changed, with nothing more or less collected",
        }
    }

    /// The name in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Finer => "finer",
            Self::Weaker => "weaker",
            Self::Others => "others",
            Self::Gone => "gone",
            Self::Coarser => "coarser",
            Self::Stronger => "stronger",
            Self::Neither => "neither",
        }
    }

    /// How the heading is marked.
    pub fn style(self) -> Style {
        match self {
            Self::New | Self::Finer | Self::Weaker | Self::Others => AnsiColor::Yellow.on_default().bold(),
            Self::Gone | Self::Coarser | Self::Stronger => AnsiColor::Green.on_default().bold(),
            Self::Neither => Style::new().bold(),
        }
    }
}
