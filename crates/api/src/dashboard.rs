//! The dashboard, out of the executable itself.
//!
//! Files under `/assets` are named by their content: they may be kept for ever, and one that is not
//! there is not found. Every other path that is not somebody else's is the page, which knows by
//! itself what to show.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};

use crate::problem::not_found;

/// A file of the dashboard, as it was built.
struct File {
    path: &'static str,
    kind: &'static str,
    /// Changes when the content does; in quotes.
    tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/dashboard.rs"));

/// Only what comes from here, nothing written into the page, and nobody may frame it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Paths that are never the dashboard's: what is not found there is not found.
const OTHERS: [&str; 7] =
    ["/api", "/events", "/health", "/metrics", "/problems", "/socket.io", "/assets"];

/// Everything that no route is for.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if method != Method::GET && method != Method::HEAD {
        return not_found().into_response();
    }
    if path != "/index.html"
        && let Some(file) = find(path)
    {
        return file.answer(&headers, "public, max-age=31536000, immutable");
    }
    if OTHERS.iter().any(|folder| path.strip_prefix(folder).is_some_and(is_end)) {
        return not_found().into_response();
    }
    // The page says which files belong to it, so it is asked for anew each time.
    find("/index.html").map_or_else(unbuilt, |page| page.answer(&headers, "no-cache"))
}

fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

/// What is shown where the executable was built without the dashboard.
fn unbuilt() -> Response {
    let page = include_str!("page.html").replace("{version}", env!("CARGO_PKG_VERSION"));
    ([(header::CACHE_CONTROL, "no-cache")], Html(page)).into_response()
}

impl File {
    fn answer(&self, headers: &HeaderMap, caching: &'static str) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
        let is_known = known.is_some_and(|known| known.split(',').any(|it| it.trim() == self.tag));
        let (coding, body) = match (self.brotli, self.gzip) {
            (Some(brotli), _) if takes(headers, "br") => (Some("br"), brotli),
            (_, Some(gzip)) if takes(headers, "gzip") => (Some("gzip"), gzip),
            _ => (None, self.plain),
        };
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(body).into_response()
        };
        let given = response.headers_mut();
        let mut give = |name, value| given.insert(name, HeaderValue::from_static(value));
        give(header::CACHE_CONTROL, caching);
        give(header::ETAG, self.tag);
        give(header::VARY, "Accept-Encoding");
        give(header::CONTENT_SECURITY_POLICY, POLICY);
        give(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        give(header::REFERRER_POLICY, "same-origin");
        if !is_known {
            give(header::CONTENT_TYPE, self.kind);
            if let Some(coding) = coding {
                give(header::CONTENT_ENCODING, coding);
            }
        }
        response
    }
}

/// Whether a client takes what is compressed that way.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let given = headers.get_all(header::ACCEPT_ENCODING).iter();
    given.filter_map(|given| given.to_str().ok()).flat_map(|given| given.split(',')).any(|given| {
        let (name, weight) = given.split_once(';').unwrap_or((given, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim() == coding && weight.is_none_or(|weight| weight.is_ok_and(|it| 0.0 < it))
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        body::to_bytes,
        http::{HeaderMap, Method, StatusCode, Uri, header},
        response::Response,
    };

    use super::{FILES, serve, takes};

    async fn get(path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        serve(Method::GET, path.parse::<Uri>().unwrap(), headers.collect()).await
    }

    #[tokio::test]
    async fn whatever_is_nobody_elses_is_the_page() {
        for path in ["/", "/calls/c1", "/index.html", "/assetsmore", "/apiary"] {
            let answer = get(path, &[]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        }
        let others =
            ["/api", "/api/nothing", "/assets/gone-1234.js", "/events/x", "/health/", "/socket.io"];
        for path in others {
            assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let put = serve(Method::PUT, Uri::from_static("/"), HeaderMap::new()).await;
        assert_eq!(put.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn an_asset_is_kept_for_ever_and_sent_compressed() {
        // Nothing to look at where the dashboard was not built.
        for file in FILES.iter().filter(|file| file.path.starts_with("/assets/")) {
            let answer = get(file.path, &[(header::ACCEPT_ENCODING, "gzip, br")]).await;
            let caching = answer.headers()[header::CACHE_CONTROL].to_str().unwrap();
            assert!(caching.contains("immutable"), "{caching}");
            let body = file.brotli.unwrap_or(file.plain);
            assert_eq!(answer.headers().contains_key("content-encoding"), file.brotli.is_some());
            assert_eq!(to_bytes(answer.into_body(), usize::MAX).await.unwrap(), body);
            let again = get(file.path, &[(header::IF_NONE_MATCH, file.tag)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        }
    }

    #[test]
    fn a_coding_that_is_refused_is_not_taken() {
        let headers =
            |given: &str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, given.parse().unwrap())]);
        assert!(takes(&headers("gzip, br;q=0.9"), "br"));
        assert!(!takes(&headers("gzip, br;q=0"), "br"));
        assert!(!takes(&headers("brotli"), "br"));
    }
}
