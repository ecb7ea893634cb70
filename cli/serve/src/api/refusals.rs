//! The problems that several paths answer with, as the description in OpenAPI has them.

use utoipa::IntoResponses;

use crate::problem::Problem;

/// Of every path.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "they are described, and made elsewhere")]
pub enum OfAny {
    /// The request bears no valid token
    #[response(status = 401, content_type = "application/problem+json")]
    Token(Problem),
    /// The request names another host than this machine
    #[response(status = 403, content_type = "application/problem+json")]
    Host(Problem),
    /// The client sends or has too much
    #[response(status = 429, content_type = "application/problem+json")]
    Client(Problem),
    /// Overload, or the database is away
    #[response(status = 503, content_type = "application/problem+json")]
    Server(Problem),
}

/// Of paths that take a body.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "they are described, and made elsewhere")]
pub enum OfBody {
    /// The body is no JSON
    #[response(status = 400, content_type = "application/problem+json")]
    NoJson(Problem),
    /// The body did not arrive in time
    #[response(status = 408, content_type = "application/problem+json")]
    Slow(Problem),
    /// The body is too large
    #[response(status = 413, content_type = "application/problem+json")]
    Large(Problem),
    /// The body is of another type than JSON
    #[response(status = 415, content_type = "application/problem+json")]
    Type(Problem),
    /// The JSON is not what is asked for
    #[response(status = 422, content_type = "application/problem+json")]
    Fields(Problem),
    /// The server failed
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
}

/// Of paths that name a session.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "they are described, and made elsewhere")]
pub enum OfName {
    /// The name is no text
    #[response(status = 400, content_type = "application/problem+json")]
    NoText(Problem),
    /// There is no such session
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(Problem),
    /// The name is none
    #[response(status = 422, content_type = "application/problem+json")]
    NoName(Problem),
}
