//! The server itself: its routes, and the layer that records the usage span of each request.

use crate::usage::{self, Outcome, Route};
use axum::Router;
use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use scruple::ForwardCounts;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Instrument as _;

/// The quotes, by their numbers.
type Quotes = Arc<Mutex<Vec<String>>>;

/// The most quotes that are kept.
const MOST: usize = 100;

/// The server; `counts` are shown to its operator.
pub fn app(counts: ForwardCounts) -> Router {
    Router::new()
        .route("/quotes", get(list).post(add))
        .route("/quotes/{id}", get(one))
        .layer(middleware::from_fn(traced))
        .layer(middleware::from_fn(used))
        .with_state(Quotes::default())
        // Without layers: a request by the operator is not usage.
        .route("/usage", get(async move || format!("{counts}\n")))
}

/// The usage span of a request: the route's pattern and the class of the status, both declared.
async fn used(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().and_then(|path| Route::from_value(path.as_str()));
    let span = usage::request(route.unwrap_or(Route::Other));
    let response = next.run(request).instrument((*span).clone()).await;
    span.outcome(match response.status().as_u16() / 100 {
        2 => Outcome::Success,
        4 => Outcome::Client,
        5 => Outcome::Server,
        _ => Outcome::Other,
    });
    response
}

/// The server's own trace of a request, for its operator alone: with the path, which the registry does not declare.
async fn traced(request: Request, next: Next) -> Response {
    let span = tracing::info_span!("http", method = %request.method(), path = request.uri().path());
    next.run(request).instrument(span).await
}

async fn list(State(quotes): State<Quotes>) -> String {
    quotes.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
}

async fn one(State(quotes): State<Quotes>, Path(id): Path<usize>) -> Result<String, StatusCode> {
    quotes.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned().ok_or(StatusCode::NOT_FOUND)
}

async fn add(State(quotes): State<Quotes>, text: String) -> Result<StatusCode, StatusCode> {
    let mut quotes = quotes.lock().unwrap_or_else(PoisonError::into_inner);
    if quotes.len() >= MOST {
        return Err(StatusCode::INSUFFICIENT_STORAGE);
    }
    usage::added(text.len() as u64).emit();
    quotes.push(text);
    Ok(StatusCode::CREATED)
}
