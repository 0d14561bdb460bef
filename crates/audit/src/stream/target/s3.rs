//! A bucket of an S3-compatible service: an object a batch, named by the place in the log at which it begins.
//!
//! A batch that is sent again begins at the same place, so that it takes the place of the object that may be there already.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use elder_kernel::Secret;
use http::{Method, Request, header, request::Builder};
use object_store::{
    aws::{AwsAuthorizer, AwsCredential},
    client::HttpRequestBody,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Batch, SendError, WrongTarget, placed};

/// Where Google Cloud Storage speaks S3.
pub(crate) const GOOGLE: &str = "https://storage.googleapis.com";

/// A bucket, and by which key it is written to.
#[derive(Clone, Copy)]
pub(crate) struct Bucket<'a> {
    pub(crate) name: &'a str,
    pub(crate) region: &'a str,
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) prefix: Option<&'a str>,
    pub(crate) key_id: &'a str,
    /// Whether it is one of Google Cloud Storage, whose S3 is another in what follows.
    pub(crate) is_google: bool,
}

impl Bucket<'_> {
    /// The address of an object, with the bucket in the path, as every service has it. Its parts have letters alone that need no
    /// escape: so it is what is signed, too.
    ///
    /// # Errors
    /// [`WrongTarget::Form`].
    pub(crate) fn url(&self, object: &str) -> Result<String, WrongTarget> {
        let plain = |text: &str, more: &str, most: usize| {
            let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c);
            (1..=most).contains(&text.len()) && text.chars().all(is_plain)
        };
        // Amazon S3, bucket naming rules: 3 to 63 letters.
        // Those of Google Cloud Storage may have an underscore too.
        let marks = if self.is_google { ".-_" } else { ".-" };
        let is_bucket = self.name.len() >= 3 && plain(self.name, marks, 63) && !self.name.contains("..");
        is_bucket.then_some(()).ok_or(WrongTarget::Form("bucket"))?;
        plain(self.region, "-", 64).then_some(()).ok_or(WrongTarget::Form("region"))?;
        let is_key = (1..=128).contains(&self.key_id.len())
            && self.key_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_key.then_some(()).ok_or(WrongTarget::Form("access_key_id"))?;
        let amazon = format!("https://s3.{}.amazonaws.com", self.region);
        let endpoint = self.endpoint.unwrap_or(&amazon).trim_end_matches('/');
        let host = endpoint.split_once("://").map_or("", |(_, host)| host);
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".:-[]".contains(c);
        let is_origin = (1..=300).contains(&host.len()) && host.chars().all(is_host);
        is_origin.then_some(()).ok_or(WrongTarget::Form("endpoint"))?;
        let prefix = self.prefix.unwrap_or_default().trim_matches('/');
        let is_part = |part: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !part.is_empty() && part.chars().all(is_plain) && ![".", ".."].contains(&part)
        };
        let is_prefix = prefix.is_empty() || prefix.len() <= 512 && prefix.split('/').all(is_part);
        is_prefix.then_some(()).ok_or(WrongTarget::Form("prefix"))?;
        let parts = [endpoint, self.name, prefix, object];
        Ok(parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/"))
    }
}

/// The object of a batch.
pub(super) fn request(
    bucket: Bucket<'_>,
    secret: &Secret<String>,
    batch: &Batch<'_>,
) -> Result<Request<Vec<u8>>, SendError> {
    let Batch { tenant, stream, from, to, events, .. } = batch;
    let (name, body) = if from == to {
        ("test".to_owned(), json!({ "test": true, "tenant_id": tenant }).to_string() + "\n")
    } else {
        let lines: Vec<_> = events.iter().map(|sent| Value::Object(placed(sent)).to_string()).collect();
        // As many digits as there can be: the order of the names is that of the log.
        (format!("{from:020}"), lines.join("\n") + "\n")
    };
    let name = format!("{tenant}/{stream}/{name}.ndjson");
    let told = [("x-amz-meta-from", from.to_string()), ("x-amz-meta-to", to.to_string())];
    put(bucket, secret, (&name, &told), body.into_bytes())
}

/// Puts an object of JSON lines, and says this of it.
pub(crate) fn put(
    bucket: Bucket<'_>,
    secret: &Secret<String>,
    (name, said): (&str, &[(&'static str, String)]),
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, SendError> {
    let hash = Sha256::digest(&body);
    let mut request = Request::builder()
        .method(Method::PUT)
        .uri(bucket.url(name)?)
        .header(header::CONTENT_TYPE, "application/x-ndjson");
    // Buckets with object lock take no object without one. Google knows no such header; it holds the body to the hash that is
    // signed, as everybody does.
    if !bucket.is_google {
        request = request.header("x-amz-checksum-sha256", STANDARD.encode(hash));
    }
    for (header, value) in said {
        request = request.header(*header, value);
    }
    signed(bucket, secret, request, body)
}

/// A request to the bucket, signed by AWS Signature Version 4.
pub(crate) fn signed(
    bucket: Bucket<'_>,
    secret: &Secret<String>,
    request: Builder,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, SendError> {
    let mut request = request.body(HttpRequestBody::empty())?;
    let hash = Sha256::digest(&body);
    let credential =
        AwsCredential { key_id: bucket.key_id.to_owned(), secret_key: secret.expose().clone(), token: None };
    AwsAuthorizer::new(&credential, "s3", bucket.region).try_authorize(&mut request, Some(&hash))?;
    Ok(request.map(|_| body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_an_object_has_no_part_that_leads_elsewhere() {
        let good = Bucket {
            name: "siem",
            region: "eu-west-1",
            endpoint: None,
            prefix: Some("/elder/log/"),
            key_id: "AKIA",
            is_google: false,
        };
        let url = good.url("2/a.ndjson").unwrap();
        assert_eq!(url, "https://s3.eu-west-1.amazonaws.com/siem/elder/log/2/a.ndjson");
        let own = Bucket { endpoint: Some("https://s3.example.com:9000/"), prefix: None, ..good };
        assert_eq!(own.url("x").unwrap(), "https://s3.example.com:9000/siem/x");
        let google = Bucket { name: "my_siem", endpoint: Some(GOOGLE), is_google: true, ..own };
        assert_eq!(google.url("x").unwrap(), "https://storage.googleapis.com/my_siem/x");
        for bad in [
            Bucket { name: "a", ..good },
            Bucket { name: "my_siem", ..good },
            Bucket { name: "siem/../other", ..good },
            Bucket { name: "a..b", ..good },
            Bucket { region: "eu/west", ..good },
            Bucket { region: "", ..good },
            Bucket { endpoint: Some("https://a:b@s3.example.com"), ..good },
            Bucket { endpoint: Some("https://s3.example.com/path?x="), ..good },
            Bucket { endpoint: Some("s3.example.com"), ..good },
            Bucket { prefix: Some("a/../b"), ..good },
            Bucket { prefix: Some("a//b"), ..good },
            Bucket { prefix: Some("a b"), ..good },
            Bucket { key_id: "AK\r\nX: y", ..good },
            Bucket { key_id: "", ..good },
        ] {
            assert!(bad.url("x").is_err(), "{} {:?}", bad.name, bad.endpoint);
        }
    }
}
