//! The description of the API in OpenAPI 3.1.

use axum::Json;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};

use crate::api::wire::OutputEvent;
use crate::api::{run, sessions};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Moonlet",
        description = "Runs Lua in a sandbox. Where the server needs tokens, each request bears one.",
        license(name = "MIT", identifier = "MIT")
    ),
    paths(run::run, sessions::create, sessions::find, sessions::delete, sessions::snapshot),
    components(schemas(OutputEvent)),
    tags(
        (name = "lua", description = "Scripts"),
        (name = "sessions", description = "States that are kept between requests"),
    ),
    security((), ("token" = [])),
    modifiers(&Token)
)]
struct Api;

/// How requests bear tokens.
struct Token;

impl Modify for Token {
    fn modify(&self, api: &mut OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// The description.
pub fn description() -> OpenApi {
    Api::openapi()
}

/// Answers with the description.
pub async fn serve() -> Json<OpenApi> {
    Json(description())
}
