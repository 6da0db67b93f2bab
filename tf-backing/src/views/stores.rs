//! S3 and HTTP.

use super::view;
use crate::parse::ParseOptions;

view! {
    /// A bucket of S3, or of a store with its interface.
    ///
    /// Without user and port the host is the bucket; with one of them it is the endpoint, and the
    /// path starts with the bucket.
    ///
    /// ```
    /// use tf_backing::S3;
    ///
    /// let aws: S3 = "s3://invoices/2026/".parse()?;
    /// let minio: S3 = "s3://key:secret@minio:9000/invoices/2026/?region=eu-1".parse()?;
    /// assert_eq!((aws.bucket(), aws.prefix()), (Some("invoices"), "2026/"));
    /// assert_eq!((minio.bucket(), minio.prefix()), (Some("invoices"), "2026/"));
    /// # Ok::<(), tf_backing::ParseError>(())
    /// ```
    S3, "an S3 URL", "s3", ParseOptions::new()
}

impl S3 {
    /// Returns the bucket.
    pub fn bucket(&self) -> Option<&str> {
        self.0.resource().filter(|name| !name.is_empty())
    }

    /// Returns what every key starts with, or an empty text.
    pub fn prefix(&self) -> &str {
        let whole = self.0.whole_resource().unwrap_or_default();
        whole.split_once('/').map_or("", |(_, prefix)| prefix)
    }

    /// Returns the option `region`.
    pub fn region(&self) -> Option<&str> {
        self.0.options().last("region")
    }
}

view! {
    /// An interface over HTTP.
    Http, "an HTTP URL", "http or https", ParseOptions::new()
}

impl Http {
    /// Returns the path without its first slash; the escapes `%2F` and `%25` stay.
    pub fn path(&self) -> &str {
        self.0.resource().unwrap_or_default()
    }
}
