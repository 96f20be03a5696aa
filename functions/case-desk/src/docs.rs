//! The API's documentation: the OpenAPI document and Swagger UI, whose files are embedded in the
//! binary, so that `/docs` works without a network.

use std::sync::{Arc, LazyLock};

use contract::problem::Problem;
use edge::Answer;
use lambda_http::http::header::{CONTENT_TYPE, LOCATION};
use lambda_http::{Body, Response};
use utoipa_swagger_ui::Config;

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// Serves the documentation; `None` if the path is not part of it.
pub fn answer(path: &str) -> Option<Answer> {
    if path == "/openapi.json" {
        let document = contract::openapi::document();
        return Some(file("application/json", document.into_bytes()));
    }
    let rest = path.strip_prefix("/docs")?;
    match rest.strip_prefix('/') {
        // The page loads its files by relative paths, so its own has to end with a slash.
        None if rest.is_empty() => Some(redirect("/docs/")),
        None => None,
        Some(name) => Some(asset(name)),
    }
}

fn asset(name: &str) -> Answer {
    match utoipa_swagger_ui::serve(name, CONFIG.clone()) {
        Ok(Some(asset)) => file(&asset.content_type, asset.bytes.into_owned()),
        Ok(None) => Err(Problem::not_found("document")),
        Err(err) => {
            tracing::error!("Could not serve a documentation file: {err}");
            Err(Problem::internal())
        }
    }
}

fn file(content_type: &str, bytes: Vec<u8>) -> Answer {
    let body = String::from_utf8(bytes).map_or_else(|err| Body::from(err.into_bytes()), Body::from);
    let response = Response::builder().header(CONTENT_TYPE, content_type).body(body);
    response.map_err(|_| Problem::internal())
}

fn redirect(to: &str) -> Answer {
    let response = Response::builder().status(308).header(LOCATION, to).body(Body::Empty);
    response.map_err(|_| Problem::internal())
}
