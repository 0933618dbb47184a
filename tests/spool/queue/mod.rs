//! The spool within one process: what is written, what is taken, what is left alone.

mod clean;
mod hostile;
mod kit;
mod lines;
mod model;
mod processes;
mod recording;
mod stamp;
