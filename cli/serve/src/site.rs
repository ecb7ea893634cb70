//! The playground's files, which the program holds.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The files as `build.rs` found them.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// What is shown when there are none.
const MISSING: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Moonlet</title>\n\
    <p>This server was built without the playground. Run <code>make web</code> first, then build it again. \
    The API is there: see <a href=\"api/openapi.json\">api/openapi.json</a>.</p></html>\n";

/// The policy that the playground is written for: nothing from elsewhere, no code but its files, and WebAssembly.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; \
    connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

struct File {
    bytes: &'static [u8],
    kind: &'static str,
    tag: String,
    /// Its form in gzip, made when it is first asked for; none where that is no shorter.
    packed: OnceLock<Option<Vec<u8>>>,
}

/// The files by their names.
fn files() -> &'static HashMap<&'static str, File> {
    static ALL: OnceLock<HashMap<&'static str, File>> = OnceLock::new();
    ALL.get_or_init(|| FILES.iter().map(|(name, bytes)| (*name, File::new(name, bytes))).collect())
}

impl File {
    fn new(name: &str, bytes: &'static [u8]) -> Self {
        let hash: String = Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, kind: kind(name), tag: format!("\"{hash}\""), packed: OnceLock::new() }
    }

    fn packed(&self) -> Option<&[u8]> {
        let pack = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            // Writing into memory does not fail.
            encoder.write_all(self.bytes).ok()?;
            encoder.finish().ok().filter(|packed| packed.len() < self.bytes.len())
        };
        self.packed.get_or_init(pack).as_deref()
    }
}

/// The media type of a file.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "lua" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Answers a request for a file.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let found = files().get(name);
    if found.is_none() && !(files().is_empty() && name == "index.html") {
        return (StatusCode::NOT_FOUND, "There is no such page; the playground is at /\n").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let mut response = match found {
        Some(file) => file_response(name, file, &headers),
        None => ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], MISSING)
            .into_response(),
    };
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    answered.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answered.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answered.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

fn file_response(name: &str, file: &'static File, headers: &HeaderMap) -> Response {
    let matched = listed(headers, &header::IF_NONE_MATCH).any(|tag| tag.trim_start_matches("W/") == file.tag);
    let gzip = listed(headers, &header::ACCEPT_ENCODING).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && quality.trim() != "q=0"
    });
    let packed = if gzip { file.packed() } else { None };
    let mut response = if matched {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        packed.unwrap_or(file.bytes).into_response()
    };
    let answered = response.headers_mut();
    answered.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    if packed.is_some() && !matched {
        answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answered.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        answered.insert(header::ETAG, tag);
    }
    // The names in that folder have the hashes of what is in them.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// The entries of a header that is a list.
fn listed<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
