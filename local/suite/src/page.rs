//! The desk's page, as CloudFront serves it in the cloud: files of the built dashboard, with the same
//! security headers; a path without a file is the page itself, which routes it. Without a built page
//! there is a short text that says how to build it.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Html;
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// What CloudFront's response headers policy of the template sets.
const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Returns the folder of the built page, if there is one: `SENTINEL_DASHBOARD_DIR`, or the one
/// beside the source that this program was built from.
pub fn built() -> Option<PathBuf> {
    let dir = match std::env::var_os("SENTINEL_DASHBOARD_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dashboard/dist")),
    };
    dir.join("index.html").exists().then_some(dir)
}

/// Serves the page; a path that is neither a file nor one of the page's is passed on.
pub fn router(dir: Option<&Path>) -> Router {
    let Some(dir) = dir else {
        return Router::new().route("/", get(|| async { Html(include_str!("index.html")) }));
    };
    let page = || ServeFile::new(dir.join("index.html"));
    let mut router = Router::new()
        .route_service("/", page())
        .nest_service("/assets", ServeDir::new(dir.join("assets")));
    for path in PAGES {
        router = router.route_service(path, page());
    }
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        router = router.layer(SetResponseHeaderLayer::overriding(name, value));
    }
    router
}

/// The paths that the page routes.
const PAGES: [&str; 9] = [
    "/alerts/{id}",
    "/reviews",
    "/accounts/{id}",
    "/transactions/{id}",
    "/cases",
    "/cases/{id}",
    "/operations",
    "/rules",
    "/signed-in",
];
