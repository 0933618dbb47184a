//! The stack of entered spans, as a program over C's interface of `tracing` uses it.

use super::{STACK, with};
use crate::layer::{LayerHandle, layer};
use std::sync::Arc;
use tracing::{Level, dispatcher, span};
use tracing_subscriber::prelude::*;

/// A program over C's interface of `tracing` keeps ids, and drops handles as it likes.
#[test]
fn a_span_whose_last_handle_goes_while_it_is_entered_is_forgotten() {
    let subscriber = tracing_subscriber::registry().with(layer(LayerHandle::new(&Arc::default()))).with(All);
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..100 {
            let span = span!(Level::INFO, "any");
            let id = span.id().expect("a neighbour wants it");
            dispatcher::get_default(|dispatch| dispatch.enter(&id));
            with(|stack| assert_eq!(stack.len(), 1));
            drop(span);
            dispatcher::get_default(|dispatch| dispatch.exit(&id));
        }
    });
    STACK.with(|stack| assert!(stack.borrow().is_empty()));
}

struct All;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for All {}
