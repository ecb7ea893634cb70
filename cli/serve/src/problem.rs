//! What a client is told when a request is not carried out: `application/problem+json` of RFC 9457.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// Why a request was not carried out, and what to do.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, for programs.
    #[schema(example = "unknown_session")]
    code: &'static str,
    /// What happened and what to do next, for people.
    detail: String,
    #[serde(skip)]
    #[schema(ignore)]
    retry: Option<Duration>,
}

impl Problem {
    /// A problem.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { title, status: status.as_u16(), code, detail: detail.into(), retry: None }
    }

    /// One that passes: the client may come again after so long.
    pub fn passing(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
        retry: Duration,
    ) -> Self {
        Self { retry: Some(retry), ..Self::new(status, code, detail) }
    }

    /// What happened, for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The server cannot do it now: the client may come again after so many seconds.
    fn unavailable(code: &'static str, detail: &str, seconds: u64) -> Self {
        Self::passing(StatusCode::SERVICE_UNAVAILABLE, code, detail, Duration::from_secs(seconds))
    }

    /// The server is being stopped.
    pub fn stopping() -> Self {
        Self::unavailable(
            "stopping",
            "the server is being stopped; send the request again when it is back",
            5,
        )
    }

    /// The server failed.
    pub fn internal() -> Self {
        let detail = "the server failed; this is a fault of it, which its log tells more about";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Away(_) => {
                let detail = "the database that keeps sessions is away, and nothing has changed in it; send the request again later, or without a session";
                Self::unavailable("database_away", detail, 2)
            }
            StoreError::Busy => {
                let detail = "the database that keeps sessions has too much to do, and nothing has changed in it; send the request again later";
                Self::unavailable("database_busy", detail, 1)
            }
            StoreError::Damaged => {
                let detail = "the session in the database is damaged; delete it and make another";
                Self::new(StatusCode::GONE, "session_unusable", detail)
            }
            StoreError::Full => {
                let detail = "there is no room to store sessions; delete some, or ask whoever runs the server for more";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "database_full", detail)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(retry) = self.retry {
            // Whole seconds, and never none.
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(retry.as_secs_f64().ceil().max(1.0) as u64));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Code(self.code()));
        response
    }
}

/// The code of the problem that a response tells of, for the metrics.
#[derive(Clone, Copy)]
pub struct Code(pub &'static str);
